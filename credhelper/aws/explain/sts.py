"""What STS answers when it refuses, turned into one cause and one command to type: a table, read from above."""

from collections.abc import Mapping
from typing import Any

from credhelper.aws.explain.denied import DENIED
from credhelper.aws.explain.facts import Call, Facts, Refusal
from credhelper.aws.explain.row import Row
from credhelper.aws.explain.signed import KEYS, WAY
from credhelper.errors import AwsError, CredhelperError, InputError, UnreachableError
from credhelper.policy.denial import Cause

_INVALID = frozenset({"ValidationError", "ValidationException", "InvalidParameterValue", "InvalidInput"})
_REGION_OFF = frozenset({"RegionDisabledException", "OptInRequired"})

_TABLE = (
    *DENIED,
    Row(
        "max-session",
        _INVALID,
        "",
        AwsError,
        "the role allows no session of {duration} seconds (its MaxSessionDuration is shorter)",
        "credhelper profile set {profile} --duration-seconds 3600",
        about=Cause.MAX_SESSION,
    ),
    Row(
        "chaining",
        _INVALID,
        "",
        AwsError,
        "a role assumed with another role's credentials lasts at most one hour, and {duration} seconds were asked for",
        "credhelper profile set {profile} --duration-seconds 3600",
        about=Cause.CHAINING,
    ),
    Row(
        "request",
        _INVALID,
        "",
        InputError,
        "AWS does not accept the request for {role}",
        "credhelper profile show {profile}",
        is_quoted=True,
    ),
    *KEYS,
    Row(
        "request",
        frozenset({"PackedPolicyTooLarge", "PackedPolicyTooLargeException"}),
        "",
        AwsError,
        "session policy and tags together are too large for AWS ({percent})",
        "make them shorter: credhelper profile show {profile}",
    ),
    Row(
        "request",
        frozenset({"MalformedPolicyDocument", "MalformedPolicyDocumentException"}),
        "",
        InputError,
        "AWS does not accept the session policy",
        "fix the policy: credhelper profile show {profile}",
        is_quoted=True,
    ),
    Row(
        "sts-region",
        _REGION_OFF,
        "",
        AwsError,
        "STS is not activated in {region} for this account",
        "aws account enable-region --region-name {region}, or: credhelper profile set {profile} "
        "--region {default_region}",
    ),
    *WAY,
)
_FAILING = Row(
    "aws-failing",
    frozenset(),
    "",
    UnreachableError,
    "STS in {region} is failing ({code})",
    "try again in {retry_after} seconds",
)
_UNKNOWN = Row(
    "",
    frozenset(),
    "",
    AwsError,
    "AWS refused AssumeRole on {role}: {code}",
    "credhelper doctor {profile}",
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
    explained.cause_id = row.id
    explained.is_shared = True  # AWS said it: of the clock, too, which is every process's
    return explained


def _row(refusal: Refusal, call: Call) -> Row:
    for row in _TABLE:
        if row.fits(refusal.code, refusal.message, refusal.denial, call):
            return row
    return _FAILING if refusal.status >= 500 else _UNKNOWN
