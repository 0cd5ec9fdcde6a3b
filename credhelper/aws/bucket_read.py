"""What decides on a bucket beside the role: its policy, Block Public Access, access lists, the policy of its key.

Nothing here raises for what may not be read: that stays unknown.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from credhelper.aws.bucket_probe import Probe
from credhelper.aws.explain.call import RefusedError
from credhelper.aws.service import Service
from credhelper.diagnosis.storage.evidence import UNKNOWN, Layer
from credhelper.errors import InputError
from credhelper.policy import document

_BUCKET, _KEY = "the bucket's policy", "the key's policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketPapers:
    """The policy of a bucket and what narrows it; None where it is not known."""

    policy: Layer
    is_public: bool | None
    is_restricted: bool | None
    has_acls: bool


def of_bucket(probe: Probe, bucket: str) -> BucketPapers:
    """Return what its owner's administrator may read of a bucket."""
    told = probe.read("GetBucketPolicy", Bucket=bucket)
    status = probe.read("GetBucketPolicyStatus", Bucket=bucket)
    block = probe.read("GetPublicAccessBlock", Bucket=bucket)
    controls = probe.read("GetBucketOwnershipControls", Bucket=bucket)
    rules = _inner(controls, "OwnershipControls").get("Rules") or ()
    return BucketPapers(
        policy=Layer() if told == "NoSuchBucketPolicy" else _layer(_BUCKET, told, "Policy"),
        is_public=_flag(_inner(status, "PolicyStatus"), "IsPublic"),
        is_restricted=_flag(_inner(block, "PublicAccessBlockConfiguration"), "RestrictPublicBuckets"),
        has_acls={"ObjectOwnership": "BucketOwnerEnforced"} not in rules,
    )


def of_key(kms: Service, key: str) -> tuple[Layer, str]:
    """Return the policy of a key, and its state, "" where that may not be read; raises where KMS does not answer."""
    told = _read(kms, "GetKeyPolicy", KeyId=key, PolicyName="default")
    described = _inner(_read(kms, "DescribeKey", KeyId=key), "KeyMetadata")
    return _layer(_KEY, told, "Policy"), str(described.get("KeyState") or "")


def _read(service: Service, operation: str, **asked: object) -> Mapping[str, Any] | str:
    try:
        return service.call(operation, **asked)
    except RefusedError as error:
        return error.code


def _layer(name: str, told: Mapping[str, Any] | str, field: str) -> Layer:
    text = told.get(field) if isinstance(told, Mapping) else None
    if not isinstance(text, str):
        return UNKNOWN
    try:
        return Layer(documents=((name, document.parse(json.loads(text))),))
    except (InputError, ValueError, RecursionError):
        return UNKNOWN


def _inner(value: Mapping[str, Any] | str, key: str) -> Mapping[str, Any]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _flag(value: Mapping[str, Any], key: str) -> bool | None:
    found = value.get(key)
    return found if isinstance(found, bool) else None
