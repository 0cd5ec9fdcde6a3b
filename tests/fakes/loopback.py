"""A server on a loopback port that the system chooses, in a thread, for the length of a `with`."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


def is_listening(url: str) -> bool:
    """Tell whether a connection to this URL of loopback is taken."""
    try:
        socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), 5).close()
    except OSError:
        return False
    return True


class LoopbackServer:
    """`with LoopbackServer(Handler) as server: … server.url`."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class QuietHandler(BaseHTTPRequestHandler):
    """A handler that writes no log, since stderr belongs to the test."""

    def answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        """Send a whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        """Write nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    # 500 callers connect in the same instant; the default backlog of 5 would refuse most of them.
    request_queue_size = 1024

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that went away is what some tests are about; nothing to print."""
