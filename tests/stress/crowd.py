"""A crowd of forked callers of one profile, against an AssumeRole that counts its calls in a file.

Forked, not started: what is measured is the flight, not the start of five hundred interpreters on two cores.
"""

import gc
import os
import signal
import struct
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from credhelper.errors import AwsError, CredhelperError
from credhelper.model.credentials import Credentials
from credhelper.provider.effects import Effects
from credhelper.provider.miss import Miss
from credhelper.provider.resolve import Resolved
from credhelper.settings import Settings
from credhelper.system.deadline import Deadline
from fakes import canary

_CALL = struct.Struct("d")
_RESULT = struct.Struct("dd40s")
_READY = b"!"
LIFETIME_S = 3600


@dataclass(frozen=True, slots=True)
class Answer:
    """What one caller got (an access key id or the first words of an error), when it asked and when it was answered."""

    text: str
    started_s: float
    ended_s: float

    @property
    def waited_s(self) -> float:
        """How long it waited."""
        return self.ended_s - self.started_s


@dataclass(frozen=True, slots=True)
class Crowd:
    """Callers that share `own`; one call to AWS takes `call_s` and is refused if `is_refused`."""

    own: Settings
    calls: Path
    call_s: float = 0.3
    is_refused: bool = False
    deadline_s: float = 25.0

    def count(self) -> int:
        """Return how often AWS was called."""
        return len(self.calls_s())

    def calls_s(self) -> list[float]:
        """Return when AWS was called, on the monotonic clock."""
        return [when for (when,) in _CALL.iter_unpack(self.calls.read_bytes())] if self.calls.exists() else []

    def fork(self) -> "Caller":
        """Start one caller, which asks at once."""
        return _fork(lambda writing: _answer(self._ask, writing))

    def gather(self, size: int) -> list[Answer]:
        """Start `size` callers that ask at the same moment, and return what each got.

        Each has asked elsewhere before: what is measured is the flight, not how the kernel copies, page by page, what
        forked processes share, nor how it takes five hundred of them down.
        """
        with tempfile.TemporaryDirectory() as directory:
            elsewhere = self._elsewhere(directory)
            elsewhere._ask()
            gc.collect()
            gc.freeze()
            start, end = Gate(), Gate()

            def live(writing: int) -> None:
                elsewhere._ask()
                os.write(writing, _READY)
                start.wait()
                _answer(self._ask, writing)
                end.wait()

            callers = [_fork(live) for _ in range(size)]
            for caller in callers:
                caller.wait_until_ready()
            start.open()
            answers = [caller.receive() for caller in callers]
            end.open()
            for caller in callers:
                caller.bury()
        return [answer for answer in answers if answer is not None]

    def _elsewhere(self, directory: str) -> "Crowd":
        fields = {slot: getattr(self.own, slot) for slot in Settings.__slots__}
        own = Settings(**{**fields, "cache_dir": os.path.join(directory, "cache"), "state_dir": directory})
        return Crowd(own, Path(directory, "calls"), call_s=0.0)

    def _ask(self) -> str:
        effects = Effects(
            source_credentials=lambda *_: Credentials("AKIAACC", canary.secret_key("user")),
            assume_role=self._assume_role,
        )
        try:
            answer = Miss(self.own, {}, Deadline(self.deadline_s), effects).answer("prod-s3")
        except CredhelperError as error:
            return error.message[:40]
        # Not through the parser: a waiter hands the bytes out as they are.
        return answer.document.partition(b'"AccessKeyId":"')[2].partition(b'"')[0].decode()

    def _assume_role(
        self, _resolved: Resolved, _source: Credentials, _token: str | None, _deadline: Deadline
    ) -> Credentials:
        fd = os.open(self.calls, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(fd, _CALL.pack(time.monotonic()))
        number = os.fstat(fd).st_size // _CALL.size
        os.close(fd)
        time.sleep(self.call_s)
        if self.is_refused:
            raise AwsError("the role does not trust you", hint="ask its owner")
        return Credentials(
            f"ASIA{number:04}", canary.secret_key(), canary.session_token(), int(time.time()) + LIFETIME_S
        )


class Gate:
    """Where processes wait until all of them are let go at once: a pipe that ends."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()

    def wait(self) -> None:
        """Wait, in a forked process, until the gate opens."""
        os.close(self._writing)
        os.read(self._reading, 1)

    def open(self) -> None:
        """Let everybody go."""
        os.close(self._writing)
        os.close(self._reading)


def _fork(live: Callable[[int], None]) -> "Caller":
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            live(writing)
        finally:
            os._exit(0)
    os.close(writing)
    return Caller(pid, reading)


def _answer(ask: Callable[[], str], writing: int) -> None:
    started = time.monotonic()
    text = ask()
    os.write(writing, _RESULT.pack(started, time.monotonic(), text.encode()[:40]))


@dataclass(frozen=True, slots=True)
class Caller:
    """One forked caller."""

    pid: int
    reading: int

    def kill(self) -> None:
        """Kill it as the kernel would."""
        os.kill(self.pid, signal.SIGKILL)

    def wait_until_ready(self) -> None:
        """Wait until it stands at the gate."""
        os.read(self.reading, len(_READY))

    def receive(self) -> Answer | None:
        """Return what it got, None if it was killed before."""
        data = b""
        while len(data) < _RESULT.size and (chunk := os.read(self.reading, _RESULT.size - len(data))):
            data += chunk
        if len(data) < _RESULT.size:
            return None
        started, ended, text = _RESULT.unpack(data)
        return Answer(text.rstrip(b"\0").decode(), started, ended)

    def bury(self) -> None:
        """Wait for its end."""
        os.close(self.reading)
        os.waitpid(self.pid, 0)

    def wait(self) -> Answer | None:
        """Return what it got, None if it was killed before, once it has ended."""
        answer = self.receive()
        self.bury()
        return answer


def percentile(values: list[float], part: float) -> float:
    """Return the value that `part` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
