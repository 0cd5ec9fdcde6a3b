"""What is known of a bucket, an object and its key: what S3 answered, and the documents of each layer. Pure."""

from dataclasses import dataclass

from credhelper.policy.denial import Denial
from credhelper.policy.document import Document

_DENIED = frozenset({"AccessDenied", "AllAccessDisabled", "Forbidden", "403"})
_MISSING = frozenset({"NoSuchBucket", "NoSuchKey", "NotFound", "404"})
# S3's "Error responses", and what botocore follows by itself where it can.
_ELSEWHERE = frozenset(
    {"PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
    | {"BucketRegionError", "301", "302", "307"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one call: `code` is AWS's name for why it was refused, "" where it was not.

    `said` is its sentence in one harmless line, and `denial` what that says; None where it is no refusal that is known.
    """

    code: str = ""
    said: str = ""
    denial: Denial | None = None

    @property
    def is_ok(self) -> bool:
        """Whether it gave what was asked for."""
        return not self.code

    @property
    def is_denied(self) -> bool:
        """Whether a policy refuses it, as far as the code tells."""
        return self.code in _DENIED

    @property
    def is_missing(self) -> bool:
        """Whether there is no such thing."""
        return self.code in _MISSING

    @property
    def is_elsewhere(self) -> bool:
        """Whether another Region has it, and the client did not follow."""
        return self.code in _ELSEWHERE


OK = Answer()


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketLook:
    """A bucket as the session sees it: HeadBucket, then ListObjectsV2 below `prefix`, which has S3's sentence.

    `region` is the one that was asked, `home` the bucket's own, "" where S3 does not say; `is_moved`: S3 redirected.
    """

    bucket: str
    head: Answer
    listed: Answer
    region: str
    prefix: str = ""
    home: str = ""
    is_moved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLook:
    """An object as the session sees it: HeadObject, then GetObject for its first byte; None where not asked.

    `kms_key` is the ARN of the key of KMS, "" where it is of another kind or not known. `is_listed`: a list of the
    bucket has it, None where that could not be seen; `near` are keys beside it that are alike.
    """

    key: str
    head: Answer
    got: Answer | None = None
    encryption: str = ""
    kms_key: str = ""
    has_bucket_key: bool = False
    is_listed: bool | None = None
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The documents of one layer, each with a name that its owner knows it by.

    `is_whole`: there are no others that could not be read.
    """

    documents: tuple[tuple[str, Document], ...] = ()
    is_whole: bool = True


UNKNOWN = Layer(is_whole=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """The documents that decide, as far as they were read; `origin` says with whose credentials.

    `boundary` and `session` are None where there is none. `owner` is the account of the bucket, "" where it is not
    known; `is_not_owner`: it is not of the role's account. `bucket` is its policy. `is_public` is what S3 calls that,
    `is_restricted` whether RestrictPublicBuckets is set: None where it is not known. `has_acls`: access lists count.
    `key` is the policy of the object's key of KMS and `key_state` its state, "" where not known.
    """

    origin: str = ""
    identity: Layer = UNKNOWN
    boundary: Layer | None = UNKNOWN
    session: Layer | None = UNKNOWN
    bucket: Layer = UNKNOWN
    owner: str = ""
    is_not_owner: bool = False
    is_public: bool | None = None
    is_restricted: bool | None = None
    has_acls: bool = True
    key: Layer = UNKNOWN
    key_state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """The session that asks, and what is known of its requests.

    `role_arn` is the role's with its path, `session_arn` that of the session. `has_mfa` is None where it is not known.
    `admin`, `bucket_admin` and `key_admin` are the profiles of the administrators of each, "" where there is none.
    """

    profile: str
    role_arn: str
    session_arn: str
    now_s: float
    region: str
    is_encrypted: bool = True
    unique_id: str = ""
    has_mfa: bool | None = None
    admin: str = ""
    bucket_admin: str = ""
    key_admin: str = ""

    @property
    def role_name(self) -> str:
        """The name of the role, without its path."""
        return self.role_arn.rpartition("/")[2]

    @property
    def account(self) -> str:
        """The account of the role."""
        return self.role_arn.split(":")[4]

    @property
    def partition(self) -> str:
        """The partition of the role."""
        return self.role_arn.split(":")[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known when the report is made.

    `near` are names of buckets that are alike, the nearest first, each with where it is from. `object_seen` is what
    the owner's administrator saw of the object: None where that was not asked. `admins` are profiles that may be of an
    administrator of the role's account.
    """

    asker: Asker
    bucket: BucketLook
    object: ObjectLook | None = None
    papers: Papers = Papers()
    near: tuple[tuple[str, str], ...] = ()
    object_seen: bool | None = None
    admins: tuple[str, ...] = ()
