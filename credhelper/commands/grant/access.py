"""The profiles that a grant is made with: their credentials, as `exec` gets them, and who they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from credhelper.aws import identity
from credhelper.aws.identity import Identity
from credhelper.aws.service import Service
from credhelper.aws.shared_config import SharedConfig
from credhelper.awsconfig.profiles.role_profile import is_credhelper
from credhelper.cache.payload import Payload
from credhelper.commands.profile.list import open_sections
from credhelper.errors import CredhelperError, InputError
from credhelper.grant.change import Side
from credhelper.model.credentials import Credentials
from credhelper.model.process_document import decode
from credhelper.model.shell import word
from credhelper.provider import process, request
from credhelper.settings import Settings
from credhelper.system import clock

OPTIONS = {Side.ROLE: "--prod-admin", Side.CALLER: "--acc-admin"}
NAMES = {Side.ROLE: "role account", Side.CALLER: "caller account"}


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who makes the calls of one side."""

    profile: str
    identity: Identity
    iam: Service


class Access:
    """The profiles of this home. `give_up` has to end the process: it is called when credentials take too long."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        give_up: Callable[[Payload | CredhelperError], object],
    ) -> None:
        self.settings = settings
        self._environ = environ
        self._give_up = give_up

    @cached_property
    def shared(self) -> SharedConfig:
        """Both files, read once until `forget_files`."""
        return SharedConfig(self.settings.config_file, self.settings.credentials_file)

    def forget_files(self) -> None:
        """Read both files again when they are needed next: one was edited."""
        self.__dict__.pop("shared", None)

    def credentials(self, profile: str, *, urgency: int = request.PERSON) -> Credentials:
        """Return the credentials of any profile, long-lived keys included: they are given to no other program."""
        section = open_sections(self.settings).get(profile)
        if section is not None and is_credhelper(section):
            payload = process.run(profile, self.settings, self._environ, self._give_up, clock.now(), urgency=urgency)
            return decode(payload.document)
        return process.run_other(profile, self.settings, self._environ, self._give_up, clock.now(), terms=None)

    def credentials_of_tools(self, profile: str) -> Credentials:
        """Return those that AWS's tools take for a profile: where something goes before credhelper, not its own."""
        catalogue = open_sections(self.settings)
        shadow = catalogue.shadow_of(profile) if profile in catalogue else None
        if shadow is None or not shadow.is_for_all:
            return self.credentials(profile)
        return process.run_other(profile, self.settings, self._environ, self._give_up, clock.now(), terms=None)

    def service(self, name: str, profile: str, partition: str, *, urgency: int = request.PERSON) -> Service:
        """Return a service under the credentials of a profile."""
        return Service(name, profile, self.credentials(profile, urgency=urgency), self.shared, partition=partition)

    def administrator(self, profile: str, partition: str) -> Administrator:
        """Return the administrator behind a profile, after asking STS who that is."""
        sts = self.service("sts", profile, partition)
        who = identity.ask(sts)
        return Administrator(profile, who, sts.sibling("iam", account=who.account))

    def require_partition(self, found: Mapping[Side, Administrator], partition: str) -> None:
        """Raise InputError where an administrator is of another partition, where neither account is known."""
        for side, who in found.items():
            if who.identity.arn.partition != partition:
                raise InputError(
                    f"{OPTIONS[side]} {who.profile} is {who.identity}, and the role is of the partition {partition}",
                    hint="credhelper profile list",
                )

    def require_accounts(self, found: Mapping[Side, Administrator], wanted: Mapping[Side, str]) -> None:
        """Raise InputError where an administrator is not one of the account that is named, with what each is."""
        wrong = [side for side, who in found.items() if wanted[side] and who.identity.account != wanted[side]]
        if not wrong:
            return
        accounts = {who.identity.account for who in found.values()}
        are = " and ".join(f"{OPTIONS[side]} {who.profile} is {who.identity}" for side, who in found.items())
        is_swapped = len(found) == len(OPTIONS) and accounts == set(wanted.values()) and len(accounts) == len(OPTIONS)
        if is_swapped:
            role, caller = (found[side].profile for side in (Side.CALLER, Side.ROLE))
            raise InputError(
                f"the two administrators are swapped: {are}",
                hint=f"the other way round: --prod-admin {word(role)} --acc-admin {word(caller)}",
            )
        side = wrong[0]
        raise InputError(
            f"{are}, and the {NAMES[side]} is {wanted[side]}",
            hint=f"give an administrator of {word(wanted[side])} with {word(OPTIONS[side])}; the profiles that are "
            "there: credhelper profile list",
        )
