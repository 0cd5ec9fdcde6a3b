"""What is made of what was seen on this machine: a state, a cause and how certain it is."""

import pytest

from credhelper.diagnosis import local
from credhelper.diagnosis.finding import State
from credhelper.diagnosis.local import Fault, Line


@pytest.mark.parametrize(
    ("took_s", "has_prompt", "state", "said"),
    [
        (0.5, False, State.OK, "the least patient SDK waits for 5 s"),
        (4.9, False, State.OK, "the least patient"),
        (5.0, False, State.WARNING, "Rust's before July 2026 5 s"),
        (1.0, True, State.WARNING, "Rust's 20 s"),
        (26.0, False, State.WARNING, "CREDHELPER_TIMEOUT allows 25 s"),
    ],
)
def test_time_is_compared_with_the_least_patient(took_s: float, *, has_prompt: bool, state: State, said: str) -> None:
    found = local.sdk_limit("prod-s3", took_s, has_prompt=has_prompt, timeout_s=25.0)
    assert found.state is state
    assert said in found.text


@pytest.mark.parametrize("fault", ["", "dead", "temporary", "versioned", "other"])
def test_line_that_works_does_not_fail(fault: str) -> None:
    found = local.helper_path("prod-s3", Line(has_line=True, fault=fault, missing=("/gone",)), version="1.0")
    assert (found.state is State.FAIL) == (fault == "dead")
    assert (found.state is State.OK) == (not fault)


def test_fault_that_keeps_a_profile_from_working_goes_before_a_remark() -> None:
    remark = Fault(place="line 1", about="region", effect="PHP reads it differently", fix="write it", is_fatal=False)
    fatal = Fault(place="line 9", about="prod-s3", effect="credhelper refuses it", fix="set it", is_fatal=True)
    assert local.config([remark]).state is State.WARNING
    found = local.config([remark, fatal])
    assert (found.state, found.findings[0].hint) == (State.FAIL, "set it")
    assert local.config([]).state is State.OK


@pytest.mark.parametrize("unset", ["unset", "Remove-Item"])
def test_variables_are_removed_in_the_shells_own_words(unset: str) -> None:
    environ = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s", "AWS_PROFILE": "prod-s3"}
    found = local.shadow_env("prod-s3", environ, unset=unset)
    assert found.first is not None
    assert found.first.hint == (
        "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"
        if unset == "unset"
        else "Remove-Item Env:AWS_ACCESS_KEY_ID, Env:AWS_SECRET_ACCESS_KEY"
    )
