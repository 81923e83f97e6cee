"""Starts the emulator with three corrections.

- Its Runtime API sends a response to a function in two small writes. With Nagle's algorithm the second waits for an
acknowledgement of the first, which costs every invocation 40 ms.
- Each execution environment has two threads that poll ten times a second. A burst leaves several hundred environments, and
a thousand polling threads contend for Python's global lock: for half a minute no request is answered, and functions time
out. With this correction they wait for a signal, and poll every few seconds only.
- A distribution gets a random domain name. The one distribution of a stack gets a fixed one, which a person can remember.
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
    """A queue of an environment's events: `get` returns as soon as there is one."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        return super().get(block, None if timeout is None else max(timeout, IDLE_POLL_SECONDS))


class QueueModule:
    """Replaces the module `queue` in the emulator's Lambda runtime."""

    Queue = Events
    Empty = queue.Empty
    Full = queue.Full


def serve_forever(self: socketserver.BaseServer, poll_interval: float) -> None:
    _serve_forever(self, max(poll_interval, IDLE_POLL_SECONDS))


def shutdown(self: socketserver.BaseServer) -> None:
    """Wakes the server by a connection, instead of waiting for its next poll."""
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
