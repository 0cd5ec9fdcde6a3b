"""One deadline for a whole request, whether the network, a lock, a key store or a helper program delays it."""

import _thread
import errno
import time

TYPE_CHECKING = False  # not from typing: a process that waits does without it
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol, TypeVar

    T = TypeVar("T")

    class Tell(Protocol):
        """What is told where the time goes from now on."""

        def __call__(self, *, is_outside: bool) -> None:
            """Take the news."""


class Deadline:
    """A point in time, `seconds` from now, on a clock that cannot be set.

    `patience_s` is for how long a question waits for a person who typed the command themselves; the time they take
    moves the deadline. 0: nothing moves it, because a program waits for the answer.
    """

    __slots__ = ("_abroad_s", "_asked_at_s", "_clock", "_depth", "_end_s", "_left_at_s", "_seconds", "_typed_s",
                 "patience_s", "tell")  # fmt: skip

    def __init__(
        self, seconds: float, clock: "Callable[[], float]" = time.monotonic, *, patience_s: float = 0.0
    ) -> None:
        self.patience_s = patience_s
        self._clock = clock
        self._seconds = seconds
        self._end_s = clock() + seconds
        self._typed_s = 0.0
        self._asked_at_s: float | None = None
        self._abroad_s = 0.0
        self._left_at_s: float | None = None
        self._depth = 0
        # Told whenever a wait for what is outside begins (is_outside=True) or ends.
        self.tell: list[Tell] = []

    def __enter__(self) -> None:
        """Begin to wait for what is outside: AWS, a program, a person. Blocks within one another count once."""
        self._depth += 1
        if self._depth == 1:
            self._left_at_s = self._clock()
            for tell in self.tell:
                tell(is_outside=True)

    def __exit__(self, *_error: object) -> None:
        self._depth -= 1
        if self._depth == 0 and self._left_at_s is not None:
            self._abroad_s += self._clock() - self._left_at_s
            self._left_at_s = None
            for tell in self.tell:
                tell(is_outside=False)

    def was_spent_here(self) -> bool:
        """Tell whether most of the time went by on this machine, and not in a wait for what is outside."""
        abroad_s = self._abroad_s + (0.0 if self._left_at_s is None else self._clock() - self._left_at_s)
        return self._seconds <= 0 or abroad_s < self._seconds / 2

    def ask(self, question: "Callable[[float], T]") -> "T":
        """Return what `question` returns, which is called with the seconds for which it may wait for a person."""
        if not self.patience_s:
            return question(self.left_s())
        self._asked_at_s = self._clock()
        try:
            return question(self.patience_s)
        finally:
            # In this order: the watchdog, in its thread, sees it once or twice, and never not at all.
            self._typed_s += self._clock() - self._asked_at_s
            self._asked_at_s = None

    def moved_s(self) -> float:
        """Return by how many seconds a person has moved the deadline so far."""
        asked_at_s = self._asked_at_s
        return self._typed_s + (0.0 if asked_at_s is None else self._clock() - asked_at_s)

    def left_s(self) -> float:
        """Return the seconds left, never less than zero."""
        return max(0.0, self._end_s + self.moved_s() - self._clock())

    def has_passed(self) -> bool:
        """Tell whether no time is left."""
        return self.left_s() <= 0.0


class watchdog:  # noqa: N801 - reads as a statement: `with watchdog(20, end):`
    """Call `on_expiry` from another thread if the block takes longer than `seconds`; it is expected to exit.

    `moved_s` returns how many seconds are to be added, as it shows when the time is over.

    A thread, because a signal handler of Python's waits until a blocked C call returns: name resolution against a
    silent server takes longer than any SDK waits for a helper. Not through `threading`, which costs a process that
    waits a tenth of its time. Where no thread can be started the block goes on without a watchdog: it is a courtesy.
    """

    __slots__ = ("_ended", "_moved_s", "_on_expiry", "_seconds")

    def __init__(
        self, seconds: float, on_expiry: "Callable[[], object]", moved_s: "Callable[[], float]" = lambda: 0.0
    ) -> None:
        self._seconds = seconds
        self._on_expiry = on_expiry
        self._moved_s = moved_s
        self._ended = _thread.allocate_lock()

    def __enter__(self) -> None:
        self._ended.acquire()
        try:
            _thread.start_new_thread(self._watch, ())
        except (RuntimeError, MemoryError):
            return

    def __exit__(self, *_error: object) -> None:
        self._ended.release()

    def _watch(self) -> None:
        left_s, added_s = self._seconds, 0.0
        while not self._ended.acquire(timeout=left_s):
            left_s = self._moved_s() - added_s
            if left_s <= 0:
                self._on_expiry()
                return
            added_s += left_s


def limit_processor_time(seconds: float) -> None:
    """End this process by SIGPROF once it has used the processor for so long; waiting does not count.

    CPython without memory can go round in its own exception handling for ever, and no other thread gets a turn then:
    only the kernel ends that. A program that takes the place of this process inherits it: 0 lifts it. Left out where
    it cannot be done.
    """
    try:
        import _signal  # type: ignore[import-not-found]  # typeshed has `signal` only

        _signal.setitimer(_signal.ITIMER_PROF, seconds)
    except (ImportError, AttributeError, OSError):
        return


# A service that did not answer once is not asked again by this process: each call would wait for the full time.
_silent: set[str] = set()


def is_silent(service: str) -> bool:
    """Tell whether the service has not answered this process in time."""
    return service in _silent


def call(service: str, function: "Callable[[], T]", seconds: float) -> "T":
    """Return what `function` returns, and raise what it raises; TimeoutError (an OSError) after so many seconds.

    A thread, because nothing else ends a wait inside a foreign library. The thread goes on waiting, and the process
    exits without it.
    """
    if is_silent(service):
        raise TimeoutError(errno.ETIMEDOUT, "no answer")
    import threading

    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(function())
        except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    try:
        thread.start()
    except (RuntimeError, MemoryError):
        return function()  # no thread can be started: without a deadline rather than not at all
    thread.join(seconds)
    for error in errors:
        raise error
    if not results:
        _silent.add(service)
        raise TimeoutError(errno.ETIMEDOUT, "no answer")
    return results[0]
