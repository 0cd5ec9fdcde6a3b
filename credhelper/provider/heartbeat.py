"""A sign of life of a process that holds a lock: it touches the lock's file, and those who wait see that it does.

A process that is stopped (Ctrl-Z, SIGSTOP, a frozen container) keeps its lock and does nothing: the kernel frees locks
of the dead only. Waiters compare what they see with what they saw, on their own clock: no wall clock has a say.
"""

import _thread
import os

from credhelper.system import trylock

EVERY_S = 0.5
# Six beats that did not come: a loaded machine is late, not silent.
SILENT_AFTER_S = 3.0


class beating:  # noqa: N801 - reads as a statement: `with beating(path):`
    """Touch the file every EVERY_S seconds for the length of the block; a touch that fails is one that did not come.

    Not through `threading`, which those who wait would load as well. Where no thread can be started there is one beat:
    one that waits then leads too, after SILENT_AFTER_S.
    """

    __slots__ = ("_ended", "_path")

    def __init__(self, path: str) -> None:
        self._path = path
        self._ended = _thread.allocate_lock()

    def __enter__(self) -> None:
        self._ended.acquire()
        try:
            _thread.start_new_thread(self._beat, ())
        except (RuntimeError, MemoryError):
            self._touch()

    def __exit__(self, *_error: object) -> None:
        self._ended.release()

    def _beat(self) -> None:
        self._touch()
        while not self._ended.acquire(timeout=EVERY_S):
            self._touch()

    def _touch(self) -> None:
        try:
            trylock.touch(self._path)
        except OSError:
            return


def mark(fd: int, *, is_outside: bool) -> None:
    """Show those who wait whether the holder of this lock waits for what is outside: the file then has one byte."""
    try:
        # A longer file is none of ours, whatever its name: nothing of it is cut off.
        if os.fstat(fd).st_size <= 1:
            os.ftruncate(fd, 1 if is_outside else 0)
    except OSError:
        return


class Listener:
    """What one waiter has heard from the process that holds the lock at `path`.

    `is_outside`: at the last look that process was waiting for AWS, a program or a person.
    """

    __slots__ = ("_heard_s", "_last_beat_ns", "_path", "is_outside")

    def __init__(self, path: str) -> None:
        self._path = path
        self._last_beat_ns = -1
        self._heard_s = 0.0
        self.is_outside = False

    def is_silent(self, now_s: float) -> bool:
        """Look once more, `now_s` on a clock that cannot be set; tell whether there was no beat for SILENT_AFTER_S."""
        try:
            status = os.stat(self._path, follow_symlinks=False)
            beat_ns, self.is_outside = status.st_mtime_ns, status.st_size > 0
        except OSError:
            beat_ns = 0
        if beat_ns != self._last_beat_ns:
            self._last_beat_ns, self._heard_s = beat_ns, now_s
        return now_s - self._heard_s >= SILENT_AFTER_S
