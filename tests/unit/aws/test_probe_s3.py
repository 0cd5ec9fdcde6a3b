"""An object that is written to see whether that works does not stay, however the call ends."""

from typing import Any, cast

import pytest

from credhelper.aws import probe_s3
from credhelper.aws.explain.call import RefusedError
from credhelper.aws.service import Service
from credhelper.errors import UnreachableError


class Bucket:
    """A bucket in memory, behind `Service.call`; `after` is raised by an operation after it has worked, or before."""

    def __init__(self, after: dict[str, BaseException], before: dict[str, BaseException], version: str = "") -> None:
        self.after = after
        self.before = before
        self.version = version
        self.objects: set[tuple[str, str]] = set()
        self.markers = 0

    def call(self, operation: str, *, Key: str, VersionId: str = "", **_: Any) -> dict[str, str]:  # noqa: N803 - AWS's
        name = f"{operation}Version" if VersionId else operation
        if name in self.before:
            raise self.before[name]
        if operation == "PutObject":
            self.objects.add((Key, self.version))
        elif VersionId or not self.version:
            self.objects.discard((Key, VersionId))
        else:
            self.markers += 1
        if name in self.after:
            raise self.after.pop(name)
        return {"VersionId": self.version} if self.version else {}


REFUSED = RefusedError("no", code="AccessDenied")
UNREACHABLE = UnreachableError("no answer")


def written(bucket: Bucket) -> bool:
    s3 = cast("Service", bucket)
    return probe_s3.delete_one(s3, "b", "k", probe_s3.put_one(s3, "b", "k", b"x"))


@pytest.mark.parametrize("version", ["", "null", "v1"])
def test_nothing_stays(version: str) -> None:
    bucket = Bucket({}, {}, "" if version == "null" else version)
    if version == "null":
        call = bucket.call
        bucket.call = lambda *one, **more: {**call(*one, **more), "VersionId": "null"}  # type: ignore[method-assign]  # as S3 answers while versioning is suspended
    assert written(bucket)
    assert (bucket.objects, bucket.markers) == (set(), 0)


@pytest.mark.parametrize("failure", [UNREACHABLE, KeyboardInterrupt()], ids=["no answer", "Ctrl-C"])
def test_object_whose_answer_did_not_come_is_deleted(failure: BaseException) -> None:
    bucket = Bucket({"PutObject": failure}, {})
    with pytest.raises(type(failure)):
        written(bucket)
    assert bucket.objects == set()


def test_after_a_refusal_nothing_is_deleted() -> None:
    bucket = Bucket({}, {"PutObject": REFUSED}, "v1")
    with pytest.raises(RefusedError):
        written(bucket)
    assert bucket.markers == 0


def test_version_that_may_not_be_deleted_stays_below_a_marker() -> None:
    bucket = Bucket({}, {"DeleteObjectVersion": REFUSED}, "v1")
    assert not written(bucket)
    assert (len(bucket.objects), bucket.markers) == (1, 1)


@pytest.mark.parametrize("failure", [REFUSED, UNREACHABLE], ids=["refused", "no answer"])
def test_deletion_that_fails_is_an_error(failure: BaseException) -> None:
    with pytest.raises(type(failure)):
        written(Bucket({}, {"DeleteObject": failure}))
