"""Faults at every system call of an edit: python -m stress.config_faults [--count N] [--writer ours|aws-cli|both].

Each run is a forked child in which the n-th call of `os` that touches the file system is killed before or after it
is made, torn, cut short, or fails with EIO, ENOSPC or EDQUOT. First every n of every mode for every scenario, until
an edit ends without reaching its fault (the loop of sqlite's test suite); then at random until the count is reached.
Good is: the config file has its old bytes or its new ones, and the new ones if the edit claimed success.
"""

import argparse
import builtins
import collections
import errno
import io
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import editor
from credhelper.awsconfig.file.editor import EditOptions
from credhelper.errors import CredhelperError

T = TypeVar("T")

CALLS = (
    "open", "write", "read", "close", "fsync", "replace", "rename", "unlink", "mkdir", "chmod", "fchmod", "fchown",
    "ftruncate", "stat", "fstat", "lstat", "listxattr", "getxattr", "setxattr", "listdir",
)  # fmt: skip
ERRORS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC, "EDQUOT": errno.EDQUOT}
MODES = ("kill before", "kill after", "torn write", "short write", *ERRORS)
KEYS = {"credential_process": "/opt/credhelper/bin/python -I -S /opt/main.py get new", "region": "eu-west-1"}

_DONE, _FAILED, _NOT_REACHED, _KILLED = 0, 3, 7, 9


@dataclass(frozen=True)
class Scenario:
    """A file to edit, and the edit; `is_link` puts a symlink in the file's place."""

    name: str
    before: bytes | None
    change: Callable[[Document], Document]
    is_link: bool = False

    def after(self) -> bytes:
        return self.change(Document.parse(self.before or b"")).to_bytes()


def _add(document: Document) -> Document:
    return document.add("new", KEYS)


_SMALL = b"# mine\n[default]\nregion = us-east-1\n\n[profile dev]\nregion=eu-west-1\ns3 =\n  max = 3\n"
_BIG = b"".join(b"[profile p%d]\nregion = us-east-1\noutput = json\n\n" % number for number in range(1000))
SCENARIOS = (
    Scenario("fresh file", None, _add),
    Scenario("small file", _SMALL, _add),
    Scenario("big file", _BIG, _add),
    Scenario("symlinked file", _SMALL, _add, is_link=True),
    Scenario("set", _SMALL, lambda document: document.set("dev", {"region": "ap-south-1", "output": "json"})),
    Scenario(
        "set in a big file", _SMALL + b"\n" + _BIG, lambda document: document.set("dev", {"region": "ap-south-1"})
    ),
    Scenario("remove", _SMALL, lambda document: document.remove("dev")),
)


class _Killed(BaseException):
    """Never caught: the child is gone."""


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
    _exit(_KILLED)


class Sandbox:
    """A throwaway home with one config file, put back before each run."""

    def __init__(self, root: Path, scenario: Scenario) -> None:
        self.scenario = scenario
        self.home = root / "home"
        self.target = self.home / ("dotfiles" if scenario.is_link else ".aws") / "config"
        self.path = self.home / ".aws" / "config"
        self.state = root / "state"

    def reset(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.state, ignore_errors=True)
        self.home.mkdir(mode=0o700)
        if self.scenario.before is not None:
            self.target.parent.mkdir(mode=0o700)
            self.target.write_bytes(self.scenario.before)
            # Old enough that nobody can be in the middle of writing it.
            os.utime(self.target, (1, 1))
        if self.scenario.is_link:
            self.path.parent.mkdir(mode=0o700)
            self.path.symlink_to("../dotfiles/config")

    def content(self) -> bytes | None:
        return self.target.read_bytes() if self.target.exists() else None

    def debris(self) -> list[str]:
        return (
            [name for name in os.listdir(self.target.parent) if name != "config"] if self.target.parent.exists() else []
        )

    def options(self) -> EditOptions:
        # Named here, after the faults are installed: the default is the real call, bound when its module was loaded.
        return EditOptions(linger_s=0, sleep=lambda _: None, rename=os.replace)


def edit_ours(sandbox: Sandbox) -> None:
    editor.edit(str(sandbox.path), sandbox.scenario.change, str(sandbox.state), sandbox.options())


def edit_by_aws_cli(sandbox: Sandbox) -> None:
    """Do the same with the AWS CLI's own writer, its `open` made of the calls that Python's makes."""
    from awscli.customizations.configure.writer import ConfigFileWriter  # type: ignore[import-untyped]  # ships no types

    builtins.open = _python_open  # type: ignore[assignment]  # in a forked child, for the fault injection only
    section, keys = (
        ("profile dev", {"region": "ap-south-1"}) if "set" in sandbox.scenario.name else ("profile new", KEYS)
    )
    ConfigFileWriter().update_config({"__section__": section, **keys}, str(sandbox.path))


class _RawFile(io.RawIOBase):
    """What `io.FileIO` does, through the functions of `os`."""

    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd = fd

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return os.write(self._fd, bytes(data))

    def close(self) -> None:
        if not self.closed:
            super().close()
            os.close(self._fd)


_REAL_OPEN = builtins.open


def _python_open(path: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
    if mode not in {"w", "a"}:
        return _REAL_OPEN(path, mode, *arguments, **options)
    how = os.O_TRUNC if mode == "w" else os.O_APPEND
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | how | os.O_CLOEXEC, 0o666)
    return io.TextIOWrapper(io.BufferedWriter(_RawFile(fd)))


def run_once(sandbox: Sandbox, writer: Callable[[Sandbox], None], at: int, mode: str) -> int:
    """Run one edit with one fault in a forked child and return how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    faults = Faults(at, mode)
    try:
        faults.install()
        writer(sandbox)
        _exit(_DONE if faults.was_reached else _NOT_REACHED)
    except (CredhelperError, OSError):
        _exit(_FAILED)
    except BaseException as error:  # noqa: BLE001 - anything else is a finding; the child must end here
        sys.stderr.write(f"unexpected {type(error).__name__}: {error} (call {at}, {mode})\n")
        _exit(1)


def verdict(sandbox: Sandbox, ended: int, after: bytes) -> str:
    """Return good, or what is wrong with what a run left behind."""
    content = sandbox.content()
    old = content == sandbox.scenario.before
    if content == after:
        return "good"
    if ended not in {_DONE, _FAILED, _NOT_REACHED, _KILLED}:
        return "crash"
    if old:
        return "good" if ended not in {_DONE, _NOT_REACHED} else "claimed success, old bytes"
    return "empty" if not content else "torn"


def sweep(writer: Callable[[Sandbox], None], scenarios: tuple[Scenario, ...], root: Path) -> Iterator[tuple[str, str]]:
    """Yield the verdict of every fault there is, and the number of calls of each scenario's edit."""
    for scenario in scenarios:
        sandbox = Sandbox(root, scenario)
        for mode in MODES:
            for at in range(1, 1000):
                ended, result = attempt(sandbox, writer, at, mode)
                yield f"{scenario.name}, {mode}, call {at}", result
                if ended == _NOT_REACHED:
                    break


def attempt(sandbox: Sandbox, writer: Callable[[Sandbox], None], at: int, mode: str) -> tuple[int, str]:
    """Run one fault in a fresh sandbox."""
    sandbox.reset()
    ended = run_once(sandbox, writer, at, mode)
    after = _after_aws_cli(sandbox.scenario) if writer is edit_by_aws_cli else sandbox.scenario.after()
    result = verdict(sandbox, ended, after)
    if result == "good" and writer is edit_ours and at % 4 == 0:
        result = _recovered(sandbox, at)
    return ended, result


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


def _recovered(sandbox: Sandbox, at: int) -> str:
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
    """Sweep every fault, then go on at random up to `count`; returns verdicts and the first bad runs."""
    outcomes: collections.Counter[str] = collections.Counter()
    bad: list[str] = []
    calls: collections.Counter[tuple[str, str]] = collections.Counter()
    for where, result in sweep(writer, scenarios, root):
        outcomes[result] += 1
        calls[tuple(where.split(", ")[:2])] += 1  # type: ignore[index]  # two words of three
        if result != "good" and len(bad) < 20:
            bad.append(f"{where}: {result}")
    rng = random.Random(seed)
    while outcomes.total() < count:
        scenario, mode = rng.choice(scenarios), rng.choice(MODES)
        at = rng.randint(1, calls[scenario.name, mode])
        _, result = attempt(Sandbox(root, scenario), writer, at, mode)
        outcomes[result] += 1
        if result != "good" and len(bad) < 20:
            bad.append(f"{scenario.name}, {mode}, call {at}: {result}")
    return outcomes, bad


def warm_up(root: Path) -> None:
    """Make one edit of each kind, so that a forked child imports nothing and starts with what an edit needs."""
    for scenario in SCENARIOS:
        sandbox = Sandbox(root, scenario)
        sandbox.reset()
        edit_ours(sandbox)


def main() -> int:
    """Run the harness on our writer and on the AWS CLI's, and print the table; return 1 if ours left a bad file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--writer", choices=["ours", "aws-cli", "both"], default="both")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    is_ours_bad = False
    shared_memory = Path("/dev/shm")
    for name, writer, count in (("ours", edit_ours, asked.count), ("aws-cli", edit_by_aws_cli, asked.count // 30)):
        if asked.writer not in {name, "both"}:
            continue
        with tempfile.TemporaryDirectory(dir=shared_memory if os.access(shared_memory, os.W_OK) else None) as directory:
            start = time.monotonic()
            scenarios = SCENARIOS if writer is edit_ours else SCENARIOS[1:6]
            warm_up(Path(directory).resolve())
            outcomes, bad = run(count, writer, Path(directory).resolve(), scenarios, asked.seed)
        total = outcomes.total()
        wrong = total - outcomes["good"]
        print(f"{name}: {total} faults, {wrong} bad ({wrong / total:.1%}), {time.monotonic() - start:.0f} s")
        print(f"  {dict(outcomes)}", *bad[:5], sep="\n  ", flush=True)
        is_ours_bad |= name == "ours" and wrong > 0
    return int(is_ours_bad)


if __name__ == "__main__":
    sys.exit(main())
