"""The causes in IAM: which policy, and which element of it, keeps a caller from a role. Pure."""

from collections.abc import Mapping

from credhelper.diagnosis.causes import looks
from credhelper.diagnosis.causes.cause import Cause, Who
from credhelper.policy.denial import Kind

_SENTENCE = "User: arn:aws:iam::111111111111:user/David is not authorized to perform: {action} on resource: {role}{end}"
_ROLE = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
_CODE = 6
_ASK_ROLE_ADMIN = "For certain: `credhelper doctor NAME --prod-admin PROFILE`, with a profile that may read the role."


def _said(message: str, *, code: str = "AccessDenied", status: int = 403) -> Mapping[str, str]:
    return looks.of_tools("STS", "AssumeRole", code, status, message)


def _denied(end: str = "", action: str = "sts:AssumeRole") -> Mapping[str, str]:
    return _said(_SENTENCE.format(action=action, role=_ROLE, end=f" {end}" if end else ""))


def _no(kind: Kind) -> str:
    return f"because no {kind.value} allows the sts:AssumeRole action"


def _deny(kind: Kind) -> str:
    return f"with an explicit deny in {kind}"


def _cause(
    name: str, title: str, *, meaning: str, way_out: str, who: Who, said: Mapping[str, str], exit_code: int = 4
) -> Cause:
    return Cause(id=name, title=title, meaning=meaning, way_out=way_out, who=who, exit_code=exit_code, looks=said)


# What the caller's account decides, in AWS's order; then what the role's account does; then the limits of a session.
CAUSES: tuple[Cause, ...] = (
    _cause(
        "identity-policy",
        "No policy of the caller allows it",
        meaning="No policy of the user, of its groups or of the role that asks allows `sts:AssumeRole` on this role: "
        "there is none, or it names another ARN. AWS says so itself.",
        way_out="An administrator of the caller's account allows it, or `credhelper profile set NAME --role-arn ARN` "
        "where the profile has the wrong role. `credhelper doctor NAME` shows the policy that comes next to it.",
        who=Who.CALLER_ADMIN,
        said=_denied(_no(Kind.IDENTITY)),
    ),
    _cause(
        "identity-deny",
        "A policy of the caller denies it",
        meaning="A Deny in a policy of the user, of its groups or of the role that asks applies. No Allow outweighs "
        "it.",
        way_out="An administrator of the caller's account narrows the Deny.",
        who=Who.CALLER_ADMIN,
        said=_denied(_deny(Kind.IDENTITY)),
    ),
    _cause(
        "boundary",
        "The permissions boundary does not allow it",
        meaning="The caller has a permissions boundary, and what it does not allow no policy gives.",
        way_out="An administrator of the caller's account allows `sts:AssumeRole` on the role in the boundary.",
        who=Who.CALLER_ADMIN,
        said=_denied(_no(Kind.BOUNDARY)),
    ),
    _cause(
        "session-policy",
        "The session policy of the source does not allow it",
        meaning="The source credentials were issued with a session policy, and it does not allow to assume this role.",
        way_out="Get them without it, or with one that allows this; then `credhelper login NAME`.",
        who=Who.YOU,
        said=_denied(_no(Kind.SESSION)),
    ),
    _cause(
        "scp",
        "A service control policy denies it",
        meaning="The organization of the caller's account does not allow it for that account.",
        way_out="An administrator of the organization allows it; AWS's sentence has the policy's ARN, where AWS "
        "gives it.",
        who=Who.ORGANIZATION,
        said=_denied(_deny(Kind.SCP)),
    ),
    _cause(
        "rcp",
        "A resource control policy denies it",
        meaning="The organization of the role's account does not allow it for what is in that account.",
        way_out="An administrator of that organization allows it.",
        who=Who.ORGANIZATION,
        said=_denied(_deny(Kind.RCP)),
    ),
    _cause(
        "vpc-endpoint",
        "The policy of a VPC endpoint does not allow it",
        meaning="The request goes through an endpoint of the network for STS, whose policy does not allow it.",
        way_out="Who runs the network allows it: `aws ec2 describe-vpc-endpoints` shows the policy.",
        who=Who.NETWORK,
        said=_denied(_no(Kind.VPC_ENDPOINT)),
    ),
    _cause(
        "root-caller",
        "The root user assumes no role",
        meaning="The source credentials are those of an account's root, and AWS lets it assume no role.",
        way_out="Create an access key of an IAM user, and set it for the source profile.",
        who=Who.YOU,
        said=_said("Roles may not be assumed by root accounts."),
    ),
    _cause(
        "trust",
        "The trust policy of the role, or no such role",
        meaning="AWS refuses without a reason. The caller's own policies would have been named, so it is the trust "
        "policy, one of its conditions, or there is no role of this name: AWS says the same of all three.",
        way_out=f"{_ASK_ROLE_ADMIN} Compare the ARN letter by letter; see what is not sent: MFA, an external ID.",
        who=Who.ROLE_ADMIN,
        said=_denied(),
    ),
    _cause(
        "no-role",
        "There is no such role",
        meaning="The account has no role of this name, or it is below another path, which is a part of the ARN.",
        way_out="`credhelper profile set NAME --role-arn ARN`, or an administrator of the role's account creates it.",
        who=Who.YOU,
        said=_denied(),
    ),
    _cause(
        "trust-principal",
        "The trust policy names another principal",
        meaning="The role lets in another account, user or role than the one that asks.",
        way_out="An administrator of the role's account adds the caller or its account to the trust policy; or use "
        "the source profile that it names: `credhelper profile set NAME --source-profile PROFILE`.",
        who=Who.ROLE_ADMIN,
        said=_denied(),
    ),
    _cause(
        "deleted-principal",
        "The trust policy names a user or role that was deleted",
        meaning="The trust policy has an id (`AIDA…`, `AROA…`) in place of a name: who it named was deleted. A new "
        "user or role of the same name is not let in.",
        way_out="An administrator of the role's account writes the name into the trust policy again.",
        who=Who.ROLE_ADMIN,
        said=_denied(),
    ),
    _cause(
        "trust-deny",
        "The trust policy denies it",
        meaning="A Deny in the trust policy of the role applies.",
        way_out="An administrator of the role's account narrows it.",
        who=Who.ROLE_ADMIN,
        said=_denied(_deny(Kind.TRUST).replace(" a ", " the ")),
    ),
    _cause(
        "trust-condition",
        "A condition of the trust policy does not hold",
        meaning="The trust policy lets the caller in under a condition, such as a tag of the user, its ARN, the "
        "organization or a date, which does not hold.",
        way_out=f"{_ASK_ROLE_ADMIN} It names the statement, the key and the values.",
        who=Who.ROLE_ADMIN,
        said=_denied(),
    ),
    _cause(
        "trust-action",
        "The trust policy allows another action",
        meaning="The trust policy lets the caller in by another call, such as `sts:AssumeRoleWithSAML`, and not by "
        "`sts:AssumeRole`.",
        way_out="An administrator of the role's account allows `sts:AssumeRole` in the trust policy.",
        who=Who.ROLE_ADMIN,
        said=_denied(),
    ),
    _cause(
        "mfa",
        "It wants MFA, and none is sent",
        meaning="The trust policy, or a policy of the caller, lets in with a one-time code only.",
        way_out="`credhelper profile set NAME --mfa-serial ARN`; `aws iam list-mfa-devices` shows the ARN of the "
        "device.",
        who=Who.YOU,
        said=_denied(),
        exit_code=_CODE,
    ),
    _cause(
        "mfa-code",
        "The one-time code is wrong",
        meaning="The code was mistyped, is too old, or was used before: AWS takes each one once.",
        way_out="Wait for the next code, then `credhelper login NAME`.",
        who=Who.YOU,
        said=_said("MultiFactorAuthentication failed with invalid MFA one time pass code."),
        exit_code=_CODE,
    ),
    _cause(
        "mfa-device",
        "The MFA device is not the caller's",
        meaning="The serial number in the profile is that of no device of the user who asks; a session has none.",
        way_out="`aws iam list-mfa-devices`, then `credhelper profile set NAME --mfa-serial ARN`.",
        who=Who.YOU,
        said=_said(
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is "
            "valid and associated with this user."
        ),
        exit_code=_CODE,
    ),
    _cause(
        "external-id",
        "It wants an external ID, or another one",
        meaning="The trust policy asks for an external ID, and none is sent, or another one.",
        way_out="Ask the owner of the role for it, then `credhelper profile set NAME --external-id VALUE`.",
        who=Who.YOU,
        said=_denied(),
    ),
    _cause(
        "source-identity",
        "The source identity is missing, wrong or not allowed",
        meaning="The trust policy wants a source identity that is not sent; or one is sent, and "
        "`sts:SetSourceIdentity` is not allowed on both sides.",
        way_out="`credhelper profile set NAME --source-identity VALUE`, or `credhelper profile unset NAME "
        "source_identity`; or `sts:SetSourceIdentity` is allowed in the trust policy and in a policy of the caller.",
        who=Who.YOU,
        said=_denied(action="sts:SetSourceIdentity"),
    ),
    _cause(
        "session-name",
        "It wants another session name",
        meaning="The trust policy lets in with certain session names only, such as that of the user.",
        way_out="`credhelper profile set NAME --role-session-name VALUE`.",
        who=Who.YOU,
        said=_denied(),
    ),
    _cause(
        "source-ip",
        "It wants another address",
        meaning="The trust policy, or a policy of the caller, lets in from certain addresses or networks only.",
        way_out="Use the network that it names (a VPN), or an administrator adds the address.",
        who=Who.ROLE_ADMIN,
        said=_denied(),
    ),
    _cause(
        "tags",
        "Session tags are missing or not allowed",
        meaning="The trust policy wants session tags that are not sent; or they are sent, and `sts:TagSession` is "
        "not allowed.",
        way_out="`credhelper profile set NAME --tags KEY=VALUE`, or `credhelper profile unset NAME tags`; or "
        "`sts:TagSession` is allowed in the trust policy and in a policy of the caller.",
        who=Who.YOU,
        said=_denied(action="sts:TagSession"),
    ),
    _cause(
        "max-session",
        "The session is longer than the role allows",
        meaning="More seconds are asked for than the role's MaxSessionDuration.",
        way_out="`credhelper profile set NAME --duration-seconds 3600`, or the role allows more: `aws iam "
        "update-role --max-session-duration`.",
        who=Who.YOU,
        said=_said(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            code="ValidationError",
            status=400,
        ),
    ),
    _cause(
        "chaining",
        "A role assumed from a role lasts one hour",
        meaning="The source is the session of a role, and AWS allows no more than 3600 seconds then.",
        way_out="`credhelper profile set NAME --duration-seconds 3600`.",
        who=Who.YOU,
        said=_said(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            code="ValidationError",
            status=400,
        ),
    ),
)
