"""What IAM has of a grant, as it was read: names and documents, nothing decided. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from credhelper.policy.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRole:
    """A role with its documents; `attached` are ARNs of managed policies, `last_used` is ISO 8601 or "" for never."""

    arn: str
    trust: Document
    max_session_s: int
    boundary: str = ""
    description: str = ""
    inline: Mapping[str, Document] = field(default_factory=dict)
    attached: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    instance_profiles: tuple[str, ...] = ()
    last_used: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHolder:
    """The group or the user whose policy allows to assume the role; `members` are the names of a group's users."""

    kind: str  # "group" or "user"
    name: str
    arn: str = ""
    inline: Mapping[str, Document] = field(default_factory=dict)
    attached: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Both sides; a side that was not read (no administrator here) is not the same as one where nothing is there.

    `users` are the ARNs of those of the wanted members that exist. `role`, `holder` are None where there is none.
    """

    is_role_side_read: bool = False
    is_caller_side_read: bool = False
    role: FoundRole | None = None
    holder: FoundHolder | None = None
    users: tuple[str, ...] = ()
