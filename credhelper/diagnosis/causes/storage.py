"""The causes after the role: the bucket, its policy, its Region and its key. Pure."""

from collections.abc import Mapping

from credhelper.diagnosis.causes.cause import Cause, Who
from credhelper.diagnosis.causes.looks import of_tools

# The codes of errors.InputError, AwsError and UnreachableError.
_SETTING, _REFUSED, _UNREACHED = 2, 4, 5
_LIST, _GET = "ListObjectsV2", "GetObject"
_WHO = "User: arn:aws:sts::222222222222:assumed-role/acc-to-read-prod-s3-bucket/David is not authorized to perform:"
_BUCKET = 's3:ListBucket on resource: "arn:aws:s3:::list-prod-bkt-details-01"'
_ON_KEY = "kms:Decrypt on the resource associated with this ciphertext"


def _denied(reason: str, *, what: str = _BUCKET, operation: str = _LIST) -> Mapping[str, str]:
    return of_tools("S3", operation, "AccessDenied", 403, f"{_WHO} {what} {reason}")


CAUSES: tuple[Cause, ...] = (
    Cause(
        id="s3-bucket-name",
        title="No name of a bucket",
        meaning="The text cannot be the name of a bucket: 3 to 63 of a-z, 0-9, dot and hyphen.",
        way_out="Give the name alone, without `s3://` and without an ARN: `credhelper doctor NAME --bucket BUCKET`.",
        who=Who.YOU,
        exit_code=_SETTING,
    ),
    Cause(
        id="s3-no-bucket",
        title="No such bucket, or not yours",
        meaning="S3 knows no bucket of this name, or one of another account has it. Often a letter of the name is "
        "wrong; a bucket that was deleted can also have been created again by others.",
        way_out="Compare the name; `doctor` looks for one that is alike in the policies that it may read and, with "
        "`--prod-admin`, among the buckets of the account.",
        who=Who.YOU,
        exit_code=_REFUSED,
        looks=of_tools("S3", _LIST, "NoSuchBucket", 404, "The specified bucket does not exist"),
    ),
    Cause(
        id="s3-region",
        title="The bucket is of another Region",
        meaning="A bucket is in one Region, and the request was sent to another. The AWS CLI and boto3 follow S3's "
        "redirect where the endpoint is AWS's own; the SDKs for Go and Java, and Terraform, do not.",
        way_out="Give the profile the bucket's Region: `credhelper profile set NAME --region REGION`.",
        who=Who.YOU,
        exit_code=_SETTING,
        looks=of_tools(
            "S3",
            _LIST,
            "PermanentRedirect",
            301,
            "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all "
            "future requests to this endpoint.",
        ),
    ),
    Cause(
        id="s3-role-policy",
        title="The role's policies do not allow it",
        meaning="The role was assumed, and its own policies do not allow the action on this bucket or object, or one "
        "denies it. `s3:ListBucket` is allowed on the bucket's ARN, `s3:GetObject` on that of its objects (`/*`).",
        way_out="Allow the action in a policy of the role; `credhelper doctor NAME --bucket BUCKET` prints the "
        "command. A Deny has to be changed: an Allow beside it does not help.",
        who=Who.ROLE_ADMIN,
        exit_code=_REFUSED,
        looks=_denied("because no identity-based policy allows the s3:ListBucket action"),
    ),
    Cause(
        id="s3-boundary",
        title="The permissions boundary of the role does not allow it",
        meaning="A boundary limits what the role's policies can allow, and it does not name this action and bucket.",
        way_out="Have the boundary allow it; more policies on the role do not help.",
        who=Who.ROLE_ADMIN,
        exit_code=_REFUSED,
        looks=_denied("because no permissions boundary allows the s3:ListBucket action"),
    ),
    Cause(
        id="s3-session-policy",
        title="The session policy does not allow it",
        meaning="The session was asked for with a policy (`policy` or `policy_arns` in the profile), which limits what "
        "the role may do.",
        way_out="Have the profile send a policy that allows it: `credhelper profile set NAME --policy file:///PATH`.",
        who=Who.YOU,
        exit_code=_REFUSED,
        looks=_denied("because no session policy allows the s3:ListBucket action"),
    ),
    Cause(
        id="s3-bucket-policy",
        title="The policy of the bucket denies it, or does not allow it",
        meaning="A statement with `Deny` in the bucket's policy fits the request, such as one for requests that come "
        "through no VPC endpoint. To a role of another account the policy also has to allow it.",
        way_out="The owner of the bucket changes its policy. An Allow in a policy of the role does not help against a "
        "Deny.",
        who=Who.BUCKET_ADMIN,
        exit_code=_REFUSED,
        looks=_denied("with an explicit deny in a resource-based policy"),
    ),
    Cause(
        id="s3-block-public-access",
        title="S3 Block Public Access",
        meaning="The bucket's policy is public, and RestrictPublicBuckets then keeps out every other account; or a "
        "policy or access list that is public was to be written.",
        way_out="Have the policy name the accounts or roles that it lets in, in place of `*`.",
        who=Who.BUCKET_ADMIN,
        exit_code=_REFUSED,
        looks=of_tools("S3", _LIST, "AccessDenied", 403, "Access Denied"),
    ),
    Cause(
        id="s3-scp",
        title="A service control policy keeps the role's account from it",
        meaning="The organization denies the action to the accounts below it, or does not allow it.",
        way_out="An administrator of the organization has to allow it.",
        who=Who.ORGANIZATION,
        exit_code=_REFUSED,
        looks=_denied("with an explicit deny in a service control policy"),
    ),
    Cause(
        id="s3-rcp",
        title="A resource control policy keeps callers from the bucket",
        meaning="The organization of the bucket's account denies the action on its buckets, most often to callers "
        "from outside.",
        way_out="An administrator of the bucket's organization has to allow it.",
        who=Who.ORGANIZATION,
        exit_code=_REFUSED,
        looks=_denied("with an explicit deny in a resource control policy"),
    ),
    Cause(
        id="s3-vpc-endpoint",
        title="The policy of a VPC endpoint does not allow it",
        meaning="The request goes to S3 through a VPC endpoint, whose policy does not name this bucket or role.",
        way_out="Who runs the network changes the policy of the endpoint; see `aws ec2 describe-vpc-endpoints`.",
        who=Who.NETWORK,
        exit_code=_REFUSED,
        looks=_denied("because no VPC endpoint policy allows the s3:ListBucket action"),
    ),
    Cause(
        id="s3-object-missing",
        title="There is no such object",
        meaning="The key is not in the bucket. To a caller who may not list the bucket S3 answers 403 as if it were "
        "denied, and not 404.",
        way_out="Compare the key, letter by letter and with its case; `aws s3 ls` shows what is there. With "
        "`s3:ListBucket` on the bucket S3 says 404.",
        who=Who.YOU,
        exit_code=_REFUSED,
        looks=of_tools("S3", _GET, "NoSuchKey", 404, "The specified key does not exist."),
    ),
    Cause(
        id="s3-archived",
        title="The object is archived",
        meaning="The object is of a storage class that has to be restored before it can be read.",
        way_out="`aws s3api restore-object`, then wait until it is restored.",
        who=Who.BUCKET_ADMIN,
        exit_code=_REFUSED,
        looks=of_tools(
            "S3", _GET, "InvalidObjectState", 403, "The operation is not valid for the object's storage class"
        ),
    ),
    Cause(
        id="s3-kms-key",
        title="The key of KMS does not let the role decrypt",
        meaning="The object is encrypted with a key of KMS. It is disabled, of another Region or gone, or its policy "
        "does not allow `kms:Decrypt`, or denies it: KMS has one sentence for these. The head of the object can be "
        "read all the same.",
        way_out="An administrator of the key lets the role use it in the key's policy; a key of AWS's own (`aws/s3`) "
        "cannot be opened to other accounts.",
        who=Who.BUCKET_ADMIN,
        exit_code=_REFUSED,
        looks=_denied(
            "because the resource does not exist in this Region, no resource-based policies allow access, or a "
            "resource-based policy explicitly denies access",
            what=_ON_KEY,
            operation=_GET,
        ),
    ),
    Cause(
        id="s3-kms-policy",
        title="The role's policies do not allow kms:Decrypt",
        meaning="The object is encrypted with a key of KMS, whose policy leaves it to the role's account who may use "
        "it, and no policy of the role allows `kms:Decrypt` on it.",
        way_out="Allow `kms:Decrypt` on the key in a policy of the role: `credhelper grant plan` with `--kms-key ARN`.",
        who=Who.ROLE_ADMIN,
        exit_code=_REFUSED,
        looks=_denied("because no identity-based policy allows the kms:Decrypt action", what=_ON_KEY, operation=_GET),
    ),
    Cause(
        id="s3-denied",
        title="S3 denies it without a reason",
        meaning="S3 gives its reason to callers of the bucket's account and organization only. To others it says "
        "`Access Denied`, whichever policy it is; to HEAD requests it says `Forbidden` and nothing else.",
        way_out="The owner of the bucket can tell: `credhelper doctor NAME --bucket BUCKET --prod-admin PROFILE`.",
        who=Who.BUCKET_ADMIN,
        exit_code=_REFUSED,
        looks=of_tools("S3", _LIST, "AccessDenied", 403, "Access Denied"),
    ),
    Cause(
        id="s3-refused",
        title="S3 refuses for another reason",
        meaning="The answer is no denial by a policy: the message has S3's own name for the reason.",
        way_out="See the code in S3's list of error responses.",
        who=Who.YOU,
        exit_code=_REFUSED,
    ),
    Cause(
        id="s3-unreachable",
        title="S3 does not answer",
        meaning="STS was reached and S3 was not: another host name, so another rule of a proxy or firewall, or an "
        "endpoint of the profile's for S3 alone.",
        way_out="The message says which host was asked; look at the proxy and at `endpoint_url` of the profile.",
        who=Who.NETWORK,
        exit_code=_UNREACHED,
    ),
)
