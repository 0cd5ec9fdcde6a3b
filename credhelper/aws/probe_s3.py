"""One look at a bucket with the credentials of a session: whether it can be listed, and whether it takes an object."""

from contextlib import suppress

from credhelper.aws.explain.call import RefusedError
from credhelper.aws.service import Service
from credhelper.errors import CredhelperError


def list_one(s3: Service, bucket: str, prefix: str = "") -> int:
    """List at most one object of a bucket, below a prefix, and return how many there were; raises CredhelperError."""
    answer = s3.call("ListObjectsV2", Bucket=bucket, Prefix=prefix, MaxKeys=1)
    return int(answer.get("KeyCount") or 0)


def put_one(s3: Service, bucket: str, key: str, body: bytes) -> str | None:
    """Write an object, and return its version where the bucket keeps versions; raises CredhelperError.

    Then it is not there: without an answer it may be, and is deleted.
    """
    try:
        version = s3.call("PutObject", Bucket=bucket, Key=key, Body=body, ContentType="text/plain").get("VersionId")
    except RefusedError:
        raise
    except (CredhelperError, KeyboardInterrupt):
        with suppress(CredhelperError):
            s3.call("DeleteObject", Bucket=bucket, Key=key)
        raise
    return None if version in (None, "null") else str(version)


def delete_one(s3: Service, bucket: str, key: str, version: str | None) -> bool:
    """Delete that object; raises CredhelperError where it stays.

    Returns False where only its version stays, below a delete marker.
    """
    if version is not None:
        try:
            s3.call("DeleteObject", Bucket=bucket, Key=key, VersionId=version)
        except RefusedError:
            s3.call("DeleteObject", Bucket=bucket, Key=key)
            return False
    else:
        s3.call("DeleteObject", Bucket=bucket, Key=key)
    return True
