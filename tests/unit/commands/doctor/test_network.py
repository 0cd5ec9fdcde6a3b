"""A failure sorted by cause: the one that it names itself, else that of its kind; hints that go on."""

import pytest

from credhelper.commands.doctor.network import cause_of_source, cause_of_way, without_doctor
from credhelper.diagnosis.causes.table import CAUSES
from credhelper.errors import AwsError, CredhelperError, InputError, MachineError, MfaError, UnreachableError

# Of failures that name no cause themselves.
WAYS = [
    (UnreachableError("in other words"), "connect"),
    (AwsError("in other words"), "not-aws"),
    (InputError("in other words"), "config"),
]
SOURCES = [
    (MfaError("in other words"), "no-code"),
    (UnreachableError("in other words"), "connect"),
    (InputError("in other words"), "no-keys"),
    (MachineError("in other words"), "source-program"),
    (AwsError("in other words"), "source-refused"),
]


@pytest.mark.parametrize(("error", "cause"), WAYS)
def test_failure_on_the_way_has_its_cause(error: CredhelperError, cause: str) -> None:
    assert cause_of_way(error) == cause
    assert cause in CAUSES


@pytest.mark.parametrize(("error", "cause"), SOURCES)
def test_failure_of_the_source_has_its_cause(error: CredhelperError, cause: str) -> None:
    assert cause_of_source(error) == cause
    assert cause in CAUSES


def test_cause_that_the_failure_names_goes_first() -> None:
    error = MachineError("in other words")
    vars(error)["cause_id"] = "sso-expired"
    assert cause_of_way(error) == cause_of_source(error) == "sso-expired"
    vars(error)["cause_id"] = "of no table"
    assert cause_of_source(error) == "source-program"


@pytest.mark.parametrize(
    ("hint", "left"),
    [
        ("curl -i https://host/; if that is not it: credhelper doctor prod-s3", "curl -i https://host/"),
        ("credhelper doctor prod-s3", ""),
        ("credhelper doctor other", "credhelper doctor other"),
        ("aws configure", "aws configure"),
    ],
)
def test_hint_does_not_name_the_command_that_shows_it(hint: str, left: str) -> None:
    assert without_doctor(hint, "prod-s3") == left
