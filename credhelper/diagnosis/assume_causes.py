"""The causes in IAM: which policy, and which element of it, keeps a caller from a role. Pure.

`{profile}` in a way out is the place of the profile's name, as in a hint (see errors.PROFILE).
"""

from credhelper.diagnosis.cause import Cause, Who

# The codes of errors.InputError, AwsError and MfaError.
_SETTING, _REFUSED, _CODE = 2, 4, 6

CAUSES: tuple[Cause, ...] = (
    Cause(
        id="identity-policy",
        title="No policy of the caller allows the role",
        meaning="No policy of the user or role that asks, nor of its groups, allows `sts:AssumeRole` on this ARN. A "
        "policy that is there may name another role: a mistyped name, a missing path, another account.",
        way_out="Allow `sts:AssumeRole` on the role's whole ARN in a policy of the caller or of a group; "
        "`credhelper doctor {profile}` prints the command. `credhelper discover` lists the roles that are allowed.",
        who=Who.CALLER_ADMIN,
        exit_code=_REFUSED,
    ),
    Cause(
        id="identity-deny",
        title="A policy of the caller denies the role",
        meaning="A statement with `Deny` in a policy of the caller or of its groups fits this call. Often it denies "
        "everything without MFA.",
        way_out="Sign in with MFA if the statement wants it: `credhelper profile set {profile} --mfa-serial ARN`. "
        "Otherwise the statement has to change; an Allow elsewhere does not help.",
        who=Who.CALLER_ADMIN,
        exit_code=_REFUSED,
    ),
    Cause(
        id="boundary",
        title="The permissions boundary does not allow it",
        meaning="The caller has a permissions boundary, which limits what its policies can allow, and the boundary "
        "does not name `sts:AssumeRole` on this role.",
        way_out="Have the boundary allow `sts:AssumeRole` on the role; more policies on the caller do not help.",
        who=Who.CALLER_ADMIN,
        exit_code=_REFUSED,
    ),
    Cause(
        id="boundary-deny",
        title="The permissions boundary denies it",
        meaning="A statement with `Deny` in the caller's permissions boundary fits this call.",
        way_out="Have that statement of the boundary changed; an Allow elsewhere does not help.",
        who=Who.CALLER_ADMIN,
        exit_code=_REFUSED,
    ),
    Cause(
        id="session-policy",
        title="The session policy does not allow it",
        meaning="The source credentials came with a session policy (from AssumeRole, GetFederationToken or a broker), "
        "and this does not allow the call, or denies it.",
        way_out="Get the source credentials without that policy, or with one that allows `sts:AssumeRole` on the role; "
        "then `credhelper login {profile}`.",
        who=Who.YOU,
        exit_code=_REFUSED,
    ),
    Cause(
        id="scp",
        title="A service control policy of the organization",
        meaning="A service control policy (SCP) of the caller's organization denies the call, or none of them allows "
        "it. No policy in the account can change that.",
        way_out="Show the message with the policy's ARN to an administrator of the organization.",
        who=Who.ORGANIZATION,
        exit_code=_REFUSED,
    ),
    Cause(
        id="rcp",
        title="A resource control policy of the organization",
        meaning="A resource control policy (RCP) of the organization that the role's account belongs to denies the "
        "call; often it keeps out everything from other organizations.",
        way_out="Show the message to an administrator of the organization of the role's account.",
        who=Who.ORGANIZATION,
        exit_code=_REFUSED,
    ),
    Cause(
        id="vpc-endpoint",
        title="The policy of a VPC endpoint",
        meaning="The call goes through a VPC endpoint, whose policy does not allow it or denies it.",
        way_out="Have the endpoint's policy allow it: `aws ec2 describe-vpc-endpoints` shows the policy. From another "
        "network the call does not go through it.",
        who=Who.NETWORK,
        exit_code=_REFUSED,
    ),
    Cause(
        id="trust-policy",
        title="The trust policy does not name the caller",
        meaning="The role's trust policy names another account, user or role, or the role does not exist: AWS says "
        "the same of both, and across accounts gives no reason at all.",
        way_out="Compare the role's ARN with that of its owner, letter by letter. An administrator of the role's "
        "account finds out for certain: `credhelper doctor {profile} --prod-admin` and the name of their profile.",
        who=Who.ROLE_ADMIN,
        exit_code=_REFUSED,
    ),
    Cause(
        id="trust-deny",
        title="The trust policy denies the caller",
        meaning="A statement with `Deny` in the role's trust policy fits this call.",
        way_out="Have that statement changed; an Allow elsewhere does not help.",
        who=Who.ROLE_ADMIN,
        exit_code=_REFUSED,
    ),
    Cause(
        id="trust-condition",
        title="A condition of the trust policy is not met",
        meaning="The trust policy names the caller, under a condition that this call does not meet: a tag, an ARN, an "
        "organization, a date.",
        way_out="Ask the owner of the role which condition it is; `credhelper doctor {profile} --prod-admin` and the "
        "name of an administrator's profile names it.",
        who=Who.ROLE_ADMIN,
        exit_code=_REFUSED,
    ),
    Cause(
        id="mfa-missing",
        title="The role wants MFA, and none was sent",
        meaning="The trust policy, or a policy of the caller, has the condition `aws:MultiFactorAuthPresent`, and no "
        "one-time code was sent.",
        way_out="`credhelper profile set {profile} --mfa-serial ARN` with the ARN that `aws iam list-mfa-devices` "
        "shows; then `credhelper login {profile}`.",
        who=Who.YOU,
        exit_code=_REFUSED,
    ),
    Cause(
        id="mfa-code",
        title="The one-time code is wrong, or was used",
        meaning="AWS takes each code once, and only while it is shown; a device whose clock is off shows others.",
        way_out="Wait for the next code, then `credhelper login {profile}`. If each code is refused: "
        "`aws iam resync-mfa-device`.",
        who=Who.YOU,
        exit_code=_CODE,
    ),
    Cause(
        id="mfa-device",
        title="The MFA device is not the caller's",
        meaning="`mfa_serial` names a device that is not registered to the user who signs the call, or is mistyped.",
        way_out="`aws iam list-mfa-devices` with the source profile shows the caller's; then "
        "`credhelper profile set {profile} --mfa-serial ARN`.",
        who=Who.YOU,
        exit_code=_CODE,
    ),
    Cause(
        id="external-id",
        title="The external ID is missing or wrong",
        meaning="The trust policy has the condition `sts:ExternalId`, and the call sends none, or another.",
        way_out="Ask the owner of the role for it; then `credhelper profile set {profile} --external-id VALUE`.",
        who=Who.YOU,
        exit_code=_REFUSED,
    ),
    Cause(
        id="source-identity",
        title="The source identity",
        meaning="The trust policy wants a source identity that is not sent, or the call sends one and is not allowed "
        "`sts:SetSourceIdentity`, which both the caller's policy and the trust policy have to allow.",
        way_out="`credhelper profile set {profile} --source-identity VALUE`, or, where one is set and not wanted, "
        "`credhelper profile unset {profile} source_identity`.",
        who=Who.ROLE_ADMIN,
        exit_code=_REFUSED,
    ),
    Cause(
        id="session-name",
        title="The session name is not the one that is wanted",
        meaning="The trust policy has the condition `sts:RoleSessionName`, often the user's own name.",
        way_out="`credhelper profile set {profile} --role-session-name VALUE`.",
        who=Who.YOU,
        exit_code=_REFUSED,
    ),
    Cause(
        id="source-ip",
        title="The address is not one that is allowed",
        meaning="A policy has the condition `aws:SourceIp`, and the call comes from another address: another "
        "network, a VPN that is off, or a VPC endpoint, for which the condition never holds.",
        way_out="Use the network that is named there, or have the address added.",
        who=Who.ROLE_ADMIN,
        exit_code=_REFUSED,
    ),
    Cause(
        id="session-tags",
        title="Session tags may not be sent",
        meaning="The call sends session tags, and the trust policy or the caller's policy does not allow "
        "`sts:TagSession`; or a condition wants a tag that is not sent.",
        way_out="Have `sts:TagSession` allowed in the trust policy, or `credhelper profile unset {profile} tags`.",
        who=Who.ROLE_ADMIN,
        exit_code=_REFUSED,
    ),
    Cause(
        id="principal-deleted",
        title="The trust policy names a user or role that was deleted",
        meaning="The trust policy shows an ID (`AIDA…`, `AROA…`) where an ARN was: that user or role was deleted, and "
        "a new one of the same name is not let in.",
        way_out="Have the trust policy name the ARN again.",
        who=Who.ROLE_ADMIN,
        exit_code=_REFUSED,
    ),
    Cause(
        id="no-such-role",
        title="The role does not exist",
        meaning="No role of this name and path is in that account. AWS says of it what it says of a trust policy.",
        way_out="Compare the ARN, with its path, with that of the role's owner; then "
        "`credhelper profile set {profile} --role-arn ARN`.",
        who=Who.YOU,
        exit_code=_REFUSED,
    ),
    Cause(
        id="root-caller",
        title="The root user assumes no role",
        meaning="The source credentials are keys of the account's root user, which cannot assume roles.",
        way_out="Create a key for an IAM user or use IAM Identity Center, then `aws configure` for the source profile. "
        "Delete the root key.",
        who=Who.YOU,
        exit_code=_REFUSED,
    ),
    Cause(
        id="max-session",
        title="The role allows no session of this length",
        meaning="`duration_seconds` is more than the role's MaxSessionDuration, which is one hour unless it was set.",
        way_out="`credhelper profile set {profile} --duration-seconds 3600`, or have MaxSessionDuration raised.",
        who=Who.YOU,
        exit_code=_REFUSED,
    ),
    Cause(
        id="role-chaining",
        title="A role assumed from a role lasts one hour",
        meaning="The source credentials are themselves those of a role; AWS then gives one hour at most, also where "
        "the role's MaxSessionDuration is more.",
        way_out="`credhelper profile set {profile} --duration-seconds 3600`.",
        who=Who.YOU,
        exit_code=_REFUSED,
    ),
    Cause(
        id="request",
        title="AWS does not accept the request",
        meaning="A value of the profile is not one that AssumeRole takes: a session name or tag with a character that "
        "is not allowed, a session policy that is no policy or too large, an ARN that is none.",
        way_out="`credhelper profile show {profile}`, then `credhelper profile set {profile}` with the value that AWS "
        "names.",
        who=Who.YOU,
        exit_code=_SETTING,
    ),
)
