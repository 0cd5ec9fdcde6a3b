"""What AWS's word for a refusal leaves open: the causes, and how certain each is. Pure.

A refusal at hand-out time (aws/explain) and a pasted message (explain_text) both ask here.
"""

from credhelper.diagnosis.finding import Certainty
from credhelper.policy.denial import Cause, Denial, Kind

# The ids of causes, the first one to look at first.
Reading = tuple[tuple[str, Certainty], ...]


def certain(cause: str) -> Reading:
    """Return the reading of a word that names its cause."""
    return ((cause, Certainty.CERTAIN),)


def likely(cause: str, *possible: str) -> Reading:
    """Return the reading of a word that leaves others open."""
    return ((cause, Certainty.LIKELY), *open_to(*possible))


def open_to(*possible: str) -> Reading:
    """Return the reading of a word that tells none of these from another."""
    return tuple((cause, Certainty.POSSIBLE) for cause in possible)


# By whether AWS denies or misses an Allow, of calls to STS and to services whose policies we know no better.
_MISSING = {
    Kind.IDENTITY: "identity-policy",
    Kind.BOUNDARY: "boundary",
    Kind.SESSION: "session-policy",
    Kind.SCP: "scp",
    Kind.RCP: "rcp",
    Kind.VPC_ENDPOINT: "vpc-endpoint",
    Kind.TRUST: "trust",
    Kind.RESOURCE: "resource-policy",
}
_DENYING = _MISSING | {Kind.IDENTITY: "identity-deny", Kind.TRUST: "trust-deny"}
_OF_BUCKETS = {
    Kind.IDENTITY: "s3-role-policy",
    Kind.RESOURCE: "s3-bucket-policy",
    Kind.SESSION: "s3-session-policy",
    Kind.BOUNDARY: "s3-boundary",
    Kind.SCP: "s3-scp",
    Kind.RCP: "s3-rcp",
    Kind.VPC_ENDPOINT: "s3-vpc-endpoint",
}
_BY_CAUSE = {
    Cause.WRONG_CODE: certain("mfa-code"),
    Cause.NO_CODE: certain("mfa"),
    Cause.NO_DEVICE: certain("mfa-device"),
    Cause.ROOT_CALLER: certain("root-caller"),
    Cause.MAX_SESSION: certain("max-session"),
    Cause.CHAINING: certain("chaining"),
    Cause.KMS_KEY: likely("s3-kms-key", "s3-kms-policy"),
    Cause.BLOCK_PUBLIC_POLICY: certain("s3-block-public-access"),
    Cause.BLOCK_PUBLIC_ACLS: certain("s3-block-public-access"),
}
# AWS would name the caller's own policies, and says of a role that does not exist what it says of a trust policy.
NO_REASON = likely("trust", "no-role", "external-id", "mfa", "source-identity", "session-name")
DENIED_SOMEWHERE = open_to("identity-deny", "trust-deny", "scp", "rcp", "vpc-endpoint")
ALLOWED_NOWHERE = open_to("identity-policy", "trust", "boundary", "session-policy", "scp")
# Who comes with a token of another provider sends neither MFA nor an external ID.
_NO_REASON_OF_A_TOKEN = likely("trust", "no-role")
# Of a service whose policies are not known here, and in older messages: AWS names no kind of policy.
_UNNAMED = open_to("identity-policy", "identity-deny", "resource-policy", "boundary", "session-policy", "scp")
_UNNAMED_DENY = open_to("identity-deny", "resource-policy", "scp", "rcp", "vpc-endpoint")
# The older words of STS, which are all that it said, also of the caller's own policies.
BARE_OF_STS = open_to("trust", "identity-policy", "no-role", "external-id", "mfa", "scp")
NO_REASON_OF_A_BUCKET = likely("s3-denied", "s3-role-policy", "s3-bucket-policy", "s3-vpc-endpoint", "s3-scp", "s3-rcp")
NO_REASON_OF_AN_OBJECT = (*NO_REASON_OF_A_BUCKET, *open_to("s3-kms-policy", "s3-object-missing"))
_BY_TOKEN = frozenset({"sts:assumerolewithwebidentity", "sts:assumerolewithsaml"})
# Actions beside AssumeRole that a trust policy has to allow, too.
_BESIDE = {"sts:tagsession": "tags", "sts:setsourceidentity": "source-identity"}


def policy_of(kind: Kind, *, is_explicit: bool, action: str = "sts:AssumeRole") -> str:
    """Return the cause that a kind of policy is, for a call of this action."""
    by_kind = _DENYING if is_explicit else _MISSING
    service = action.lower().partition(":")[0]
    if service == "sts" and kind in (Kind.TRUST, Kind.RESOURCE):  # STS has called it resource-based, too
        trust = by_kind[Kind.TRUST]
        return trust if is_explicit else _BESIDE.get(action.lower(), trust)
    if service == "kms" and kind in (Kind.IDENTITY, Kind.RESOURCE):
        return "s3-kms-policy" if kind is Kind.IDENTITY else "s3-kms-key"
    return _OF_BUCKETS.get(kind, by_kind[kind]) if service == "s3" else by_kind[kind]


def of_denial(denial: Denial) -> Reading:
    """Return what a sentence leaves open; nothing where it says nothing of the cause."""
    if denial.cause is not Cause.POLICY:
        return _BY_CAUSE.get(denial.cause, ())
    action = denial.action.lower()
    service, _, name = action.partition(":")
    if denial.kind is not None:
        return certain(policy_of(denial.kind, is_explicit=bool(denial.is_explicit), action=action))
    if service == "s3" and denial.is_explicit is None:
        return NO_REASON_OF_AN_OBJECT if "object" in name else NO_REASON_OF_A_BUCKET
    if action != "sts:assumerole" and action not in _BESIDE and action not in _BY_TOKEN:
        return ()
    if denial.is_explicit is not None:
        return DENIED_SOMEWHERE if denial.is_explicit else ALLOWED_NOWHERE
    if action in _BY_TOKEN:
        return _NO_REASON_OF_A_TOKEN
    return certain(_BESIDE[action]) if action in _BESIDE else NO_REASON


def of_any(denial: Denial) -> Reading:
    """Return what a sentence leaves open where nothing but the sentence is known, of any service."""
    if (reading := of_denial(denial)) or not denial.action:
        return reading
    return _UNNAMED_DENY if denial.is_explicit else _UNNAMED
