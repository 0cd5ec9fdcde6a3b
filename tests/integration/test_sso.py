"""A session of SSO as a source: its token works once for each refresh, and is refreshed without another one asking."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.home import ROLE_ARN, Home, error, key_id
from fakes.sso import FakeSso
from fakes.sts import FakeSts

HOUR_S = 3600
# What lies between the profile that is asked for and the one that signs in.
FORMS = ("source", "native", "ours", "legacy", "legacy-native")
WITH_REFRESH = FORMS[:3]


@pytest.fixture
def sso() -> Iterator[FakeSso]:
    with FakeSso() as server:
        yield server


def home_of(directory: Path, form: str, sts: FakeSts, sso: FakeSso) -> Home:
    """Make a home whose profile `prod-s3` has a source of this form."""
    home = Home(directory / "david", AWS_ENDPOINT_URL_STS=sts.url)
    sections = sso.legacy_sections if "legacy" in form else sso.sections
    home.config.write_text(
        f"{sections('dev')}[profile hop]\nrole_arn = arn:aws:iam::111111111111:role/hop\nsource_profile = dev\n"
        "region = us-east-1\nservices = here\n\n"
    )
    home.add_role("between", "dev", "arn:aws:iam::111111111111:role/between")
    between = {"native": "hop", "ours": "between"}
    home.add_role(source=between.get(form.removeprefix("legacy-"), "dev"))
    return home.settle()


def calls(sts: FakeSts) -> int:
    """Return how often the role was asked for."""
    return sum(request.get("RoleArn") == ROLE_ARN for request in tuple(sts.requests))


def sign_in(home: Home, form: str, sso: FakeSso, *, left_s: int = HOUR_S, person: str = "") -> Path:
    path = sso.write_token(home.path, left_s=left_s, person=person, is_legacy="legacy" in form)
    time.sleep(0.15)  # a file that has just changed is looked at again
    return path


def make_due(token: Path) -> str:
    due = json.dumps(json.loads(token.read_text()) | {"expiresAt": "2020-01-01T00:00:00Z"})
    token.write_text(due)
    time.sleep(0.15)
    return due


def refresh_as_the_aws_cli(token: Path, sso: FakeSso) -> None:
    content = json.loads(token.read_text())
    answer = sso.refresh(content["refreshToken"])
    assert answer is not None
    new = {
        "accessToken": answer["accessToken"],
        "refreshToken": answer["refreshToken"],
        "expiresAt": "2037-01-01T00:00:00Z",
    }
    token.write_text(json.dumps({**content, **new}, indent=1))
    time.sleep(0.15)


@pytest.mark.parametrize("keeps_refresh_token", [False, True])
@pytest.mark.parametrize("form", WITH_REFRESH)
def test_token_that_a_request_has_refreshed_is_the_same_persons(
    tmp_path: Path, sts: FakeSts, sso: FakeSso, form: str, *, keeps_refresh_token: bool
) -> None:
    sso.keeps_refresh_token = keeps_refresh_token
    sts.behaviour.delay_s = 0.2
    home = home_of(tmp_path, form, sts, sso)
    token = sign_in(home, form, sso, left_s=60)
    before = token.read_bytes()
    first = key_id(home.get())
    assert (len(sso.refreshed), token.read_bytes() == before) == (1, False)
    entries = {path: path.read_bytes() for path in home.entries}
    assert [key_id(home.get()) for _ in range(2)] == [first, first]
    # Not even the inputs were written once more: those who had waited were answered from the first one's entry.
    assert {path: path.read_bytes() for path in home.entries} == entries
    home.config.write_text(home.config.read_text() + "[profile another]\nregion = us-east-1\n")
    assert key_id(home.get()) == first
    assert calls(sts) == 1


@pytest.mark.parametrize("form", WITH_REFRESH)
def test_token_that_a_request_has_refreshed_costs_the_other_profiles_nothing(
    tmp_path: Path, sts: FakeSts, sso: FakeSso, form: str
) -> None:
    home = home_of(tmp_path, form, sts, sso)
    home.add_role("other", "dev", "arn:aws:iam::111111111111:role/other")
    token = sign_in(home, form, sso)
    first = key_id(home.get())
    due = make_due(token)
    other = key_id(home.get("other"))
    assert (len(sso.refreshed), token.read_text() == due) == (1, False)
    before = len(sts.requests)
    sts.behaviour.error = (500, "InternalFailure", "x")  # nor is there any need to
    assert [key_id(home.get()) for _ in range(2)] == [first, first]
    home.config.write_text(home.config.read_text() + "[profile another]\nregion = us-east-1\n")
    assert [key_id(home.get(name)) for name in ("other", "prod-s3")] == [other, first]
    assert len(sts.requests) == before
    sts.behaviour.error = None
    sign_in(home, form, sso, person="erin")
    assert key_id(home.get()) != first


def test_token_that_exec_has_refreshed_costs_the_profiles_nothing(tmp_path: Path, sts: FakeSts, sso: FakeSso) -> None:
    home = home_of(tmp_path, "source", sts, sso)
    token = sign_in(home, "source", sso)
    first = key_id(home.get())
    due = make_due(token)
    assert home.run("exec", "dev", "--", "true").returncode == 0
    assert (len(sso.refreshed), token.read_text() == due) == (1, False)
    assert (key_id(home.get()), calls(sts)) == (first, 1)


@pytest.mark.parametrize("form", WITH_REFRESH)
def test_those_who_wait_while_a_token_is_refreshed_are_answered_by_the_one_who_does(
    tmp_path: Path, sts: FakeSts, sso: FakeSso, form: str
) -> None:
    sts.behaviour.delay_s = 0.5
    home = home_of(tmp_path, form, sts, sso)
    sign_in(home, form, sso, left_s=60)
    callers = [home.popen() for _ in range(4)]
    answers = set()
    for caller in callers:
        output, errors = caller.communicate(timeout=60)
        answers.add(key_id(subprocess.CompletedProcess(caller.args, caller.returncode, output, errors)))
    assert (len(answers), calls(sts), len(sso.refreshed)) == (1, 1, 1)


@pytest.mark.parametrize("form", WITH_REFRESH)
def test_token_that_another_tool_has_refreshed_is_the_same_persons_while_its_refresh_token_is(
    tmp_path: Path, sts: FakeSts, sso: FakeSso, form: str
) -> None:
    home = home_of(tmp_path, form, sts, sso)
    token = sign_in(home, form, sso)
    first = key_id(home.get())
    sso.keeps_refresh_token = True
    refresh_as_the_aws_cli(token, sso)
    assert (key_id(home.get()), calls(sts)) == (first, 1)
    sso.keeps_refresh_token = False
    refresh_as_the_aws_cli(token, sso)
    assert key_id(home.get()) != first  # it could be another person's: docs/threat-model.md
    assert calls(sts) == 2


@pytest.mark.parametrize("form", FORMS)
def test_another_person_who_signs_in_is_another_source(tmp_path: Path, sts: FakeSts, sso: FakeSso, form: str) -> None:
    home = home_of(tmp_path, form, sts, sso)
    sign_in(home, form, sso)
    first = key_id(home.get())
    sign_in(home, form, sso, person="erin")
    assert key_id(home.get()) != first
    assert calls(sts) == 2


@pytest.mark.parametrize("form", FORMS)
def test_session_that_was_signed_out_is_served_to_none(tmp_path: Path, sts: FakeSts, sso: FakeSso, form: str) -> None:
    home = home_of(tmp_path, form, sts, sso)
    token = sign_in(home, form, sso)
    first = key_id(home.get())
    kept = token.read_bytes()
    token.unlink()
    assert "aws sso login" in error(home.get(), 4)
    token.write_bytes(kept)
    time.sleep(0.15)
    assert (key_id(home.get()), calls(sts)) == (first, 1)


@pytest.mark.parametrize("form", FORMS)
def test_session_that_has_ended_costs_no_valid_entry(tmp_path: Path, sts: FakeSts, sso: FakeSso, form: str) -> None:
    home = home_of(tmp_path, form, sts, sso)
    sign_in(home, form, sso)
    first = key_id(home.get())
    sso.end_sessions()
    home.config.write_text(home.config.read_text() + "[profile another]\nregion = us-east-1\n")
    assert (key_id(home.get()), calls(sts)) == (first, 1)


def test_two_processes_refresh_one_session_once(tmp_path: Path) -> None:
    with FakeSts() as sts, FakeSso(delay_s=1.0) as sso:
        home = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
        # Profiles of their own, so that nothing but the session's lock has one wait for the other.
        home.config.write_text(sso.sections("dev", "ops"))
        home.add_role("a", source="dev")
        home.add_role("b", source="ops")
        token = sso.write_token(home.path, left_s=60)
        before = token.read_bytes()
        callers = [home.popen(name) for name in ("a", "b")]
        for caller in callers:
            output, errors = caller.communicate(timeout=60)
            key_id(subprocess.CompletedProcess(caller.args, caller.returncode, output, errors))
        assert len(sso.refreshed) == 1
        assert token.read_bytes() != before
        assert sts.count() == 2
