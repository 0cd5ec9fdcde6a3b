"""Faults at every system call of an edit of both of AWS's files: python -m stress.pair_faults [--count N].

Each run is a forked child, as in `config_faults`, with the same ways to fail. Good is: both files together are what
they were, or one of the states of the plan; the last of them if the edit claimed success; no byte of a secret is below
the state directory; and the same command ends what a fault broke off.
"""

import argparse
import collections
import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.commands.profile import adopt, rename
from credhelper.errors import CredhelperError
from credhelper.settings import Settings, from_environment
from stress.config_faults import (
    DONE,
    FAILED,
    KILLED,
    MODES,
    NOT_REACHED,
    Fault,
    choose,
    count_calls,
    in_memory,
    run_once,
)

SECRET = "a-secret-that-is-nowhere-else"
KEYS = f"aws_access_key_id = AKIASECRET\naws_secret_access_key = {SECRET}\n"
ROLE = "role_arn = arn:aws:iam::222222222222:role/r\nsource_profile = {}\n"
# What the two files held at one moment.
Pair = tuple[bytes | None, bytes | None]


@dataclass(frozen=True)
class Scenario:
    """Both files, and an edit of them."""

    name: str
    config: str
    credentials: str
    edit: Callable[[Settings, EditOptions], object]


def _rename(settings: Settings, options: EditOptions) -> object:
    return rename.rename(settings, "dev", "new", options, with_credentials=True)


def _adopt(settings: Settings, options: EditOptions) -> object:
    line_of = "/opt/credhelper/python get {}".format
    return adopt.adopt(settings, [], options, is_all=True, with_credentials=True, line_of=line_of)


_USED = "[profile dev]\nregion = x\n\n[profile q]\n" + ROLE.format("dev")
_USER = f"[default]\n{KEYS}\n"
SCENARIOS = (
    Scenario("keys in one file", _USED, f"# mine\n[dev]\n{KEYS}\n[r]\n{ROLE.format('dev')}", _rename),
    Scenario("a role that uses them", "[profile dev]\n" + ROLE.format("dev"), f"[dev]\n{KEYS}", _rename),
    Scenario("keys alone", "", f"{_USER}[dev]\n{KEYS}", _rename),
    Scenario("roles move", "[profile p]\n" + ROLE.format("default"), _USER + "[r]\n" + ROLE.format("default"), _adopt),
)


class Sandbox:
    """A throwaway home with both files, put back before each run."""

    def __init__(self, root: Path, scenario: Scenario) -> None:
        self.scenario = scenario
        self.home = root / "home"
        self.settings = from_environment({"HOME": str(self.home), "PATH": os.defpath})
        self.paths = (Path(self.settings.config_file), Path(self.settings.credentials_file))

    def reset(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        self.paths[0].parent.mkdir(mode=0o700, parents=True)
        self.home.chmod(0o700)
        for path, text in zip(self.paths, (self.scenario.config, self.scenario.credentials), strict=True):
            if text:
                path.touch(mode=0o600)
                path.write_text(text)
        self.settle()

    def settle(self) -> None:
        for path in self.paths:
            if path.exists():
                os.utime(path, (1, 1))

    def content(self) -> Pair:
        config, credentials = (path.read_bytes() if path.exists() else None for path in self.paths)
        return config, credentials

    def debris(self) -> list[Path]:
        return [path for path in self.paths[0].parent.iterdir() if path not in self.paths]

    def secrets_in_state(self) -> list[Path]:
        files = (path for path in Path(self.settings.state_dir).rglob("*") if path.is_file())
        return [path for path in files if any(text in path.read_bytes() for text in (SECRET.encode(), b"AKIASECRET"))]

    def states(self) -> list[Pair]:
        """Make the edit without a fault, and return what the files held after each step."""
        self.reset()
        found = [self.content()]

        def noted(source: str, target: str) -> None:
            os.replace(source, target)
            found.append(self.content())

        self.scenario.edit(self.settings, EditOptions(linger_s=0, sleep=lambda _: None, rename=noted))
        return found


def edit(sandbox: Sandbox) -> None:
    # The real call is named here, after the faults are installed.
    sandbox.scenario.edit(sandbox.settings, EditOptions(linger_s=0, sleep=lambda _: None, rename=os.replace))


def every_fault(root: Path) -> list[Fault[Scenario]]:
    """Return all faults there are: each call of each edit, in each mode."""
    calls = {scenario: count_calls(Sandbox(root, scenario), edit) for scenario in SCENARIOS}
    return [
        Fault(scenario, mode, at) for scenario in SCENARIOS for mode in MODES for at in range(1, calls[scenario] + 1)
    ]


def attempt(root: Path, fault: Fault[Scenario], states: list[Pair]) -> str:
    """Run one fault in a fresh sandbox and return good, or what is wrong with what it left."""
    sandbox = Sandbox(root, fault.scenario)
    sandbox.reset()
    ended = run_once(sandbox, edit, fault.at, fault.mode)
    content = sandbox.content()
    if ended not in {DONE, FAILED, NOT_REACHED, KILLED}:
        return "crash"
    if content not in states:
        return "torn, or a state of its own"
    if ended in {DONE, NOT_REACHED} and content != states[-1]:
        return "claimed success before the end"
    if sandbox.secrets_in_state():
        return "a secret in the state directory"
    if len(debris := sandbox.debris()) > 1 or any(path.stat().st_mode & 0o77 for path in debris):
        return "debris"
    if fault.at % 4 or content == states[-1]:
        return "good"
    sandbox.settle()
    try:
        edit(sandbox)
    except CredhelperError:
        return "the same command fails"
    return "good" if sandbox.content() == states[-1] and not sandbox.debris() else "the same command does not end it"


def run(count: int, root: Path, seed: int = 0) -> tuple[collections.Counter[str], list[str]]:
    """Run `count` faults; returns verdicts and the first bad runs."""
    outcomes: collections.Counter[str] = collections.Counter()
    bad: list[str] = []
    states = {scenario: Sandbox(root, scenario).states() for scenario in SCENARIOS}
    for fault in choose(every_fault(root), count, random.Random(seed)):
        result = attempt(root, fault, states[fault.scenario])
        outcomes[result] += 1
        if result != "good" and len(bad) < 20:
            bad.append(f"{fault}: {result}")
    return outcomes, bad


def main() -> int:
    """Run the harness and print what came of it; return 1 if anything bad did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    start = time.monotonic()
    with in_memory() as root:
        outcomes, bad = run(asked.count, root, asked.seed)
    wrong = outcomes.total() - outcomes["good"]
    took_s = time.monotonic() - start
    print(f"both files: {outcomes.total()} faults (seed {asked.seed}), {wrong} bad, {took_s:.0f} s")
    print(f"  {dict(outcomes)}", *bad[:5], sep="\n  ", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
