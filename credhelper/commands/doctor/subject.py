"""What the checks of `doctor` are about, and whose view of the two accounts they may have: asked once, then shared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from credhelper.aws.identity import Identity
from credhelper.aws.service import Service
from credhelper.aws.shared_config import SharedConfig
from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.errors import InputError
from credhelper.model.credentials import Credentials
from credhelper.model.role_request import RoleRequest
from credhelper.policy.arn import Arn
from credhelper.settings import Settings
from credhelper.system.deadline import Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One profile and what is known of it before AWS is asked for its role.

    `source` are the credentials that the role is asked for with, None where there are none, and `caller` is who these
    are as GetCallerIdentity said, None where it did not. `source_profile` is "" for a credential source. `is_chained`:
    the source is a role's session. `has_token_code`: a one-time code is sent. `shows_values`: the external ID that a
    trust policy wants may be printed.
    """

    settings: Settings
    environ: Mapping[str, str] = field(repr=False)
    profile: str
    request: RoleRequest = field(repr=False)
    session_name: str
    catalogue: Catalogue = field(repr=False)
    shared: SharedConfig = field(repr=False)
    source: Credentials | None
    source_profile: str
    caller: Arn | None
    deadline: Deadline
    now_s: float
    has_token_code: bool = False
    shows_values: bool = False

    @property
    def is_chained(self) -> bool:
        """Whether the role is asked for with the session of another role."""
        return self.caller is not None and bool(self.caller.role_name)

    def possible_admins(self) -> Iterator[str]:
        """Yield profiles of administrators, by their names, that are of the role's account."""
        for name in self.catalogue:
            section = self.catalogue[name]
            names = (name, kinds.role_arn_of(section).rpartition("/")[2], section.get("sso_role_name", ""))
            is_admin = any("admin" in one.lower() for one in names) and name != self.profile
            if is_admin and kinds.account_id_of(section) == self.request.account_id:
                yield name

    def service(self, name: str) -> Service:
        """Return a service under the source credentials, such as "iam" for the caller's own policies."""
        if self.source is None:
            raise InputError("there are no source credentials to ask with", hint="credhelper profile list")
        return Service(
            name,
            self.source_profile or self.profile,
            self.source,
            self.shared,
            partition=self.request.partition,
            account=self.caller.account if self.caller else "",
        )

    def service_with(self, name: str, session: Credentials) -> Service:
        """Return a service under the role's own session, such as "s3"."""
        return Service(
            name,
            self.profile,
            session,
            self.shared,
            partition=self.request.partition,
            account=self.request.account_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    """An administrator's profile whose credentials are there; `signed` is any service under them."""

    profile: str
    identity: Identity
    signed: Service = field(repr=False)

    def service(self, name: str) -> Service:
        """Return "iam", "sts", "s3" or "kms" under the administrator's credentials."""
        return self.signed.sibling(name, account=self.identity.account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admins:
    """Whose view there is: of the role's account by --prod-admin, of the caller's account by --acc-admin."""

    role: Admin | None = None
    caller: Admin | None = None
