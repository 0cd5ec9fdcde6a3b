"""Writes down every command line below one process, and every variable that credhelper sets for what it starts.

    python -I -S record_processes.py PID

One line each: `argv` or `environ`, then the bytes in hex. A process of its own: a thread in the tests would disturb
what they time, and Python warns of a fork beside a thread. Reads /proc, so Linux only. What ends between two looks is
missed; an audit hook sees all that the tests start themselves.
"""

import os
import sys
import time
from collections.abc import Callable

PAUSE_S = 0.05
# A look at five hundred callers takes longer than a pause; looking never takes more than this part of the time.
_SHARE = 0.05


class Recorder:
    """Looks at the processes below `top`; `write` gets each new fact once."""

    def __init__(self, top: int, write: Callable[[str], object]) -> None:
        self._below = {top}
        self._foreign: set[int] = set()
        self._known: set[tuple[str, bytes]] = set()
        self._write = write

    def look(self) -> None:
        """Look once."""
        running = {int(name) for name in os.listdir("/proc") if name.isdigit()}
        self._foreign &= running
        self._below &= running  # a number can be given to another process; an orphan of ours stays ours
        parents = {pid: _parent(pid) for pid in running - self._foreign}
        while found := {pid for pid, parent in parents.items() if parent in self._below} - self._below:
            self._below |= found
        self._foreign |= running - self._below
        for pid in self._below:
            self._record(pid, parents[pid])

    def _record(self, pid: int, parent: int) -> None:
        argv = _read(pid, "cmdline")
        self._tell("argv", argv)
        starter = _read(parent, "cmdline") if parent in self._below else b""
        if argv != starter and _is_ours(starter.split(b"\0")):  # the same words: it has not called exec yet
            inherited = _read(parent, "environ").split(b"\0")
            own = (variable for variable in _read(pid, "environ").split(b"\0") if variable not in inherited)
            self._tell("environ", b"\0".join(own))

    def _tell(self, kind: str, words: bytes) -> None:
        if words and (kind, words) not in self._known:
            self._known.add((kind, words))
            self._write(f"{kind} {words.hex()}\n")


def _parent(pid: int) -> int:
    """Return the number of its parent; 0 if it has ended."""
    return int((_read(pid, "stat").rpartition(b")")[2].split() or [b"", b"0"])[1])


def _read(pid: int, name: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{name}", "rb", buffering=0) as file:
            return file.read(1 << 21)
    except OSError:
        return b""


def _is_ours(argv: list[bytes]) -> bool:
    script = any(
        word.endswith((b"/credhelper/__main__.py", b"/credhelper/get.py", b"/bin/credhelper")) for word in argv[:5]
    )
    return script or argv[1:4] == [b"-I", b"-m", b"credhelper"]


def main() -> None:
    """Look until the process has ended."""
    top = int(sys.argv[1])
    recorder = Recorder(top, sys.stdout.write)
    while os.getppid() == top:
        started = time.monotonic()
        recorder.look()
        sys.stdout.flush()
        time.sleep(max(PAUSE_S, (time.monotonic() - started) / _SHARE))


if __name__ == "__main__":
    main()
