"""Calls that run side by side, each in a thread that the end of the process does not wait for."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
# Of each thread, for who looks at those that are left.
NAME = "side-by-side"


class Task(Generic[T]):
    """A call that has begun. Where no thread can be started it is made at once, in this one."""

    def __init__(self, call: Callable[[], T], *, is_here: bool = False) -> None:
        self._call = call
        self._results: list[T] = []
        self._errors: list[BaseException] = []
        self._thread: threading.Thread | None = None
        if is_here:
            self._run()
            return
        thread = threading.Thread(target=self._run, name=NAME, daemon=True)
        try:
            thread.start()
        except (RuntimeError, MemoryError):
            self._run()
        else:
            self._thread = thread

    def _run(self) -> None:
        try:
            self._results.append(self._call())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asks for the result
            self._errors.append(error)

    def has_ended(self, seconds: float) -> bool:
        """Wait for so long at most, and tell whether the call has ended."""
        if self._thread is not None:
            self._thread.join(seconds)
        return bool(self._results or self._errors)

    def result(self, seconds: float) -> T:
        """Return what the call returns, and raise what it raises; TimeoutError after so many seconds."""
        if not self.has_ended(seconds):
            raise TimeoutError
        for error in self._errors:
            raise error
        return self._results[0]
