"""A sign of life of a process that holds a lock: it touches the lock's file, and those who wait see that it does.

A process that is stopped (Ctrl-Z, SIGSTOP, a frozen container) keeps its lock and does nothing: the kernel frees locks
of the dead only. Waiters compare what they see with what they saw, on their own clock: no wall clock has a say.
"""

import contextlib
import os
import threading
from collections.abc import Iterator

EVERY_S = 0.5
# Six beats that did not come: a loaded machine is late, not silent.
SILENT_AFTER_S = 3.0


@contextlib.contextmanager
def beating(path: str) -> Iterator[None]:
    """Touch the file every EVERY_S seconds for the length of the block; a touch that fails is one that did not come."""
    ended = threading.Event()

    def beat() -> None:
        while True:
            with contextlib.suppress(OSError):
                os.utime(path, follow_symlinks=False)
            if ended.wait(EVERY_S):
                return

    threading.Thread(target=beat, daemon=True).start()
    try:
        yield
    finally:
        ended.set()


class Listener:
    """What one waiter has heard from the process that holds the lock at `path`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._last_beat_ns = -1
        self._heard_s = 0.0

    def is_silent(self, now_s: float) -> bool:
        """Look once more, `now_s` on a clock that cannot be set; tell whether there was no beat for SILENT_AFTER_S."""
        try:
            beat_ns = os.stat(self._path, follow_symlinks=False).st_mtime_ns
        except OSError:
            beat_ns = 0
        if beat_ns != self._last_beat_ns:
            self._last_beat_ns, self._heard_s = beat_ns, now_s
        return now_s - self._heard_s >= SILENT_AFTER_S
