"""Starts the emulator with three things set right.

- Its Runtime API answers a function in two small writes. With Nagle's algorithm the second waits for the function's
  acknowledgement of the first, which costs every invocation 40 ms.
- Two threads of each execution environment look ten times a second whether there is something to do. A burst leaves some
  hundred environments behind, and a thousand threads that wake and ask for Python's one lock leave the requests nothing of
  it: for half a minute nothing is answered, and functions time out. So they look once in a few seconds; what they wait for
  wakes them at once all the same.
- A distribution gets a random domain name. A stack has one distribution, and a person must be able to remember its address.
"""

import contextlib
import queue
import socket
import socketserver
from typing import Any

from ministack.app import main
from ministack.core import lambda_runtime
from ministack.services import cloudfront

DISTRIBUTION_DOMAIN = "shop.cloudfront.net"

IDLE_POLL_SECONDS = 3.0


class Events(queue.Queue):
    """An environment's next event: `get` returns as soon as there is one."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        return super().get(block, None if timeout is None else max(timeout, IDLE_POLL_SECONDS))


class QueueModule:
    """What the emulator's Lambda runtime finds as the module `queue`."""

    Queue = Events
    Empty = queue.Empty
    Full = queue.Full


def serve_forever(self: socketserver.BaseServer, poll_interval: float) -> None:
    _serve_forever(self, max(poll_interval, IDLE_POLL_SECONDS))


def shutdown(self: socketserver.BaseServer) -> None:
    """Wakes the server by a connection, rather than wait until it looks."""
    self._BaseServer__shutdown_request = True
    with contextlib.suppress(OSError):
        socket.create_connection(self.server_address, timeout=1).close()
    _shutdown(self)


_serve_forever = socketserver.BaseServer.serve_forever
_shutdown = socketserver.BaseServer.shutdown

socketserver.StreamRequestHandler.disable_nagle_algorithm = True
socketserver.BaseServer.serve_forever = serve_forever
socketserver.BaseServer.shutdown = shutdown
lambda_runtime.queue = QueueModule
cloudfront._new_distribution_domain = lambda: DISTRIBUTION_DOMAIN

if __name__ == "__main__":
    main()
