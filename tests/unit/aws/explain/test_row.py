"""A refusal at hand-out time and `doctor --explain` read the same words, and name the same cause."""

import socket
import ssl
from typing import Any

import botocore.exceptions as theirs
import pytest

from credhelper.aws.explain import denied, network, origin, signed, source, sts
from credhelper.aws.explain.facts import Call
from credhelper.aws.explain.row import Row
from credhelper.diagnosis.causes import looks
from credhelper.diagnosis.causes.table import CAUSES
from credhelper.diagnosis.finding import Certainty
from credhelper.diagnosis.pasted.explain import explain
from credhelper.errors import CredhelperError
from credhelper.model.role_request import RoleRequest
from credhelper.policy.denial import Kind
from fakes.front.sentences import vectors

ROLE = "arn:aws:iam::222222222222:role/reader"
USER = "arn:aws:iam::111111111111:user/David"
ROWS = (*sts._TABLE, sts._FAILING, sts._UNKNOWN)
DOCTOR = "credhelper doctor prod-s3"


def said(action: str, reason: str = "") -> str:
    return f"User: {USER} is not authorized to perform: {action} on resource: {ROLE}{reason}"


def sentences() -> list[str]:
    """Return every refusal by a policy that AWS has a sentence for."""
    found = []
    for action in ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"):
        reasons = [f" because no {kind.value} allows the {action} action" for kind in Kind]
        reasons += [f" with an explicit deny in {kind}" for kind in Kind]
        reasons += [f" with an explicit deny in {Kind.RESOURCE} transitively through {Kind.VPC_ENDPOINT}"]
        found += [said(action, reason) for reason in ("", " with an explicit deny", *reasons)]
    return found


# Code and message; documented ones, and those of other services or of none of our requests left out.
OTHERS = ("mfa-wrong-code", "mfa-wrong-serial", "mfa-half", "root-caller", "max-session", "role-chaining",
          "session-name-pattern", "set-source-identity", "trust-refused")  # fmt: skip
ANSWERS = [
    *(("AccessDenied", sentence) for sentence in sentences()),
    *((vectors()["errors"][name]["code"], vectors()["errors"][name]["text"]) for name in OTHERS),
    ("InvalidClientTokenId", "The security token included in the request is invalid."),
    ("UnrecognizedClientException", ""),
    ("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."),
    ("SignatureDoesNotMatch", "Signature expired: 20270115T080000Z is now earlier than 20270115T080140Z"),
    ("IncompleteSignature", ""),
    ("RequestExpired", "Request has expired."),
    ("RequestTimeTooSkewed", ""),
    ("ExpiredToken", "The security token included in the request is expired"),
    ("MissingAuthenticationToken", "Request is missing Authentication Token"),
    ("ThrottlingException", "Rate exceeded"),
    ("RegionDisabledException", "STS is not activated in this region for account:111111111111."),
    ("OptInRequired", ""),
    ("ValidationError", "1 validation error detected"),
    ("PackedPolicyTooLarge", "Packed size is 112% of the limit"),
    ("MalformedPolicyDocument", "Syntax errors in policy."),
    ("InternalFailure", ""),
]


def refused(code: str, message: str, **changes: Any) -> CredhelperError:
    request = RoleRequest(role_arn=ROLE, duration_seconds=3600, region="eu-west-1", partition="aws")
    fields: dict[str, Any] = {"request": request, "access_key_id": "AKIAIOSFODNN7EXAMPLE", "is_session": False,
                              "has_token_code": False, "now_s": 0.0, "profile": "prod-s3", "source": "acc"}  # fmt: skip
    status = 500 if code == "InternalFailure" else 400
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return sts.explain(answer, Call(**{**fields, **changes}))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.cause[:40])
def test_every_row_names_a_cause_of_the_page(row: Row) -> None:
    assert row.id in CAUSES or row is sts._UNKNOWN


@pytest.mark.parametrize(("code", "message"), ANSWERS)
def test_hand_out_and_pasted_message_name_the_same_cause(code: str, message: str) -> None:
    error = refused(code, message)
    pasted = looks.of_tools("STS", "AssumeRole", code, 403, message)["AWS CLI"]
    found = explain(pasted)
    assert error.cause_id == found[0].cause
    # What the hand-out prints of it is pasted just as often.
    assert explain(f"Error when retrieving credentials from custom-process: {error.shown()}")[0].cause == error.cause_id
    assert (error.exit_code == CAUSES[error.cause_id].exit_code) or error.cause_id in OTHER_CODE
    if found[0].certainty is not Certainty.CERTAIN and error.cause_id not in KNOWN_WAY:
        assert error.hint.endswith(DOCTOR)


# Of a policy and tags that are too large together AWS says no; of another value of a setting that it is none.
OTHER_CODE = {"request"}
# The message has what helps: AWS's words for the value, or the time to wait.
KNOWN_WAY = {"request", "aws-failing", "clock", "sts-region"}


def test_every_row_is_reached_by_an_answer() -> None:
    reached = {refused(code, message).cause_id for code, message in ANSWERS}
    reached |= {refused("InvalidClientTokenId", "", is_session=True).cause_id, refused("407", "").cause_id}
    assert {row.id for row in ROWS if row.id} <= reached | {"not-aws"}


def test_session_that_is_not_accepted_is_among_what_the_message_leaves() -> None:
    error = refused("InvalidClientTokenId", "The security token included in the request is invalid.", is_session=True)
    assert error.cause_id == "session-expired"
    assert "session-expired" in {one.cause for one in explain("api error InvalidClientTokenId: x")}
    assert error.hint.endswith(DOCTOR)


def of_network(error: Exception) -> CredhelperError:
    way = network.Way(url="https://sts.eu-west-1.amazonaws.com/", profile="prod-s3", environ={}, is_hand_out=True)
    found = network.explain(error, way)
    found.add_facts(profile="prod-s3")
    return found


def unreached(cause: Exception) -> Exception:
    error: Exception = theirs.EndpointConnectionError(endpoint_url="https://sts.x.amazonaws.com/", error=cause)
    return error


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (unreached(socket.gaierror(-2, "Name or service not known")), "dns"),
        (unreached(ConnectionRefusedError(111, "Connection refused")), "connect"),
        (theirs.ConnectTimeoutError(endpoint_url="https://sts.eu-west-1.amazonaws.com/"), "connect"),
        (theirs.SSLError(endpoint_url="https://x/", error=ssl.SSLError(1, "certificate verify failed: no")), "tls"),
        (theirs.ProxyConnectionError(proxy_url="http://p:1", error=OSError(111, "refused")), "proxy"),
        (ValueError("no XML"), "not-aws"),
        (theirs.NoRegionError(), "config"),
    ],
)
def test_failure_on_the_way_names_its_cause(error: Exception, cause: str) -> None:
    found = of_network(error)
    assert found.cause_id == cause
    assert explain(found.shown())[0].cause == cause
    assert found.exit_code == CAUSES[cause].exit_code
    assert found.hint.endswith(DOCTOR) == (cause in network.LEFT_OPEN)


def client_error(operation: str, code: str, message: str = "") -> Exception:
    error: Exception = theirs.ClientError({"Error": {"Code": code, "Message": message}}, operation)
    return error


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (theirs.SSOTokenLoadError(error_msg="x"), "sso-expired"),
        (client_error("GetRoleCredentials", "UnauthorizedException"), "sso-expired"),
        (client_error("GetRoleCredentials", "ForbiddenException", "No access"), "sso-no-role"),
        (client_error("AssumeRole", "AccessDenied", said("sts:AssumeRole")), "source-refused"),
        (client_error("AssumeRole", "ExpiredToken"), "session-expired"),
        (client_error("AssumeRole", "Throttling"), "throttled"),
        (client_error("AssumeRole", "SomethingNew"), "source-refused"),
        (theirs.CredentialRetrievalError(provider="custom-process", error_msg="x"), "source-program"),
        (theirs.PartialCredentialsError(provider="x", cred_var="aws_secret_access_key"), "no-keys"),
        (theirs.ConnectTimeoutError(endpoint_url="https://x/"), "connect"),
        (RuntimeError("x"), "session-expired"),
    ],
)
def test_source_without_credentials_names_its_cause(error: Exception, cause: str) -> None:
    found = source.explain(error, origin.Origin(name="acc", section={"region": "eu-west-1"}, environ={}))
    found.add_facts(profile="prod-s3")
    assert found.cause_id == cause
    if cause != "session-expired" or isinstance(error, RuntimeError):
        assert explain(found.shown())[0].cause == cause
    if cause in (*network.LEFT_OPEN, "source-refused", "source-program"):
        assert found.hint.endswith(DOCTOR)


def test_rows_are_no_part_of_another_table() -> None:
    assert {row.id for row in (*denied.DENIED, *signed.KEYS, *signed.WAY)} <= set(CAUSES)


def test_call_for_no_profile_of_ours_is_not_sent_to_doctor() -> None:
    assert "doctor" not in refused("InvalidClientTokenId", "", is_hand_out=False).hint
    assert "doctor" not in origin.look_hint(origin.Origin(name="acc", is_source=False))


def test_region_that_is_not_set_is_no_region_that_is_wrong() -> None:
    assert of_network(theirs.NoRegionError()).message.startswith("no region is set")
