"""One look at a bucket with the credentials of a session: whether it can be listed, and whether it takes an object."""

from contextlib import suppress

from credhelper.aws.explain.call import RefusedError
from credhelper.aws.service import Service
from credhelper.errors import CredhelperError


def list_one(s3: Service, bucket: str, prefix: str = "") -> int:
    """List at most one object of a bucket, below a prefix, and return how many there were; raises CredhelperError."""
    answer = s3.call("ListObjectsV2", Bucket=bucket, Prefix=prefix, MaxKeys=1)
    return int(answer.get("KeyCount") or 0)


def write_one(s3: Service, bucket: str, key: str, body: bytes) -> bool:
    """Write an object and delete it again; raises CredhelperError, also where only the deletion fails.

    Where the bucket keeps versions, the one that was written is deleted. Returns False where that is refused: it then
    stays below a delete marker.
    """
    try:
        answer = s3.call("PutObject", Bucket=bucket, Key=key, Body=body, ContentType="text/plain")
        version = answer.get("VersionId")
        return _delete(s3, bucket, key, version if version != "null" else None)
    except RefusedError:
        raise
    except (CredhelperError, KeyboardInterrupt):
        # Without an answer the object may be there all the same.
        with suppress(CredhelperError):
            s3.call("DeleteObject", Bucket=bucket, Key=key)
        raise


def _delete(s3: Service, bucket: str, key: str, version: str | None) -> bool:
    if version is not None:
        try:
            s3.call("DeleteObject", Bucket=bucket, Key=key, VersionId=version)
        except RefusedError:
            s3.call("DeleteObject", Bucket=bucket, Key=key)
            return False
    else:
        s3.call("DeleteObject", Bucket=bucket, Key=key)
    return True
