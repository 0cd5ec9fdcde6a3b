"""A failure is remembered for those it concerns, for a moment, and for nobody else."""

from pathlib import Path

import pytest

from credhelper.cache import failures, store
from credhelper.errors import AwsError, CredhelperError, InputError, MfaError
from credhelper.model.freshness import Moment
from credhelper.settings import Settings

NAME = bytes(range(32))
AT = Moment(1_000_000.0, b"boot-1", 500.0)


def recall(own: Settings, *, inputs: str = "files", boot: bytes = b"boot-1", later_s: float = 0.0) -> str | None:
    failure = failures.recall(own, NAME, inputs, Moment(AT.wall_s, boot, AT.up_s + later_s))
    return None if failure is None else failure.message


@pytest.fixture
def note(own: Settings) -> Path:
    failures.remember(own, NAME, AwsError("denied", hint="ask the owner"), "files", AT)
    return Path(store.failure_path(own, NAME))


@pytest.mark.parametrize("error", [AwsError("denied", hint="ask"), MfaError("no code"), InputError("no role", hint="")])
def test_failure_comes_back_as_it_was(own: Settings, error: CredhelperError) -> None:
    failures.remember(own, NAME, error, "files", AT)
    found = failures.recall(own, NAME, "files", AT)
    assert found is not None
    assert (type(found), found.message, found.hint) == (type(error), error.message, error.hint)


@pytest.mark.parametrize(
    ("later_s", "is_known"), [(-60.0, True), (0.0, True), (3.0, True), (3.1, False), (86_400.0, False)]
)
def test_failure_is_known_to_who_asked_before_it_and_for_three_seconds(
    own: Settings, note: Path, later_s: float, is_known: bool
) -> None:
    assert (recall(own, later_s=later_s) is not None) == is_known


def test_failure_under_another_configuration_or_before_a_reboot_is_none_of_ours(own: Settings, note: Path) -> None:
    assert recall(own) == "denied"
    assert recall(own, inputs="other files") is None
    assert recall(own, boot=b"boot-2") is None


def test_failure_that_was_followed_by_an_answer_is_forgotten(own: Settings, note: Path) -> None:
    failures.forget(own, NAME)
    assert recall(own) is None
    assert not note.exists()
    failures.forget(own, NAME)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"kind": "AwsError"}', b"\xff", b"x" * 10_000])
def test_damaged_note_is_no_note(own: Settings, note: Path, content: bytes) -> None:
    note.write_bytes(content)
    assert recall(own) is None


def test_note_of_an_unknown_kind_is_no_note(own: Settings, note: Path) -> None:
    note.write_text(note.read_text().replace("AwsError", "SystemExit"))
    assert recall(own) is None


def test_note_that_others_may_write_is_no_note(own: Settings, note: Path) -> None:
    note.chmod(0o622)
    assert recall(own) is None


def test_note_that_cannot_be_left_costs_nothing(own: Settings) -> None:
    Path(own.cache_dir).parent.mkdir(parents=True, exist_ok=True)
    Path(own.cache_dir).write_text("in the way")
    failures.remember(own, NAME, AwsError("denied"), "files", AT)
    failures.forget(own, NAME)
    assert recall(own) is None
