"""Who a profile is for AWS, or what tools without --profile are here: the identity, and how it came about."""

from collections.abc import Mapping
from dataclasses import dataclass

from credhelper.aws import endpoint, identity, old_keys, source_credentials
from credhelper.aws.identity import Identity
from credhelper.aws.service import Service
from credhelper.awsconfig.profiles import kinds, links
from credhelper.awsconfig.profiles.catalogue import Place
from credhelper.awsconfig.profiles.links import Link
from credhelper.commands import environment
from credhelper.commands.environment import Chosen, Reason
from credhelper.commands.grant.access import Access
from credhelper.commands.profile.edit import unknown
from credhelper.commands.profile.list import open_sections
from credhelper.errors import AwsError, InputError, UnreachableError, about
from credhelper.model import partitions
from credhelper.model.credentials import Credentials
from credhelper.provider import consent, process
from credhelper.provider.record import Record
from credhelper.system import hardening
from credhelper.system.machine import this_machine

# What is unset where the environment's own credentials are refused.
_VARIABLES = {
    environment.KEYS: (environment.KEY_ID, environment.SECRET, *environment.TOKENS),
    environment.WEB_IDENTITY: (environment.TOKEN_FILE,),
}


@dataclass(frozen=True, slots=True)
class Set:
    """A setting in force: its value, and which variable or line it is from; `origin` is "" for AWS's own default."""

    value: str
    origin: str
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoIs:
    """The identity.

    `profile` is "" where the credentials are no profile's; `alias` where the account has none, or that may not be
    read. `expiration` is None for a key that never expires, and where it is not known. `remark` is what other SDKs do
    otherwise, "" where they do not.
    """

    profile: str
    who: Identity
    alias: str
    expiration: int | None
    is_long_lived: bool
    region: Set
    endpoint: Set
    chain: tuple[Link, ...]
    reasons: tuple[Reason, ...] = ()
    remark: str = ""

    @property
    def session_name(self) -> str:
        """The name of the session, "" for a user."""
        return self.who.arn.name if self.who.arn.service == "sts" and "/" in self.who.arn.resource else ""


class _Asked:
    """The files and the environment in which someone is asked for: `settings_of` is whose settings apply."""

    def __init__(self, access: Access, environ: Mapping[str, str], settings_of: str) -> None:
        self.access = access
        self.environ = environ
        self.catalogue = open_sections(access.settings)
        self.settings_of = settings_of

    @property
    def section(self) -> Mapping[str, str]:
        """The profile whose settings apply; empty where there is none."""
        return self.catalogue.get(self.settings_of, {})

    def who_is(
        self, found: Credentials, chain: tuple[Link, ...], reasons: tuple[Reason, ...] = (), *, is_profile: bool = True
    ) -> WhoIs:
        """Ask STS who signs with credentials, and IAM for the alias of the account."""
        partition = kinds.partition_of(self.settings_of, self.catalogue)[1] or _partition_of_shell(self.environ)
        with about(profile=self.settings_of):
            sts = Service("sts", self.settings_of, found, self.access.shared, partition=partition)
            who = identity.ask(sts)
        return WhoIs(
            profile=self.settings_of if is_profile else "",
            who=who,
            alias=identity.alias(sts, who.account),
            expiration=found.expiration,
            is_long_lived=consent.is_long_lived(found),
            region=self._region(sts.region),
            endpoint=self._endpoint(sts.url),
            chain=chain,
            reasons=reasons,
            remark=self._remark(sts.region),
        )

    def _remark(self, region: str) -> str:
        """Return which tools take another region: boto3 and the AWS CLI 1 do not know AWS_REGION, all others do."""
        shell, default = (self.environ.get(name, "") for name in ("AWS_REGION", "AWS_DEFAULT_REGION"))
        if shell and shell != region:
            return f"AWS_REGION is {shell}, which SDKs other than boto3 take"
        if self._region(region).origin != "AWS_REGION" or default == region:
            return ""
        theirs = f"AWS_DEFAULT_REGION, which is {default}" if default else "AWS_DEFAULT_REGION, which is not set"
        return f"boto3 and the AWS CLI 1 do not take AWS_REGION, but {theirs}"

    def _region(self, region: str) -> Set:
        """Return the region with where it is from: a variable goes before the profile for the AWS CLI and boto3."""
        own = self.section.get("region", "")
        for variable in ("AWS_DEFAULT_REGION",) if own else ("AWS_REGION", "AWS_DEFAULT_REGION"):
            if self.environ.get(variable) == region:
                return Set(region, variable)
        return self._of_profile(region, "region") if own == region else Set(region, "")

    def _endpoint(self, url: str) -> Set:
        """Return the endpoint of STS with where it is from, in botocore's order (aws/endpoint)."""
        services = self.access.shared.services
        if endpoint.is_ignored(self.environ, self.section):
            return Set(url, "")
        for variable in (endpoint.SERVICE_VARIABLE, endpoint.GLOBAL_VARIABLE):
            if self.environ.get(variable):
                return Set(url, variable)
        if endpoint.in_config(self.section, services) is None:
            return Set(url, "")
        has_own = endpoint.in_config({**self.section, "endpoint_url": ""}, services) is not None
        return self._of_profile(url, "services" if has_own else "endpoint_url")

    def _of_profile(self, value: str, key: str) -> Set:
        return Set(value, f"profile {self.settings_of}", self.catalogue.place_of(self.settings_of, key))


def of_profile(access: Access, environ: Mapping[str, str], profile: str) -> WhoIs:
    """Return who a profile is; raises CredhelperError."""
    asked = _Asked(access, environ, profile)
    if profile not in asked.catalogue:
        raise unknown(profile, asked.catalogue)
    return asked.who_is(access.credentials_of_tools(profile), links.links(profile, asked.catalogue))


def chosen(access: Access, environ: Mapping[str, str]) -> Chosen:
    """Return what tools without --profile take here, and why; raises CredhelperError."""
    whole = hardening.environment_of_caller(environ)  # boto 2's variable is none of AWS's
    return environment.choose(
        environ, open_sections(access.settings), lambda: old_keys.find(whole, Record(environ).file)
    )


def of_environment(access: Access, environ: Mapping[str, str], what: Chosen) -> WhoIs:
    """Return who that is; raises CredhelperError."""
    asked = _Asked(access, environ, what.profile)
    if what.kind == environment.PROFILE:
        found = access.credentials_of_tools(what.profile)
        return asked.who_is(found, links.links(what.profile, asked.catalogue), what.reasons)
    record = Record(environ)
    token = [environ[environment.TOKEN_FILE]] if what.kind == environment.WEB_IDENTITY else []
    for path in (*asked.catalogue.paths, *token):
        record.file(path)
    process.silence()
    try:
        if what.old is not None:
            found = what.old.credentials
        else:
            found = source_credentials.from_variables(what.kind, access.shared, what.profile)
        chain = (Link(what.kind, links.CREDENTIAL_SOURCE),)
        return asked.who_is(found, chain, what.reasons, is_profile=False)
    except (InputError, UnreachableError) as error:
        if what.kind != environment.INSTANCE:
            raise
        # Most machines are no instance: what is missing is a profile.
        hint = "choose one: credhelper profile list; or make one: aws configure"
        if isinstance(error, UnreachableError):
            hint = f"{hint}; on an instance: {error.hint}"
        raise type(error)(f"nothing here has credentials: {error.message}", hint=hint) from None
    except AwsError as error:
        # The hint of a profile would be for another one: these credentials are not its own.
        names = _VARIABLES.get(what.kind, ())
        if not names:
            raise
        unset = this_machine().unset(*(name for name in names if name in environ))
        raise AwsError(f"what the environment has: {error.message}", hint=f"to be rid of it: {unset}") from None


def _partition_of_shell(environ: Mapping[str, str]) -> str:
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION", "")
    return partitions.partition_of_region(region) or "aws"
