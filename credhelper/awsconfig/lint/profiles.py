"""What is wrong with profiles that are written well: their sources, their mix of credentials. Pure."""

from collections.abc import Iterator, Mapping

from credhelper.awsconfig.document.finding import Finding
from credhelper.awsconfig.profiles import principal
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.kinds import CREDENTIAL_KEYS, PROCESS_KEY, SSO_DECIDES, STATIC_KEY, has_role
from credhelper.awsconfig.profiles.role_profile import (
    PREFIX,
    RoleProfile,
    is_credhelper,
    own_keys,
    require_valid_setting,
)
from credhelper.awsconfig.profiles.role_settings import CREDENTIAL_SOURCES
from credhelper.errors import InputError
from credhelper.model import partitions
from credhelper.model.shell import open_at, word

# In an ARN.
_COLONS = 5
_ONLY_SETTINGS = frozenset(("region", "output", "cli_pager"))
_DECIDING = frozenset((*CREDENTIAL_KEYS, PROCESS_KEY))
_SOURCES = {source.lower() for source in CREDENTIAL_SOURCES}


def check_profiles(catalogue: Catalogue) -> Iterator[Finding]:
    """Yield each rule that a profile of the two files breaks by what its keys mean."""
    for name in catalogue:
        section = catalogue[name]
        if section.keys() <= _ONLY_SETTINGS:
            continue
        for rule, key, effect, fix in _rules(name, section, catalogue):
            yield _finding(rule, name, key, catalogue, effect=effect, fix=fix)


def _finding(
    rule: str, name: str, key: str | None, catalogue: Catalogue, *, effect: str = "", fix: str = "", about: str = ""
) -> Finding:
    is_there = key is not None and key in catalogue[name]
    place = catalogue.place_of(name, key if is_there else None)
    is_in_credentials = place.file == catalogue.paths[1]
    return Finding(place.line, rule, about or name, "", effect, fix, is_in_credentials)


# A rule, the key whose line breaks it (None: the header), and more about what happens and how to fix it.
_Broken = tuple[str, str | None, str, str]


def _rules(name: str, section: Mapping[str, str], catalogue: Catalogue) -> Iterator[_Broken]:
    if is_credhelper(section) or own_keys(section):
        yield from _credhelper_rules(name, section, catalogue)
    else:
        yield from _native_rules(name, section, catalogue)
    role_arn = section.get(PREFIX + "role_arn") or section.get("role_arn", "")
    if role_arn.count(":") >= _COLONS and partitions.is_foreign(_region(section, catalogue), role_arn):
        yield "region-partition", None, "", ""
    if is_credhelper(section) or has_role(section):
        yield from _source_rules(name, section, catalogue)


def _region(section: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return the region that the role is asked for in; credhelper takes its source's where the profile has none."""
    source = catalogue.get(section.get(PREFIX + "source_profile", ""), {})
    return section.get("region") or source.get("region", "")


def _credhelper_rules(name: str, section: Mapping[str, str], catalogue: Catalogue) -> Iterator[_Broken]:
    shadow = catalogue.shadow_of(name)
    if shadow is not None and shadow.is_in_credentials:
        effect = f"{shadow.key} in the credentials file goes before it"
        free = f"{name}-role"
        fix = "" if free not in catalogue else f"rename it: {open_at(shadow.place.file, shadow.place.line)}"
        yield "credentials-file", shadow.key, effect, fix
    elif shadow is not None:
        who = "SDKs" if shadow.is_for_all else "SDKs other than botocore"
        fix = f"credhelper profile unset {word(name)} {word(shadow.key)}"
        yield "shadowed", shadow.key, f"{who} take {shadow.key} first, and do not ask credhelper", fix
    own = {key: text for key, text in catalogue.in_config(name).items() if key != "role_arn"}
    if own_keys(own) and not _is_foreign(own):
        try:
            RoleProfile.from_section(name, own)
        except InputError:
            yield "credhelper-setting", None, "", ""
    if is_credhelper(own) and PROCESS_KEY not in section:
        yield "credhelper-command", None, "", ""


def _is_foreign(section: Mapping[str, str]) -> bool:
    role_arn = section.get(PREFIX + "role_arn", "")
    return role_arn.count(":") >= _COLONS and partitions.is_foreign(section.get("region", ""), role_arn)


def _native_rules(name: str, section: Mapping[str, str], catalogue: Catalogue) -> Iterator[_Broken]:
    if not _DECIDING & section.keys():
        return
    has_source = "source_profile" in section or "credential_source" in section
    if "role_arn" in section:
        yield from _role_rules(section, catalogue.in_config(name), has_source=has_source)
    elif "source_profile" in section:
        yield "source-without-role", "source_profile", "", ""
    elif section.get("web_identity_token_file"):
        yield "token-without-role", "web_identity_token_file", "", ""
    # Keys in the credentials file go first in every SDK.
    if STATIC_KEY in section and STATIC_KEY not in catalogue.in_credentials(name):
        if PROCESS_KEY in section:
            yield "keys-and-process", PROCESS_KEY, "", ""
        if any(key in section for key in SSO_DECIDES):
            yield "keys-and-sso", STATIC_KEY, "", ""


def _role_rules(section: Mapping[str, str], in_config: Mapping[str, str], *, has_source: bool) -> Iterator[_Broken]:
    if section["role_arn"].startswith("arn:aws"):
        try:
            require_valid_setting("role_arn", section["role_arn"])
        except ValueError:
            yield "role-arn", "role_arn", "", ""
    if "web_identity_token_file" in section:
        return
    if not has_source:
        yield "role-without-source", "role_arn", "", ""
    elif "source_profile" in section and "credential_source" in section:
        yield "two-sources", "credential_source", "", ""
    elif section.get("credential_source", CREDENTIAL_SOURCES[0]).lower() not in _SOURCES:
        yield "credential-source", "credential_source", "", ""
    if has_source and PROCESS_KEY in section:
        fix = "" if PROCESS_KEY in in_config else "remove the one that is not meant"
        yield "role-and-process", PROCESS_KEY, "", fix


def _source_rules(name: str, section: Mapping[str, str], catalogue: Catalogue) -> Iterator[_Broken]:
    key = PREFIX + "source_profile" if is_credhelper(section) else "source_profile"
    source = section.get(key)
    if source is None:
        return
    if source not in catalogue:
        yield "missing-source", key, "", ""
        return
    loop = principal.loop_of(name, catalogue)
    if name in loop:
        other = next((one for one in ("default", *catalogue) if one in catalogue and one not in loop), "default")
        change = f"--source-profile {word(other)}" if is_credhelper(section) else f"source_profile={word(other)}"
        fix = f"give one of them another source: credhelper profile set {word(name)} {change}"
        yield "source-loop", key, f"the source profiles form a loop: {' -> '.join(loop)}", fix
    elif catalogue.taken(source)[0] == "settings" and not is_credhelper(catalogue[source]):
        effect = f"the profile it takes its credentials from, {source}, has none"
        yield "empty-source", key, effect, f"aws configure --profile {word(source)}"
