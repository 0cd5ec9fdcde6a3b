"""The policies of a user or role as far as it may read them itself: inline, managed, of its groups, the boundary.

Each call that is refused is noted, and what the others give stays: half of the rights gives half of the answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from credhelper.aws.explain.call import RefusedError
from credhelper.aws.service import Service
from credhelper.errors import InputError
from credhelper.policy import document
from credhelper.policy.arn import Arn
from credhelper.policy.document import Document

T = TypeVar("T")
_GONE = "NoSuchEntity"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy by holder and name, such as `group DevGroup` and `allow-assume`; `arn` is "" for an inline one."""

    holder: str
    name: str
    document: Document
    arn: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read, and the action that was refused: "" where the document is none."""

    about: str
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPolicies:
    """What was read. `boundary` is None where there is none, or none could be read; `boundary_arn` is its policy.

    `has_lists`: some list of policies was read; without it nothing is known. `role_arn` is the role of a session with
    its path and `unique_id` the AIDA or AROA id, "" where these are not known. `tags` are those of the user or role,
    None where they are not known.
    """

    policies: tuple[Policy, ...]
    boundary: Document | None
    unread: tuple[Unread, ...]
    has_lists: bool
    role_arn: str
    unique_id: str
    boundary_arn: str = ""
    groups: tuple[str, ...] = ()
    tags: Mapping[str, str] | None = None


def read(iam: Service, caller: Arn) -> OwnPolicies:
    """Read the policies of who signs; raises CredhelperError where AWS does not answer, or the caller has none."""
    reader = _Reader(iam)
    if (caller.service, caller.kind) == ("iam", "user"):
        return reader.of_user(caller.name)
    if caller.role_name:
        return reader.of_role(caller.role_name)
    is_root = caller.resource == "root"
    raise InputError(
        f"the credentials of profile {iam.profile} are those of "
        + ("the account's root, which can assume no role" if is_root else f"{caller}, neither a user nor a role"),
        hint="give one with the keys of a user by --source-profile; those that are there: credhelper profile list",
    )


class _Reader:
    """Reads, and keeps what it found; a managed policy that is attached twice is read once."""

    def __init__(self, iam: Service) -> None:
        self._iam = iam
        self._policies: list[Policy] = []
        self._managed: dict[str, Document | None] = {}
        self._unread: dict[Unread, None] = {}
        self._groups: tuple[str, ...] = ()
        self._has_lists = False

    def of_user(self, name: str) -> OwnPolicies:
        """Return the policies of a user and of its groups."""
        listed = self._list("ListGroupsForUser", "Groups", "GroupName", f"user {name}", UserName=name)
        self._groups = tuple(listed)
        self._read("User", name)
        for group in self._groups:
            self._read("Group", group)
        return self._done("User", name)

    def of_role(self, name: str) -> OwnPolicies:
        """Return the policies of a role."""
        self._read("Role", name)
        return self._done("Role", name)

    def _read(self, kind: str, name: str) -> None:
        """Read the inline and the managed policies of a user, a group or a role."""
        holder, owner = f"{kind.lower()} {name}", {f"{kind}Name": name}
        for policy in self._list(f"List{kind}Policies", "PolicyNames", "", holder, **owner):
            told = self._call(f"Get{kind}Policy", f"{holder}/{policy}", **owner, PolicyName=policy)
            found = self._parsed(told.get("PolicyDocument"), f"{holder}/{policy}")
            self._policies += [] if found is None else [Policy(holder, policy, found)]
        attached = self._list(f"ListAttached{kind}Policies", "AttachedPolicies", "PolicyArn", holder, **owner)
        for arn in attached:
            managed = self._document(arn)
            self._policies += [] if managed is None else [Policy(holder, arn.rpartition("/")[2], managed, arn)]

    def _done(self, kind: str, name: str) -> OwnPolicies:
        about = f"the permissions boundary of {kind.lower()} {name}"
        told = self._call(f"Get{kind}", about, **{f"{kind}Name": name}) if self._has_lists else {}
        entity = _inner(told, kind)
        arn = _text(_inner(entity, "PermissionsBoundary"), "PermissionsBoundaryArn")
        return OwnPolicies(
            policies=tuple(self._policies),
            boundary=self._document(arn) if arn else None,
            unread=tuple(self._unread),
            has_lists=self._has_lists,
            role_arn=_text(entity, "Arn") if kind == "Role" else "",
            unique_id=_text(entity, f"{kind}Id"),
            boundary_arn=arn,
            groups=self._groups,
            tags={_text(one, "Key"): _text(one, "Value") for one in entity.get("Tags") or ()} if entity else None,
        )

    def _list(self, operation: str, field: str, key: str, about: str, **asked: str) -> list[str]:
        """Return the texts in all pages of a list, none where it is refused."""
        found = self._allowed(operation, about, lambda: list(self._iam.pages(operation, field, **asked)))
        self._has_lists = self._has_lists or found is not None
        texts = (_text(one, key) if key else one for one in found or ())
        return [one for one in texts if isinstance(one, str) and one]

    def _call(self, operation: str, about: str, **asked: str) -> Mapping[str, Any]:
        return self._allowed(operation, about, lambda: self._iam.call(operation, **asked)) or {}

    def _allowed(self, operation: str, about: str, call: Callable[[], T]) -> T | None:
        """Return what a call gives, None where it is refused, which is noted, or the thing is gone meanwhile."""
        try:
            return call()
        except RefusedError as error:
            if error.is_denied:
                self._unread[Unread(about, f"iam:{operation}")] = None
            elif error.code != _GONE:
                raise
            return None

    def _parsed(self, told: object, about: str) -> Document | None:
        if told is None:
            return None
        try:
            return document.parse(told)
        except InputError:
            self._unread[Unread(about)] = None
            return None

    def _document(self, arn: str) -> Document | None:
        """Return the version of a managed policy that counts, None where it cannot be read."""
        if arn not in self._managed:
            version = _text(_inner(self._call("GetPolicy", arn, PolicyArn=arn), "Policy"), "DefaultVersionId")
            told = self._call("GetPolicyVersion", arn, PolicyArn=arn, VersionId=version) if version else {}
            self._managed[arn] = self._parsed(_inner(told, "PolicyVersion").get("Document"), arn)
        return self._managed[arn]


def _inner(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def _text(value: object, key: str) -> str:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""
