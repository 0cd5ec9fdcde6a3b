"""What tools print of the causes after the role: S3's answers, and KMS's, in their words. Pure."""

from collections.abc import Mapping

from credhelper.diagnosis import looks
from credhelper.policy.denial import Kind

_SESSION = "arn:aws:sts::222222222222:assumed-role/acc-to-read-prod-s3-bucket/David"
_BUCKET = "arn:aws:s3:::list-prod-bkt-details-01"
_OF_KEY = f"User: {_SESSION} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext"


def _listed(code: str, status: int, message: str) -> Mapping[str, str]:
    return looks.of_tools("S3", "ListObjectsV2", code, status, message)


def _got(message: str, code: str = "AccessDenied", status: int = 403) -> Mapping[str, str]:
    return looks.of_tools("S3", "GetObject", code, status, message)


def _denied(reason: str) -> Mapping[str, str]:
    said = f'User: {_SESSION} is not authorized to perform: s3:ListBucket on resource: "{_BUCKET}" {reason}'
    return _listed("AccessDenied", 403, said)


def _no(kind: Kind) -> Mapping[str, str]:
    return _denied(f"because no {kind.value} allows the s3:ListBucket action")


def _deny(kind: Kind) -> Mapping[str, str]:
    return _denied(f"with an explicit deny in {kind}")


def _sent(url: str) -> Mapping[str, str]:
    go = f'request send failed, Get "{url}": dial tcp: lookup failed'
    return {
        "AWS CLI": f'Could not connect to the endpoint URL: "{url}"',
        "boto3": f'botocore.exceptions.EndpointConnectionError: Could not connect to the endpoint URL: "{url}"',
        "Go": f"operation error S3: ListObjectsV2, {go}",
        "Java": "SdkClientException: Unable to execute HTTP request",
        "Terraform": f"Error: … operation error S3: ListObjectsV2, {go}",
    }


_INVALID_NAME = 'Invalid bucket name "s3://list-prod": Bucket name must match the regex "^[a-zA-Z0-9.\\-_]{1,255}$"'
_MISSING = looks.of_tools("S3", "HeadObject", "404", 404, "Not Found")

LOOKS: Mapping[str, Mapping[str, str]] = {
    "s3-bucket-name": {
        "AWS CLI": f"Parameter validation failed: {_INVALID_NAME}",
        "boto3": f"botocore.exceptions.ParamValidationError: Parameter validation failed: {_INVALID_NAME}",
    },
    "s3-no-bucket": _listed("NoSuchBucket", 404, "The specified bucket does not exist"),
    "s3-region": _listed(
        "PermanentRedirect",
        301,
        "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all "
        "future requests to this endpoint.",
    ),
    "s3-role-policy": _no(Kind.IDENTITY),
    "s3-boundary": _no(Kind.BOUNDARY),
    "s3-session-policy": _no(Kind.SESSION),
    "s3-bucket-policy": _deny(Kind.RESOURCE),
    "s3-block-public-access": _denied(
        "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
    ),
    "s3-scp": _deny(Kind.SCP),
    "s3-rcp": _deny(Kind.RCP),
    "s3-vpc-endpoint": _no(Kind.VPC_ENDPOINT),
    "s3-object-missing": _MISSING,
    "s3-archived": _got("The operation is not valid for the object's storage class", "InvalidObjectState"),
    "s3-kms-key": _got(
        f"{_OF_KEY} because the resource does not exist in this Region, no resource-based policies allow access, or a "
        "resource-based policy explicitly denies access"
    ),
    "s3-kms-policy": _got(f"{_OF_KEY} because no identity-based policy allows the kms:Decrypt action"),
    "s3-denied": _listed("AccessDenied", 403, "Access Denied"),
    "s3-unreachable": _sent("https://list-prod-bkt-details-01.s3.amazonaws.com/"),
}
