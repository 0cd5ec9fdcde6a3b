"""What STS answers when it refuses, turned into one cause and one command to type: a table, read from above."""

from collections.abc import Mapping
from typing import Any

from credhelper.aws.explain.denied import DENIED
from credhelper.aws.explain.facts import THROTTLED, Call, Facts, Refusal
from credhelper.aws.explain.row import Row
from credhelper.errors import AwsError, CredhelperError, InputError, MachineError, UnreachableError
from credhelper.policy.denial import Cause

_UNKNOWN_KEY = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure"})
_BAD_SIGNATURE = frozenset({"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature"})
_CLOCK = frozenset({"RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
_INVALID = frozenset({"ValidationError", "ValidationException", "InvalidParameterValue", "InvalidInput"})
_REGION_OFF = frozenset({"RegionDisabledException", "OptInRequired"})
_SKEWED = r"Signature expired|Signature not yet current|not yet current|is now (earlier|later) than"

_TABLE = (
    *DENIED,
    Row(
        _INVALID,
        "",
        AwsError,
        "the role allows no session of {duration} seconds (its MaxSessionDuration is shorter)",
        "credhelper profile set {profile} --duration-seconds 3600",
        about=Cause.MAX_SESSION,
    ),
    Row(
        _INVALID,
        "",
        AwsError,
        "a role assumed with another role's credentials lasts at most one hour, and {duration} seconds were asked for",
        "credhelper profile set {profile} --duration-seconds 3600",
        about=Cause.CHAINING,
    ),
    Row(
        _INVALID,
        "",
        InputError,
        "AWS does not accept the request for {role}",
        "credhelper profile show {profile}",
        is_quoted=True,
    ),
    Row(
        _UNKNOWN_KEY,
        "",
        AwsError,
        "AWS does not accept the session of access key {key}: expired, of another partition than {partition}, or from "
        "a Region that is not enabled by default",
        "{renew}",
        when=lambda call: call.is_session,
    ),
    Row(
        _UNKNOWN_KEY,
        "",
        AwsError,
        "AWS knows no active access key {key} (deleted, inactive, seconds old, or not of partition {partition})",
        "{set_key}",
    ),
    Row(
        _BAD_SIGNATURE,
        _SKEWED,
        MachineError,
        "this machine's clock is {skew}",
        "{set_clock}",
    ),
    Row(
        _CLOCK,
        "",
        MachineError,
        "this machine's clock is {skew}",
        "{set_clock}",
    ),
    Row(
        _BAD_SIGNATURE,
        "",
        AwsError,
        "the secret access key does not belong to access key {key} (mistyped, cut off, or another key's)",
        "{set_key}",
    ),
    Row(
        _EXPIRED,
        "",
        AwsError,
        "the source credentials ({key}) have expired",
        "{renew}",
    ),
    Row(
        frozenset({"PackedPolicyTooLarge", "PackedPolicyTooLargeException"}),
        "",
        AwsError,
        "session policy and tags together are too large for AWS ({percent})",
        "make them shorter: credhelper profile show {profile}",
    ),
    Row(
        frozenset({"MalformedPolicyDocument", "MalformedPolicyDocumentException"}),
        "",
        InputError,
        "AWS does not accept the session policy",
        "fix the policy: credhelper profile show {profile}",
        is_quoted=True,
    ),
    Row(
        _REGION_OFF,
        "",
        AwsError,
        "STS is not activated in {region} for this account",
        "aws account enable-region --region-name {region}, or: credhelper profile set {profile} "
        "--region {default_region}",
    ),
    Row(
        frozenset({"MissingAuthenticationToken", "MissingAuthenticationTokenException"}),
        "",
        UnreachableError,
        "the request reached AWS without its signature: something on the way removed it",
        "{look_at_proxy}",
    ),
    Row(
        THROTTLED,
        "",
        UnreachableError,
        "AWS limits the rate of calls for account and Region ({code})",
        "try again in {retry_after} seconds",
    ),
    Row(
        frozenset({"403", "Forbidden"}),
        "",
        UnreachableError,
        "what answered for STS is not AWS: a filter or a proxy on the way refuses the request (403: {message})",
        "{look_at_proxy}",
    ),
    Row(
        frozenset({"407"}),
        "",
        UnreachableError,
        "the proxy wants a user name and password (407)",
        "{look_at_proxy}",
    ),
)
_FAILING = Row(
    frozenset(), "", UnreachableError, "STS in {region} is failing ({code})", "try again in {retry_after} seconds"
)
_UNKNOWN = Row(
    frozenset(),
    "",
    AwsError,
    "AWS refused AssumeRole on {role}: {code}",
    "credhelper profile show {profile}",
    is_quoted=True,
)


def explain(response: Mapping[str, Any], call: Call) -> CredhelperError:
    """Return the explanation of a botocore error `response` (ClientError.response)."""
    refusal = Refusal(response)
    row = _row(refusal, call)
    facts = Facts(refusal, call)
    cause = row.cause.format_map(facts) + (f" (request id {refusal.request_id})" if refusal.request_id else "")
    quoted = facts["message"] if row.is_quoted else ""
    explained = row.kind(cause, hint=row.hint.format_map(facts.in_command()), quoted=quoted)
    explained.add_facts(profile=call.profile)
    explained.is_shared = True  # AWS said it: of the clock, too, which is every process's
    return explained


def _row(refusal: Refusal, call: Call) -> Row:
    for row in _TABLE:
        if row.fits(refusal.code, refusal.message, refusal.denial, call):
            return row
    return _FAILING if refusal.status >= 500 else _UNKNOWN
