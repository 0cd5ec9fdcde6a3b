"""What is known when AWS refuses a role: the request, AWS's words, both sides' policies, and where from. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from credhelper.policy.arn import Arn
from credhelper.policy.denial import Denial
from credhelper.policy.document import Document
from credhelper.policy.request import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One AssumeRole request, as it was sent; "" and empty are for what was not.

    `caller` is None where STS did not say who that is. `is_temporary`: the source credentials are those of a session.
    `has_code`: a one-time code was sent; `mfa_serial` is the device of the profile. `source` is the profile that has
    the source credentials, "" for a credential source. `now_s` is the time of the request.
    """

    profile: str
    role: Arn
    caller: Arn | None
    session_name: str
    duration_s: int
    now_s: float
    region: str = ""
    endpoint_url: str = ""
    external_id: str = field(default="", repr=False)
    source_identity: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    mfa_serial: str = ""
    has_code: bool = False
    is_temporary: bool = False
    source: str = ""

    @property
    def is_chained(self) -> bool:
        """Whether a role is assumed with the session of another one."""
        return self.caller is not None and bool(self.caller.role_name)

    @property
    def is_same_account(self) -> bool:
        """Whether the caller is of the role's account."""
        return self.caller is not None and self.caller.account == self.role.account


@dataclass(frozen=True, slots=True)
class Held:
    """A policy of the caller by its holder, such as `group DevGroup`, and its name; `arn` is "" for an inline one."""

    holder: str
    name: str
    document: Document
    arn: str = ""

    def __str__(self) -> str:
        return f"{self.holder}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerSide:
    """The policies of the caller. `origin` says with whose credentials they were read.

    `boundary` is None where there is none, or it could not be read: `unread_boundary` then says so in words. `unread`
    are policies that could not be read: as long as there is one, it may allow, or deny. `tags` are None where they are
    not known; `groups` are those of a user. `role_arn` and `unique_id` are as in `policy.request.Caller`.
    """

    origin: str
    policies: tuple[Held, ...]
    boundary: Document | None = None
    boundary_name: str = ""
    unread_boundary: str = ""
    unread: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tags: Mapping[str, str] | None = None
    role_arn: str = ""
    unique_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSide:
    """The role as an administrator of its account sees it.

    `trust` is None where there is no role of that name; `nearest` are then the ARNs of roles whose names are the most
    alike. `arn` is the role's own, whose path or case may be another than the one that was asked for.
    """

    origin: str
    arn: str = ""
    trust: Document | None = None
    max_session_s: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that is known of one refusal; `caller_side` and `role_side` are None where they were not read.

    `said` is None where AWS's message is no refusal that is known; `sentence` is that message in one harmless line.
    `caller_admin` and `role_admin` are the profiles of administrators that were given, "" without one. `admins` are
    profiles that may be of the role's account, `neighbours` roles that other profiles or policies name, with who does.
    `device` is the MFA device of profiles with the same source, "" without one. `unseen` says why a side that was to be
    read was not.
    """

    ask: Ask
    said: Denial | None
    sentence: str = ""
    caller_side: CallerSide | None = None
    role_side: RoleSide | None = None
    caller_admin: str = ""
    role_admin: str = ""
    admins: tuple[str, ...] = ()
    neighbours: Mapping[str, str] = field(default_factory=dict)
    device: str = ""
    unseen: tuple[str, ...] = ()
    shows_values: bool = False

    @property
    def caller(self) -> Caller | None:
        """The caller, with what was read of it."""
        if self.ask.caller is None:
            return None
        side = self.caller_side
        return Caller(
            name=str(self.ask.caller),
            role_arn=side.role_arn if side else "",
            unique_id=side.unique_id if side else "",
        )
