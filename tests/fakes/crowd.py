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
from typing import NoReturn

from credhelper.broker import Broker, Effects
from credhelper.deadline import Deadline
from credhelper.errors import AwsError, CredhelperError
from credhelper.model import Credentials
from credhelper.resolve import Resolved
from credhelper.settings import Settings

_CALL = struct.Struct("d")
_RESULT = struct.Struct("dd40s")
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

    def fork(self, gate: "Gate | None" = None) -> "Caller":
        """Start one caller; it asks at once, or when the gate opens."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _live(self._ask, writing, gate)
        os.close(writing)
        return Caller(pid, reading)

    def gather(self, size: int) -> list[Answer]:
        """Start `size` callers that ask at the same moment, and return what each got."""
        self._warm_up()
        gate = Gate()
        callers = [self.fork(gate) for _ in range(size)]
        time.sleep(0.3)  # until the last of them stands at the gate
        gate.open()
        return [answer for caller in callers if (answer := caller.wait()) is not None]

    def _warm_up(self) -> None:
        """Answer one request in this process, elsewhere: what is loaded late would be loaded by every caller.

        Then keep the collector from touching what they share: each page it touches is copied for each of them.
        """
        with tempfile.TemporaryDirectory() as elsewhere:
            fields = {slot: getattr(self.own, slot) for slot in Settings.__slots__}
            own = Settings(**{**fields, "cache_dir": os.path.join(elsewhere, "cache"), "state_dir": elsewhere})
            crowd = Crowd(own, Path(elsewhere, "calls"), call_s=0.0)
            for _ in range(2):
                crowd._ask()
        gc.collect()
        gc.freeze()

    def _ask(self) -> str:
        effects = Effects(
            source_credentials=lambda _resolved, _deadline: Credentials("AKIAACC", "CANARYuserSecretDoNotPrint"),
            assume_role=self._assume_role,
        )
        try:
            answer = Broker(self.own, {}, Deadline(self.deadline_s), effects).answer("prod-s3")
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
        return Credentials(f"ASIA{number:04}", "CANARYsecret", "CANARYtoken", int(time.time()) + LIFETIME_S)


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


def _live(ask: Callable[[], str], writing: int, gate: Gate | None) -> NoReturn:
    try:
        if gate is not None:
            gate.wait()
        started = time.monotonic()
        text = ask()
        os.write(writing, _RESULT.pack(started, time.monotonic(), text.encode()[:40]))
    finally:
        os._exit(0)


@dataclass(frozen=True, slots=True)
class Caller:
    """One forked caller."""

    pid: int
    reading: int

    def kill(self) -> None:
        """Kill it as the kernel would."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> Answer | None:
        """Return what it got, None if it was killed before."""
        data = b""
        while chunk := os.read(self.reading, _RESULT.size):
            data += chunk
        os.close(self.reading)
        os.waitpid(self.pid, 0)
        if len(data) < _RESULT.size:
            return None
        started, ended, text = _RESULT.unpack(data)
        return Answer(text.rstrip(b"\0").decode(), started, ended)


def percentile(values: list[float], part: float) -> float:
    """Return the value that `part` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
