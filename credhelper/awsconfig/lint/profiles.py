"""What is wrong with profiles that are written well: their sources, their mix of credentials. Pure."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from credhelper.awsconfig.document.finding import Finding
from credhelper.awsconfig.lint import readers
from credhelper.awsconfig.lint.value_rules import is_url, value_faults
from credhelper.awsconfig.profiles import kinds, principal
from credhelper.awsconfig.profiles.catalogue import Catalogue, Shadow
from credhelper.awsconfig.profiles.new_name import free_name
from credhelper.awsconfig.profiles.role_profile import (
    PREFIX,
    RoleProfile,
    is_credhelper,
    own_keys,
    require_valid_setting,
    source_command,
)
from credhelper.awsconfig.profiles.role_settings import MAXIMUM_DURATION_S, MINIMUM_DURATION_S
from credhelper.errors import InputError
from credhelper.model import endpoint_url, partitions
from credhelper.model.shell import of_profile, open_at, own_command, word

# What STS's own description of AssumeRole asks for.
_SHORTEST = {"role_arn": 20, "external_id": 2, "role_session_name": 2, "mfa_serial": 9}
# In an ARN.
_COLONS = 5
_ONLY_SETTINGS = frozenset(("region", "output", "cli_pager"))
# What a header in the credentials file says of itself, where names stand alone.
_NO_PROFILES = ("sso-session ", "services ")
_DECIDING = frozenset((*kinds.CREDENTIAL_KEYS, kinds.PROCESS_KEY))


def check_profiles(catalogue: Catalogue) -> Iterator[Finding]:
    """Yield each rule that a profile of the two files breaks by what its keys mean."""
    sessions = readers.sessions_of(catalogue)
    for name in catalogue:
        yield from check_profile(name, catalogue, sessions)


def check_profile(name: str, catalogue: Catalogue, sessions: readers.Sessions | None = None) -> Iterator[Finding]:
    """Yield each rule that one profile breaks; `sessions` are those of the catalogue, where they were read already."""
    section = catalogue[name]
    if name.startswith(_NO_PROFILES):
        return
    sessions = readers.sessions_of(catalogue) if sessions is None else sessions
    for broken in _value_rules(name, section, catalogue, sessions):
        yield _finding(broken, name, catalogue)
    if section.keys() <= _ONLY_SETTINGS:
        return
    for broken in _rules(name, section, catalogue, sessions):
        yield _finding(broken, name, catalogue)


class _Broken(NamedTuple):
    """A rule, the key whose line breaks it (None: the header), and more than the rule itself says about it."""

    rule: str
    key: str | None = None
    effect: str = ""
    fix: str = ""
    sdks: tuple[str, ...] = ()


def _finding(broken: _Broken, name: str, catalogue: Catalogue) -> Finding:
    place = catalogue.place_of(name, broken.key if broken.key in catalogue[name] else None)
    is_in_credentials = place.file == catalogue.paths[1]
    return Finding(place.line, broken.rule, name, "", broken.effect, broken.fix, is_in_credentials, broken.sdks)


def _value_rules(
    name: str, section: Mapping[str, str], catalogue: Catalogue, sessions: readers.Sessions
) -> Iterator[_Broken]:
    for fault in value_faults(section):
        fix = _fix_of_value(name, fault.key, fault.example, catalogue)
        yield _Broken(fault.rule, fault.key, fault.effect, fix, fault.sdks)
    services = section.get("services")
    if services is not None and services not in sessions.services:
        effect = f"botocore refuses every call: there is no section [services {services}] with keys in the config file"
        yield _Broken("missing-services", "services", effect, _fix_of_value(name, "services", "", catalogue))


def _fix_of_value(name: str, key: str, example: str, catalogue: Catalogue) -> str:
    """Return how a value is corrected, or the key removed, in the file that has it."""
    if key in catalogue.in_credentials(name):
        place = catalogue.place_of(name, key)
        return f"correct it, or remove the line: {open_at(place.file, place.line)}"
    unset = own_command("profile unset", name, key)
    return f"{own_command('profile set', name, f'{key}={example}')}, or to remove it: {unset}" if example else unset


def _rules(
    name: str, section: Mapping[str, str], catalogue: Catalogue, sessions: readers.Sessions
) -> Iterator[_Broken]:
    if is_credhelper(section) or own_keys(section):
        yield from _credhelper_rules(name, section, catalogue)
    else:
        yield from _native_rules(name, section, catalogue, sessions)
    role = kinds.role_arn_of(section)
    if kinds.partition_of_role(section) and partitions.is_foreign(_region(section, catalogue), role):
        yield _Broken("region-partition")
    if is_credhelper(section) or kinds.has_role(section):
        yield from _source_rules(name, section, catalogue)


def _region(section: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return the region that the role is asked for in; credhelper takes its source's where the profile has none."""
    source = catalogue.get(section.get(PREFIX + "source_profile", ""), {})
    return section.get("region") or source.get("region", "")


def _credhelper_rules(name: str, section: Mapping[str, str], catalogue: Catalogue) -> Iterator[_Broken]:
    shadow = catalogue.shadow_of(name)
    if shadow is not None:
        yield _shadowed(name, shadow, catalogue)
    own = {key: text for key, text in catalogue.in_config(name).items() if key != "role_arn"}
    if own_keys(own) and not _is_foreign(own):
        try:
            RoleProfile.from_section(name, own)
        except InputError as error:
            key = max((key for key in own if key in error.message), key=len, default=None)
            if key not in {fault.key for fault in value_faults(own)}:
                yield _Broken("credhelper-setting", key, f"credhelper refuses it: {error.message}", error.hint)
    url = section.get("endpoint_url", "")
    is_used = is_credhelper(own) and section.get("ignore_configured_endpoint_urls", "").lower() != "true"
    if url and is_used and is_url(url) and (why := endpoint_url.fault_of(url)):
        fix = _fix_of_value(name, "endpoint_url", "", catalogue)
        yield _Broken("credhelper-endpoint", "endpoint_url", f"credhelper refuses it: endpoint_url {why}", fix)
    if is_credhelper(own) and kinds.PROCESS_KEY not in section:
        yield _Broken("credhelper-command")


def _shadowed(name: str, shadow: Shadow, catalogue: Catalogue) -> _Broken:
    who = "SDKs take it first" if shadow.is_for_all else "some SDKs, such as Go's, take it or reject the profile"
    effect = f"it has {shadow.key} here: {who}, and do not ask credhelper"
    sdks = () if shadow.is_for_all else (_GO,)
    if shadow.is_in_credentials:
        fix = f"rename one of the two: {own_command('profile rename', name, free_name(name, catalogue))}"
        return _Broken("credentials-file", shadow.key, effect, fix, sdks)
    fix = own_command("profile unset", name, shadow.key)
    if shadow.key == kinds.PROCESS_KEY:
        fix = own_command("profile repair", name)
    return _Broken("shadowed", shadow.key, effect, fix, sdks)


def _is_foreign(section: Mapping[str, str]) -> bool:
    role_arn = section.get(PREFIX + "role_arn", "")
    return role_arn.count(":") >= _COLONS and partitions.is_foreign(section.get("region", ""), role_arn)


def _native_rules(
    name: str, section: Mapping[str, str], catalogue: Catalogue, sessions: readers.Sessions
) -> Iterator[_Broken]:
    """Yield what botocore and Go reject a profile for, or that they take different credentials of it."""
    if not _DECIDING & section.keys():
        return
    yield from _refused_by_sts(section)
    found = {_BOTOCORE: readers.botocore(name, catalogue, sessions), _GO: readers.go(name, catalogue, sessions)}
    faults = dict.fromkeys(reading.fault for reading in found.values() if reading.fault)
    for fault in faults:
        if fault != readers.EMPTY_COMMAND:
            yield _rejected(fault, name, found, catalogue)
    taken = found[_BOTOCORE].taken, found[_GO].taken
    # Neither finds credentials where there are none of its own: a single sign-on may be for a token only.
    if not faults and taken[0] != taken[1] and taken[0] != "settings":
        rule = _DIFFERING.get(frozenset(taken), "credentials-differ")
        key = next(key for key in (kinds.PROCESS_KEY, *kinds.CREDENTIAL_KEYS) if key in section)
        yield _Broken(rule, key, effect=f"Go {_takes(taken[1])}, botocore {_takes(taken[0])}")


def _refused_by_sts(section: Mapping[str, str]) -> Iterator[_Broken]:
    """Yield what no role can be asked for with: botocore does not even send it."""
    role_arn = section.get("role_arn")
    if role_arn is None:
        return
    if len(role_arn) < _SHORTEST["role_arn"] or (role_arn.startswith("arn:aws") and not _is_role_arn(role_arn)):
        yield _Broken("role-arn", "role_arn")
    for key, shortest in _SHORTEST.items():
        if key != "role_arn" and len(section.get(key, " " * shortest)) < shortest:
            yield _Broken("role-setting", key, f"STS refuses it: {key} is too short")
    if effect := _duration_fault(section.get("duration_seconds", "3600")):
        yield _Broken("role-setting", "duration_seconds", effect)


def _duration_fault(text: str) -> str:
    duration_s = int(text) if text.isdecimal() else MINIMUM_DURATION_S
    if duration_s < MINIMUM_DURATION_S:
        return f"STS refuses it: duration_seconds is less than {MINIMUM_DURATION_S}"
    return (
        f"STS refuses it: duration_seconds is more than {MAXIMUM_DURATION_S}" if duration_s > MAXIMUM_DURATION_S else ""
    )


def _is_role_arn(text: str) -> bool:
    try:
        require_valid_setting("role_arn", text)
    except ValueError:
        return False
    return True


def _rejected(fault: str, name: str, found: Mapping[str, readers.Reading], catalogue: Catalogue) -> _Broken:
    by = [sdk for sdk, reading in found.items() if reading.fault == fault]
    key = next(reading.key for reading in found.values() if reading.fault == fault)
    effect = f"{' and '.join(_WHO[sdk] for sdk in by)} reject{'s' if len(by) == 1 else ''} the profile: {_WHY[fault]}"
    for sdk, reading in found.items():
        if not reading.fault:
            effect += f"; {_WHO[sdk]} {_takes(reading.taken)}"
    return _Broken(fault, key, effect=effect, fix=_fix(fault, key, name, catalogue), sdks=tuple(by))


def _fix(fault: str, key: str, name: str, catalogue: Catalogue) -> str:
    """Return a fix that fits the profile better than that of the rule, "" where that one does."""
    if fault in ("role-and-process", "two-sources", "source-without-role", "sso-conflict"):
        if key in catalogue.in_credentials(name):
            place = catalogue.place_of(name, key)
            return f"remove the one that is not meant: {open_at(place.file, place.line)}"
        unset = own_command("profile unset", name, key)
        return (
            unset if fault in ("source-without-role", "sso-conflict") else f"remove the one that is not meant: {unset}"
        )
    if fault == "role-without-source":
        kind = catalogue.taken_as_source(name)[0]
        if kind == "static":
            return own_command("profile set", name, f"source_profile={name}")
        if kind != "settings":
            return f"make two profiles of it, and {word(name)} the source of the role"
    return ""


def _takes(kind: str) -> str:
    kind, _, base = kind.partition(" with its ")
    return f"assumes the role with its {_NAMES[base]}" if base else _TAKES[kind]


_BOTOCORE, _GO = "botocore", "Go v2"
_WHO = {_BOTOCORE: "botocore", _GO: "Go"}
_NAMES = {
    "static": "own keys",
    "sso": "own single sign-on",
    "login": "own login session",
    "process": "own program",
    "machine": "machine's role",
}
_TAKES = {
    "role": "assumes the role",
    "web-identity": "takes the token",
    "static": "signs with the keys",
    "sso": "takes the single sign-on",
    "login": "takes the login session",
    "process": "starts the program",
    "settings": "finds no credentials",
    "machine": "looks for the role of a machine",
}
_WHY = {
    "half-keys": "one of its two keys is missing",
    "role-without-source": "its role has no source",
    "two-sources": "it has two sources for its role",
    "role-and-process": "it has a program beside the source of its role",
    "source-without-role": "it has a source and no role",
    "token-without-role": "it has a token and no role",
    "credential-source": "there is no such source",
    "missing-sso-session": "there is no sso-session of this name",
    "sso-incomplete": "a part of its single sign-on is missing",
    "sso-conflict": "its sso-session says something else",
}
_DIFFERING = {
    frozenset(("static", "process")): "keys-and-process",
    frozenset(("static", "sso")): "keys-and-sso",
    frozenset(("static", "login")): "keys-and-login",
}


def _source_rules(name: str, section: Mapping[str, str], catalogue: Catalogue) -> Iterator[_Broken]:
    key = PREFIX + "source_profile" if is_credhelper(section) else "source_profile"
    source = section.get(key)
    if source is None:
        return
    if source not in catalogue:
        yield _Broken("missing-source", key)
        return
    loop = principal.loop_of(name, catalogue)
    if name in loop:
        if other := principal.way_out_of(loop, catalogue):
            fix = f"give one of them another source: {source_command(name, section, other)}"
        else:
            free = "default" if "default" not in catalogue else free_name(name, catalogue)
            fix = f"create a source that has keys: aws configure {of_profile(free)}"
        yield _Broken("source-loop", key, f"the source profiles form a loop: {' -> '.join(loop)}", fix)
        return
    if catalogue.taken(source)[0] == "settings" and not is_credhelper(catalogue[source]):
        effect = f"the profile it takes its credentials from, {source}, has none"
        yield _Broken("empty-source", key, effect, f"aws configure {of_profile(source)}")
        return
    own, (region, there) = kinds.partition_of_role(section), kinds.partition_of(source, catalogue)
    if own and there and not region and own != there:  # a region may be wrong, a role is certain
        effect = f"{source} has a role of the partition {there}, whose credentials no other partition knows"
        yield _Broken("source-partition", key, effect)
