"""A call into a service that may hang, with an end: a dialog nobody answers, a session bus that is silent."""

import errno
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# What did not answer once is not asked again by this process: each question would take all our patience anew.
_silent: set[str] = set()


def is_silent(service: str) -> bool:
    """Tell whether the service has let this process wait in vain."""
    return service in _silent


def call(service: str, function: Callable[[], T], seconds: float) -> T:
    """Return what `function` returns, and raise what it raises; TimeoutError (an OSError) after so many seconds.

    A thread, because nothing else ends a wait inside a foreign library. It goes on waiting; no process of ours waits
    for it to end.
    """
    if is_silent(service):
        raise TimeoutError(errno.ETIMEDOUT, "no answer")
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(function())
        except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    for error in errors:
        raise error
    if not results:
        _silent.add(service)
        raise TimeoutError(errno.ETIMEDOUT, "no answer")
    return results[0]
