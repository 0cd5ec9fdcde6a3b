"""`doctor` on one machine: what is local, what is on the way, and the key, each fault with the cause that it is."""

import contextlib
import json
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from credhelper.aws.explain.facts import Refusal
from credhelper.commands.doctor.examination import Examination
from credhelper.commands.doctor.examine import examine
from credhelper.commands.doctor.steps import Options, Steps
from credhelper.commands.doctor.subject import Admins, Subject
from credhelper.diagnosis.causes.table import CAUSES
from credhelper.diagnosis.finding import Certainty, Check, Finding, State
from credhelper.diagnosis.report import Report
from credhelper.system.deadline import Deadline
from fakes import canary
from fakes.aws_names import AwsNames
from fakes.home import HELPER, ROLE_ARN, Home
from fakes.sts import FakeSts, Request, error_body
from fakes.typist import Typist

AWS_ERROR = tuple[int, str, str]


class Elsewhere:
    """The checks of the role's policies and of the bucket, in place of those that ask for them."""

    def __init__(self) -> None:
        self.subjects: list[Subject] = []

    def assume(self, subject: Subject, denied: Refusal | None, admins: Admins) -> list[Check]:
        self.subjects.append(subject)
        found = Finding(cause="config", certainty=Certainty.LIKELY, text="the trust policy", hint="a hint")
        return [Check(id="assume-role", state=State.FAIL, text="AWS refused without a reason", findings=(found,))]

    def storage(self, subject: Subject, session: object, bucket: str, key: str, admins: Admins) -> list[Check]:
        self.subjects.append(subject)
        return [Check(id="s3", state=State.OK, text=f"{bucket} {key}")]


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


Doctor = Callable[..., Report]


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch, elsewhere: Elsewhere) -> Doctor:
    """Examine a profile of a home in this process."""

    def run(home: Home, profile: str = "prod-s3", seconds: float = 20.0, **options: object) -> Report:
        for name in list(os.environ):
            if name.startswith("AWS_") or name.lower().endswith("_proxy"):
                monkeypatch.delenv(name)
        for name, value in home.environ.items():
            monkeypatch.setenv(name, value)
        steps = Steps(assume=elsewhere.assume, storage=elsewhere.storage)
        chosen = Options(**options)  # type: ignore[arg-type]  # by name
        report = examine(profile, home.settings(), home.environ, chosen, steps, deadline=Deadline(seconds))
        assert {one.cause for check in report.checks for one in check.findings} <= set(CAUSES)
        assert not canary.find(json.dumps(report.as_json()).encode())
        return report

    return run


def first(report: Report) -> tuple[str, str, Certainty]:
    found = report.first
    assert found is not None, report
    return found[0].id, found[1].cause, found[1].certainty


def states(report: Report) -> dict[str, str]:
    return {one.id: one.state.value for one in report.checks}


def hint(report: Report) -> str:
    assert report.first is not None
    return report.first[1].hint


def test_healthy_profile_passes_every_check(home: Home, doctor: Doctor) -> None:
    report = doctor(home)
    assert {one.id for one in report.checks if one.state is State.FAIL} == set()
    assert (report.verdict, report.exit_code) == ("healthy", 0)


class RefusingSts(FakeSts):
    """An STS that refuses GetCallerIdentity, too."""

    def __init__(self, refusal: AWS_ERROR) -> None:
        super().__init__()
        self.refusal = refusal

    def respond(self, request: Request, signer: str = "") -> tuple[int, str]:
        super().respond(request, signer)
        return self.refusal[0], error_body(*self.refusal[1:])


@pytest.fixture
def refusing(tmp_path: Path) -> Iterator[Callable[[AWS_ERROR], Home]]:
    """A home whose STS refuses every call."""
    with contextlib.ExitStack() as stack:

        def start(refusal: AWS_ERROR) -> Home:
            sts = stack.enter_context(RefusingSts(refusal))
            made = Home(tmp_path / "refused", AWS_ENDPOINT_URL_STS=sts.url)
            made.add_user()
            made.add_role()
            return made

        yield start


# --- on this machine


def test_line_of_a_removed_virtual_environment_is_the_first_cause(home: Home, doctor: Doctor) -> None:
    text = home.config.read_text()
    home.config.write_text(text.replace(HELPER[0], "/opt/gone/bin/python"))
    report = doctor(home)
    assert first(report) == ("helper-path", "helper-path", Certainty.CERTAIN)
    assert (report.exit_code, hint(report)) == (3, "credhelper profile repair prod-s3")
    assert "/opt/gone/bin/python" in report.checks[0].text
    # What lies behind is looked at all the same.
    assert states(report)["assume-role"] == "ok"


def test_profile_without_a_line_is_asked_by_no_tool(home: Home, doctor: Doctor) -> None:
    lines = home.config.read_text().splitlines(keepends=True)
    home.config.write_text("".join(line for line in lines if "credential_process" not in line))
    report = doctor(home)
    assert first(report)[:2] == ("helper-path", "helper-path")
    assert hint(report) == "credhelper profile repair prod-s3"


def test_line_of_another_version_works_and_is_named(home: Home, doctor: Doctor, tmp_path: Path) -> None:
    other = tmp_path / "other" / "bin" / "credhelper"
    other.parent.mkdir(parents=True)
    other.write_text("#!/bin/sh\necho credhelper 9.9.9\n")
    other.chmod(0o755)
    lines = [f"credential_process = {other} get prod-s3" if "process" in one else one
             for one in home.config.read_text().splitlines()]  # fmt: skip
    home.config.write_text("\n".join(lines))
    report = doctor(home)
    assert states(report)["helper-path"] == "warning"
    assert "of version 9.9.9" in report.checks[0].text
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("file", "keys"),
    [
        ("credentials", "aws_access_key_id = AKIAOTHER\naws_secret_access_key = {secret}\n"),
        ("credentials", f"role_arn = {ROLE_ARN}\nsource_profile = default\n"),
        ("credentials", "credential_process = /usr/bin/true\n"),
        (
            "config",
            "aws_access_key_id = AKIAOTHER\naws_secret_access_key = none\nrole_arn = x\nsource_profile = d\n",
        ),
    ],
    ids=["keys", "role", "program", "keys-and-role"],
)
def test_what_a_file_has_for_the_profile_goes_first(home: Home, doctor: Doctor, file: str, keys: str) -> None:
    path = home.aws / file
    keys = keys.replace("{secret}", canary.secret_key("shadow"))
    if file == "config":
        path.write_text(path.read_text().rstrip() + "\n" + keys)
    else:
        path.write_text(f"{path.read_text()}[prod-s3]\n{keys}")
    report = doctor(home)
    assert first(report) == ("shadow-file", "shadow-file", Certainty.CERTAIN)
    assert (report.exit_code, hint(report)) == (2, "credhelper profile show prod-s3")


KEYS = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": canary.secret_key("environment")}


@pytest.mark.parametrize(
    ("variables", "state"),
    [
        ({**KEYS, "AWS_PROFILE": "prod-s3"}, "FAIL"),
        ({**KEYS, "AWS_DEFAULT_PROFILE": "prod-s3"}, "FAIL"),
        ({"AWS_ROLE_ARN": ROLE_ARN, "AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_PROFILE": "prod-s3"}, "FAIL"),
        (KEYS, "warning"),
        ({**KEYS, "AWS_PROFILE": "another"}, "warning"),
        ({"AWS_ACCESS_KEY_ID": "AKIAENV"}, "warning"),  # half a pair is none; the endpoint is named
    ],
)
def test_variables_that_go_first(home: Home, doctor: Doctor, variables: dict[str, str], state: str) -> None:
    home.environ.update(variables)
    report = doctor(home)
    found = next(one for one in report.checks if one.id == "shadow-env")
    assert found.state.value == state
    if len(variables) > 1:
        assert "--profile prod-s3 is not affected" in found.text
    if state == "FAIL":
        assert first(report) == ("shadow-env", "shadow-env", Certainty.CERTAIN)
        assert report.exit_code == 2
        assert hint(report).startswith("unset AWS_")


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("222222222222:role", "22222222222:role", "role-arn"),
        ("role/acc", "group/acc", "role-arn"),
        (":role/acc-to-read-prod-s3-bucket", "", "role-arn"),
        ("source_profile = default", "source_profile = gone", "config"),
        ("source_profile = default", "source_profile = prod-s3", "config"),
        ("region = us-east-1", "region = cn-north-1", "config"),
        ("region = us-east-1", "credhelper_duration_seconds = 1", "config"),
        ("region = us-east-1", "region = us-east-1\nregion = us-east-1", "config"),
        ("[profile prod-s3]", "[profile prod-s3]\n[profile prod-s3]", "config"),
    ],
)
def test_configuration_that_cannot_be_used(home: Home, doctor: Doctor, old: str, new: str, cause: str) -> None:
    text = home.config.read_text()
    assert old in text
    home.config.write_text(text.replace(old, new))
    report = doctor(home)
    assert first(report)[1:] == (cause, Certainty.CERTAIN)
    assert report.exit_code == 2
    assert hint(report)
    assert states(report)["assume-role"] == "skipped"


def test_fault_of_another_profile_is_not_this_ones(home: Home, doctor: Doctor) -> None:
    home.add_role("other", source="gone")
    assert states(doctor(home))["config"] == "ok"
    assert states(doctor(home, "other"))["config"] == "FAIL"


def test_fault_in_the_header_of_the_next_profile_is_not_this_ones(home: Home, doctor: Doctor) -> None:
    with home.config.open("a") as file:
        file.write("[profile my other]\nregion = us-east-1\n")
    assert states(doctor(home))["config"] == "ok"


@pytest.mark.parametrize(
    ("refusal", "certainty"),
    [
        ((400, "MalformedPolicyDocument", "Statement 0 must contain a Resource"), Certainty.CERTAIN),
        ((400, "PackedPolicyTooLarge", "too large"), Certainty.CERTAIN),
        ((400, "ValidationError", "1 validation error detected: Value 'a b' at 'roleSessionName'"), None),
        ((400, "SomethingNew", "of which no table knows"), Certainty.POSSIBLE),
    ],
    ids=lambda one: one[1] if isinstance(one, tuple) else "",
)
def test_request_that_aws_does_not_accept_has_the_cause_that_a_hand_out_names(
    home: Home, sts: FakeSts, monkeypatch: pytest.MonkeyPatch, refusal: AWS_ERROR, certainty: Certainty
) -> None:
    for name, value in home.environ.items():
        monkeypatch.setenv(name, value)
    sts.behaviour.error = refusal
    report = examine("prod-s3", home.settings(), home.environ, Options())
    assert first(report)[:2] == ("assume-role", "request"), report
    assert certainty in (None, first(report)[2])


def test_code_that_no_table_has_is_not_called_an_unknown_key(
    refusing: Callable[[AWS_ERROR], Home], doctor: Doctor
) -> None:
    report = doctor(refusing((400, "SomethingNew", "of which no table knows")))
    assert first(report) == ("key", "request", Certainty.POSSIBLE), report


@pytest.mark.parametrize(
    ("section", "cause", "said"),
    [
        (
            f"role_arn = {ROLE_ARN}\nsource_profile = default\nregion = us-east-1\n",
            "",
            "other: arn:aws:iam::111111111111:user/David",
        ),
        ("credential_process = /bin/false\n", "source-program", "the credential_process of profile other"),
        ("sso_session = corp\nsso_account_id = 222222222222\nsso_role_name = R\n", "sso-expired", "SSO session"),
        ("region = eu-west-1\n", "no-keys", "profile other has no credentials"),
        (f"role_arn = {ROLE_ARN}\nsource_profile = gone\n", "config", "source"),
    ],
    ids=["role", "program", "sso", "nothing", "no-source"],
)
def test_profile_of_another_kind_is_looked_at_as_what_it_is(
    home: Home, doctor: Doctor, section: str, cause: str, said: str
) -> None:
    with home.config.open("a") as file:
        file.write(f"[profile other]\n{section}[sso-session corp]\nsso_start_url = https://x.awsapps.com/start\n")
        file.write("sso_region = us-east-1\n")
    report = doctor(home, "other", bucket="some")
    assert (first(report)[1] if report.first else "") == cause, report
    assert any(said in one.text for one in report.checks)
    assert states(report)["s3"] == "skipped"
    # It has no role for credhelper, and that is no fault.
    assert not {"role-arn", "assume-role", "cache", "helper-path"} & {one.id for one in report.checks}


def test_role_of_awss_own_that_is_refused_is_named_with_its_source(home: Home, sts: FakeSts, doctor: Doctor) -> None:
    with home.config.open("a") as file:
        file.write(f"[profile other]\nrole_arn = {ROLE_ARN}\nsource_profile = default\nregion = us-east-1\n")
    sts.behaviour.error = (403, "AccessDenied", f"User: x is not authorized to perform: sts:AssumeRole on {ROLE_ARN}")
    report = doctor(home, "other")
    assert first(report)[:2] == ("key", "source-refused"), report
    assert "doctor" not in hint(report)


def test_role_of_awss_own_with_a_device_is_not_asked_for_without_leave(
    home: Home, sts: FakeSts, doctor: Doctor
) -> None:
    with home.config.open("a") as file:
        file.write(f"[profile other]\nrole_arn = {ROLE_ARN}\nsource_profile = default\n")
        file.write("mfa_serial = arn:aws:iam::111111111111:mfa/David\nregion = us-east-1\n")
    report = doctor(home, "other")
    assert (report.verdict, states(report)["key"]) == ("incomplete", "skipped")
    assert sts.count() == 0


def test_profile_with_a_part_of_credhelpers_is_told_what_is_missing(home: Home, doctor: Doctor) -> None:
    home.config.write_text(home.config.read_text().replace(f"credhelper_role_arn = {ROLE_ARN}\n", ""))
    report = doctor(home)
    assert first(report)[1:] == ("role-arn", Certainty.CERTAIN)
    assert "has no credhelper_role_arn" in (report.first[1].text if report.first else "")
    assert (report.exit_code, hint(report)) == (2, "credhelper profile set prod-s3 --role-arn ARN")


def test_cache_that_another_may_change_is_a_warning(home: Home, doctor: Doctor) -> None:
    home.cache.mkdir(parents=True)
    home.cache.chmod(0o777)
    report = doctor(home)
    assert states(report)["cache"] == "warning"
    assert report.exit_code == 0


def test_session_in_the_cache_is_named(home: Home, doctor: Doctor) -> None:
    assert home.get().returncode == 0
    found = {one.id: one.text for one in doctor(home).checks}
    assert "a session is kept, good for 59 min more" in found["cache"]


# --- the way


def test_name_that_does_not_exist(home: Home, doctor: Doctor) -> None:
    home.environ["AWS_ENDPOINT_URL_STS"] = "https://sts.nowhere.invalid/"
    report = doctor(home)
    assert first(report) == ("network", "dns", Certainty.CERTAIN)
    assert (report.exit_code, states(report)["key"]) == (5, "skipped")


def test_source_is_looked_at_where_the_role_is_asked_for(tmp_path: Path, sts: FakeSts, doctor: Doctor) -> None:
    home = Home(tmp_path / "home")
    home.add_user()
    home.add_role()
    home.config.write_text(f"{home.config.read_text().rstrip()}\nendpoint_url = {sts.url}\n")
    with home.config.open("a") as file:
        file.write("[default]\nendpoint_url = http://127.0.0.1:9\n")
    report = doctor(home.settle())
    assert report.first is None
    assert sts.count("GetCallerIdentity") == 1


def test_port_that_is_closed(home: Home, doctor: Doctor) -> None:
    home.environ["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:9"
    report = doctor(home)
    assert first(report) == ("network", "connect", Certainty.CERTAIN)
    assert report.exit_code == 5
    assert "host 127.0.0.1:9" in report.first[1].evidence  # type: ignore[index]  # there is one


def test_proxy_that_is_closed_is_named_without_its_password(behind_proxy: Home, doctor: Doctor) -> None:
    behind_proxy.environ["HTTPS_PROXY"] = "http://david:passw0rd@127.0.0.1:9"
    behind_proxy.add_role()
    report = doctor(behind_proxy)
    assert first(report) == ("network", "proxy", Certainty.CERTAIN)
    assert report.exit_code == 5
    assert "HTTPS_PROXY: 127.0.0.1:9" in report.first[1].text  # type: ignore[index]  # there is one
    assert "passw0rd" not in json.dumps(report.as_json())


def test_socks_proxy_is_one_that_botocore_has_not_got(behind_proxy: Home, doctor: Doctor) -> None:
    behind_proxy.environ["HTTPS_PROXY"] = "socks5://127.0.0.1:9"
    behind_proxy.add_role()
    assert first(doctor(behind_proxy))[:2] == ("network", "proxy")


def test_authority_that_is_not_trusted(behind_proxy: Home, doctor: Doctor) -> None:
    del behind_proxy.environ["AWS_CA_BUNDLE"]
    behind_proxy.config.write_text("")
    behind_proxy.add_role()
    report = doctor(behind_proxy)
    assert first(report) == ("network", "tls", Certainty.CERTAIN)
    assert report.exit_code == 3
    assert "aws configure set ca_bundle" in hint(report)


@pytest.mark.parametrize(("content", "is_in_config"), [(None, True), ("no certificate\n", True), (None, False)])
def test_ca_file_that_cannot_be_used(
    behind_proxy: Home, doctor: Doctor, content: str | None, *, is_in_config: bool
) -> None:
    bundle = behind_proxy.path / "ca.pem"
    if content is not None:
        bundle.write_text(content)
    behind_proxy.environ["AWS_CA_BUNDLE"] = str(bundle)
    behind_proxy.config.write_text(f"[default]\nca_bundle = {bundle}\n\n" if is_in_config else "")
    behind_proxy.add_role()
    report = doctor(behind_proxy)
    assert first(report) == ("network", "ca", Certainty.CERTAIN)
    assert report.exit_code == 3


def test_healthy_profile_behind_a_proxy_says_which(behind_proxy: Home, doctor: Doctor, aws: AwsNames) -> None:
    behind_proxy.add_role()
    report = doctor(behind_proxy)
    assert report.exit_code == 0
    assert "through the proxy of HTTPS_PROXY" in next(one.text for one in report.checks if one.id == "network")


@pytest.mark.parametrize("answer", ["html", "close"])
def test_what_answers_is_not_aws(home: Home, sts: FakeSts, doctor: Doctor, answer: str) -> None:
    sts.behaviour.answer = answer
    report = doctor(home)
    assert first(report)[0] == "network"
    assert first(report)[1] == ("not-aws" if answer == "html" else "connect")
    assert report.exit_code == 5


@pytest.mark.parametrize("skew_s", [-1200, 1200, -16 * 60])
def test_clock_that_is_off_for_a_server_that_does_not_mind(
    home: Home, sts: FakeSts, doctor: Doctor, skew_s: int
) -> None:
    sts.behaviour.skew_s = skew_s
    report = doctor(home)
    # What the server would do is not known; AWS refuses it.
    assert first(report) == ("clock", "clock", Certainty.LIKELY)
    assert report.exit_code == 3
    assert ("ahead of" if skew_s < 0 else "behind") in report.first[1].text  # type: ignore[index]  # there is one


@pytest.mark.parametrize(("skew_s", "state"), [(-14 * 60, "warning"), (600, "warning"), (20, "ok")])
def test_clock_that_aws_accepts(home: Home, sts: FakeSts, doctor: Doctor, skew_s: int, state: str) -> None:
    sts.behaviour.skew_s = skew_s
    report = doctor(home)
    assert (states(report)["clock"], report.exit_code) == (state, 0)


def test_wrong_date_on_the_way_is_not_the_clock_where_aws_took_the_request(
    behind_proxy: Home, sts: FakeSts, doctor: Doctor
) -> None:
    sts.behaviour.skew_s = 1200
    behind_proxy.add_role()
    report = doctor(behind_proxy)
    assert (states(report)["clock"], report.exit_code) == ("warning", 0)


# --- the key


SKEWED = "Signature expired: 20260101T000000Z is now earlier than 20260101T002000Z (20260101T003500Z - 15 min.)"
MISMATCH = "The request signature we calculated does not match the signature you provided."


@pytest.mark.parametrize(
    ("refusal", "check", "cause"),
    [
        ((403, "InvalidClientTokenId", "The security token included in the request is invalid."),
         "key", "key-unknown"),
        ((403, "SignatureDoesNotMatch", MISMATCH), "key", "key-secret"),
        ((403, "SignatureDoesNotMatch", SKEWED), "clock", "clock"),
        ((400, "RequestExpired", "Request has expired."), "clock", "clock"),
        ((403, "ExpiredToken", "The security token included in the request is expired"), "key", "session-expired"),
        ((403, "RegionDisabledException", "STS is not activated in this region for account: 111111111111."),
         "sts-region", "sts-region"),
        ((400, "Throttling", "Rate exceeded"), "network", "throttled"),
        ((503, "ServiceUnavailable", "…"), "network", "aws-failing"),
        ((500, "InternalFailure", "…"), "network", "aws-failing"),
        ((407, "407", "Proxy Authentication Required"), "network", "proxy"),
    ],
)  # fmt: skip
def test_refusal_of_every_call_has_its_cause(
    refusing: Callable[[AWS_ERROR], Home], doctor: Doctor, refusal: AWS_ERROR, check: str, cause: str
) -> None:
    report = doctor(refusing(refusal))
    assert first(report)[:2] == (check, cause)
    assert report.exit_code == CAUSES[cause].exit_code
    assert hint(report)
    assert states(report)["assume-role"] == "skipped"


def test_session_of_the_source_that_aws_does_not_know_has_expired(
    refusing: Callable[[AWS_ERROR], Home], doctor: Doctor
) -> None:
    home = refusing((403, "InvalidClientTokenId", "The security token included in the request is invalid."))
    with (home.aws / "credentials").open("a") as file:
        file.write(f"aws_session_token = {canary.session_token('source')}\n")
    assert first(doctor(home))[:2] == ("key", "session-expired")


def test_unknown_key_alone_cannot_be_told_from_an_inactive_or_deleted_one(
    refusing: Callable[[AWS_ERROR], Home], doctor: Doctor
) -> None:
    report = doctor(refusing((403, "InvalidClientTokenId", "invalid")))
    found = next(one for one in report.checks if one.id == "key")
    assert [(one.cause, one.certainty) for one in found.findings] == [
        ("key-unknown", Certainty.CERTAIN),
        ("key-inactive", Certainty.POSSIBLE),
    ]
    assert "deleted, inactive" in found.text
    assert found.findings[1].hint.endswith("behind --acc-admin: credhelper doctor prod-s3")


def test_source_without_credentials(home: Home, doctor: Doctor) -> None:
    (home.aws / "credentials").write_text("[default]\nregion = us-east-1\n")
    report = doctor(home)
    assert first(report)[1] in ("no-keys", "config")
    assert report.exit_code == 2


def test_program_of_the_source_that_fails(home: Home, doctor: Doctor) -> None:
    (home.aws / "credentials").write_text("[default]\ncredential_process = /bin/false\n")
    report = doctor(home)
    assert first(report)[:2] == ("key", "source-program")
    assert report.exit_code == 3


def test_sign_in_that_has_expired(home: Home, doctor: Doctor) -> None:
    (home.aws / "credentials").unlink()
    with home.config.open("a") as file:
        file.write(
            "[default]\nsso_session = corp\nsso_account_id = 111111111111\nsso_role_name = dev\n"
            "[sso-session corp]\nsso_start_url = https://corp.example/start\nsso_region = us-east-1\n"
        )
    report = doctor(home)
    assert first(report)[:2] == ("key", "sso-expired")
    assert (report.exit_code, hint(report)) == (4, "aws sso login --profile default")


# --- the role and the bucket are others' checks


def test_refused_role_is_looked_at_with_all_that_is_known(
    home: Home, sts: FakeSts, doctor: Doctor, elsewhere: Elsewhere
) -> None:
    sts.behaviour.external_id = "wanted"
    report = doctor(home, bucket="bucket", shows_values=True)
    assert states(report)["assume-role"] == "FAIL"
    (subject,) = elsewhere.subjects
    assert (subject.profile, subject.source_profile, str(subject.caller)) == (
        "prod-s3", "default", "arn:aws:iam::111111111111:user/David",
    )  # fmt: skip
    assert (subject.shows_values, subject.has_token_code) == (True, False)
    assert states(report)["s3"] == "skipped"


def test_bucket_is_looked_at_with_the_session(home: Home, doctor: Doctor) -> None:
    report = doctor(home, bucket="bucket/prefix", key="a key")
    assert report.checks[-1].text == "bucket/prefix a key"


def test_region_that_is_off_for_the_role_only(home: Home, sts: FakeSts, doctor: Doctor) -> None:
    sts.behaviour.error = (403, "RegionDisabledException", "STS is not activated in this region")
    report = doctor(home)
    assert first(report)[:2] == ("sts-region", "sts-region")
    assert "aws account enable-region --region-name us-east-1" in hint(report)


def test_role_with_a_device_is_not_asked_for_without_leave(home: Home, sts: FakeSts, doctor: Doctor) -> None:
    home.add_role("coded", mfa_serial="arn:aws:iam::111111111111:mfa/david")
    report = doctor(home, "coded")
    assert states(report)["assume-role"] == "skipped"
    assert "--mfa" in next(one.text for one in report.checks if one.id == "assume-role")
    assert (report.verdict, report.exit_code, sts.count()) == ("incomplete", 0, 0)


def test_program_gives_the_code_where_that_is_allowed(home: Home, sts: FakeSts, doctor: Doctor) -> None:
    sts.behaviour.token_code = "123456"
    serial = "arn:aws:iam::111111111111:mfa/david"
    home.add_role("coded", mfa_serial=serial, mfa_process="/bin/echo 123456")
    assert states(doctor(home, "coded", may_ask=True))["assume-role"] == "ok"


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"mfa_process": "/bin/false"}, "the mfa_process ended with status 1"),
        ({"mfa_process": "relative/path"}, "absolute path"),
        ({"mfa_process": "/nonexistent/totp"}, "cannot be started"),
    ],
    ids=["fails", "relative", "gone"],
)
def test_code_that_the_program_does_not_give_is_a_cause_in_the_report(
    home: Home, sts: FakeSts, doctor: Doctor, setting: dict[str, str], said: str
) -> None:
    home.add_role("coded", mfa_serial="arn:aws:iam::111111111111:mfa/David", **setting)
    report = doctor(home, "coded", may_ask=True)
    assert first(report) in [(check, cause, Certainty.CERTAIN) for check, cause in
                             (("assume-role", "no-code"), ("config", "config"))]  # fmt: skip
    assert any(said in one.text for one in report.checks), report
    assert states(report)["key"] != "FAIL"
    assert "PROFILE" not in hint(report)
    assert report.exit_code == (6 if first(report)[1] == "no-code" else 2)
    assert sts.count() == 0


@pytest.mark.parametrize("option", ["--prod-admin", "--acc-admin"])
def test_administrator_that_is_no_profile_is_refused(home: Home, option: str) -> None:
    done = home.run("doctor", "prod-s3", option, "defualt")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"there is no profile defualt" in done.stderr
    assert b"did you mean default?" in done.stderr


def test_role_of_a_role_is_asked_for_and_no_session_is_kept(home: Home, sts: FakeSts, doctor: Doctor) -> None:
    home.add_role("second", source="prod-s3", role_arn="arn:aws:iam::333333333333:role/second")
    report = doctor(home, "second")
    assert report.exit_code == 0
    assert sts.count() == 2
    assert home.entries == []
    # A session that is there already is taken.
    assert home.settle().get().returncode == 0
    doctor(home, "second")
    assert sts.count() == 4


# --- what is left behind, and for how long


def test_nothing_is_written(home: Home, sts: FakeSts, doctor: Doctor) -> None:
    assert home.get().returncode == 0
    before = _everything(home.path)
    doctor(home, bucket="bucket")
    sts.behaviour.external_id = "wanted"
    doctor(home)
    (home.aws / "credentials").write_text("[default]\ncredential_process = /bin/false\n")
    changed = _everything(home.path)
    doctor(home)
    assert _everything(home.path) == changed
    assert {path for path in changed if changed[path] != before.get(path)} <= {
        str(home.aws / "credentials"), str(home.aws), str(home.path / ".aws"),
    }  # fmt: skip
    assert {one["Action"] for one in sts.requests} == {"AssumeRole", "GetCallerIdentity"}


def _everything(directory: Path) -> dict[str, tuple[int, int, int]]:
    """Return what there is below a directory, with size, time of change and inode."""
    found = {}
    for path in [directory, *directory.rglob("*")]:
        status = path.lstat()
        found[str(path)] = (status.st_size, status.st_mtime_ns, status.st_ino)
    return found


def test_server_that_never_answers_ends_at_the_deadline(home: Home, doctor: Doctor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        home.environ["AWS_ENDPOINT_URL_STS"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began_s = time.monotonic()
        report = doctor(home, seconds=5.0)
        took_s = time.monotonic() - began_s
    assert first(report)[:2] == ("network", "connect")
    assert took_s < 8


def test_name_server_that_never_answers_ends_at_the_deadline(
    home: Home, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No timeout of a library's ends a wait for a name."""
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(40))
    home.environ["AWS_ENDPOINT_URL_STS"] = "https://sts.nowhere.invalid/"
    began_s = time.monotonic()
    report = doctor(home, seconds=3.0)
    took_s = time.monotonic() - began_s
    released.set()
    assert first(report)[:2] == ("network", "connect")
    assert took_s < 20


def test_program_of_the_source_that_hangs_is_what_is_named(home: Home, doctor: Doctor) -> None:
    (home.aws / "credentials").write_text("[default]\ncredential_process = /bin/sleep 60\n")
    report = doctor(home, seconds=4.5)
    assert first(report) == ("key", "source-program", Certainty.CERTAIN), report
    assert states(report)["network"] == "ok"


def test_administrator_that_hangs_leaves_time_for_the_role(home: Home, doctor: Doctor) -> None:
    with home.config.open("a") as file:
        file.write("[profile slow]\ncredential_process = /bin/sleep 60\n")
    report = doctor(home, seconds=10.5, role_admin="slow", caller_admin="slow")
    seen = states(report)
    assert (seen["prod-admin"], seen["acc-admin"], seen["assume-role"]) == ("unknown", "unknown", "ok"), report
    assert any("slow did not end in time" in one.text for one in report.checks if one.id == "prod-admin")


def test_administrator_whose_sts_hangs_leaves_time_for_the_role(
    home: Home, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(Examination, "_administrator", lambda _self, _name: released.wait(60))
    seen = states(doctor(home, seconds=9.5, role_admin="default"))
    released.set()
    assert (seen["prod-admin"], seen["assume-role"]) == ("unknown", "ok")


def test_answer_that_comes_too_late_leaves_open_what_is_slow(home: Home, sts: FakeSts, doctor: Doctor) -> None:
    sts.behaviour.caller_delay_s = 60
    report = doctor(home, seconds=4.0)
    assert states(report)["network"] == "ok"
    assert first(report)[::2] == ("key", Certainty.POSSIBLE), report


def test_what_fails_first_is_named_first_and_the_rest_is_listed(home: Home, sts: FakeSts, doctor: Doctor) -> None:
    with (home.aws / "credentials").open("a") as file:
        file.write(f"[prod-s3]\naws_access_key_id = AKIAX\naws_secret_access_key = {canary.secret_key('two')}\n")
    sts.behaviour.external_id = "wanted"
    report = doctor(home)
    assert first(report)[1] == "shadow-file"
    assert states(report)["assume-role"] == "FAIL"
    assert report.verdict == "faulty"


# --- as a person sees it


def test_report_of_the_program(home: Home) -> None:
    home.environ["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:9"
    done = home.run("doctor", AWS_PROFILE="prod-s3")
    lines = done.stdout.decode().splitlines()
    assert (done.returncode, done.stderr) == (5, b"")
    assert lines[0] == " ok       helper-path   the line in the config file starts this credhelper"
    assert lines[-3].startswith("first cause: connect (certain): ")
    assert lines[-2:] == ["hint: curl -sS -m 10 http://127.0.0.1:9/", "see: docs/troubleshooting.md#connect"]
    assert "\x1b" not in done.stdout.decode()


def test_json_of_the_program(home: Home) -> None:
    home.environ["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:9"
    done = home.run("doctor", "prod-s3", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["profile"], found["verdict"], found["first"]) == (5, "prod-s3", "faulty", "connect")
    assert {"id", "state", "certainty", "cause", "hint", "evidence"} <= set(found["checks"][0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("doctor",), "no profile is given"),
        (("doctor", "gone"), "there is no profile gone"),
        (("doctor", "prod-s3", "--object", "key"), "--object is the key of an object in a bucket"),
        (("doctor", "prod-s3", "--prod-admin", ""), "--prod-admin is given without a value"),
    ],
)
def test_wrong_command_line_is_refused(home: Home, arguments: tuple[str, ...], said: str) -> None:
    done = home.run(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()


def test_person_is_asked_for_the_code_with_leave_and_nothing_is_drawn_over_it(home: Home, sts: FakeSts) -> None:
    sts.behaviour.token_code = "123456"
    home.add_role("coded", mfa_serial="arn:aws:iam::111111111111:mfa/david")
    home.environ["COLUMNS"] = "80"
    with Typist(home, ["doctor", "coded", "--mfa"], is_standard=True, TERM="xterm") as person:
        person.wait_for("(profile coded): ")
        before = person.seen
        for _ in range(10):
            person.look()
        assert person.seen.rstrip() == before.rstrip()
        person.type("123456")
        person.wait_for("sdk-limit")
        assert person.process.wait(30) == 0
    assert "assume-role" in person.seen
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", person.seen.rpartition("(profile coded): ")[2])
    assert max(len(line) for line in shown.replace("\r", "\n").splitlines()) <= 80
