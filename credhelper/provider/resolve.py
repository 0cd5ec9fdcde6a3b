"""From a profile's name to the request for STS: what the files and the environment say, and which of them were read."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from credhelper.aws import endpoint
from credhelper.aws.shared_config import SharedConfig
from credhelper.awsconfig.profiles import kinds, source_chain
from credhelper.awsconfig.profiles.new_name import free_name
from credhelper.awsconfig.profiles.role_profile import RoleProfile, is_credhelper, require_valid_setting
from credhelper.errors import InputError, MachineError, about
from credhelper.model import partitions
from credhelper.model.nearest import unknown_profile
from credhelper.model.role_request import RoleRequest
from credhelper.model.shell import open_at, own_command, word
from credhelper.provider import session_name, source_files
from credhelper.provider.record import Record
from credhelper.provider.request import require_no_loop
from credhelper.provider.sign_ins import SignIns
from credhelper.provider.source import Source
from credhelper.settings import Settings, with_chain
from credhelper.system import hardening
from credhelper.system.files import read_bounded

DEFAULT_DURATION_S = 3600
# AWS: "Role chaining limits your role session to a maximum of one hour" (IAM User Guide, role chaining).
CHAINED_DURATION_S = 3600
_POLICY_LIMIT = 2048
# What a profile without a role has, by its kind.
_OWN = {
    "static": "it has keys of its own, and needs no helper",
    "sso": "SDKs sign in for it by themselves, and it needs no helper",
    "login": "SDKs sign in for it by themselves, and it needs no helper",
    "process": "another program answers for it",
}
# Where AWS's files are: with both of the others set, SSO's tokens and the programs' own files are still in the home.
_FILE_VARIABLES = ("USERPROFILE" if os.name == "nt" else "HOME", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
_REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A profile with all it takes to ask STS.

    `identity` is 32 bytes that differ whenever STS could answer differently: the request, and who its `source` is.
    `parent` is the credhelper profile the source credentials come from, None where botocore loads them. `record` has
    everything outside that this value was made from. `child_environ` is the environment of the programs that the
    profile's configuration names.
    """

    profile: RoleProfile
    request: RoleRequest
    identity: bytes
    source: Source
    session_name: str
    parent: str | None
    shared: SharedConfig
    record: Record
    child_environ: Mapping[str, str]


def resolve(
    name: str,
    settings: Settings,
    record: Record,
    chain: tuple[str, ...] = (),
    shared: SharedConfig | None = None,
) -> Resolved:
    """Read the files and return what the profile asks for; raises InputError or MachineError.

    `record` notes what is looked at, also where this raises. `chain` names the profiles whose resolution led to this
    one; `shared` is what they have read already.
    """
    require_no_loop(name, chain, record.environ)
    for variable in _FILE_VARIABLES:
        record.variable(variable)
    paths = [record.file(path) for path in (settings.config_file, settings.credentials_file)]
    shared = shared or SharedConfig(*paths)
    profile = _role_profile(name, shared, settings)
    is_chained = profile.source_profile is not None and is_credhelper(shared.profiles.get(profile.source_profile, {}))
    if is_chained and profile.source_profile is not None:
        _require_one_kind(profile.source_profile, shared)
    endpoint_url, is_endpoint_configured = _endpoint(name, shared, record)
    request = RoleRequest(
        role_arn=profile.role_arn,
        duration_seconds=_duration_s(profile, is_chained=is_chained),
        region=_region(profile, shared, record),
        partition=profile.role_arn.split(":")[1],
        role_session_name=profile.role_session_name,
        external_id=profile.external_id,
        policy=_policy(profile.policy, record),
        policy_arns=profile.policy_arns,
        tags=profile.tags,
        transitive_tag_keys=profile.transitive_tag_keys,
        source_identity=profile.source_identity,
        mfa_serial=profile.mfa_serial,
        endpoint_url=endpoint_url,
        is_endpoint_configured=is_endpoint_configured,
    )
    if is_chained and profile.source_profile is not None:
        parent = resolve(profile.source_profile, settings, record, (*chain, name), shared)
        source = Source(parent.identity)
    else:
        _require_way_out(profile, (*chain, name), shared)
        source = _source(profile, shared, settings, record)
    name_of_session = profile.role_session_name
    if name_of_session is None:
        # Without the host's name, which changes with the network.
        user = session_name.user(record)
        name_of_session, source = session_name.default(user), replace(source, user=user)
    return Resolved(
        profile=profile,
        request=request,
        identity=request.identity(source.text(SignIns(settings.cache_dir).first_of)),
        source=source,
        session_name=name_of_session,
        parent=profile.source_profile if is_chained else None,
        shared=shared,
        record=record,
        child_environ=with_chain(hardening.environment_of_caller(record.environ), (*chain, name)),
    )


def _source(profile: RoleProfile, shared: SharedConfig, settings: Settings, record: Record) -> Source:
    """Return who the source credentials belong to, as the files and the environment say."""
    source = profile.source_profile or "default"
    if profile.credential_source is not None:
        described = source_chain.describe_credential_source(profile.credential_source)
    else:
        described = _described(source, shared, settings, record)
    who = f"the source of {profile.name}"
    paths = source_files.noted(described, source, record, who=who)
    files = tuple([(path, source_files.digest_to_compare(path, who)) for path in paths])
    return Source(facts=described.facts, variables=record.note(described.variables).hex(), files=files)


def note_profile(name: str, shared: SharedConfig, settings: Settings, record: Record) -> None:
    """Note the files that decide whose credentials a profile has.

    Raises InputError for a file or program with a relative path, and MachineError for a file that another user may
    change.
    """
    source_files.noted(_described(name, shared, settings, record), name, record, who=f"profile {name}")


def _described(name: str, shared: SharedConfig, settings: Settings, record: Record) -> source_chain.Description:
    return source_chain.describe_profile(
        name,
        shared.profiles,
        shared.sso_sessions,
        home=settings.home,
        login_cache=record.environ.get("AWS_LOGIN_CACHE_DIRECTORY"),
    )


def _endpoint(name: str, shared: SharedConfig, record: Record) -> tuple[str | None, bool]:
    """Return the endpoint, and whether the config file names it."""
    for variable in endpoint.VARIABLES:
        record.variable(variable)
    with about(profile=name):
        url = endpoint.resolve(record.environ, shared, name)
        return url, endpoint.is_configured(url, shared, name)


def _role_profile(name: str, shared: SharedConfig, settings: Settings) -> RoleProfile:
    section = shared.profiles.get(name)
    if section is None:
        raise unknown_profile(name, shared.profiles, files=(settings.config_file, settings.credentials_file))
    if not is_credhelper(section):
        why = _OWN.get(kinds.kind_of(section), "it has no credhelper_role_arn")
        raise InputError(f"profile {name} is not one of credhelper's: {why}", hint=_way_in(name, shared.profiles))
    return RoleProfile.from_section(name, section)


def _way_in(name: str, profiles: Mapping[str, Mapping[str, str]]) -> str:
    """Return the command that has credhelper assume a role of, or with, a profile of another kind."""
    section = profiles[name]
    has_source = section.get("source_profile", name) != name or "credential_source" in section
    if kinds.kind_of(section) == "role" and has_source and kinds.PROCESS_KEY not in section:
        return f"have credhelper assume its role: {own_command('profile adopt', name)}"
    role_arn = word(kinds.role_arn_of(section) or "ARN")
    options = f"--role-arn {role_arn} --source-profile {word(name)}"
    return f"to assume a role with it: {own_command('profile add', free_name(name, profiles), options=options)}"


def _require_way_out(profile: RoleProfile, chain: tuple[str, ...], shared: SharedConfig) -> None:
    """Raise InputError if native roles lead from the source profile back to one that is being resolved."""
    source = profile.source_profile
    back = None if source is None else source_chain.leads_back_to(source, chain, shared.profiles)
    if back is not None:
        raise InputError(
            f"the source profiles form a loop: {' -> '.join((*chain, str(source)))} -> … -> {back}",
            hint=own_command("profile show", profile.name),
        )


def _require_one_kind(name: str, shared: SharedConfig) -> None:
    """Raise InputError for a credhelper profile that has static keys as well: SDKs would sign with those."""
    if not source_chain.has_static_keys(shared.profiles[name]):
        return
    file, line, key = shared.place_of(name, source_chain.STATIC_KEYS)
    raise InputError(
        f"line {line} of {file}: profile {name} is a source, and it has {key} beside credhelper_role_arn: AWS's SDKs "
        "take the keys, so that it would be two identities",
        hint=own_command("profile unset", name, *source_chain.STATIC_KEYS)
        if file == shared.config_file
        else f"move the keys to a section of another name: {open_at(file, line)}",
    )


def _policy(text: str | None, record: Record) -> str | None:
    """Return the session policy, read from its file where it names one."""
    if text is None or not text.startswith("file://"):
        return text
    path = record.file(text.removeprefix("file://"))
    try:
        content, _ = read_bounded(path, _POLICY_LIMIT, follow=True)
        return content.decode("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise MachineError(
            f"the session policy {path} cannot be read as text of at most {_POLICY_LIMIT} bytes",
            hint=f"ls -l {word(path)}",
        ) from None


def _region(profile: RoleProfile, shared: SharedConfig, record: Record) -> str:
    """Return the region whose STS endpoint to call.

    The files come before the environment: two terminals with different variables then share one entry.
    """
    source = shared.profiles.get(profile.source_profile or "", {})
    own = partitions.default_region(partitions.partition_of_role(profile.role_arn))
    if configured := profile.region or _region_of_source(source):
        if partitions.is_foreign(configured, profile.role_arn):
            raise InputError(
                partitions.mismatch(configured, profile.role_arn),
                hint=own_command("profile set", profile.name, options=f"--region {own}"),
            )
        return configured
    values = [record.variable(name) for name in _REGION_VARIABLES]
    # A shell's region is for whatever else is done there: one of another partition does not count.
    return next((value for value in values if value and not partitions.is_foreign(value, profile.role_arn)), own)


def _region_of_source(source: Mapping[str, str]) -> str:
    """Return the region of a source, "" where it has none or one that is no name of a region: `us-east-1  # mine`."""
    region = source.get("region", "")
    try:
        require_valid_setting("region", region)
    except ValueError:
        return ""
    return region


def _duration_s(profile: RoleProfile, *, is_chained: bool) -> int:
    wanted_s = profile.duration_seconds or DEFAULT_DURATION_S
    return min(wanted_s, CHAINED_DURATION_S) if is_chained else wanted_s
