"""A relay on a loopback port that passes bytes through unchanged and counts one phrase in what clients send.

Counting here, outside both the program and the emulator, is what makes "two calls, one AssumeRole" a measurement.
"""

import contextlib
import socket
import threading

_CHUNK = 1 << 16


class CountingRelay:
    """Listens on `port` (from the system), forwards to `target` on this machine, counts `phrase`."""

    def __init__(self, target: int, phrase: bytes) -> None:
        self._target = target
        self._phrase = phrase
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._lock = threading.Lock()
        self.count = 0

    @property
    def port(self) -> int:
        """Where clients connect."""
        port: int = self._listener.getsockname()[1]
        return port

    def start(self) -> None:
        """Accept connections from another thread until `stop`."""
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Stop listening; open connections end with their peers."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client, server), kwargs={"counts": True}, daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, client), kwargs={"counts": False}, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, *, counts: bool) -> None:
        tail = b""
        with contextlib.suppress(OSError):
            while chunk := source.recv(_CHUNK):
                if counts:
                    seen = tail + chunk
                    with self._lock:
                        self.count += seen.count(self._phrase)
                    # Shorter than the phrase: one that two chunks share is counted once, whole ones never twice.
                    tail = seen[-(len(self._phrase) - 1) :]
                sink.sendall(chunk)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
        if not counts:
            source.close()
            sink.close()
