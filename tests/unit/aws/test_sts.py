"""AssumeRole against a real server on loopback that misbehaves in every way we know."""

import logging
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore
import pytest

from credhelper.aws import sts as aws_sts
from credhelper.aws.session import without_profile
from credhelper.errors import AwsError, CredhelperError, InputError, MachineError, MfaError, UnreachableError
from credhelper.model.credentials import Credentials
from credhelper.model.role_request import RoleRequest
from fakes import canary
from fakes.sts import CALLER_ARN, SECRET_CANARY, TOKEN_CANARY, Behaviour, FakeSts

SOURCE_SECRET = canary.secret_key("source")
ROLE = "arn:aws:iam::222222222222:role/team/reader"


def request_to(url: str | None, **changes: Any) -> RoleRequest:
    fields = {"role_arn": ROLE, "duration_seconds": 3600, "region": "eu-west-1", "partition": "aws"}
    return RoleRequest(**{**fields, "endpoint_url": url, **changes})


def assume(sts: FakeSts, *, token_code: str | None = None, timeout_s: float = 5.0, **changes: Any) -> Credentials:
    return aws_sts.assume_role(
        request_to(sts.url, **changes),
        Credentials("AKIAIOSFODNN7EXAMPLE", SOURCE_SECRET, expiration=None),
        session_name="david@host",
        token_code=token_code,
        timeout_s=timeout_s,
        profile="prod-s3",
        source_profile="acc",
    )


def test_role_is_assumed_with_one_request(sts: FakeSts) -> None:
    credentials = assume(sts)
    assert credentials.access_key_id == "ASIAFAKE00000001"
    assert credentials.secret_access_key == SECRET_CANARY
    assert credentials.session_token == TOKEN_CANARY
    assert credentials.account_id == "222222222222"
    assert credentials.expiration is not None
    assert 3590 < credentials.expiration - time.time() <= 3600
    assert len(sts.requests) == 1


def test_every_input_reaches_sts(sts: FakeSts) -> None:
    assume(
        sts,
        token_code="123456",
        mfa_serial="arn:aws:iam::111111111111:mfa/David",
        external_id="ext",
        policy='{"Version":"2012-10-17"}',
        policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
        tags={"team": "data"},
        transitive_tag_keys=("team",),
        source_identity="David",
        duration_seconds=900,
    )
    (sent,) = sts.requests
    assert {name: value for name, value in sent.items() if name not in {"Action", "Version"}} == {
        "RoleArn": ROLE,
        "RoleSessionName": "david@host",
        "DurationSeconds": "900",
        "SerialNumber": "arn:aws:iam::111111111111:mfa/David",
        "TokenCode": "123456",
        "ExternalId": "ext",
        "Policy": '{"Version":"2012-10-17"}',
        "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "data",
        "TransitiveTagKeys.member.1": "team",
        "SourceIdentity": "David",
    }


def test_what_is_not_set_is_not_sent(sts: FakeSts) -> None:
    assume(sts)
    assert set(sts.requests[0]) == {"Action", "Version", "RoleArn", "RoleSessionName", "DurationSeconds"}


def test_passing_throttle_is_waited_out(sts: FakeSts) -> None:
    sts.behaviour = Behaviour(throttle=1)
    assert assume(sts).access_key_id == "ASIAFAKE00000002"
    assert sts.count() == 2


@pytest.mark.parametrize(
    ("behaviour", "kind", "words"),
    [
        (Behaviour(throttle=9), UnreachableError, "limits the rate"),
        (Behaviour(error=(503, "ServiceUnavailable", "later")), UnreachableError, "failing (ServiceUnavailable)"),
        (Behaviour(answer="html"), UnreachableError, "is not STS"),
        (Behaviour(answer="truncated"), UnreachableError, "is not STS"),
        (Behaviour(answer="redirect"), UnreachableError, "is not STS"),
        (Behaviour(answer="close"), UnreachableError, "remote end closed connection"),
        (Behaviour(error=(403, "SignatureDoesNotMatch", "bad")), AwsError, "secret access key"),
        (
            Behaviour(error=(403, "SignatureDoesNotMatch", "Signature expired"), skew_s=700),
            MachineError,
            "seconds behind",
        ),
        (Behaviour(external_id="other"), AwsError, "no external ID"),
        (Behaviour(token_code="000000"), MfaError, "one-time code"),
        (Behaviour(expiration="9999-12-31T23:59:59Z"), MachineError, "it is wrong, or the server's"),
        (Behaviour(expiration="2020-01-01T00:00:00Z"), MachineError, "it is wrong, or the server's"),
        (Behaviour(expiration="tomorrow"), AwsError, "its Expiration is not a time"),
        (Behaviour(expiration="1e999"), AwsError, "its Expiration is not a time"),
        (Behaviour(expiration="99999999999999999999"), AwsError, "its Expiration is out of range"),
        (Behaviour(expiration="2026-13-45T99:99:99Z"), AwsError, "its Expiration is not a time"),
        (Behaviour(expiration="10000-01-01T00:00:00Z"), AwsError, "its Expiration is out of range"),
        (Behaviour(fields={"Expiration": None}), AwsError, "it has no Expiration"),
        (Behaviour(fields={"SecretAccessKey": None}), AwsError, "SecretAccessKey is missing"),
        (Behaviour(fields={"AccessKeyId": 'ASIA"FAKE000000000'}), AwsError, "AccessKeyId is missing or malformed"),
        (
            Behaviour(fields={"Arn": "arn:aws:sts::222222222222:assumed-role/admin/david@host"}),
            AwsError,
            "another role",
        ),
    ],
)
def test_bad_answer_is_explained_without_a_secret(
    sts: FakeSts, behaviour: Behaviour, kind: type[CredhelperError], words: str
) -> None:
    sts.behaviour = replace(behaviour)
    with pytest.raises(kind) as caught:
        assume(sts, timeout_s=10)
    assert words in caught.value.message
    assert caught.value.hint
    for text in (caught.value.message, caught.value.hint):
        assert "CANARY" not in text
        assert "\n" not in text
    # A parser's error has the whole body: it may hang on ours as neither context nor cause.
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert caught.value.__cause__ is None
    assert sts.count() <= 3


def test_huge_answer_is_refused(sts: FakeSts) -> None:
    sts.behaviour = Behaviour(answer="huge")
    with pytest.raises(UnreachableError, match="is not STS"):
        assume(sts)


def test_no_attempt_starts_after_the_deadline(sts: FakeSts) -> None:
    sts.behaviour = Behaviour(delay_s=20)
    started = time.monotonic()
    with pytest.raises(UnreachableError, match="did not answer in time"):
        assume(sts, timeout_s=0.5)
    assert time.monotonic() - started < 10
    assert sts.count() == 1


def test_no_time_left_is_no_request(sts: FakeSts) -> None:
    with pytest.raises(UnreachableError, match="did not answer in time"):
        assume(sts, timeout_s=0.0)
    assert sts.count() == 0


def test_reason_of_the_last_attempt_survives_the_deadline(sts: FakeSts) -> None:
    sts.behaviour = Behaviour(error=(503, "ServiceUnavailable", ""), delay_s=0.3)
    with pytest.raises(UnreachableError, match="ServiceUnavailable"):
        assume(sts, timeout_s=0.5)


def test_nobody_listening_is_unreachable() -> None:
    with FakeSts() as gone:
        pass
    with pytest.raises(UnreachableError, match="connection refused") as caught:
        assume(gone)
    assert caught.value.hint.startswith("curl -sS -m 10 http://127.0.0.1:")


def test_caller_is_named_although_aws_did_not(sts: FakeSts) -> None:
    sts.behaviour = Behaviour(error=(403, "AccessDenied", "Not authorized to perform sts:AssumeRole"))
    with pytest.raises(AwsError, match=CALLER_ARN):
        assume(sts)
    assert sts.count("GetCallerIdentity") == 1


def test_asking_for_the_caller_does_not_outlast_the_deadline(sts: FakeSts) -> None:
    sts.behaviour = Behaviour(error=(403, "AccessDenied", "Not authorized"), caller_delay_s=50)
    started = time.monotonic()
    with pytest.raises(AwsError, match="access key …MPLE may not assume"):
        assume(sts, timeout_s=3.0)
    assert time.monotonic() - started < 10
    assert sts.count("GetCallerIdentity") == 1


@pytest.mark.parametrize("answer", ["html", "truncated", "close", "redirect"])
def test_caller_that_cannot_be_understood_is_none(sts: FakeSts, answer: str) -> None:
    sts.behaviour = Behaviour(answer=answer)
    assert aws_sts.get_caller_identity(request_to(sts.url), Credentials("AKIA", SOURCE_SECRET)) is None
    assert sts.requests


def test_no_time_left_is_no_question_after_the_caller(sts: FakeSts) -> None:
    assert aws_sts.get_caller_identity(request_to(sts.url), Credentials("AKIA", SOURCE_SECRET), timeout_s=-1.0) is None
    assert not sts.requests


def test_insecure_endpoint_gets_no_request() -> None:
    with pytest.raises(InputError, match="neither https nor a loopback"):
        aws_sts.assume_role(
            request_to("http://192.0.2.1"), Credentials("AKIA", SOURCE_SECRET), session_name="david", timeout_s=1
        )


def test_endpoint_of_the_environment_has_no_say(sts: FakeSts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://192.0.2.1")
    monkeypatch.setenv("AWS_PROFILE", "does-not-exist")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    assert assume(sts).account_id == "222222222222"


@pytest.mark.parametrize(
    ("region", "partition", "host"),
    [
        ("eu-west-1", "aws", "sts.eu-west-1.amazonaws.com"),
        ("us-east-1", "aws", "sts.us-east-1.amazonaws.com"),
        ("cn-north-1", "aws-cn", "sts.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "sts.us-gov-west-1.amazonaws.com"),
    ],
)
def test_endpoint_is_the_regional_one(region: str, partition: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "https://elsewhere.example")
    request = request_to(None, region=region, partition=partition)
    client = aws_sts._client(without_profile(), request, Credentials("AKIA", SOURCE_SECRET), 1.0, attempts=1)
    assert client.meta.endpoint_url == f"https://{host}"
    assert aws_sts._usual_url(request) == f"https://{host}/"


def test_models_of_the_user_do_not_replace_botocores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    paths = without_profile().get_component("data_loader").search_paths
    assert paths == [str(Path(botocore.__file__).with_name("data"))]


def test_debug_logging_shows_no_secret(sts: FakeSts, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("botocore").setLevel(logging.DEBUG)
        logging.getLogger("botocore.parsers").setLevel(logging.DEBUG)
        assume(sts)
    assert "CANARY" not in caplog.text


def test_nothing_is_left_in_the_environment(sts: FakeSts) -> None:
    before = dict(os.environ)
    assume(sts)
    assert dict(os.environ) == before
