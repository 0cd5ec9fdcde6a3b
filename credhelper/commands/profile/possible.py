"""Which changes of keys lead to a profile that works, and for the others the command that does what was meant."""

from collections.abc import Mapping

from credhelper.awsconfig.profiles import principal
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.kinds import CREDHELPER, kind_of
from credhelper.awsconfig.profiles.role_profile import (
    NATIVE_ROLE_KEYS,
    PREFIX,
    SETTINGS,
    is_credhelper,
    key_of,
    own_keys,
    source_command,
)
from credhelper.awsconfig.profiles.role_settings import CREDENTIAL_SOURCES, flag_of
from credhelper.commands.profile.add import command_for_another, sources
from credhelper.commands.profile.edit import merged
from credhelper.errors import InputError
from credhelper.model.shell import own_command, word

# Keys that credhelper reads with its prefix only.
_PREFIXED = frozenset(setting for setting in SETTINGS if key_of(setting) != setting)
_SOURCES = (PREFIX + "source_profile", PREFIX + "credential_source")


def require(name: str, changes: Mapping[str, str | None], catalogue: Catalogue) -> None:
    """Raise InputError for a change that no further one makes work; the hint is one command that does what was meant.

    A hint that asked for one setting at a time would lead from a refusal to its mirror image.
    """
    section = catalogue.in_config(name)
    after = merged(section, changes)
    new = {key: text for key, text in changes.items() if text is not None}
    if is_credhelper(section):
        _require_own_keys(name, new)
        _require_all_parts(name, section, after, catalogue)
    elif any(key.startswith(PREFIX) for key in new) and "role_arn" in catalogue[name]:
        raise InputError(
            f"profile {name} has a role already, which SDKs assume themselves",
            hint=f"make it credhelper's: {own_command('profile adopt', name)}",
        )
    elif own_keys(after):
        _require_whole(name, after, catalogue)


def _require_own_keys(name: str, new: Mapping[str, str]) -> None:
    """Raise InputError for a key of AWS's own role profiles, which credhelper would not read."""
    meant = [key for key in new if key in _PREFIXED]
    if not meant:
        return
    options = " ".join(f"{flag_of(key)} {word(new[key])}" for key in meant)
    others = [f"{key}={text}" for key, text in new.items() if key not in meant]
    raise InputError(
        f"credhelper assumes the role of {name}, and reads {', '.join(PREFIX + key for key in meant)}",
        hint=own_command("profile set", name, *others, options=options),
    )


def _require_all_parts(name: str, section: Mapping[str, str], after: Mapping[str, str], catalogue: Catalogue) -> None:
    """Raise InputError where credhelper's profile would be without its role or its source."""
    if not is_credhelper(after):
        kept = [key for key in own_keys(section) if key.removeprefix(PREFIX) not in NATIVE_ROLE_KEYS]
        raise InputError(
            f"without its role {name} is no profile of credhelper's",
            hint=f"remove it: {own_command('profile remove', name)}"
            if kept
            else f"have AWS's tools assume the role again: {own_command('profile release', name)}",
        )
    if not any(key in after for key in _SOURCES) and any(key in section for key in _SOURCES):
        was = section.get(_SOURCES[0], "")
        other = next((one for one in _possible_sources(name, catalogue) if one != was), "")
        command = own_command("profile set", name, options=f"--credential-source {CREDENTIAL_SOURCES[1]}")
        if other:
            command = source_command(name, section, other)
        raise InputError(f"the role of {name} needs a source", hint=f"take another one: {command}")


def _require_whole(name: str, after: Mapping[str, str], catalogue: Catalogue) -> None:
    """Raise InputError where a profile that is to become credhelper's is told only a part of what it needs."""
    missing = {} if is_credhelper(after) else {PREFIX + "role_arn": "ARN"}
    kind = kind_of(catalogue[name])
    is_free = kind in ("settings", CREDHELPER)
    if not any(key in after for key in _SOURCES):
        likely = next(iter(_possible_sources(name, catalogue)), "default")
        missing[_SOURCES[0]] = likely if is_free else name
    if not missing:
        return
    wanted = {**missing, **after}
    what = " and ".join(flag_of(key.removeprefix(PREFIX)) for key in missing)
    if not is_free:
        raise InputError(
            f"profile {name} is one of the kind {kind}, and needs no role for that",
            hint=f"give the role a name of its own: {command_for_another(name, wanted, catalogue)}",
        )
    settings = [setting for setting in SETTINGS if setting in _PREFIXED and wanted.get(key_of(setting))]
    options = " ".join(f"{flag_of(setting)} {word(wanted[key_of(setting)])}" for setting in settings)
    raise InputError(f"profile {name} needs {what}", hint=own_command("profile set", name, options=options))


def _possible_sources(name: str, catalogue: Catalogue) -> list[str]:
    """Return the profiles that could be the source of this one."""
    led_here = principal.dependents([name], catalogue)
    return [one for one in sources(catalogue) if one not in led_here]
