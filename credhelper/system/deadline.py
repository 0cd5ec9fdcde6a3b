"""One deadline for a whole request, kept whatever the network, a lock, a key store or a helper program does."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Deadline:
    """A point in time, `seconds` from now, on a clock that nobody can set."""

    __slots__ = ("_clock", "_end_s")

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end_s = clock() + seconds

    def left_s(self) -> float:
        """Return the seconds left, never less than zero."""
        return max(0.0, self._end_s - self._clock())

    def has_passed(self) -> bool:
        """Tell whether no time is left."""
        return self.left_s() <= 0.0


@contextmanager
def watchdog(seconds: float, on_expiry: Callable[[], object]) -> Iterator[None]:
    """Call `on_expiry` from another thread if the block takes longer than `seconds`; it is expected to exit.

    A thread, because a signal handler of Python's waits until a blocked C call returns: name resolution against a
    silent server takes longer than any SDK waits for us.
    """
    timer = threading.Timer(seconds, on_expiry)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
