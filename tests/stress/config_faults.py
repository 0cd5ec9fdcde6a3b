"""Faults at every system call of an edit: python -m stress.config_faults [--count N] [--writer ours|aws-cli|both].

Each run is a forked child in which the n-th call of `os` that touches the file system is killed before or after it
is made, torn, cut short, or fails with EIO, ENOSPC or EDQUOT. The count is how many of them are run: a smaller one than
there are faults is spread evenly over all of them, a larger one runs each once and goes on at random.
Good is: the config file has its old bytes or its new ones, and the new ones if the edit claimed success.
"""

import argparse
import collections
import errno
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, NoReturn, Protocol, TypeVar

from credhelper.awsconfig.file import editor
from credhelper.errors import CredhelperError
from stress.config_edits import KEYS, SCENARIOS, Sandbox, Scenario, edit_by_aws_cli, edit_ours

CALLS = (
    "open", "write", "read", "close", "fsync", "replace", "rename", "unlink", "mkdir", "chmod", "fchmod", "fchown",
    "ftruncate", "stat", "fstat", "lstat", "listxattr", "getxattr", "setxattr", "listdir",
)  # fmt: skip
ERRORS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC, "EDQUOT": errno.EDQUOT}
SHARED_MEMORY = "/dev/shm"
MODES = ("kill before", "kill after", "torn write", "short write", *ERRORS)
DONE, FAILED, NOT_REACHED, KILLED = 0, 3, 7, 9


class Resettable(Protocol):
    """What a fault is tried on."""

    def reset(self) -> None: ...


class Named(Protocol):
    """What is edited, and how."""

    @property
    def name(self) -> str: ...


S = TypeVar("S", bound=Resettable)
N = TypeVar("N", bound=Named)
F = TypeVar("F")


class Faults:
    """Stands before the calls of `os` and makes the n-th of them go wrong."""

    def __init__(self, at: int, mode: str) -> None:
        self.at = at
        self.mode = mode
        self.count = 0
        self.trace: list[str] = []

    @property
    def was_reached(self) -> bool:
        return self.count >= self.at

    def install(self) -> None:
        for name in CALLS:
            setattr(os, name, self._wrapped(name, getattr(os, name)))

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.count += 1
            self.trace.append(name)
            if self.count != self.at:
                return real(*arguments, **options)
            return self._fail(name, real, *arguments, **options)

        return call

    def _fail(self, name: str, real: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        if self.mode in ERRORS:
            raise OSError(ERRORS[self.mode], os.strerror(ERRORS[self.mode]))
        if self.mode == "kill before":
            _die()
        if name == "write" and self.mode in {"torn write", "short write"}:
            fd, data = arguments
            written = real(fd, bytes(data)[: max(1, len(data) // 2)])
            if self.mode == "torn write":
                _die()
            return written
        result = real(*arguments, **options)
        if self.mode == "kill after":
            _die()
        return result


_exit = os._exit


def _die() -> NoReturn:
    _exit(KILLED)


def run_once(sandbox: S, writer: Callable[[S], None], at: int, mode: str) -> int:
    """Run one edit with one fault in a forked child and return how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    faults = Faults(at, mode)
    try:
        faults.install()
        writer(sandbox)
        _exit(DONE if faults.was_reached else NOT_REACHED)
    except (CredhelperError, OSError):
        _exit(FAILED)
    except BaseException as error:  # noqa: BLE001 - anything else is a finding; the child must end here
        sys.stderr.write(f"unexpected {type(error).__name__}: {error} (call {at}, {mode})\n")
        _exit(1)


def verdict(sandbox: Sandbox, ended: int, after: bytes) -> str:
    """Return good, or what is wrong with what a run left behind."""
    content = sandbox.content()
    old = content == sandbox.scenario.before
    if content == after:
        return "good"
    if ended not in {DONE, FAILED, NOT_REACHED, KILLED}:
        return "crash"
    if old:
        return "good" if ended not in {DONE, NOT_REACHED} else "claimed success, old bytes"
    return "empty" if not content else "torn"


@dataclass(frozen=True)
class Fault(Generic[N]):
    """The n-th call of an edit, and what becomes of it."""

    scenario: N
    mode: str
    at: int

    def __str__(self) -> str:
        return f"{self.scenario.name}, {self.mode}, call {self.at}"


def count_calls(sandbox: S, writer: Callable[[S], None]) -> int:
    """Return how many calls the edit makes where nothing goes wrong."""
    sandbox.reset()
    reader, pipe = os.pipe()
    child = os.fork()
    if child == 0:
        real_write = os.write
        faults = Faults(1 << 30, "EIO")
        faults.install()
        writer(sandbox)
        real_write(pipe, str(faults.count).encode())
        _exit(DONE)
    os.close(pipe)
    os.waitpid(child, 0)
    with open(reader, "rb") as file:
        return int(file.read())


def every_fault(
    writer: Callable[[Sandbox], None], scenarios: tuple[Scenario, ...], root: Path
) -> list[Fault[Scenario]]:
    """Return all faults there are: each call of each edit, in each mode."""
    calls = {scenario: count_calls(Sandbox(root, scenario), writer) for scenario in scenarios}
    return [
        Fault(scenario, mode, at) for scenario in scenarios for mode in MODES for at in range(1, calls[scenario] + 1)
    ]


def choose(faults: list[F], count: int, rng: random.Random) -> list[F]:
    """Return `count` faults: one out of each of as many equal stretches, or all and some of them again."""
    if count >= len(faults):
        return faults + rng.choices(faults, k=count - len(faults))
    stretch = len(faults) / count
    return [faults[int((number + rng.random()) * stretch)] for number in range(count)]


def attempt(root: Path, writer: Callable[[Sandbox], None], fault: Fault[Scenario]) -> str:
    """Run one fault in a fresh sandbox and return the verdict."""
    sandbox = Sandbox(root, fault.scenario)
    sandbox.reset()
    ended = run_once(sandbox, writer, fault.at, fault.mode)
    after = _after_aws_cli(sandbox.scenario) if writer is edit_by_aws_cli else sandbox.scenario.after()
    result = verdict(sandbox, ended, after)
    if result == "good" and writer is edit_ours and fault.at % 4 == 0:
        result = _recovered(sandbox)
    return result


_AFTER_AWS_CLI: dict[str, bytes] = {}


def _after_aws_cli(scenario: Scenario) -> bytes:
    """Return what the AWS CLI writes where nothing goes wrong."""
    if scenario.name not in _AFTER_AWS_CLI:
        with tempfile.TemporaryDirectory() as directory:
            sandbox = Sandbox(Path(directory).resolve(), scenario)
            sandbox.reset()
            run_once(sandbox, edit_by_aws_cli, 1 << 30, "EIO")
            _AFTER_AWS_CLI[scenario.name] = sandbox.content() or b""
    return _AFTER_AWS_CLI[scenario.name]


def _recovered(sandbox: Sandbox) -> str:
    """Hold what a fault leaves behind: one temporary file at the most, and no obstacle for the next edit."""
    if len(sandbox.debris()) > 1:
        return "debris"
    try:
        editor.edit(
            str(sandbox.path), lambda document: document.add("next", KEYS), str(sandbox.state), sandbox.options()
        )
    except CredhelperError:
        return "next edit fails"
    return "good" if not sandbox.debris() else "debris after the next edit"


def run(
    count: int,
    writer: Callable[[Sandbox], None],
    root: Path,
    scenarios: tuple[Scenario, ...] = SCENARIOS,
    seed: int = 0,
) -> tuple[collections.Counter[str], list[str]]:
    """Run `count` faults; returns verdicts and the first bad runs."""
    outcomes: collections.Counter[str] = collections.Counter()
    bad: list[str] = []
    for fault in choose(every_fault(writer, scenarios, root), count, random.Random(seed)):
        result = attempt(root, writer, fault)
        outcomes[result] += 1
        if result != "good" and len(bad) < 20:
            bad.append(f"{fault}: {result}")
    return outcomes, bad


def warm_up(root: Path) -> None:
    """Make one edit of each kind, so that a forked child imports nothing and starts with what an edit needs."""
    for scenario in SCENARIOS:
        sandbox = Sandbox(root, scenario)
        sandbox.reset()
        edit_ours(sandbox)


@contextmanager
def in_memory() -> Iterator[Path]:
    """Make a directory in memory, where there is one: an fsync per edit on a busy disk would be most of a run."""
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None) as directory:
        yield Path(directory).resolve()


def main() -> int:
    """Run the harness on our writer and on the AWS CLI's, and print the table; return 1 if ours left a bad file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--writer", choices=["ours", "aws-cli", "both"], default="both")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    is_ours_bad = False
    for name, writer, count in (("ours", edit_ours, asked.count), ("aws-cli", edit_by_aws_cli, asked.count // 30)):
        if asked.writer not in {name, "both"}:
            continue
        with in_memory() as root:
            start = time.monotonic()
            scenarios = SCENARIOS if writer is edit_ours else SCENARIOS[1:6]
            warm_up(root)
            outcomes, bad = run(count, writer, root, scenarios, asked.seed)
        total = outcomes.total()
        wrong = total - outcomes["good"]
        took_s = time.monotonic() - start
        print(f"{name}: {total} faults (seed {asked.seed}), {wrong} bad ({wrong / total:.1%}), {took_s:.0f} s")
        print(f"  {dict(outcomes)}", *bad[:5], sep="\n  ", flush=True)
        is_ours_bad |= name == "ours" and wrong > 0
    return int(is_ours_bad)


if __name__ == "__main__":
    sys.exit(main())
