"""boto3."""

import boto3
from actions import perform

session = boto3.Session()
sts = session.client("sts")
provided = session.get_credentials()


def names(bucket: str) -> list[str]:
    return [item["Key"] for item in session.client("s3").list_objects_v2(Bucket=bucket)["Contents"]]


perform(
    names,
    identity=lambda: str(sts.get_caller_identity()["Arn"]),
    read=lambda: str(provided.get_frozen_credentials().access_key),
)
