"""AssumeRole refused by a policy, a one-time code or a key: the rows for AccessDenied."""

from credhelper.aws.explain.row import Row
from credhelper.diagnosis import readings
from credhelper.errors import AwsError, MfaError
from credhelper.model.code_errors import RefusedCodeError
from credhelper.policy.denial import Cause, Kind

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_TRUST: frozenset[Kind | None] = frozenset({Kind.TRUST, Kind.RESOURCE})
_SHOW_TRUST = "aws iam get-role --role-name {role_name} (in account {account}) shows the trust policy"
_SHOW_ROLE = (
    "aws iam get-role --role-name {role_name} (in account {account}) shows whether it exists, and its trust policy"
)
_SHOW_THEM = "show them this line and: aws sts get-caller-identity{as_source}"


def _about(
    name: str,
    kinds: frozenset[Kind | None] | Cause,
    cause: str,
    hint: str,
    *,
    is_explicit: bool | None = None,
    actions: tuple[str, ...] = (),
) -> Row:
    return Row(
        name, _DENIED, "", AwsError, cause, hint, about=kinds, is_explicit=is_explicit, actions=frozenset(actions)
    )


def _no_allow(kind: Kind, cause: str, hint: str) -> Row:
    name = readings.policy_of(kind, is_explicit=False)
    return _about(name, frozenset({kind}), f"{cause} ({{sent}})", hint, is_explicit=False)


_WITHOUT_IT = (
    "the session policy came with the source credentials: get them without it, or with one that allows this; then: "
    "credhelper login {profile}"
)
_SEE_ENDPOINTS = "to see it: aws ec2 describe-vpc-endpoints --region {region}"
# Whose it is to lift, where that is not an administrator of one of the two accounts.
_LIFTS = {
    Kind.SESSION: _WITHOUT_IT,
    Kind.SCP: f"an administrator of the organization has to lift it; {_SHOW_THEM}",
    Kind.RCP: f"an administrator of account {{account}}'s organization has to lift it; {_SHOW_THEM}",
    Kind.VPC_ENDPOINT: f"an administrator of this network lifts it; {_SEE_ENDPOINTS}",
}


def _deny(kind: Kind | None) -> Row:
    lift = f"an administrator has to lift it; {_SHOW_THEM}; which statement it is: credhelper doctor {{profile}}"
    return _about(
        readings.policy_of(kind, is_explicit=True) if kind else readings.DENIED_SOMEWHERE[0][0],
        frozenset({kind}),
        "{caller} is denied {action} on {role} by an explicit deny in {deny}",
        _LIFTS.get(kind, lift) if kind else lift,
        is_explicit=True,
    )


DENIED = (
    Row(
        "mfa-code",
        _DENIED,
        "",
        RefusedCodeError,
        "AWS refused the one-time code for {mfa_serial}",
        "wait for the next code, then: credhelper login {profile}",
        about=Cause.WRONG_CODE,
    ),
    Row(
        "mfa",
        _DENIED,
        "",
        MfaError,
        "AWS wants an MFA device and its one-time code together",
        "credhelper profile set {profile} --mfa-serial ARN",
        about=Cause.NO_CODE,
    ),
    Row(
        "mfa-device",
        _DENIED,
        "",
        MfaError,
        "AWS could not check the one-time code: {mfa_serial} is not an MFA device of {caller}",
        "aws iam list-mfa-devices{as_source}; then: credhelper profile set {profile} --mfa-serial ARN",
        about=Cause.NO_DEVICE,
    ),
    _about(
        "root-caller",
        Cause.ROOT_CALLER,
        "{source} holds root keys, and a role cannot be assumed by the root user",
        "create an access key for an IAM user, then: {set_key}",
    ),
    *(_deny(kind) for kind in (*Kind, None)),
    _about(
        "tags",
        _TRUST | {None},
        "{caller} may not send session tags to {role} (sts:TagSession)",
        "allow sts:TagSession in the role's trust policy, or: credhelper profile unset {profile} tags",
        actions=("sts:TagSession",),
    ),
    _about(
        "source-identity",
        _TRUST | {None},
        "{caller} may not set a source identity on {role} (sts:SetSourceIdentity)",
        "allow sts:SetSourceIdentity in the trust policy, or: credhelper profile unset {profile} source_identity",
        actions=("sts:SetSourceIdentity",),
    ),
    _no_allow(
        Kind.IDENTITY,
        "no policy of {caller} allows {action} on {role}",
        "{allow}; what is allowed now: credhelper doctor {profile}",
    ),
    _about(
        readings.policy_of(Kind.TRUST, is_explicit=False),
        _TRUST,
        "the trust policy of {role} does not let {caller} in ({sent})",
        _SHOW_TRUST + "; what it asks for: credhelper doctor {profile}",
        is_explicit=False,
    ),
    _no_allow(
        Kind.BOUNDARY,
        "the permissions boundary{policy} of {caller} does not allow {action} on {role}",
        "an administrator has to allow it in the boundary; " + _SHOW_THEM,
    ),
    _no_allow(
        Kind.SESSION,
        "the session policy{policy} of {caller} does not allow {action} on {role}",
        _WITHOUT_IT,
    ),
    _no_allow(
        Kind.SCP,
        "no service control policy{policy} of the caller's organization allows {caller} {action} on {role}",
        "an administrator of the organization has to allow it; " + _SHOW_THEM,
    ),
    _no_allow(
        Kind.RCP,
        "no resource control policy{policy} of account {account}'s organization allows {caller} {action} on {role}",
        "an administrator of that organization has to allow it; " + _SHOW_THEM,
    ),
    _no_allow(
        Kind.VPC_ENDPOINT,
        "the policy of the VPC endpoint for STS{policy} does not allow {caller} {action} on {role}",
        f"an administrator of this network allows it; {_SEE_ENDPOINTS}",
    ),
    # MinIO has one code for all that it refuses.
    Row(
        "key-secret",
        _DENIED,
        "request signature we calculated does not match",
        AwsError,
        "the secret access key does not belong to access key {key} (mistyped, cut off, or another key's)",
        "{set_key}{otherwise}",
    ),
    Row(
        "key-unknown",
        _DENIED,
        "[Aa]ccess [Kk]ey Id you provided does not exist",
        AwsError,
        "the server knows no access key {key}",
        "{set_key}{otherwise}",
    ),
    Row(
        readings.NO_REASON[0][0],
        _DENIED,
        "",
        AwsError,
        "{caller} may not assume {role} ({sent})",
        "does the role exist? AWS says the same of one that does not; compare the ARN, then check its trust policy"
        "{not_sent} and a policy of the caller that allows sts:AssumeRole, in this order; "
        + _SHOW_ROLE
        + "; credhelper doctor {profile}",
    ),
)
