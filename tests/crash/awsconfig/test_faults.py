"""A fault at any system call of an edit leaves the old bytes or the new ones, or a state of the plan of two files.

CONFIG_FAULTS is how many faults are tried, spread evenly over all of them; CONFIG_FAULTS_SEED repeats a choice.
"""

import os
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from stress import config_faults, pair_faults
from stress.config_edits import SCENARIOS, Sandbox, Scenario, edit_by_aws_cli, edit_ours

COUNT = int(os.environ.get("CONFIG_FAULTS", "250"))
SEED = int(os.environ.get("CONFIG_FAULTS_SEED", str(random.randrange(1 << 32))))
# Python 3.12 warns of any fork in a process with threads, and the test runner has one; ours touch nothing of it.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@pytest.fixture
def root() -> Iterator[Path]:
    with config_faults.in_memory() as directory:
        yield directory


@pytest.mark.timeout(600)
def test_fault_leaves_the_old_bytes_or_the_new_ones(root: Path) -> None:
    config_faults.warm_up(root)
    outcomes, bad = config_faults.run(COUNT, edit_ours, root, seed=SEED)
    assert bad == [], f"CONFIG_FAULTS={COUNT} CONFIG_FAULTS_SEED={SEED}"
    assert outcomes == {"good": COUNT}


@pytest.mark.timeout(600)
def test_fault_in_an_edit_of_both_files_leaves_a_state_of_its_plan(root: Path) -> None:
    outcomes, bad = pair_faults.run(COUNT // 4, root, seed=SEED)
    assert bad == [], f"CONFIG_FAULTS={COUNT} CONFIG_FAULTS_SEED={SEED}"
    assert outcomes == {"good": COUNT // 4}


def test_plans_that_faults_are_tried_on_have_steps(root: Path) -> None:
    steps = {one.name: len(pair_faults.Sandbox(root, one).states()) - 1 for one in pair_faults.SCENARIOS}
    assert steps == {"keys in one file": 3, "a role that uses them": 4, "keys alone": 1, "roles move": 2}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_call_of_an_edit_is_counted(root: Path, scenario: Scenario) -> None:
    config_faults.warm_up(root)
    sandbox = Sandbox(root, scenario)
    calls = config_faults.count_calls(sandbox, edit_ours)
    ends = {}
    for at in (calls, calls + 1):
        sandbox.reset()
        ends[at - calls] = config_faults.run_once(sandbox, edit_ours, at, "kill before")
    assert ends == {0: config_faults.KILLED, 1: config_faults.NOT_REACHED}


def test_faults_that_are_tried_are_spread_over_all_of_them(root: Path) -> None:
    config_faults.warm_up(root)
    faults = config_faults.every_fault(edit_ours, SCENARIOS, root)
    chosen = [faults.index(fault) for fault in config_faults.choose(faults, 500, random.Random(1))]
    assert len(chosen) == 500
    assert max(after - before for before, after in pairwise(chosen)) < 2 * len(faults) / 500 + 1
    assert config_faults.choose(faults, len(faults), random.Random(1)) == faults
    assert config_faults.choose(faults, len(faults) + 9, random.Random(1))[: len(faults)] == faults


def test_harness_finds_the_faults_of_a_writer_that_truncates(root: Path) -> None:
    pytest.importorskip("awscli")
    outcomes, _ = config_faults.run(100, edit_by_aws_cli, root, SCENARIOS[4:5])
    assert outcomes["empty"] > 0
    assert outcomes["torn"] > 0


def test_edit_syncs_before_the_rename_and_the_directory_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox(tmp_path, SCENARIOS[1])
    sandbox.reset()
    faults = config_faults.Faults(at=1 << 30, mode="EIO")
    with monkeypatch.context() as patched:
        for name in config_faults.CALLS:
            patched.setattr(os, name, getattr(os, name))
        faults.install()
        edit_ours(sandbox)
    trace = faults.trace
    rename = max(place for place, name in enumerate(trace) if name == "replace")
    last_write = max(place for place, name in enumerate(trace[:rename]) if name == "write")
    assert "fsync" in trace[last_write:rename]
    assert "fsync" in trace[rename:]
