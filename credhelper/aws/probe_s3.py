"""One look at a bucket with the credentials of a session: whether it can be listed."""

from credhelper.aws.service import Service


def list_one(s3: Service, bucket: str, prefix: str = "") -> int:
    """List at most one object of a bucket, below a prefix, and return how many there were; raises CredhelperError."""
    answer = s3.call("ListObjectsV2", Bucket=bucket, Prefix=prefix, MaxKeys=1)
    return int(answer.get("KeyCount") or 0)
