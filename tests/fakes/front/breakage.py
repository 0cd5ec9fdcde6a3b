"""A network or a service that fails after so many writes, counted over all accounts."""

import threading
from typing import Literal

from fakes.front.exchange import Answer, Onward, Request, refuse
from fakes.front.sentences import Refusal
from fakes.front.world import World

How = Literal["refuse", "cut", "lost"]
# A fault of the front's own: no sentence of AWS's.
_UNAVAILABLE = Refusal(503, "ServiceUnavailable", "the test broke the service here")


class CutError(Exception):
    """The connection ends here, without an answer."""


class Breakage:
    """A rule that does nothing until `break_after`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: int | None = None
        self._how: How = "cut"
        self._is_once = False
        self._is_broken = False

    def break_after(self, writes: int, how: How = "cut", *, once: bool = False) -> None:
        """Let so many more writes through; the next one, and all calls after it, fail until `heal`.

        "refuse" answers 503, "cut" ends the connection before the write is made, "lost" after it: it is made, and the
        caller cannot know. With `once` only that write fails: the same call again passes.
        """
        with self._lock:
            self._left, self._how, self._is_once, self._is_broken = writes, how, once, False

    def heal(self) -> None:
        """Let everything through again."""
        with self._lock:
            self._left, self._is_broken = None, False

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Fail, or pass it on."""
        how = self._fault(request)
        if how is None:
            return onward(request)
        if how == "refuse":
            return refuse(request, _UNAVAILABLE)
        if how == "lost":
            onward(request)
        raise CutError

    def _fault(self, request: Request) -> How | None:
        with self._lock:
            if self._is_broken:
                # What comes after a lost write does not arrive.
                return "refuse" if self._how == "refuse" else "cut"
            if self._left is None or not request.is_write:
                return None
            if self._left > 0:
                self._left -= 1
                return None
            self._left = None
            self._is_broken = not self._is_once
            return self._how
