"""A fault at every system call of an edit leaves the old bytes or the new ones. CONFIG_FAULTS is the count."""

import os
from pathlib import Path

import pytest

from stress import config_faults

COUNT = int(os.environ.get("CONFIG_FAULTS", "10000"))
# Python 3.12 warns of any fork in a process with threads, and the test runner has one; ours touch nothing of it.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@pytest.mark.timeout(600)
def test_every_fault_leaves_the_old_bytes_or_the_new_ones(tmp_path: Path) -> None:
    config_faults.warm_up(tmp_path)
    outcomes, bad = config_faults.run(COUNT, config_faults.edit_ours, tmp_path)
    assert bad == []
    assert outcomes["good"] >= COUNT


def test_harness_finds_the_faults_of_a_writer_that_truncates(tmp_path: Path) -> None:
    pytest.importorskip("awscli")
    outcomes, _ = config_faults.run(100, config_faults.edit_by_aws_cli, tmp_path, config_faults.SCENARIOS[4:5])
    assert outcomes["empty"] > 0
    assert outcomes["torn"] > 0


def test_edit_syncs_before_the_rename_and_the_directory_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = config_faults.Sandbox(tmp_path, config_faults.SCENARIOS[1])
    sandbox.reset()
    faults = config_faults.Faults(at=1 << 30, mode="EIO")
    with monkeypatch.context() as patched:
        for name in config_faults.CALLS:
            patched.setattr(os, name, getattr(os, name))
        faults.install()
        config_faults.edit_ours(sandbox)
    trace = faults.trace
    rename = max(place for place, name in enumerate(trace) if name == "replace")
    last_write = max(place for place, name in enumerate(trace[:rename]) if name == "write")
    assert "fsync" in trace[last_write:rename]
    assert "fsync" in trace[rename:]
