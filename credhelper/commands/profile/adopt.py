"""Turn AWS's own role profiles into credhelper profiles, and back."""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles.kinds import CREDENTIAL_KEYS, PROCESS_KEY, is_credhelper_line
from credhelper.awsconfig.profiles.role_profile import PREFIX, RoleProfile, is_credhelper, own_keys
from credhelper.commands.profile.edit import apply, merged, require
from credhelper.commands.profile.line import Lines
from credhelper.errors import InputError
from credhelper.model.shell import word
from credhelper.settings import Settings

# AWS's own keys for a role; credhelper's are the same with its prefix, so that adopting is renaming keys.
_ROLE_KEYS = (
    "role_arn",
    "source_profile",
    "credential_source",
    "role_session_name",
    "external_id",
    "duration_seconds",
    "mfa_serial",
)


def adopt(
    settings: Settings,
    names: Iterable[str],
    options: EditOptions,
    *,
    is_all: bool = False,
    line_of: Callable[[str], str] | None = None,
) -> EditResult:
    """Let credhelper assume the role of these profiles, in one edit.

    With `is_all` it is every profile that can be adopted, with a remark for each that cannot.

    Raises InputError for a named profile that cannot be adopted.
    """
    remarks: list[str] = []
    wanted = list(names)
    lines_of_ours = Lines(settings)
    line_of = line_of or lines_of_ours.line

    def change(document: Document) -> Document:
        remarks.clear()
        chosen = _adoptable(document, remarks) if is_all else {name: require(document, name) for name in wanted}
        renames = {name: _adopted_keys(name, section) for name, section in chosen.items()}
        lines: dict[str, dict[str, str | None]] = {name: {PROCESS_KEY: line_of(name)} for name in chosen}
        for name, section in chosen.items():
            RoleProfile.from_section(name, _renamed(section, renames[name]))
        return document.rename_keys(renames).update(lines)

    result = apply(settings, change, options)
    return replace(result, remarks=(*remarks, *result.remarks, *lines_of_ours.remarks))


def _adoptable(document: Document, remarks: list[str]) -> dict[str, dict[str, str]]:
    chosen = {}
    for name, index in document.profiles():
        section = document.values(index)
        if "role_arn" not in section or is_credhelper(section):
            continue
        try:
            RoleProfile.from_section(name, _renamed(section, _adopted_keys(name, section)))
        except InputError as error:
            remarks.append(f"{name} stays as it is: {error.message}")
        else:
            chosen[name] = section
    return _clear_ones(document, chosen, remarks)


def _clear_ones(document: Document, chosen: dict[str, dict[str, str]], remarks: list[str]) -> dict[str, dict[str, str]]:
    """Return those that are defined in one spelling; one pass over the file is enough where all are."""
    with contextlib.suppress(InputError):
        document.locate(chosen)
        return chosen
    clear = {}
    for name, section in chosen.items():
        try:
            document.locate([name])
        except InputError as error:
            remarks.append(f"{name} stays as it is: {error.message}")
        else:
            clear[name] = section
    return clear


def _adopted_keys(name: str, section: Mapping[str, str]) -> dict[str, str]:
    if is_credhelper(section):
        raise InputError(f"profile {name} is credhelper's already", hint=f"credhelper profile show {word(name)}")
    if "role_arn" not in section:
        raise InputError(
            f"profile {name} assumes no role: it has no role_arn",
            hint=f"credhelper profile add {word(name + '-role')} --role-arn ARN --source-profile {word(name)}",
        )
    _refuse_mixed(name, section)
    return {key: PREFIX + key for key in _ROLE_KEYS if key in section}


def _refuse_mixed(name: str, section: Mapping[str, str]) -> None:
    others = [key for key in (*CREDENTIAL_KEYS, PROCESS_KEY) if key in section and key not in _ROLE_KEYS]
    if section.get("source_profile") == name:
        raise InputError(
            f"profile {name} is its own source: its keys and its role must become two profiles",
            hint=f"credhelper profile add {word(name + '-role')} --role-arn {word(section['role_arn'])} "
            f"--source-profile {word(name)}",
        )
    if others:
        # Go rejects such a profile outright and .NET finds it invalid; the others disagree on which of them counts.
        raise InputError(
            f"profile {name} has credentials of two kinds, role_arn and {', '.join(others)}: Go and .NET reject that",
            hint=f"decide for one, for example: credhelper profile unset {word(name)} {' '.join(map(word, others))}",
        )


def release(settings: Settings, names: Iterable[str], options: EditOptions, *, is_all: bool = False) -> EditResult:
    """Turn credhelper profiles back into AWS's own role profiles, byte for byte as they were where nothing changed.

    Raises InputError for one with settings that AWS's own keys cannot express.
    """
    wanted = list(names)

    def change(document: Document) -> Document:
        chosen = _credhelper_profiles(document) if is_all else {name: require(document, name) for name in wanted}
        renames = {name: _released_keys(name, section) for name, section in chosen.items()}
        lines: dict[str, dict[str, str | None]] = {name: {PROCESS_KEY: None} for name in chosen}
        return document.update(lines).rename_keys(renames)

    return apply(settings, change, options)


def _credhelper_profiles(document: Document) -> dict[str, dict[str, str]]:
    sections = {name: document.values(index) for name, index in document.profiles()}
    return {name: section for name, section in sections.items() if is_credhelper(section)}


def _released_keys(name: str, section: Mapping[str, str]) -> dict[str, str]:
    if not is_credhelper(section):
        raise InputError(f"profile {name} is not credhelper's", hint=f"credhelper profile show {word(name)}")
    if PROCESS_KEY in section and not is_credhelper_line(section[PROCESS_KEY], name):
        raise InputError(
            f"profile {name} starts another program", hint=f"credhelper profile unset {word(name)} {PROCESS_KEY}"
        )
    keys = [key.removeprefix(PREFIX) for key in own_keys(section)]
    if unknown_to_aws := [key for key in keys if key not in _ROLE_KEYS]:
        raise InputError(
            f"profile {name} has settings that AWS's own role profiles do not have: {', '.join(unknown_to_aws)}",
            hint=f"credhelper profile unset {word(name)} {' '.join(map(word, unknown_to_aws))}",
        )
    return {PREFIX + key: key for key in keys}


def _renamed(section: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return merged({names.get(key, key): value for key, value in section.items()}, {})


def adoptable(document: Document) -> list[str]:
    """Return the profiles that `adopt` can take."""
    return list(_adoptable(document, []))


def releasable(document: Document) -> list[str]:
    """Return the profiles that `release` can turn back."""
    return [name for name, section in _credhelper_profiles(document).items() if _is_releasable(name, section)]


def _is_releasable(name: str, section: Mapping[str, str]) -> bool:
    try:
        _released_keys(name, section)
    except InputError:
        return False
    return True
