"""The short way to AssumeRole and botocore's own client send the same, and make the same of what comes back."""

import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import botocore.awsrequest
import botocore.exceptions
import botocore.parsers
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from credhelper.aws import sts as aws_sts
from credhelper.aws import sts_request
from credhelper.aws.quiet import quiet
from credhelper.aws.session import without_profile
from credhelper.aws.sts import _client, _parameters
from credhelper.errors import AwsError, CredhelperError, InputError, MachineError, UnreachableError
from credhelper.model.credentials import Credentials
from credhelper.model.role_request import RoleRequest
from fakes import canary
from fakes.sts import Behaviour, FakeSts

ROLE_ARN = "arn:aws:iam::222222222222:role/path/acc-to-read"
SERIAL = "arn:aws:iam::111111111111:mfa/David"
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=2, max_size=12)
REQUESTS = st.builds(
    RoleRequest,
    role_arn=st.just(ROLE_ARN),
    duration_seconds=st.integers(900, 43200),
    region=st.sampled_from(["us-east-1", "eu-central-1", "ap-southeast-2", "sa-east-1", "mx-central-1"]),
    partition=st.just("aws"),
    external_id=st.none() | TEXT,
    policy=st.none() | TEXT,
    policy_arns=st.lists(st.just("arn:aws:iam::aws:policy/ReadOnlyAccess"), max_size=3).map(tuple),
    tags=st.dictionaries(TEXT, TEXT, max_size=3),
    transitive_tag_keys=st.lists(TEXT, max_size=3).map(tuple),
    source_identity=st.none() | TEXT,
    mfa_serial=st.none() | st.just(SERIAL),
    endpoint_url=st.none()
    | st.sampled_from(["http://127.0.0.1:4566", "https://sts.example.com/", "http://[::1]:8000"]),
)
SOURCES = st.builds(
    Credentials,
    st.just("AKIA0000000000000000"),
    st.just(canary.secret_key("user")),
    st.none() | st.just(canary.session_token("user")),
)


def facts(request: Any) -> dict[str, Any]:
    """Return what STS sees of a prepared request, but for the time, the counters of attempts and who sent it."""
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
    }
    scope = re.search(r"Credential=([^/]+)/\d{8}/([^,]+), SignedHeaders=([^,]+)", headers["authorization"])
    assert scope is not None
    body = request.body.decode() if isinstance(request.body, bytes) else request.body
    return {
        "method": request.method,
        "url": request.url,
        "body": parse_qs(body, keep_blank_values=True, strict_parsing=True),
        "type": headers["content-type"],
        "token": headers.get("x-amz-security-token"),
        "length": int(headers["content-length"]),
        "signer": scope.group(1, 2),
        "signed": [name for name in scope.group(3).split(";") if not name.startswith("amz-sdk-")],
    }


def sent_by_client(request: RoleRequest, source: Credentials, parameters: dict[str, Any]) -> Any:
    client = _client(without_profile(), request, source, 5, attempts=1)
    recorded = []

    def record(request: Any, **_: Any) -> Any:
        recorded.append(request)
        return botocore.awsrequest.AWSResponse(request.url, 200, {}, _Nothing())

    client.meta.events.register_first("before-send.sts", record)
    client.meta.events.unregister("before-send.sts", unique_id="credhelper-bounded")
    client.assume_role(**parameters)
    return recorded[0]


class _Nothing:
    def stream(self, *_: object) -> list[bytes]:
        return [b"<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>"]


@given(request=REQUESTS, source=SOURCES, code=st.none() | st.just("123456"))
def test_both_send_the_same(request: RoleRequest, source: Credentials, code: str | None) -> None:
    parameters = _parameters(request, "david", code)
    sender = sts_request.sender_for(request, source, {"region": "eu-west-1"}, {}, timeout_s=5)
    assert sender is not None
    with quiet():  # the signer writes the canonical request, token and all, at DEBUG
        assert facts(sender.signed(parameters)) == facts(sent_by_client(request, source, parameters))


@pytest.mark.parametrize(
    ("section", "environ", "region", "partition", "url"),
    [
        ({"use_fips_endpoint": "true"}, {}, "us-east-1", "aws", None),
        ({"use_dualstack_endpoint": "false"}, {}, "us-east-1", "aws", None),
        ({"ca_bundle": "/etc/ca.pem"}, {}, "us-east-1", "aws", None),
        ({"sts": {"signature_version": "v4"}}, {}, "us-east-1", "aws", None),
        ({}, {"AWS_USE_FIPS_ENDPOINT": "true"}, "us-east-1", "aws", None),
        ({}, {"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "us-east-1", "aws", None),
        ({}, {"AWS_CA_BUNDLE": "/etc/ca.pem"}, "us-east-1", "aws", None),
        ({}, {}, "cn-north-1", "aws-cn", None),
        ({}, {}, "us-gov-west-1", "aws-us-gov", None),
        ({}, {}, "aws-global", "aws", None),
        ({}, {}, "us-east-1.example.com/", "aws", None),
        ({}, {}, "US-EAST-1", "aws", None),
        ({}, {}, "us-east-1", "aws", "https://sts.example.com/path"),
    ],
)
def test_all_but_the_plain_case_is_for_the_whole_client(
    section: dict[str, object], environ: dict[str, str], region: str, partition: str, url: str | None
) -> None:
    request = RoleRequest(
        role_arn=ROLE_ARN, duration_seconds=3600, region=region, partition=partition, endpoint_url=url
    )
    source = Credentials("AKIA0000000000000000", "secret")
    assert sts_request.sender_for(request, source, section, environ, timeout_s=5) is None


@pytest.mark.parametrize("url", ["http://sts.example.com", "http://127.0.0.1.example.com:80/", "ftp://127.0.0.1", "x"])
def test_endpoint_that_could_leak_has_no_sender(url: str) -> None:
    request = RoleRequest(
        role_arn=ROLE_ARN, duration_seconds=3600, region="us-east-1", partition="aws", endpoint_url=url
    )
    with pytest.raises(InputError, match="https"):
        sts_request.sender_for(request, Credentials("AKIA0000000000000000", "secret"), {}, {}, timeout_s=5)


def test_proxy_is_for_the_whole_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    request = RoleRequest(role_arn=ROLE_ARN, duration_seconds=3600, region="us-east-1", partition="aws")
    assert sts_request.sender_for(request, Credentials("AKIA", "secret"), {}, {}, timeout_s=5) is None


def both(sts: FakeSts, behaviour: Behaviour, timeout_s: float = 6) -> list[tuple[object, ...]]:
    """Return what each way makes of a server's behaviour, and how often it asked."""
    request = RoleRequest(
        role_arn=ROLE_ARN, duration_seconds=3600, region="us-east-1", partition="aws", endpoint_url=sts.url
    )
    source = Credentials("AKIA0000000000000000", canary.secret_key("user"))
    outcomes: list[tuple[object, ...]] = []
    for is_short in (True, False):
        sts.behaviour = Behaviour(**vars(behaviour))
        before = sts.count()
        sender = sts_request.sender_for(request, source, {}, {}, timeout_s=timeout_s) if is_short else None
        assert (sender is not None) == is_short
        try:
            found = aws_sts.assume_role(request, source, session_name="david", timeout_s=timeout_s, sender=sender)
            outcome: tuple[object, ...] = (found.secret_access_key, found.session_token, found.account_id)
        except CredhelperError as error:
            text = re.sub(r"request id [\w-]+|[0-9]+ seconds", "…", error.message)
            outcome = (type(error), text, error.hint)
        outcomes.append((*outcome, sts.count() - before))
    return outcomes


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(),
        Behaviour(throttle=1),
        Behaviour(throttle=9),
        Behaviour(error=(403, "AccessDenied", "no identity-based policy allows")),
        Behaviour(error=(403, "InvalidClientTokenId", "The security token is invalid")),
        Behaviour(error=(403, "SignatureDoesNotMatch", "Signature expired: now"), skew_s=-3600),
        Behaviour(error=(400, "ValidationError", "1 validation error detected")),
        Behaviour(error=(400, "IDPCommunicationError", "try")),
        Behaviour(error=(500, "InternalFailure", "oops")),
        Behaviour(error=(503, "ServiceUnavailable", "oops")),
        Behaviour(error=(404, "NotFound", "oops")),
        Behaviour(answer="html"),
        Behaviour(answer="truncated"),
        Behaviour(answer="close"),
        Behaviour(answer="huge"),
        Behaviour(answer="redirect"),
        Behaviour(fields={"Expiration": None}),
        Behaviour(expiration="yesterday"),
        Behaviour(expiration="2099-01-01T00:00:00Z"),
        *[Behaviour(expiration=text) for text in (" ", "tomorrow", "26-11-28T12:00:00Z", "2026-11-28T12:00:00")],
        *[Behaviour(expiration=text) for text in ("9" * 17, "-5", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z")],
        Behaviour(expiration="<a>1</a>"),
        Behaviour(fields={"SecretAccessKey": None}),
        Behaviour(fields={"Arn": ""}),
        Behaviour(fields={"SessionToken": "ü"}),
    ],
    ids=repr,
)
def test_both_make_the_same_of_every_answer(sts: FakeSts, behaviour: Behaviour) -> None:
    short, whole = both(sts, behaviour)
    assert short == whole


@pytest.mark.parametrize(
    "body",
    [
        "<html><body>blocked</body></html>", "<Error/>",
        "<ErrorResponse><Error><Message>m</Message></Error></ErrorResponse>",
        "<ErrorResponse><Error><Code/></Error></ErrorResponse>",
        "<ErrorResponse><Error><Code><a>1</a></Code><Message>m</Message></Error></ErrorResponse>",
        "<ErrorResponse><Error>text</Error></ErrorResponse>", "<ErrorResponse><Code>X</Code></ErrorResponse>",
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [400, 403, 407, 429])
def test_answer_that_names_no_code_is_an_error_of_its_status(status: int, body: str) -> None:
    """As a filter or a proxy sends: whole XML that is not STS's."""
    answer = SimpleNamespace(status_code=status, headers={}, content=body.encode())
    with pytest.raises(ClientError) as caught:
        sts_request._parsed(answer)
    told = caught.value.response
    assert told["ResponseMetadata"]["HTTPStatusCode"] == status
    parts = {"status_code": status, "headers": {}, "body": body.encode()}
    whole = botocore.parsers.create_parser("query").parse(parts, None).get("Error")
    said = whole if isinstance(whole, dict) else {}
    for name in ("Code", "Message"):
        assert told["Error"][name] == (said[name] if isinstance(said.get(name), str) else "")


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        (" ", AwsError, "its Expiration is empty"),
        ("tomorrow", AwsError, "its Expiration is not a time"),
        (canary.secret_key("in its place"), AwsError, "its Expiration is not a time"),
        ("26-11-28T12:00:00Z", AwsError, "the year of its Expiration has two digits"),
        ("2026-11-28T12:00:00", AwsError, "its Expiration names no time zone"),
        ("9" * 17, AwsError, "its Expiration is out of range"),
        ("-5", MachineError, "days ago by this machine's clock: it is wrong, or the server's"),
        ("9999-12-31T23:59:59Z", MachineError, "days by this machine's clock: it is wrong, or the server's"),
    ],
)
def test_expiration_that_is_none_is_named_by_its_kind_on_both_ways(
    sts: FakeSts, text: str, kind: type[CredhelperError], said: str
) -> None:
    for found in both(sts, Behaviour(expiration=text)):
        assert found[0] is kind
        assert said in str(found[1])
        assert "XML" not in str(found[1])
        assert canary.secret_key("in its place") not in str(found)


def test_both_make_the_same_of_a_silent_server(sts: FakeSts) -> None:
    short, whole = both(sts, Behaviour(delay_s=20), timeout_s=0.5)
    assert short == whole


def test_both_make_the_same_of_a_port_that_is_closed() -> None:
    with FakeSts() as closed:
        pass
    short, whole = both(closed, Behaviour(), timeout_s=2)
    assert short == whole
    assert short[0] is UnreachableError
