"""What a resolution has looked at, and which files are trusted to show their next change."""

import time
from pathlib import Path

from credhelper.provider import inputs, record
from credhelper.provider.record import Record


def test_file_changed_just_now_is_not_trusted_yet(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("x")
    signature = inputs.signature_of(str(path))
    now_ns = time.time_ns()
    assert record.settled(signature, now_ns) == record.RACY
    assert record.settled(signature, now_ns + 3_000_000_000) == signature
    assert record.settled(signature, now_ns - 60_000_000_000) == record.RACY


def test_whole_second_timestamps_are_distrusted_for_longer() -> None:
    coarse = (1, 1, 5_000_000_000, 5_000_000_000)
    fine = (1, 1, 5_000_000_001, 5_000_000_001)
    at_ns = 6_000_000_000
    assert record.settled(coarse, at_ns) == record.RACY
    assert record.settled(fine, at_ns) == fine


def test_absent_file_is_absent_however_soon() -> None:
    assert record.settled(inputs.ABSENT, 0) == inputs.ABSENT


def test_file_is_noted_as_it_was_before_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("x")
    noted = Record({})
    before = inputs.signature_of(noted.file(str(path)))
    path.write_text("longer")
    noted.file(str(path))
    assert noted.files == ((str(path), before),)


def test_variables_are_noted_by_the_looking() -> None:
    noted = Record({"AWS_REGION": "eu-west-1"})
    assert noted.variable("AWS_REGION") == "eu-west-1"
    assert noted.variable("AWS_PROFILE") is None
    noted.note(["AWS_*", "AWS_REGION"])
    assert noted.user_name() == ""
    assert noted.variables == ("AWS_REGION", "AWS_PROFILE", "AWS_*", "LOGNAME|USER|USERNAME")


def test_file_that_changed_on_the_way_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "token"
    noted = Record({})
    noted.file(str(path))
    assert noted.is_as_it_was()
    path.write_text("x")
    assert not noted.is_as_it_was()
