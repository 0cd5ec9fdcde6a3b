"""From a profile's name to the request for STS: what the files and the environment say, and which of them were read."""

import getpass
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from credhelper.aws import endpoint
from credhelper.aws.shared_config import SharedConfig
from credhelper.awsconfig.profiles.role_profile import RoleProfile, is_credhelper
from credhelper.cache.payload import Signature
from credhelper.errors import InputError, MachineError
from credhelper.model.nearest import unknown_profile
from credhelper.model.role_request import RoleRequest
from credhelper.provider import inputs
from credhelper.settings import Settings, with_chain
from credhelper.system.files import read_bounded

DEFAULT_DURATION_S = 3600
# AWS: "Role chaining limits your role session to a maximum of one hour" (IAM User Guide, role chaining).
CHAINED_DURATION_S = 3600
_POLICY_LIMIT = 2048
_FILE_VARIABLES = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
_REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
_KEY_VARIABLES = ("AWS_ACCESS_KEY_ID",)
# What of the environment the outcome of a call depends on: a failure under other values says nothing.
CALL_VARIABLES = (*endpoint.VARIABLES, *endpoint.NETWORK_VARIABLES, *_REGION_VARIABLES, *_KEY_VARIABLES)
_PARTITION_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


@dataclass(frozen=True, slots=True)
class Resolved:
    """A profile with all it takes to ask STS.

    `parent` is the credhelper profile the source credentials come from, None where botocore loads them. `variables`
    and `files` are everything outside that this value was made from. `child_environ` is the environment of the
    programs that the profile's configuration names.
    """

    profile: RoleProfile
    request: RoleRequest
    session_name: str
    parent: str | None
    shared: SharedConfig
    variables: tuple[str, ...]
    files: tuple[tuple[str, Signature], ...]
    child_environ: Mapping[str, str]


def resolve(name: str, settings: Settings, environ: Mapping[str, str], chain: tuple[str, ...] = ()) -> Resolved:
    """Read the files and return what the profile asks for; raises InputError or MachineError.

    `chain` names the profiles whose resolution led to this one.
    """
    # Looked at before it is read: a change in between then shows as a change.
    files = [(path, inputs.signature_of(path)) for path in (settings.config_file, settings.credentials_file)]
    shared = SharedConfig(settings.config_file, settings.credentials_file)
    profile = _role_profile(name, shared, settings)
    policy = _policy(profile.policy, files)
    region, region_variables = _region(profile, shared, environ)
    is_chained = profile.source_profile is not None and is_credhelper(shared.profiles.get(profile.source_profile, {}))
    request = RoleRequest(
        role_arn=profile.role_arn,
        duration_seconds=_duration_s(profile, is_chained=is_chained),
        region=region,
        partition=profile.role_arn.split(":")[1],
        role_session_name=profile.role_session_name,
        external_id=profile.external_id,
        policy=policy,
        policy_arns=profile.policy_arns,
        tags=profile.tags,
        transitive_tag_keys=profile.transitive_tag_keys,
        source_identity=profile.source_identity,
        mfa_serial=profile.mfa_serial,
        endpoint_url=endpoint.resolve(environ, shared, name),
    )
    key_variables = _KEY_VARIABLES if profile.credential_source == "Environment" else ()
    return Resolved(
        profile=profile,
        request=request,
        session_name=profile.role_session_name or default_session_name(),
        parent=profile.source_profile if is_chained else None,
        shared=shared,
        variables=(*_FILE_VARIABLES, *endpoint.VARIABLES, *region_variables, *key_variables),
        files=tuple(files),
        child_environ=with_chain(environ, (*chain, name)),
    )


def _role_profile(name: str, shared: SharedConfig, settings: Settings) -> RoleProfile:
    section = shared.profiles.get(name)
    if section is None:
        raise unknown_profile(name, shared.profiles, files=(settings.config_file, settings.credentials_file))
    if not is_credhelper(section):
        raise InputError(
            f"profile {name} is not one of credhelper's: it has no credhelper_role_arn",
            hint=f"credhelper profile add {name} --role-arn ARN --source-profile default",
        )
    return RoleProfile.from_section(name, section)


def _policy(text: str | None, files: list[tuple[str, Signature]]) -> str | None:
    """Return the session policy, read from its file where it names one; that file then counts as one we read."""
    if text is None or not text.startswith("file://"):
        return text
    path = text.removeprefix("file://")
    files.append((path, inputs.signature_of(path)))
    try:
        content, _ = read_bounded(path, _POLICY_LIMIT, follow=True)
        return content.decode("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise MachineError(
            f"the session policy {path} cannot be read as text of at most {_POLICY_LIMIT} bytes",
            hint=f"ls -l {path}",
        ) from None


def _region(profile: RoleProfile, shared: SharedConfig, environ: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the region whose STS endpoint to call, and the variables looked at to find it.

    The files come before the environment: two terminals with different variables then share one entry.
    """
    source = shared.profiles.get(profile.source_profile or "", {})
    configured = profile.region or source.get("region")
    if configured:
        return configured, ()
    from_environment = next((environ[name] for name in _REGION_VARIABLES if environ.get(name)), None)
    partition = profile.role_arn.split(":")[1]
    return from_environment or _PARTITION_REGIONS.get(partition, "us-east-1"), _REGION_VARIABLES


def _duration_s(profile: RoleProfile, *, is_chained: bool) -> int:
    wanted_s = profile.duration_seconds or DEFAULT_DURATION_S
    return min(wanted_s, CHAINED_DURATION_S) if is_chained else wanted_s


def default_session_name() -> str:
    """Return user and host in the characters STS allows, so that CloudTrail shows who it was."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    legal = re.sub(r"[^\w+=,.@-]", "-", f"{user}@{socket.gethostname()}", flags=re.ASCII)
    return legal[:64]
