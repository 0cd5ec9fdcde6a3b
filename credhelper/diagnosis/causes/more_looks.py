"""What tools print of the causes whose own table has no words of that tool: AWS said nothing of these. Pure."""

from collections.abc import Mapping

_NAME = 'Invalid bucket name "s3://list-prod": Bucket name must match the regex "^[a-zA-Z0-9.\\-_]{1,255}$"'
_URL = "https://list-prod-bkt-details-01.s3.amazonaws.com/"
_UNREACHED = f'Could not connect to the endpoint URL: "{_URL}"'
_NOT_SENT = f'operation error S3: ListObjectsV2, request send failed, Get "{_URL}": dial tcp: …'
_NO_BUNDLE = "failed to load custom CA bundle PEM file"
_NO_XML = "deserialization failed, failed to decode response body"

LOOKS: Mapping[str, Mapping[str, str]] = {
    "ca": {"Go": _NO_BUNDLE, "Java": "reads no AWS_CA_BUNDLE", "Terraform": f"Error: … {_NO_BUNDLE}"},
    "not-aws": {"Java": "SdkClientException: Could not parse XML response.", "Terraform": f"Error: … {_NO_XML}"},
    "sdk-limit": {"boto3": "waits as long as it takes"},
    "s3-bucket-name": {
        "AWS CLI": f"Parameter validation failed: {_NAME}",
        "boto3": f"botocore.exceptions.ParamValidationError: Parameter validation failed: {_NAME}",
    },
    "s3-unreachable": {
        "AWS CLI": _UNREACHED,
        "boto3": f"botocore.exceptions.EndpointConnectionError: {_UNREACHED}",
        "Go": _NOT_SENT,
        "Java": "SdkClientException: Unable to execute HTTP request: …",
        "Terraform": f"Error: … {_NOT_SENT}",
    },
}
