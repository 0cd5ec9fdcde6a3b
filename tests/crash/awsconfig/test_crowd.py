"""Many editors at once lose nothing. CONFIG_CROWD and CONFIG_CROWD_EDITS are the sizes."""

import os
from pathlib import Path

import pytest

from stress import config_crowd

PROCESSES = int(os.environ.get("CONFIG_CROWD", "20"))
EDITS = int(os.environ.get("CONFIG_CROWD_EDITS", "5"))
pytestmark = [
    # Python 3.12 warns of any fork in a process with threads, and the test runner has one; ours touch nothing of it.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
    pytest.mark.timeout(900),
]


def test_crowd_of_editors_loses_no_edit_and_no_reader_finds_the_file_broken(tmp_path: Path) -> None:
    outcome = config_crowd.gather(tmp_path, PROCESSES, EDITS, with_aws_cli=False)
    assert (outcome.lost, outcome.broken_looks) == ([], 0)
    assert outcome.wanted == PROCESSES * EDITS


def test_none_of_our_edits_is_lost_to_a_writer_without_a_lock(tmp_path: Path) -> None:
    pytest.importorskip("awscli")
    outcome = config_crowd.gather(tmp_path, PROCESSES, EDITS, with_aws_cli=True)
    assert outcome.lost == []
    assert outcome.foreign_sets > 0
