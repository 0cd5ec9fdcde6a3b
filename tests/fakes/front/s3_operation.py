"""Which call of S3's API a request is: S3 has no parameter for it, only method, path and query."""

from collections.abc import Mapping

# Queries that name a part of a bucket or object, and the name of that part in the calls about it.
_PARTS = {
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "location": "BucketLocation",
    "publicAccessBlock": "PublicAccessBlock",
    "encryption": "BucketEncryption",
    "versioning": "BucketVersioning",
    "ownershipControls": "BucketOwnershipControls",
    "acl": "Acl",
    "tagging": "Tagging",
    "uploads": "MultipartUploads",
}
_VERBS = {"GET": "Get", "HEAD": "Head", "PUT": "Put", "DELETE": "Delete", "POST": "Post"}
# What a policy calls it, where it is another name.
_PERMISSIONS = {
    "ListBuckets": "ListAllMyBuckets",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "CopyObject": "PutObject",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
}


def name(method: str, has_bucket: bool, has_key: bool, query: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """Return the name of the call, such as "ListObjectsV2"."""
    if not has_bucket:
        return "ListBuckets"
    verb = _VERBS.get(method, method)
    for part, called in _PARTS.items():
        if part in query:
            return f"{verb}{called}"
    if has_key:
        return "CopyObject" if method == "PUT" and "x-amz-copy-source" in headers else f"{verb}Object"
    if method == "GET":
        return "ListObjectsV2" if "list-type" in query else "ListObjects"
    if method == "POST":
        return "DeleteObjects" if "delete" in query else "PostObject"
    return {"PUT": "CreateBucket"}.get(method, f"{verb}Bucket")


def permission(operation: str) -> str:
    """Return the name in a policy of what the call needs."""
    return _PERMISSIONS.get(operation, operation)
