"""Every call that came in, for tests that count: "a plan makes at most 12 calls and writes nothing"."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from fakes.front.exchange import Answer, Onward, Request
from fakes.front.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """One call; it holds no secret. `status` is 0 where the connection was cut."""

    action: str
    operation: str
    account: str
    user: str
    region: str
    is_write: bool
    status: int


class Journal:
    """A rule that notes each call, with the account of the caller."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Pass it on, and note what came of it."""
        status = 0
        try:
            answer = onward(request)
            status = answer.status
        finally:
            caller = world.caller(request)
            note = Call(
                request.action if request.service else request.path,
                request.operation,
                "" if caller is None else caller.account,
                "" if caller is None else caller.arn,
                request.region,
                request.is_write,
                status,
            )
            with self._lock:
                self._calls.append(note)
        return answer

    @property
    def calls(self) -> list[Call]:
        """All calls so far, in the order in which they ended."""
        with self._lock:
            return list(self._calls)

    @property
    def writes(self) -> list[Call]:
        """Those that change something, whether they were allowed or not."""
        return [call for call in self.calls if call.is_write]

    @contextlib.contextmanager
    def watch(self) -> Iterator["Journal"]:
        """Give a journal that, at the end of the block, has the calls that were made in it."""
        seen, start = Journal(), len(self.calls)
        try:
            yield seen
        finally:
            seen._calls = self.calls[start:]
