"""Turn AWS's own role profiles into credhelper profiles; no profile becomes someone else by it.

A role in the credentials file moves to the config file, where that is asked for; keys stay where they are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from credhelper.awsconfig.file.both import Pair, Plan
from credhelper.awsconfig.file.edit_checks import naming
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.kinds import CREDENTIAL_KEYS, PROCESS_KEY, is_credhelper_line
from credhelper.awsconfig.profiles.new_name import free_name
from credhelper.awsconfig.profiles.role_profile import (
    NATIVE_ROLE_KEYS,
    PREFIX,
    RoleProfile,
    is_credhelper,
)
from credhelper.awsconfig.profiles.role_settings import flag_of
from credhelper.awsconfig.profiles.source_chain import has_static_keys
from credhelper.commands.profile import both
from credhelper.commands.profile.add import note_missing_source
from credhelper.commands.profile.edit import (
    apply,
    check_name_for_command,
    listed,
    require_same,
    require_unshadowed,
    unknown,
)
from credhelper.commands.profile.line import Lines
from credhelper.commands.profile.loop import refuse_loop
from credhelper.commands.profile.together import clear_ones, remembered, same, stays, working
from credhelper.errors import InputError
from credhelper.model.shell import own_command, word
from credhelper.settings import Settings

# So many are named by the command that reverts an edit.
_MAXIMUM_NAMES = 100
_STATIC = {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"}


def adopt(
    settings: Settings,
    names: Iterable[str],
    options: EditOptions,
    *,
    is_all: bool = False,
    with_credentials: bool = False,
    line_of: Callable[[str], str] | None = None,
) -> EditResult:
    """Let credhelper assume the role of these profiles, in one edit; `EditResult.names` are those it is about.

    With `is_all` it is every profile that can be adopted, with a remark for each that cannot. With `with_credentials`
    what the credentials file has of a role moves to the config file.

    Raises InputError for a named profile that cannot be adopted.
    """
    wanted = list(names)
    lines_of_ours = Lines(settings)
    line_of = line_of or lines_of_ours.line
    done: list[str] = []

    def change(catalogue: Catalogue, remarks: list[str]) -> Catalogue:
        document = catalogue.config
        lines: dict[str, str] = {}

        def consider(name: str) -> None:
            _require_adoptable(name, catalogue, with_credentials=with_credentials)
            lines[name] = _line(name, catalogue, line_of)

        def edit(names: Sequence[str]) -> Catalogue:
            return _edited(catalogue, {name: lines[name] for name in names})

        if not is_all:
            done[:] = dict.fromkeys(wanted)
            document.locate(done)
            for name in done:
                if name not in catalogue:
                    raise unknown(name, catalogue)
                consider(name)
            return _checked(edit(done), catalogue, done, remarks)
        candidates = _candidates(catalogue, consider, remarks)
        once = remembered(edit)
        done[:] = working(document, candidates, once, remarks)
        done[:] = same(catalogue, done, once, remarks)
        _note_missing_sources(once(done), done, remarks)
        return once(done)

    def change_both(catalogue: Catalogue, remarks: list[str]) -> Plan:
        after = change(catalogue, remarks)
        remarks += _moved(catalogue, after)
        # The config file first: until the role is gone from the credentials file it is the one that SDKs take. Where
        # it was split between the files the profile has no credentials in between.
        end = both.pair_of(after)
        states = (Pair(end.config, catalogue.credentials), end)
        if not both.are_safe(catalogue, states, {}, may_pause=True):
            raise InputError(
                "between the two steps of moving the roles a profile would be someone else",
                hint="adopt them one by one: credhelper profile list",
            )
        return Plan(states, ("release", *done) if len(done) <= _MAXIMUM_NAMES else ("list",))

    if with_credentials:
        result = both.apply(settings, change_both, options)
    else:
        result = apply(settings, lambda catalogue, remarks: change(catalogue, remarks).config, options)
    remarks = (*result.remarks, *lines_of_ours.remarks)
    return replace(result, names=tuple(done) if result.changed else (), remarks=remarks)


def _checked(after: Catalogue, catalogue: Catalogue, names: Iterable[str], remarks: list[str]) -> Catalogue:
    for name in names:
        require_unshadowed(name, after)
    require_same(catalogue, after, {})
    _note_missing_sources(after, names, remarks)
    return after


def _edited(catalogue: Catalogue, lines: Mapping[str, str]) -> Catalogue:
    """Return both files with these profiles adopted, each with its line."""
    renames: dict[str, dict[str, str]] = {}
    updates: dict[str, dict[str, str | None]] = {}
    new: dict[str, dict[str, str]] = {}
    gone: dict[str, dict[str, str | None]] = {}
    for name, line in lines.items():
        there, elsewhere = catalogue.in_config(name), _role_in_credentials(name, catalogue)
        moved = {PREFIX + key: text for key, text in elsewhere.items()}
        if not catalogue.is_in_config(name):
            new[name] = {PROCESS_KEY: line, **moved}
        elif not is_credhelper(there):
            renames[name] = {key: PREFIX + key for key in NATIVE_ROLE_KEYS if key in there}
            updates[name] = {PROCESS_KEY: line, **moved}
        if elsewhere:
            gone[name] = dict.fromkeys(elsewhere)
    config = catalogue.config.rename_keys(renames).update(updates).add_all(new)
    if not gone:
        return catalogue.with_config(config)
    with naming(catalogue.paths[1]):
        credentials = catalogue.credentials.update(gone)
        # A section of which nothing is left but its header goes, too.
        indexes = credentials.locate(gone).items()
        return catalogue.with_both(
            config, credentials.remove_all(name for name, index in indexes if not credentials.block(index).key_lines)
        )


def _role_in_credentials(name: str, catalogue: Catalogue) -> dict[str, str]:
    """Return what the credentials file has of a profile's role."""
    return {key: text for key, text in catalogue.in_credentials(name).items() if key in NATIVE_ROLE_KEYS}


def _is_half_moved(name: str, catalogue: Catalogue) -> bool:
    """Tell whether an earlier move of a role did not come to its end: it is in both files, and the same."""
    there, elsewhere = catalogue.in_config(name), _role_in_credentials(name, catalogue)
    is_ours = is_credhelper(there) and is_credhelper_line(there.get(PROCESS_KEY, ""), name)
    return is_ours and bool(elsewhere) and all(there.get(PREFIX + key) == text for key, text in elsewhere.items())


def _moved(catalogue: Catalogue, after: Catalogue) -> list[str]:
    """Return what happens to the credentials file, in words."""
    names = [name for name in sorted(after.credentials.touched) if _role_in_credentials(name, catalogue)]
    if not names:
        return []
    what, it = ("the role", "it") if len(names) == 1 else ("the roles", "them")
    source, target = catalogue.paths[1], catalogue.paths[0]
    return [f"{what} of {listed(names)}: from {source} to {target}, where `credhelper profile release` leaves {it}"]


def _note_missing_sources(edited: Catalogue, names: Iterable[str], remarks: list[str]) -> None:
    for name in names:
        note_missing_source(name, edited, remarks)


def _candidates(catalogue: Catalogue, consider: Callable[[str], object], remarks: list[str]) -> list[str]:
    """Return the profiles with a role that `consider` takes; a remark says why it does not take the others."""
    found = []
    for name in catalogue:
        section = catalogue[name]
        if "role_arn" not in section or (is_credhelper(section) and not _is_half_moved(name, catalogue)):
            continue
        try:
            consider(name)
        except InputError as error:
            remarks.append(stays(name, error.message))
        else:
            found.append(name)
    return clear_ones(catalogue.config, found, remarks)


def _require_adoptable(name: str, catalogue: Catalogue, *, with_credentials: bool) -> None:
    """Raise InputError for a profile that credhelper cannot take over."""
    section = catalogue[name]
    if _is_half_moved(name, catalogue):
        _require_all_in_config(name, catalogue, with_credentials=with_credentials)
        return
    if is_credhelper(section):
        raise InputError(f"profile {name} is credhelper's already", hint=own_command("profile show", name))
    if "role_arn" not in section:
        raise InputError(
            f"profile {name} assumes no role: it has no role_arn",
            hint=_add(free_name(name, catalogue), "ARN", name),
        )
    _refuse_mixed(name, section, catalogue)
    _require_all_in_config(name, catalogue, with_credentials=with_credentials)
    refuse_loop(name, catalogue)
    RoleProfile.from_native(name, section)


def _refuse_mixed(name: str, section: Mapping[str, str], catalogue: Catalogue) -> None:
    """Raise InputError where something other than the role would be taken once credhelper assumes it."""
    others = [key for key in (*CREDENTIAL_KEYS, PROCESS_KEY) if key in section and key not in NATIVE_ROLE_KEYS]
    if section.get("source_profile") == name and has_static_keys(section):
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


def _require_all_in_config(name: str, catalogue: Catalogue, *, with_credentials: bool) -> None:
    """Raise InputError where a part of the role is in the credentials file, which is edited only `with_credentials`."""
    there = catalogue.in_credentials(name)
    if key := next((key for key in there if key.startswith(PREFIX)), ""):
        raise InputError(
            f"{catalogue.place_of(name, key)} has {key} of profile {name}, and credhelper's settings belong in the "
            "config file",
            hint=_beside(name, catalogue[name], catalogue),
        )
    if not with_credentials and (key := next(iter(_role_in_credentials(name, catalogue)), "")):
        raise InputError(
            f"{catalogue.place_of(name, key)} has {key} of profile {name}",
            hint=f"move it to the config file: {own_command('profile adopt', name, options=both.OPTION)}",
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
            following = f" && {own_command('profile unset', name, *role)}"
    new = own_command("profile add", free_name(name, catalogue), options=options)
    return f"give the role a name of its own: {new}{following}"


def _add(name: str, role_arn: str, source: str) -> str:
    return own_command("profile add", name, options=f"--role-arn {word(role_arn)} --source-profile {word(source)}")


def _line(name: str, catalogue: Catalogue, line_of: Callable[[str], str]) -> str:
    """Return the command for a profile; where there is none because of the profile's name, say so."""
    try:
        return line_of(name)
    except InputError:
        check_name_for_command(name, catalogue)
        raise


def adoptable(catalogue: Catalogue) -> list[str]:
    """Return the profiles that `adopt` can take."""
    return _candidates(catalogue, lambda name: _require_adoptable(name, catalogue, with_credentials=True), [])
