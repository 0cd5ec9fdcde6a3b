"""What S3 lets a session see of a bucket and an object: nothing is written, and no object is read but for one byte."""

from collections.abc import Mapping
from typing import Any

from credhelper.aws.explain.call import RefusedError
from credhelper.aws.service import Service
from credhelper.diagnosis.storage.evidence import OK, Answer, BucketLook, ObjectLook
from credhelper.model.nearest import nearest
from credhelper.policy import denial

_REGION = "x-amz-bucket-region"
# Of a list of what is beside an object that is not there.
_MOST_NEIGHBOURS = 200


class Probe:
    """One service "s3", whose answers are heard; raises CredhelperError where S3 does not answer."""

    def __init__(self, s3: Service) -> None:
        self._s3 = s3
        self._heard: list[Mapping[str, Any]] = []
        s3.listen(self._heard.append)

    def look_at_bucket(self, name: str, prefix: str = "") -> BucketLook:
        """Return what can be seen of a bucket."""
        head, _ = self._ask("HeadBucket", Bucket=name)
        homes = [_header(one, _REGION) for one in self._heard]
        is_moved = any(_status(one) in (301, 307) for one in self._heard)
        listed, _ = self._ask("ListObjectsV2", Bucket=name, Prefix=prefix, MaxKeys=1)
        homes += [_header(one, _REGION) for one in self._heard]
        return BucketLook(
            bucket=name,
            prefix=prefix,
            head=head,
            listed=listed,
            region=self._s3.region,
            home=next(filter(None, reversed(homes)), ""),
            is_moved=is_moved,
        )

    def look_at_object(self, bucket: str, key: str, *, can_list: bool) -> ObjectLook:
        """Return what can be seen of an object; HEAD has no sentence when it is refused, GET has."""
        head, told = self._ask("HeadObject", Bucket=bucket, Key=key)
        got = None if head.is_missing else self._first_byte(bucket, key)
        near, is_listed = self._neighbours(bucket, key) if can_list and not head.is_ok else ((), None)
        return ObjectLook(
            key=key,
            head=head,
            got=got,
            encryption=str(told.get("ServerSideEncryption") or ""),
            kms_key=str(told.get("SSEKMSKeyId") or ""),
            has_bucket_key=bool(told.get("BucketKeyEnabled")),
            is_listed=is_listed,
            near=near,
        )

    def has_object(self, bucket: str, key: str) -> bool | None:
        """Return whether there is such an object, None where these credentials do not tell."""
        head, _ = self._ask("HeadObject", Bucket=bucket, Key=key)
        return True if head.is_ok else False if head.is_missing else None

    def names(self) -> tuple[str, ...] | None:
        """Return the names of all buckets of the account, None where they may not be listed."""
        answer, told = self._ask("ListBuckets")
        found = (one.get("Name") for one in told.get("Buckets") or () if isinstance(one, Mapping))
        return tuple(one for one in found if isinstance(one, str)) if answer.is_ok else None

    def read(self, operation: str, **asked: object) -> Mapping[str, Any] | str:
        """Return an answer, or AWS's name for why there is none."""
        answer, told = self._ask(operation, **asked)
        return told if answer.is_ok else answer.code

    def _first_byte(self, bucket: str, key: str) -> Answer:
        answer, _ = self._ask("GetObject", Bucket=bucket, Key=key, Range="bytes=0-0")
        return OK if answer.code in ("InvalidRange", "416") else answer  # an empty object has no first byte

    def _neighbours(self, bucket: str, key: str) -> tuple[tuple[str, ...], bool | None]:
        """Return the keys in the same place that are alike, and whether the key itself is listed."""
        answer, exact = self._ask("ListObjectsV2", Bucket=bucket, Prefix=key, MaxKeys=1)
        if not answer.is_ok:
            return (), None
        place = key[: key.rfind("/") + 1]
        _, told = self._ask("ListObjectsV2", Bucket=bucket, Prefix=place, MaxKeys=_MOST_NEIGHBOURS)
        near = nearest(key, [one for one in _keys(told) if one != key], cutoff=0.7)
        return tuple(near), key in _keys(exact)

    def _ask(self, operation: str, **asked: object) -> tuple[Answer, Mapping[str, Any]]:
        self._heard.clear()
        try:
            return OK, self._s3.call(operation, **asked)
        except RefusedError as error:
            told = self._heard[-1] if self._heard else {}
            sentence = str((told.get("Error") or {}).get("Message") or "")
            return Answer(code=error.code or "error", said=error.said, denial=denial.read(sentence)), {}


def _header(answer: Mapping[str, Any], name: str) -> str:
    return str(((answer.get("ResponseMetadata") or {}).get("HTTPHeaders") or {}).get(name) or "")


def _status(answer: Mapping[str, Any]) -> int:
    return int((answer.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 0)


def _keys(answer: Mapping[str, Any]) -> list[str]:
    return [str(one.get("Key") or "") for one in answer.get("Contents") or ()]
