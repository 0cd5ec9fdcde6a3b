"""A redirect on loopback that is served once: so a link that is a secret reaches a browser, and no command line.

It answers one GET of a path that is drawn by chance, under its own name, and is gone then, or when its time is over.
Anything else is told that there is nothing. Other users of the machine see the path, too, in the browser's command
line: where the system says whose a connection is (system/peer), theirs get nothing, however fast they are.
"""

import contextlib
import hmac
import secrets
import selectors
import socket
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from credhelper.system import peer

_HOST = "127.0.0.1"
# Of the path, in bytes: not to be guessed in a minute, or ever.
_RANDOM_BYTES = 32
_LONGEST_REQUEST = 16384
_LONGEST_CONNECTION_S = 3.0
_MOST_CONNECTIONS = 64
_LOOK_EVERY_S = 0.2
_CHUNK = 4096
_END = b"\r\n\r\n"
# With these a browser fetches what it may show later, or never.
_PURPOSES = (b"purpose", b"sec-purpose", b"x-purpose", b"x-moz")
# A browser keeps neither the answer nor where it came from.
_HEADERS = "Referrer-Policy: no-referrer\r\nCache-Control: no-store\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_NOTHING = f"HTTP/1.1 404 Not Found\r\n{_HEADERS}".encode("ascii")


class _Connection:
    __slots__ = ("began_s", "received", "socket")

    def __init__(self, sock: socket.socket, began_s: float) -> None:
        self.socket = sock
        self.began_s = began_s
        self.received = b""


class OneShot:
    """`with OneShot(link) as redirect: start a browser with redirect.url; redirect.wait(60)`."""

    def __init__(
        self,
        link: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        uid_of: Callable[[socket.socket], int | None] = peer.uid_of,
    ) -> None:
        if not all("!" <= character <= "~" for character in link):
            raise ValueError("not a URL")
        self._link = link
        self._clock = clock
        self._uid_of = uid_of
        # Who asked for the link and is another user of this machine.
        self.stranger: int | None = None
        self._path = f"/{secrets.token_urlsafe(_RANDOM_BYTES)}"
        self._connections: dict[int, _Connection] = {}
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server((_HOST, 0), backlog=128)
        self._listener.settimeout(0)
        self._authority = f"{_HOST}:{self._listener.getsockname()[1]}"
        self._selector.register(self._listener, selectors.EVENT_READ)

    @property
    def url(self) -> str:
        """What the browser is started with."""
        return f"http://{self._authority}{self._path}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Listen no more, and drop who is still connected."""
        for one in list(self._connections.values()):
            self._drop(one)
        self._selector.close()
        self._listener.close()

    def wait(self, timeout_s: float, look: Callable[[], None] = lambda: None) -> bool:
        """Serve until the link was fetched, and return True; False once the time is over.

        `look` is called every 0.2 s, and may raise.
        """
        end_s = self._clock() + timeout_s
        while (left_s := end_s - self._clock()) > 0:
            for key, _ in self._selector.select(min(left_s, _LOOK_EVERY_S)):
                if key.fileobj is self._listener:
                    self._accept()
                elif (one := self._connections.get(key.fd)) is not None and self._is_asked(one):
                    return True
            self._drop_late()
            look()
        return False

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except OSError:  # who connected is gone, or there is no descriptor left for now
            return
        sock.settimeout(0)
        if len(self._connections) >= _MOST_CONNECTIONS:
            self._drop(next(iter(self._connections.values())))
        self._connections[sock.fileno()] = _Connection(sock, self._clock())
        self._selector.register(sock, selectors.EVENT_READ)

    def _drop(self, one: _Connection) -> None:
        self._selector.unregister(one.socket)
        del self._connections[one.socket.fileno()]
        one.socket.close()

    def _drop_late(self) -> None:
        for one in list(self._connections.values()):
            if self._clock() - one.began_s > _LONGEST_CONNECTION_S:
                self._drop(one)

    def _is_asked(self, one: _Connection) -> bool:
        """Read what has come, and answer a whole request; True if it was the one."""
        try:
            chunk = one.socket.recv(_CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        one.received += chunk
        if chunk and _END not in one.received and len(one.received) <= _LONGEST_REQUEST:
            return False
        if not self._is_right(one.received) or self._is_strangers(one.socket):
            with contextlib.suppress(OSError):
                one.socket.send(_NOTHING)  # who does not take it at once keeps the others from nothing
            self._drop(one)
            return False
        # Gone before it answers: there is no second time.
        self._selector.unregister(self._listener)
        self._listener.close()
        self._selector.unregister(one.socket)
        del self._connections[one.socket.fileno()]
        _send(one.socket, f"HTTP/1.1 302 Found\r\nLocation: {self._link}\r\n{_HEADERS}".encode("ascii"))
        one.socket.close()
        return True

    def _is_right(self, received: bytes) -> bool:
        head, end, _ = received.partition(_END)
        lines = head.split(b"\r\n")
        names = [line.partition(b":") for line in lines[1:]]
        hosts = [value.strip() for name, _, value in names if name.lower() == b"host"]
        method, _, rest = lines[0].partition(b" ")
        target, _, version = rest.partition(b" ")
        is_known = hmac.compare_digest(target, self._path.encode("ascii"))
        is_http = version in (b"HTTP/1.1", b"HTTP/1.0")
        is_for_later = any(name.lower() in _PURPOSES for name, _, _ in names)
        # By another name of this machine it would be a page that had its own name point here.
        is_here = hosts == [self._authority.encode("ascii")]
        return bool(end) and is_known and is_http and method == b"GET" and is_here and not is_for_later

    def _is_strangers(self, sock: socket.socket) -> bool:
        uid = self._uid_of(sock)
        if uid == peer.NO_ONE:
            return True
        if is_strangers := peer.is_another_users(uid):
            self.stranger = uid
        return is_strangers


def _send(sock: socket.socket, data: bytes, patience_s: float = 2.0) -> None:
    """Send all, and wait for a moment until it has arrived: closed at once, it could be lost."""
    end_s = time.monotonic() + patience_s
    with contextlib.suppress(OSError):
        sock.settimeout(patience_s)
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        while (left_s := end_s - time.monotonic()) > 0:
            sock.settimeout(left_s)
            if not sock.recv(_CHUNK):
                return
