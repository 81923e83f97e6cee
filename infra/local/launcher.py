"""Starts the emulator with one thing set right.

Its Runtime API answers a function in two small writes. With Nagle's algorithm the second waits for the function's
acknowledgement of the first, which costs every invocation 40 ms.
"""

import socketserver

from ministack.app import main

socketserver.StreamRequestHandler.disable_nagle_algorithm = True

if __name__ == "__main__":
    main()
