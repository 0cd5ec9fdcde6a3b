"""A failure is remembered for those it concerns, for a moment."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credhelper.cache import failures, store
from credhelper.cache.failures import Circumstances
from credhelper.errors import AwsError, CredhelperError, InputError, MachineError, MfaError
from credhelper.model.freshness import Moment
from credhelper.settings import Settings

NAME = bytes(range(32))
AT = Moment(1_000_000.0, b"boot-1", 500.0)


HERE = Circumstances(("AWS_REGION",), bytes(32), (("/h/.aws/config", (1, 2, 3, 4)),), "net:[1]")


def recall(own: Settings, *, here: Circumstances = HERE, boot: bytes = b"boot-1", later_s: float = 0.0) -> str | None:
    failure = failures.recall(own, NAME, here.__eq__, Moment(AT.wall_s, boot, AT.up_s + later_s))
    return None if failure is None else failure.message


def remember(own: Settings, error: CredhelperError, began_s: float = AT.up_s) -> None:
    failures.remember(own, NAME, error, HERE, began=Moment(AT.wall_s, AT.boot, began_s), at=AT)


@pytest.fixture
def note(own: Settings) -> Path:
    remember(own, AwsError("denied", hint="ask the owner"))
    return Path(store.failure_path(own, NAME))


@pytest.mark.parametrize("error", [AwsError("denied", hint="ask"), MfaError("no code"), InputError("no role", hint="")])
def test_failure_comes_back_as_it_was(own: Settings, error: CredhelperError) -> None:
    remember(own, error)
    found = failures.recall(own, NAME, HERE.__eq__, AT)
    assert found is not None
    assert (type(found), found.message, found.hint) == (type(error), error.message, error.hint)


@pytest.mark.parametrize(
    ("later_s", "is_known"), [(-60.0, True), (0.0, True), (3.0, True), (3.1, False), (86_400.0, False)]
)
def test_failure_is_known_to_who_asked_before_it_and_for_three_seconds(
    own: Settings, note: Path, later_s: float, is_known: bool
) -> None:
    assert (recall(own, later_s=later_s) is not None) == is_known


@pytest.mark.parametrize(
    "elsewhere",
    [
        HERE._replace(variables=("AWS_PROFILE",)),
        HERE._replace(environment=bytes(31) + b"1"),
        HERE._replace(files=(("/h/.aws/config", (1, 2, 3, 5)),)),
        HERE._replace(network="net:[2]"),
    ],
)
def test_failure_under_other_circumstances_is_not_shared(own: Settings, note: Path, elsewhere: Circumstances) -> None:
    assert recall(own) == "denied"
    assert recall(own, here=elsewhere) is None


def test_failure_before_a_reboot_is_not_shared(own: Settings, note: Path) -> None:
    assert recall(own, boot=b"boot-2") is None


def test_failure_of_one_process_alone_leaves_no_note(own: Settings) -> None:
    remember(own, MachineError("no memory"))
    assert recall(own) is None


@pytest.mark.parametrize(("began_s", "is_known"), [(AT.up_s - 1, False), (AT.up_s + 1, True)])
def test_person_shares_only_what_began_after_they_did(own: Settings, began_s: float, is_known: bool) -> None:
    remember(own, AwsError("denied"), began_s)
    assert (failures.recall(own, NAME, HERE.__eq__, AT, None) is not None) == is_known


def test_failure_that_was_followed_by_an_answer_is_forgotten(own: Settings, note: Path) -> None:
    failures.forget(own, NAME)
    assert recall(own) is None
    assert not note.exists()
    failures.forget(own, NAME)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"kind": "AwsError"}', b"\xff", b"x" * 100_000, b"[" * 8_000])
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
    remember(own, AwsError("denied"))
    failures.forget(own, NAME)
    assert recall(own) is None


@pytest.mark.parametrize("kind", [AwsError, InputError, MfaError])
def test_what_another_program_said_is_shown_once_and_not_written_down(
    own: Settings, kind: type[CredhelperError]
) -> None:
    said = "no luck: hunt3r2"
    error = kind("the mfa_process ended with status 1", hint="ask", quoted=said)
    assert error.shown().startswith(f"credhelper: error: the mfa_process ended with status 1: {said}")
    remember(own, error)
    assert b"hunt3r2" not in Path(store.failure_path(own, NAME)).read_bytes()
    assert recall(own) == "the mfa_process ended with status 1"


@given(
    st.dictionaries(
        st.sampled_from(
            ["kind", "began_s", "up_s", "boot", "variables", "environment", "files", "role_arn", "message"]
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        ),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_note_of_any_content_is_a_note_or_none(own: Settings, changes: dict[str, object]) -> None:
    remember(own, AwsError("denied", hint="ask the owner"))
    path = Path(store.failure_path(own, NAME))
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    recall(own)
