"""The calls of S3, as botocore makes them."""

from collections.abc import Iterator

import botocore.awsrequest
import botocore.config
import botocore.session
import pytest

from fakes import canary
from fakes.front.exchange import Request

BUCKET = {"Bucket": "bkt"}
OBJECT = {**BUCKET, "Key": "a/b c"}


class Empty:
    """A body of XML with nothing in it."""

    def stream(self) -> Iterator[bytes]:
        yield b"<empty/>"


def as_text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


@pytest.mark.parametrize(
    ("call", "parameters", "action"),
    [
        ("list_buckets", {}, "s3:ListAllMyBuckets"),
        ("list_objects_v2", BUCKET, "s3:ListBucket"),
        ("list_objects", BUCKET, "s3:ListBucket"),
        ("head_bucket", BUCKET, "s3:ListBucket"),
        ("create_bucket", BUCKET, "s3:CreateBucket"),
        ("delete_bucket", BUCKET, "s3:DeleteBucket"),
        ("get_bucket_location", BUCKET, "s3:GetBucketLocation"),
        ("get_bucket_policy", BUCKET, "s3:GetBucketPolicy"),
        ("put_bucket_policy", {**BUCKET, "Policy": "{}"}, "s3:PutBucketPolicy"),
        ("delete_bucket_policy", BUCKET, "s3:DeleteBucketPolicy"),
        ("get_public_access_block", BUCKET, "s3:GetBucketPublicAccessBlock"),
        ("get_bucket_encryption", BUCKET, "s3:GetEncryptionConfiguration"),
        ("get_object", OBJECT, "s3:GetObject"),
        ("head_object", OBJECT, "s3:GetObject"),
        ("put_object", OBJECT, "s3:PutObject"),
        ("copy_object", {**OBJECT, "CopySource": "bkt/x"}, "s3:PutObject"),
        ("delete_object", OBJECT, "s3:DeleteObject"),
    ],
)
def test_call_is_known_by_method_path_and_query(call: str, parameters: dict[str, str], action: str) -> None:
    client = botocore.session.get_session().create_client(
        "s3",
        "eu-west-1",
        endpoint_url="http://127.0.0.1:1",
        aws_access_key_id="AKIAEXAMPLE000000000",
        aws_secret_access_key=canary.secret_key(),
        config=botocore.config.Config(s3={"addressing_style": "path"}),
    )
    seen: list[Request] = []

    def catch(request: botocore.awsrequest.AWSPreparedRequest, **_: object) -> botocore.awsrequest.AWSResponse:
        headers = {name.lower(): as_text(value) for name, value in request.headers.items()}
        seen.append(Request(request.method, request.url.removeprefix("http://127.0.0.1:1"), headers, b""))
        return botocore.awsrequest.AWSResponse(request.url, 200, {}, Empty())

    client.meta.events.register("before-send.s3", catch)
    getattr(client, call)(**parameters)
    client.close()
    request = seen[0]
    assert request.action == action
    assert request.operation.lower() == call.replace("_", "")
    assert (request.bucket, request.key) == (parameters.get("Bucket", ""), parameters.get("Key", ""))
    assert (request.region, request.access_key_id) == ("eu-west-1", "AKIAEXAMPLE000000000")
    assert request.is_write == call.startswith(("create", "put", "copy", "delete"))
