"""Turn AWS's own role profiles into credhelper profiles; no profile becomes someone else by it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.document.splices import check_name
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.kinds import CREDENTIAL_KEYS, PROCESS_KEY
from credhelper.awsconfig.profiles.role_profile import (
    NATIVE_ROLE_KEYS,
    PREFIX,
    RoleProfile,
    is_credhelper,
)
from credhelper.awsconfig.profiles.role_settings import flag_of
from credhelper.awsconfig.profiles.source_chain import has_static_keys
from credhelper.commands.profile.edit import apply, free_name, require_same, require_unshadowed, unknown
from credhelper.commands.profile.line import Lines
from credhelper.commands.profile.together import clear_ones, remembered, same, stays, working
from credhelper.errors import InputError
from credhelper.model.shell import word
from credhelper.settings import Settings

_STATIC = {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"}


def adopt(
    settings: Settings,
    names: Iterable[str],
    options: EditOptions,
    *,
    is_all: bool = False,
    line_of: Callable[[str], str] | None = None,
) -> EditResult:
    """Let credhelper assume the role of these profiles, in one edit; `EditResult.names` are those it is about.

    With `is_all` it is every profile that can be adopted, with a remark for each that cannot.

    Raises InputError for a named profile that cannot be adopted.
    """
    wanted = list(names)
    lines_of_ours = Lines(settings)
    line_of = line_of or lines_of_ours.line
    done: list[str] = []

    def change(catalogue: Catalogue, remarks: list[str]) -> Document:
        document = catalogue.config
        chosen: dict[str, dict[str, str]] = {}
        lines: dict[str, dict[str, str | None]] = {}

        def consider(name: str) -> None:
            chosen[name] = _adopted_keys(name, catalogue)
            lines[name] = {PROCESS_KEY: _line(name, catalogue, line_of)}

        def edit(names: Sequence[str]) -> Document:
            renamed = document.rename_keys({name: chosen[name] for name in names})
            return renamed.update({name: lines[name] for name in names})

        if not is_all:
            done[:] = dict.fromkeys(wanted)
            document.locate(done)
            for name in done:
                if name not in catalogue:
                    raise unknown(name, catalogue)
                consider(name)
            return _checked(edit(done), catalogue, done)
        candidates = _candidates(catalogue, consider, remarks)
        once = remembered(edit)
        done[:] = working(document, candidates, once, remarks)
        done[:] = same(catalogue, done, once, remarks)
        return once(done)

    result = apply(settings, change, options)
    remarks = (*result.remarks, *lines_of_ours.remarks)
    return replace(result, names=tuple(done) if result.changed else (), remarks=remarks)


def _checked(after: Document, catalogue: Catalogue, names: Iterable[str]) -> Document:
    edited = catalogue.with_config(after)
    for name in names:
        require_unshadowed(name, edited)
    require_same(catalogue, after, {})
    return after


def _candidates(catalogue: Catalogue, consider: Callable[[str], object], remarks: list[str]) -> list[str]:
    """Return the profiles with a role that `consider` takes; a remark says why it does not take the others."""
    found = []
    for name in catalogue:
        section = catalogue[name]
        if "role_arn" not in section or is_credhelper(section):
            continue
        try:
            consider(name)
        except InputError as error:
            remarks.append(stays(name, error.message))
        else:
            found.append(name)
    return clear_ones(catalogue.config, found, remarks)


def _adopted_keys(name: str, catalogue: Catalogue) -> dict[str, str]:
    section = catalogue[name]
    if is_credhelper(section):
        raise InputError(f"profile {name} is credhelper's already", hint=f"credhelper profile show {word(name)}")
    if "role_arn" not in section:
        raise InputError(
            f"profile {name} assumes no role: it has no role_arn",
            hint=f"credhelper profile add {word(free_name(name, catalogue))} --role-arn ARN "
            f"--source-profile {word(name)}",
        )
    _refuse_mixed(name, section, catalogue)
    _refuse_elsewhere(name, catalogue)
    RoleProfile.from_native(name, section)
    return {key: PREFIX + key for key in NATIVE_ROLE_KEYS if key in section}


def _refuse_mixed(name: str, section: Mapping[str, str], catalogue: Catalogue) -> None:
    """Raise InputError where something other than the role would be taken once credhelper assumes it."""
    others = [key for key in (*CREDENTIAL_KEYS, PROCESS_KEY) if key in section and key not in NATIVE_ROLE_KEYS]
    if section.get("source_profile") == name:
        raise InputError(
            f"profile {name} is its own source: its keys and its role must become two profiles",
            hint=_beside(name, section, catalogue),
        )
    if "web_identity_token_file" in section:
        raise InputError(
            f"profile {name} gets its role with a token, by web_identity_token_file; credhelper assumes roles with the "
            "credentials of a source profile",
            hint=f"it can be that source: {_add(free_name(name, catalogue), 'ARN', name)}",
        )
    if others:
        place = catalogue.place_of(name, others[0])
        is_for_all = others[0] in catalogue.in_credentials(name) or not _STATIC.issuperset(others)
        who = "SDKs" if is_for_all else "some SDKs, such as Go's,"
        after = "adopting would replace that" if others == [PROCESS_KEY] else f"{who} would take that, not credhelper's"
        raise InputError(
            f"profile {name} has {', '.join(others)} beside its role ({place}): {after}",
            hint=_beside(name, section, catalogue),
        )


def _refuse_elsewhere(name: str, catalogue: Catalogue) -> None:
    """Raise InputError where a part of the role is in the credentials file: renaming the rest would tear it in two."""
    there = catalogue.in_credentials(name)
    if key := next((key for key in there if key in NATIVE_ROLE_KEYS or key.startswith(PREFIX)), ""):
        raise InputError(
            f"{catalogue.place_of(name, key)} has {key} of profile {name}, and credhelper does not edit that file",
            hint=_beside(name, catalogue[name], catalogue),
        )


def _beside(name: str, section: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return the command that gives credhelper the role of a profile under a new name, and leaves the profile alone."""
    role = {key: section[key] for key in NATIVE_ROLE_KEYS if section.get(key)}
    options = " ".join(f"{flag_of(key)} {word(text)}" for key, text in role.items())
    following = ""
    if not {"source_profile", "credential_source"} & role.keys():
        options += f" --source-profile {word(name)}"
        if not has_static_keys(section):
            # With its role, but without keys, it would be no source.
            following = f" && credhelper profile unset {word(name)} {' '.join(role)}"
    free = word(free_name(name, catalogue))
    return f"give the role a name of its own: credhelper profile add {free} {options}{following}"


def _add(name: str, role_arn: str, source: str) -> str:
    return f"credhelper profile add {word(name)} --role-arn {word(role_arn)} --source-profile {word(source)}"


def _line(name: str, catalogue: Catalogue, line_of: Callable[[str], str]) -> str:
    """Return the command for a profile; where there is none because of the profile's name, say so."""
    try:
        return line_of(name)
    except InputError:
        check_name_for_command(name, catalogue)
        raise


def check_name_for_command(name: str, catalogue: Catalogue) -> None:
    """Raise InputError, with a name that would do, for a profile whose name cannot be in a command line."""
    try:
        check_name(name)
    except InputError:
        plain = "".join(one if one.isascii() and (one.isalnum() or one in "_.@:+/-") else "-" for one in name).strip(
            "-"
        )
        other = plain or "role"
        raise InputError(
            f"the name of profile {name} cannot be part of a command that every SDK reads alike",
            hint=f"credhelper profile rename {word(name)} "
            f"{word(other if other not in catalogue else free_name(other, catalogue))}",
        ) from None


def adoptable(catalogue: Catalogue) -> list[str]:
    """Return the profiles that `adopt` can take."""
    return _candidates(catalogue, lambda name: _adopted_keys(name, catalogue), [])
