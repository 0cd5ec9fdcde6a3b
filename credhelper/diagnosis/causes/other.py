"""The causes that no check finds, since only AWS's word tells of them. Pure."""

from credhelper.diagnosis.causes import looks
from credhelper.diagnosis.causes.cause import Cause, Who

CAUSES: tuple[Cause, ...] = (
    Cause(
        id="request",
        title="AWS does not accept the request",
        meaning="A value of the profile is not one that AssumeRole takes: a session name or a tag with a character "
        "that is not allowed, a session policy that is too large or no policy, an ARN that is none.",
        way_out="`credhelper profile show {profile}`; then `credhelper profile set {profile}` with another value for "
        "what AWS names.",
        who=Who.YOU,
        exit_code=2,
        looks=looks.of_tools(
            "STS",
            "AssumeRole",
            "ValidationError",
            400,
            "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: [\\w+=,.@-]*",
        ),
    ),
    Cause(
        id="resource-policy",
        title="The policy of the resource does not allow it",
        meaning="The resource that is asked for has a policy of its own (a secret, a queue, a topic, a key), and that "
        "does not allow the call, or denies it.",
        way_out="Have that policy name the role that asks, by its whole ARN.",
        who=Who.ROLE_ADMIN,
        exit_code=4,
        looks=looks.of_tools(
            "Secrets Manager",
            "GetSecretValue",
            "AccessDeniedException",
            400,
            "User: arn:aws:sts::222222222222:assumed-role/reader/David is not authorized to perform: "
            "secretsmanager:GetSecretValue because no resource-based policy allows the secretsmanager:GetSecretValue "
            "action",
        ),
    ),
    Cause(
        id="encoded",
        title="AWS gives its reason in a message that is encoded",
        meaning="EC2 and some other services encode the reason. Only a caller of the same account who has "
        "`sts:DecodeAuthorizationMessage` may decode it.",
        way_out="`aws sts decode-authorization-message --query DecodedMessage --output text --encoded-message` and the "
        "message, as a caller who may.",
        who=Who.CALLER_ADMIN,
        exit_code=4,
        looks=looks.of_tools(
            "EC2",
            "RunInstances",
            "UnauthorizedOperation",
            403,
            "You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTkIa",
        ),
    ),
    Cause(
        id="sso-no-role",
        title="The permission set is not assigned",
        meaning="The session of IAM Identity Center is valid, and its user is not assigned this role in this account.",
        way_out="Compare `sso_role_name` and `sso_account_id` with what the access portal lists, or have the "
        "permission set assigned.",
        who=Who.ORGANIZATION,
        exit_code=4,
        looks=looks.of_tools("SSO", "GetRoleCredentials", "ForbiddenException", 403, "No access"),
    ),
)
