"""What tools without --profile take in an environment, and why: by the rules of botocore (the AWS CLI, boto3). Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.catalogue import Catalogue, Place
from credhelper.commands.variables import MARKER
from credhelper.errors import InputError
from credhelper.model.nearest import nearest
from credhelper.model.shell import word
from credhelper.system.machine import this_machine

if TYPE_CHECKING:  # it loads botocore's providers
    from credhelper.aws.old_keys import OldKeys

# In this order, of which the first that is set counts, also if it is empty (botocore, configprovider.py).
PROFILE_VARIABLES = ("AWS_DEFAULT_PROFILE", "AWS_PROFILE")
FILE_VARIABLES = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
KEY_ID, SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
# botocore, EnvProvider.TOKENS.
TOKENS = ("AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN")
TOKEN_FILE, ROLE_ARN = "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"
CONTAINER_VARIABLES = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")

# What is taken.
KEYS, PROFILE, WEB_IDENTITY = "Environment", "profile", "web-identity"
CONTAINER, INSTANCE = "EcsContainer", "Ec2InstanceMetadata"
# Or what an OldKeys has for its kind.


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the way there: what is set or not set, and where, if that is a line of a file."""

    text: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is taken: one of the constants above. `profile` has the settings, and for PROFILE the credentials, too."""

    kind: str
    profile: str
    reasons: tuple[Reason, ...]
    old: "OldKeys | None" = None


def choose(
    environ: Mapping[str, str], catalogue: Catalogue, find_old: "Callable[[], OldKeys | None]" = lambda: None
) -> Chosen:
    """Return what is taken without --profile; raises InputError where botocore fails before it takes anything.

    `find_old` is asked for the keys of older tools, where they count.
    """
    profile, reasons = _profile(environ, catalogue)
    files = zip(FILE_VARIABLES, catalogue.paths, strict=True)
    reasons = (*reasons, *(Reason(f"{name} names the file {path}") for name, path in files if environ.get(name)))
    if environ.get(KEY_ID):
        return Chosen(KEYS, profile, (*_keys(environ), *reasons))
    if profile in catalogue and kinds.has_role(catalogue[profile]):
        return Chosen(PROFILE, profile, (*reasons, _deciding(profile, catalogue)))
    if environ.get(TOKEN_FILE):
        return Chosen(WEB_IDENTITY, profile, (_web_identity(environ, profile, catalogue), *reasons))
    if profile in catalogue and catalogue.taken(profile)[0] != "settings":
        return Chosen(PROFILE, profile, (*reasons, _deciding(profile, catalogue)))
    there = f"profile {profile} has no credentials" if profile in catalogue else f"there is no profile {profile}"
    place = catalogue.place_of(profile) if profile in catalogue else None
    reasons = (*reasons, Reason(there, place))
    if (old := find_old()) is not None:
        file = f"the file {old.path}, which {old.variable} names," if old.variable else f"the file {old.path}"
        why = Reason(f"{file} has a key, as tools before the AWS CLI read it: it goes before a machine's role")
        return Chosen(old.kind, profile, (*reasons, why), old)
    if variable := next((name for name in CONTAINER_VARIABLES if name in environ), ""):
        return Chosen(CONTAINER, profile, (*reasons, Reason(f"{variable} is set: a container's credentials")))
    where = " nor ".join(CONTAINER_VARIABLES)
    return Chosen(INSTANCE, profile, (*reasons, Reason(f"neither {where} is set: the machine's role is left")))


def _profile(environ: Mapping[str, str], catalogue: Catalogue) -> tuple[str, tuple[Reason, ...]]:
    """Return the profile whose settings apply, and why that one."""
    named = [name for name in PROFILE_VARIABLES if name in environ]
    if not named:
        return "default", (Reason(f"neither {' nor '.join(PROFILE_VARIABLES)} is set: profile default"),)
    variable, profile = named[0], environ[named[0]]
    machine = this_machine()
    if not profile:
        raise InputError(
            f"{variable} is set and empty, which the AWS CLI and boto3 take for a profile without a name",
            hint=machine.unset(variable),
        )
    if profile not in catalogue:
        near = nearest(profile, catalogue, limit=1)
        guess = f"did you mean {word(near[0])}? " if near else ""
        raise InputError(
            f"{variable} names profile {profile}, which is not there: the AWS CLI and boto3 stop there",
            hint=f"{guess}see them: credhelper profile list; or: {machine.unset(variable)}",
        )
    reasons = [Reason(f"{variable} names profile {profile}")]
    if len(named) > 1 and environ[named[1]] != profile:
        other = environ[named[1]]
        reasons.append(Reason(f"{named[1]} names {other or 'none'}: SDKs other than the AWS CLI's take that one"))
    return profile, tuple(reasons)


def _keys(environ: Mapping[str, str]) -> tuple[Reason, ...]:
    if not environ.get(SECRET):
        raise InputError(
            f"{KEY_ID} is set and {SECRET} is not: the AWS CLI and boto3 stop there", hint=this_machine().unset(KEY_ID)
        )
    before = " and ".join(name for name in PROFILE_VARIABLES if environ.get(name))
    over = f", and goes before {before}" if before else ""
    found = [Reason(f"{KEY_ID} is set{over}; tools with --profile do not look at it")]
    if token := next((name for name in TOKENS if environ.get(name)), ""):
        found.append(Reason(f"{token} is set: its session"))
    if marked := environ.get(MARKER):
        found.append(Reason(f"{MARKER} says that credhelper put them there, for profile {marked}"))
    return tuple(found)


def _web_identity(environ: Mapping[str, str], profile: str, catalogue: Catalogue) -> Reason:
    role = environ.get(ROLE_ARN, catalogue[profile].get("role_arn", "") if profile in catalogue else "")
    if not role:
        raise InputError(
            f"{TOKEN_FILE} is set and {ROLE_ARN} is not: the AWS CLI and boto3 stop there",
            hint=this_machine().unset(TOKEN_FILE),
        )
    return Reason(f"{TOKEN_FILE} is set, and goes before the profile, unless that has a role and its source: {role}")


def _deciding(profile: str, catalogue: Catalogue) -> Reason:
    kind, key = catalogue.taken(profile)
    return Reason(f"profile {profile} has {key} ({kind})", catalogue.place_of(profile, key))
