"""What STS answers when it refuses, turned into one cause and one command to type: a table, read from above."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from credhelper.aws.explain.facts import Call, Facts, Refusal
from credhelper.errors import AwsError, CredhelperError, InputError, MachineError, MfaError, UnreachableError
from credhelper.model.code_errors import RefusedCodeError


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: which refusals it explains, and how. The first row that fits is used.

    `codes` empty means any code; `says` is searched in AWS's message; `cause` and `hint` are templates over Facts.
    `is_quoted`: AWS's message is shown as well.
    """

    codes: frozenset[str]
    says: str
    kind: type[CredhelperError]
    cause: str
    hint: str
    when: Callable[[Call], bool] = lambda _call: True
    is_quoted: bool = False

    def fits(self, code: str, message: str, call: Call) -> bool:
        """Tell whether this row explains the refusal."""
        return (not self.codes or code in self.codes) and bool(re.search(self.says, message)) and self.when(call)


# What AWS says of a code that is wrong, and of one that was used before.
INVALID_CODE = "invalid MFA one time pass code"
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_UNKNOWN_KEY = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure"})
_BAD_SIGNATURE = frozenset({"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature"})
_CLOCK = frozenset({"RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
_INVALID = frozenset({"ValidationError", "ValidationException", "InvalidParameterValue", "InvalidInput"})
_REGION_OFF = frozenset({"RegionDisabledException", "OptInRequired"})
THROTTLED = frozenset(
    {"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException"}
    | {"TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown", "429"}
)
_SKEWED = r"Signature expired|Signature not yet current|not yet current|is now (earlier|later) than"
_TRUST = "aws iam get-role --role-name {role_name} (in account {account}) shows the trust policy"
_EXISTS = (
    "aws iam get-role --role-name {role_name} (in account {account}) shows whether it exists, and its trust policy"
)

_TABLE = (
    Row(
        _DENIED,
        INVALID_CODE,
        RefusedCodeError,
        "AWS refused the one-time code for {mfa_serial}",
        "wait for the next code, then: credhelper login {profile}",
    ),
    Row(
        _DENIED,
        "MultiFactorAuthentication failed",
        MfaError,
        "AWS could not check the one-time code: {mfa_serial} is not an MFA device of {caller}",
        "aws iam list-mfa-devices{as_source}; then: credhelper profile set {profile} --mfa-serial ARN",
    ),
    Row(
        _DENIED,
        "may not be assumed by root",
        AwsError,
        "{source} holds root keys, and a role cannot be assumed by the root user",
        "create an access key for an IAM user, then: {set_key}",
    ),
    Row(
        _DENIED,
        "explicit deny",
        AwsError,
        "{caller} is denied {action} on {role} by an explicit deny in {deny}",
        "an administrator has to lift it; show them this line and: aws sts get-caller-identity{as_source}",
    ),
    Row(
        _DENIED,
        "sts:TagSession",
        AwsError,
        "{caller} may not send session tags to {role} (sts:TagSession)",
        "allow sts:TagSession in the role's trust policy, or: credhelper profile unset {profile} tags",
    ),
    Row(
        _DENIED,
        "sts:SetSourceIdentity",
        AwsError,
        "{caller} may not set a source identity on {role} (sts:SetSourceIdentity)",
        "allow sts:SetSourceIdentity in the trust policy, or: credhelper profile unset {profile} source_identity",
    ),
    Row(
        _DENIED,
        "no identity-based policy allows",
        AwsError,
        "no policy of {caller} allows sts:AssumeRole on {role} ({sent})",
        "{allow}",
    ),
    Row(
        _DENIED,
        "no (resource-based|role trust) policy allows",
        AwsError,
        "the trust policy of {role} does not let {caller} in ({sent})",
        _TRUST,
    ),
    # MinIO has one code for all that it refuses.
    Row(
        _DENIED,
        "request signature we calculated does not match",
        AwsError,
        "the secret access key does not belong to access key {key} (mistyped, cut off, or another key's)",
        "{set_key}",
    ),
    Row(
        _DENIED,
        "[Aa]ccess [Kk]ey Id you provided does not exist",
        AwsError,
        "the server knows no access key {key}",
        "{set_key}",
    ),
    Row(
        _DENIED,
        "",
        AwsError,
        "{caller} may not assume {role} ({sent})",
        "does the role exist? AWS says the same of one that does not; compare the ARN, then check its trust policy, a "
        "policy of the caller that allows sts:AssumeRole, external ID, MFA, in this order; " + _EXISTS,
    ),
    Row(
        _INVALID,
        "MaxSessionDuration",
        AwsError,
        "the role allows no session of {duration} seconds (its MaxSessionDuration is shorter)",
        "credhelper profile set {profile} --duration-seconds 3600",
    ),
    Row(
        _INVALID,
        "role chaining",
        AwsError,
        "a role assumed with another role's credentials lasts at most one hour, and {duration} seconds were asked for",
        "credhelper profile set {profile} --duration-seconds 3600",
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
    explained.is_shared = True  # AWS said it: of the clock, too, which is every process's
    return explained


def _row(refusal: Refusal, call: Call) -> Row:
    for row in _TABLE:
        if row.fits(refusal.code, refusal.message, call):
            return row
    return _FAILING if refusal.status >= 500 else _UNKNOWN
