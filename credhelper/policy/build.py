"""Documents with no more than what is asked for: a bucket, a trust, the right to assume a role or read one's own. Pure.

What goes into a document is checked here, so that no name becomes a pattern or a variable; raises InputError.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from credhelper.errors import InputError
from credhelper.model import partitions
from credhelper.policy import arn
from credhelper.policy.document import V2012, Condition, Document, Statement

ACCESS = ("list", "read", "write")
# S3, "Actions, resources, and condition keys": those of the bucket, and those of its objects, of each level.
_LIST = ("s3:ListBucket",)
_LOCATE = ("s3:GetBucketLocation",)
_READ = ("s3:GetObject", "s3:GetObjectTagging")
_WRITE = (
    "s3:PutObject",
    "s3:PutObjectTagging",
    "s3:DeleteObject",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
)
_LIST_UPLOADS = ("s3:ListBucketMultipartUploads",)
_BUCKET = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
# S3, "General purpose bucket naming rules": what names of other things start and end with.
_NOT_BUCKETS = (("xn--", "sthree-"), ("-s3alias", "--ol-s3", ".mrap", "--table-s3"))
_KEY = re.compile(r"arn:(aws[a-z-]{0,16}):kms:([a-z0-9-]{1,32}):[0-9]{12}:key/[A-Za-z0-9-]{1,128}", re.ASCII)
# Service and resource of what a role can trust beside an account; a path is of visible signs of ASCII.
_IDENTITY = re.compile(
    r"iam:(?:user|role)/(?:[!-~]+/)?[\w+=,.@-]{1,64}"
    r"|sts:(?:assumed-role/[\w+=,.@-]{1,64}/[\w+=,.@-]{2,64}|federated-user/[\w+=,.@-]{2,64})",
    re.ASCII,
)
_ROLE = re.compile(r"(?=.{20,2048}\Z)arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, or what is below a prefix of it; the prefix is "" or ends with a slash."""

    bucket: str
    prefix: str = ""

    @classmethod
    def of(cls, text: str) -> "Place":
        """Return the place of `BUCKET[/PREFIX]`, with or without `s3://`; raises InputError."""
        bucket, _, prefix = text.removeprefix("s3://").partition("/")
        if text.startswith("arn:"):
            raise InputError("a bucket is given by its name, not by an ARN", hint="BUCKET or BUCKET/PREFIX")
        if bucket.endswith("--x-s3"):
            raise InputError(
                f"{bucket[:80]!r} is a directory bucket, which no permission of s3: opens",
                hint="give a document of your own: --policy",
            )
        starts, ends = _NOT_BUCKETS
        if not _BUCKET.fullmatch(bucket) or bucket.startswith(starts) or bucket.endswith(ends):
            raise InputError(f"{bucket[:80]!r} is no name of a bucket: 3 to 63 of a-z, 0-9, dot and hyphen")
        if any(sign in prefix for sign in ("*", "?", "${")) or not prefix.isprintable():
            raise InputError(
                "a prefix is plain text, without *, ? and ${", hint="BUCKET/PREFIX/ is all that is below it"
            )
        return cls(bucket, f"{prefix.rstrip('/')}/" if prefix.strip("/") else "")


def bucket(places: Sequence[Place], access: str, *, partition: str = "aws", kms_keys: Sequence[str] = ()) -> Document:
    """Return the permission to list, read, or read and write what is in these places.

    Writing includes deleting, since it includes overwriting. With a prefix, lists are asked for with its slash. Keys
    of KMS may be used through S3 only, in their own Region.
    """
    if access not in ACCESS:
        raise InputError(f"{access!r} is none of {', '.join(ACCESS)}")
    statements = [one for place in places for one in _of_place(place, access, partition)]
    if access != "list" and kms_keys:
        statements += [_key(key, access, [_arn(place, partition) for place in places]) for key in kms_keys]
    return Document(tuple(statements), V2012)


def encrypted_only(places: Sequence[Place], *, partition: str = "aws", kms_key: str = "") -> Document:
    """Return the Deny of uploads that ask for another encryption than SSE-KMS, or for another key.

    Uploads that ask for none stay: they are encrypted as the bucket says.
    """
    header = "s3:x-amz-server-side-encryption"
    denied = [Condition("StringNotEquals", header, ("aws:kms",))]
    if kms_key:
        _checked_key(kms_key)
        # Without a key the header means AWS's own one, not the bucket's: that is denied, too.
        denied.append(Condition("ArnNotEquals", f"{header}-aws-kms-key-id", (kms_key,)))
    resources = tuple(f"{_arn(place, partition)}/{place.prefix}*" for place in places)
    asked = Condition("Null", header, ("false",))
    statements = (
        Statement(effect="Deny", actions=("s3:PutObject",), resources=resources, conditions=(asked, one))
        for one in denied
    )
    return Document(tuple(statements), V2012)


def _of_place(place: Place, access: str, partition: str) -> Iterable[Statement]:
    name = _arn(place, partition)
    below = (Condition("StringLike", "s3:prefix", (f"{place.prefix}*",)),) if place.prefix else ()
    uploads = _LIST_UPLOADS if access == "write" else ()
    objects = {"list": (), "read": _READ, "write": _READ + _WRITE}[access]
    if below:
        # Uploads in parts are listed for the whole bucket only: S3 has no condition of a prefix on that.
        yield Statement(effect="Allow", actions=_LIST, resources=(name,), conditions=below)
        yield Statement(effect="Allow", actions=_LOCATE, resources=(name,))
    else:
        yield Statement(effect="Allow", actions=_LIST + _LOCATE + uploads, resources=(name,))
    if objects:
        yield Statement(effect="Allow", actions=objects, resources=(f"{name}/{place.prefix}*",))


def _arn(place: Place, partition: str) -> str:
    return f"arn:{partition}:s3:::{place.bucket}"


def _checked_key(text: str) -> re.Match[str]:
    found = _KEY.fullmatch(text)
    hint = "aws kms describe-key --key-id ALIAS --query KeyMetadata.Arn"
    if found is None:
        raise InputError("a KMS key is given by its key ARN; the ARN of an alias does not work in a policy", hint=hint)
    if partitions.partition_of_region(found[2]) not in (None, found[1]):
        raise InputError(f"a KMS key in {found[2]} is not one of the partition {found[1]}", hint=hint)
    return found


def _key(key: str, access: str, buckets: Sequence[str]) -> Statement:
    found = _checked_key(key)
    # With a bucket key S3 sends the bucket's ARN, without one the object's.
    contexts = tuple(dict.fromkeys(text for name in buckets for text in (name, f"{name}/*")))
    conditions = [Condition("StringLike", "kms:EncryptionContext:aws:s3:arn", contexts)]
    if found[1] == "aws":  # the name of the service in other partitions is not documented
        conditions.insert(0, Condition("StringEquals", "kms:ViaService", (f"s3.{found[2]}.amazonaws.com",)))
    actions = ("kms:Decrypt", "kms:GenerateDataKey") if access == "write" else ("kms:Decrypt",)
    return Statement(effect="Allow", actions=actions, resources=(key,), conditions=tuple(conditions))


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What a caller has to bring to be let in, each "" or empty where it is not asked for."""

    external_id: str = ""
    requires_mfa: bool = False
    source_identities: tuple[str, ...] = ()
    source_ips: tuple[str, ...] = ()
    org_id: str = ""
    principal_tags: tuple[tuple[str, str], ...] = ()
    principal_arns: tuple[str, ...] = ()

    def conditions(self) -> tuple[Condition, ...]:
        """Return these as conditions of a trust policy."""
        wanted = [
            ("StringEquals", "sts:ExternalId", (self.external_id,) if self.external_id else ()),
            ("Bool", "aws:MultiFactorAuthPresent", ("true",) if self.requires_mfa else ()),
            ("StringEquals", "sts:SourceIdentity", self.source_identities),
            ("IpAddress", "aws:SourceIp", self.source_ips),
            ("StringEquals", "aws:PrincipalOrgID", (self.org_id,) if self.org_id else ()),
            *(("StringEquals", f"aws:PrincipalTag/{key}", (value,)) for key, value in self.principal_tags),
            ("ArnEquals", "aws:PrincipalArn", self.principal_arns),
        ]
        found = tuple(Condition(operator, key, values) for operator, key, values in wanted if values)
        if any("${" in value for one in found for value in one.values) or any(
            "*" in one for one in self.principal_arns
        ):
            raise InputError("a value of a condition is plain text here, without ${ and *")
        return found


def trust(principals: Sequence[str], narrowing: Narrowing | None = None, *, has_session_tags: bool = False) -> Document:
    """Return the trust policy that lets in accounts and identities of IAM; raises InputError for what AWS refuses.

    All of AWS (`*`) is taken where the narrowing is to an organization or to identities.
    """
    asked = narrowing or Narrowing()
    for one in principals:
        if one != "*":
            _check_principal(one)
        elif not (asked.org_id or asked.principal_arns):
            raise InputError(
                "trust-anyone: it lets in every account of AWS",
                hint="narrow it: --org-id ID, or --pin-members; or name whom to trust: --trust ARN",
            )
    actions = ["sts:AssumeRole"]
    actions += ["sts:SetSourceIdentity"] if asked.source_identities else []
    actions += ["sts:TagSession"] if has_session_tags else []
    statement = Statement(
        effect="Allow",
        principals=tuple(("AWS", one) for one in principals),
        actions=tuple(actions),
        conditions=asked.conditions(),
    )
    return Document((statement,), V2012)


def _check_principal(text: str) -> None:
    found = arn.parse(text)
    if found is not None and found.kind == "group":
        raise InputError("AWS takes no group as a principal", hint="trust the account; the group's policy decides then")
    is_identity = found is not None and not found.region and _IDENTITY.fullmatch(f"{found.service}:{found.resource}")
    if not arn.account_named(text) and (not is_identity or "*" in text or "/aws-service-role/" in text):
        raise InputError(f"{text[:200]!r} is no account, user or role that a role can trust")


def assume(
    role_arns: Sequence[str], *, actions: Sequence[str] = ("sts:AssumeRole",), requires_mfa: bool = False
) -> Document:
    """Return the permission to assume these roles, for a group, a user or a role."""
    if not role_arns or not all(_ROLE.fullmatch(one) for one in role_arns):
        raise InputError("a role is given by its ARN", hint="arn:aws:iam::ACCOUNT:role/NAME")
    conditions = Narrowing(requires_mfa=requires_mfa).conditions()
    statement = Statement(effect="Allow", actions=tuple(actions), resources=tuple(role_arns), conditions=conditions)
    return Document((statement,), V2012)


def self_read(account: str, *, partition: str = "aws", groups: Sequence[str] = ()) -> Document:
    """Return the permission of users to read their own policies, and those of groups: by name, or all where none is.

    IAM has no variable for a user's groups and path, so all groups, and users of the same name in any path, are meant.
    """
    start = f"arn:{partition}:iam::{account}:"
    users = (f"{start}user/${{aws:username}}", f"{start}user/*/${{aws:username}}")
    named = tuple(f"{start}group/{one}" for one in groups) or (f"{start}group/*",)
    policies = (f"{start}policy/*", f"arn:{partition}:iam::aws:policy/*")
    of_user = ("GetUser", "GetUserPolicy", "ListAttachedUserPolicies", "ListGroupsForUser", "ListUserPolicies")
    of_group = ("GetGroupPolicy", "ListAttachedGroupPolicies", "ListGroupPolicies")
    of_policy = ("GetPolicy", "GetPolicyVersion")
    return Document(
        tuple(
            Statement(effect="Allow", actions=tuple(f"iam:{name}" for name in names), resources=resources)
            for names, resources in ((of_user, users), (of_group, named), (of_policy, policies))
        ),
        V2012,
    )


def role_self_read(account: str, name: str, *, partition: str = "aws") -> Document:
    """Return the permission of a role to read its own policies; IAM has no variable for the role of a session."""
    start = f"arn:{partition}:iam::{account}:"
    of_role = ("GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies")
    policies = (f"{start}policy/*", f"arn:{partition}:iam::aws:policy/*")
    return Document(
        tuple(
            Statement(effect="Allow", actions=tuple(f"iam:{one}" for one in names), resources=resources)
            for names, resources in (
                (of_role, (f"{start}role/{name}", f"{start}role/*/{name}")),
                (("GetPolicy", "GetPolicyVersion"), policies),
            )
        ),
        V2012,
    )
