"""Add a role profile to the config file, and make sure that the line in it starts."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.document.splices import check_name
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles import kinds, principal
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.kinds import CREDENTIAL_KEYS, CREDHELPER, PROCESS_KEY, has_role, kind_of
from credhelper.awsconfig.profiles.new_name import free_name
from credhelper.awsconfig.profiles.role_profile import (
    NATIVE_ROLE_KEYS,
    PREFIX,
    SETTINGS,
    RoleProfile,
    is_credhelper,
    key_of,
    require_valid_setting,
    source_command,
)
from credhelper.awsconfig.profiles.role_settings import flag_of
from credhelper.commands.profile.consequences import note_new_findings
from credhelper.commands.profile.edit import apply, merged, note_changed, require_valid_options
from credhelper.commands.profile.line import Lines
from credhelper.commands.profile.list import open_sections
from credhelper.commands.profile.trial import start_remarks
from credhelper.errors import InputError, about
from credhelper.model import partitions
from credhelper.model.nearest import nearest
from credhelper.model.shell import of_profile, own_command, word
from credhelper.settings import Settings

# Tried first where a hint needs a source profile that is not the one at fault.
_LIKELY_SOURCES = ("default",)


def add(
    settings: Settings,
    name: str,
    values: Mapping[str, str],
    options: EditOptions,
    *,
    is_forced: bool = False,
    line_of: Callable[[str], str] | None = None,
) -> EditResult:
    """Write a new profile with these settings (`role_arn` and so on) and return what was done.

    With `is_forced` a profile of the same name is taken over: its own credential keys are removed, its other keys stay.
    Raises InputError for a setting that AWS would refuse, a name that is taken, a profile that SDKs would not ask
    credhelper for, or a line that cannot be safe.
    """
    check_name(name)
    require_valid_options(values, "profile add", name)
    _refuse_two_sources(name, values)
    values, told = _with_source(settings, name, values)
    wanted = {key_of(setting): text for setting, text in values.items()}
    with about(edit="add"):
        keys = RoleProfile.from_section(name, wanted).to_section()
    lines = Lines(settings)
    line = (line_of or lines.line)(name)
    result = apply(
        settings,
        lambda catalogue, remarks: _added(catalogue, name, line, keys, remarks, is_forced=is_forced),
        options,
    )
    remarks = (*told, *result.remarks, *lines.remarks)
    if options.is_dry_run or not result.changed:
        return replace(result, remarks=remarks)
    return replace(result, remarks=(*remarks, *start_remarks(line, name)))


def _refuse_two_sources(name: str, values: Mapping[str, str]) -> None:
    if {"source_profile", "credential_source"} <= values.keys():
        one = {key_of(setting): text for setting, text in values.items() if setting != "credential_source"}
        raise InputError(
            "--source-profile and --credential-source are both given, and a role has one source",
            hint=f"leave one out: {_command(name, one)}",
        )


def _with_source(settings: Settings, name: str, values: Mapping[str, str]) -> tuple[Mapping[str, str], list[str]]:
    """Return the settings with the one profile that has keys as the source where none is given, and a remark on that.

    Raises InputError that names all that is missing at once.
    """
    missing = [] if "role_arn" in values else ["role_arn"]
    told: list[str] = []
    if not {"source_profile", "credential_source"} & values.keys():
        catalogue = open_sections(settings)
        static = [one for one in with_keys(catalogue) if one != name]
        likely = [one for one in sources(catalogue) if one not in principal.dependents([name], catalogue)]
        if len(static) == 1:
            told.append(f"the source is {static[0]}, the only profile that has keys")
        else:
            missing.append("source_profile")
        if not likely:
            raise InputError(
                f"profile {name} needs --source-profile, and there is no profile yet that has credentials",
                hint="make one with the access key of your user: aws configure",
            )
        values = {**values, "source_profile": (static or likely)[0]}
    if not missing:
        return values, told
    ordered = {"role_arn": "ARN", **values}
    raise InputError(
        f"profile {name} needs {' and '.join(map(flag_of, missing))}",
        hint=_command(name, {key_of(setting): text for setting, text in ordered.items()}),
    )


def sources(catalogue: Catalogue) -> list[str]:
    """Return the profiles that have credentials, `default` and those with keys of their own first."""
    found = [name for name in catalogue if kind_of(catalogue[name]) != "settings"]
    return sorted(found, key=lambda name: (name != "default", kind_of(catalogue[name]) != "static"))


def with_keys(catalogue: Catalogue) -> list[str]:
    """Return the profiles that have static keys."""
    return [name for name in catalogue if kind_of(catalogue[name]) == "static"]


def _added(
    catalogue: Catalogue, name: str, line: str, keys: Mapping[str, str], remarks: list[str], *, is_forced: bool
) -> Document:
    document = catalogue.config
    there = document.profile(name) if name in document.locate([name]) else None
    if there is None:
        keys = with_region(catalogue, name, keys, remarks)
        with about(edit="add"):
            RoleProfile.from_section(name, keys)
        edited = document.add(name, {PROCESS_KEY: line, **keys})
    elif is_forced:
        changes: dict[str, str | None] = dict.fromkeys(key for key in there if _gives_way(key))
        changes |= {PROCESS_KEY: line, **keys}
        RoleProfile.from_section(name, merged(there, changes))
        edited = document.update({name: changes})
    elif all(there.get(key) == text for key, text in {PROCESS_KEY: line, **keys}.items()):
        edited = document
    else:
        raise _taken(name, there, keys, catalogue)
    after = catalogue.with_config(edited)
    require_good_source(name, after, remarks, keys, had_keys=name in catalogue and kind_of(catalogue[name]) == "static")
    if shadow := after.shadow_of(name):
        raise InputError(
            f"credhelper would not be asked for profile {name}: {shadow}",
            hint=f"take another name: {command_for_another(name, keys, after)}",
        )
    told: list[str] = []
    changed = note_changed(name, catalogue, edited, told)
    if changed and (name not in catalogue or catalogue.taken(name)[0] != CREDHELPER):
        raise InputError(
            f"profile {name} is the source of {', '.join(changed[:5])}, which would get other credentials",
            hint=f"take another name: {command_for_another(name, keys, after)}",
        )
    remarks += told
    note_new_findings(catalogue, after, remarks, but_not=name)
    return edited


def require_good_source(
    name: str,
    after: Catalogue,
    remarks: list[str],
    keys: Mapping[str, str] | None = None,
    *,
    had_keys: bool = False,
) -> None:
    """Raise InputError if the sources of a profile form a loop, and add a remark where there is no such source.

    `keys` are those to write, where the profile is new; `had_keys`: there was one of that name with keys of its own.
    """
    if loop := principal.loop_of(name, after):
        raise InputError(
            f"profile {name} cannot be its own source"
            if loop == [name, name]
            else f"the source profiles form a loop: {' -> '.join(loop)}",
            hint=f"take another name: {command_for_another(name, keys, after)}"
            if keys is not None and had_keys
            else _with_other_source(name, keys, after, loop),
        )
    note_missing_source(name, after, remarks)


def note_missing_source(name: str, after: Catalogue, remarks: list[str]) -> None:
    """Add a remark where the source of a role is not there."""
    section = after[name]
    key = PREFIX + "source_profile" if is_credhelper(section) else "source_profile"
    source = section.get(key) if is_credhelper(section) or has_role(section) else None
    if source is not None and source not in after:
        near = nearest(source, (one for one in after if one != name))
        guess = f"; did you mean {' or '.join(map(word, near))}?" if near else ""
        remarks.append(f"there is no profile {source}, the source of {name}, so that it cannot be used yet{guess}")


def _with_other_source(name: str, keys: Mapping[str, str] | None, after: Catalogue, loop: list[str]) -> str:
    """Return the command that gives a profile a source which does not lead back to it."""
    led_here = principal.dependents(loop, after)
    other = next((one for one in (*_LIKELY_SOURCES, *after) if one in after and one not in led_here), "")
    if not other:
        free = "default" if "default" not in loop else free_name(name, after)
        return f"create a source that has keys: aws configure {of_profile(free)}"
    if keys is None:
        return f"take another source: {source_command(name, after[name], other)}"
    return f"take another source: {_command(name, {**keys, PREFIX + 'source_profile': other})}"


def command_for_another(name: str, section: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return the command that adds the role of a section under a name that is free.

    Without a source in the section it is the profile itself.
    """
    values = {key: section[key] for key in map(key_of, SETTINGS) if section.get(key)}
    if not {PREFIX + "source_profile", PREFIX + "credential_source"} & values.keys():
        values[PREFIX + "source_profile"] = name
    return _command(free_name(name, catalogue), values)


def _command(name: str, section: Mapping[str, str]) -> str:
    settings = {setting: section[key_of(setting)] for setting in SETTINGS if section.get(key_of(setting))}
    options = " ".join(f"{flag_of(setting)} {word(text)}" for setting, text in settings.items())
    return own_command("profile add", name, options=options)


def with_region(catalogue: Catalogue, name: str, keys: Mapping[str, str], remarks: list[str]) -> Mapping[str, str]:
    """Return the keys with the source profile's region where none was given: most commands fail without one."""
    source = keys.get(key_of("source_profile"), "")
    region = catalogue[source].get("region") if source in catalogue and "region" not in keys else None
    if not region:
        return keys
    try:
        require_valid_setting("region", region)
    except ValueError:
        remarks.append(
            f"the region of {source} is not copied, because it is not the name of a region; "
            f"to set one: {own_command('profile set', name, 'region=us-east-1')}"
        )
        return keys
    if partitions.is_foreign(region, role := keys[key_of("role_arn")]):
        wanted = partitions.partition_of_role(role)
        own = partitions.default_region(wanted)
        if kinds.partition_of(source, catalogue) == ("", wanted):  # its role is of this one, so its region is wrong
            remarks.append(f"the region is {own}: {region}, that of {source}, is of another partition")
            return {**keys, "region": own}
        raise InputError(
            f"the source {source} is for another partition: {partitions.mismatch(region, role)}",
            hint=f"take a source of that partition; if that region is wrong: {_command(name, {**keys, 'region': own})}",
        )
    return {**keys, "region": region}


def _gives_way(key: str) -> bool:
    return key.startswith(PREFIX) or key in {*CREDENTIAL_KEYS, PROCESS_KEY, *NATIVE_ROLE_KEYS}


def _taken(name: str, there: Mapping[str, str], keys: Mapping[str, str], catalogue: Catalogue) -> InputError:
    if is_credhelper(there):
        differing = {setting: keys[key] for setting in SETTINGS if (key := key_of(setting)) in keys}
        differing = {setting: text for setting, text in differing.items() if there.get(key_of(setting)) != text}
        options = " ".join(f"{flag_of(setting)} {word(text)}" for setting, text in differing.items())
        return InputError(
            f"profile {name} exists already", hint=f"change it: {own_command('profile set', name, options=options)}"
        )
    kind = kind_of(catalogue[name])
    return InputError(
        f"profile {name} exists already, as a profile of the kind {kind}",
        hint=f"make it credhelper's: {own_command('profile adopt', name)}"
        if kind == "role"
        else f"take another name: {command_for_another(name, keys, catalogue)}",
    )
