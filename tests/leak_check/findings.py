"""What the leak check found in the test that is running: places and encodings, never what stands there.

Kept in a file without a name: a forked child has it open too, and what it finds would be gone with its memory.
"""

import os
import tempfile
from collections import Counter

from fakes import canary


class Findings:
    """Places where a secret is and must not be."""

    def __init__(self) -> None:
        fd, path = tempfile.mkstemp()
        os.close(fd)
        self._fd = os.open(path, os.O_RDWR | os.O_APPEND)
        os.unlink(path)
        self._read = 0
        self._pid = os.getpid()
        self._kept: list[tuple[str, str, bytes]] = []
        self.looks: Counter[str] = Counter()

    def look(self, kind: str, place: str, data: bytes) -> None:
        """Look for a secret in what stands at `place` as soon as all secrets of the test are known.

        A forked child does not come to that, and looks now.
        """
        if os.getpid() == self._pid:
            self._kept.append((kind, place, data))
        else:
            self.look_now(kind, place, data)

    def look_now(self, kind: str, place: str, data: bytes) -> None:
        """Look for the secrets that are known."""
        self.looks[kind] += 1
        if encodings := canary.find(data):
            self.add(kind, place, encodings)

    def add(self, kind: str, place: str, encodings: list[str]) -> None:
        """Note that there is a secret; a name that holds one itself is not repeated."""
        line = canary.redact(f"a secret in {kind}: {place} ({', '.join(encodings)})")
        # One call, so that children that find something at once do not mix their words.
        os.write(self._fd, line.encode("utf-8", "replace").replace(b"\n", b" ") + b"\n")

    def take(self) -> list[str]:
        """Return what was found since the last call, each place once."""
        for kept in self._kept:
            self.look_now(*kept)
        self._kept.clear()
        size = os.fstat(self._fd).st_size
        new = os.pread(self._fd, size - self._read, self._read)
        self._read = size
        return list(dict.fromkeys(new.decode("utf-8").splitlines()))

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)
