"""What a grant should be, from options or a grant file: names and documents that IAM would take. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from credhelper.policy.arn import Arn
from credhelper.policy.document import Document
from credhelper.policy.lint import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """A grant as a person gives it, on the command line or in a grant file; nothing is checked yet."""

    role: str = ""
    acc: str = ""
    group: str = ""
    user: str = ""
    members: tuple[str, ...] = ()
    create_group: bool = False
    buckets: tuple[str, ...] = ()
    access: str = "read"
    kms_keys: tuple[str, ...] = ()
    policy_arns: tuple[str, ...] = ()
    policies: tuple[tuple[str, str], ...] = ()  # pairs of name and text of own documents (--policy)
    boundary: str = ""
    max_session: int = 3600
    require_mfa: bool = False
    external_id: str = ""
    source_identity: str = ""
    source_ips: tuple[str, ...] = ()
    org_id: str = ""
    principal_tags: tuple[str, ...] = ()
    pin_members: bool = False
    trust: tuple[str, ...] = ()
    policy_name: str = ""
    same_account: bool = False
    self_read: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRole:
    """The role account's half."""

    arn: Arn
    name: str
    path: str
    trust: Document
    max_session_s: int
    boundary: str = ""
    description: str = ""
    inline: Mapping[str, Document] = field(default_factory=dict)
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedHolder:
    """The caller account's half: who may assume the role; `kind` is "group" or "user"."""

    account: str
    partition: str
    kind: str
    name: str
    may_create: bool
    inline: Mapping[str, Document]
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Both halves; `name` is the value of the tag `credhelper:grant` that says which role is ours."""

    name: str
    role: WantedRole
    holder: WantedHolder
    notices: tuple[Notice, ...] = ()
