"""Turn credhelper profiles back into AWS's own role profiles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file.both import noted
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.kinds import PROCESS_KEY, is_credhelper_line
from credhelper.awsconfig.profiles.role_profile import NATIVE_ROLE_KEYS, PREFIX, is_credhelper, own_keys
from credhelper.commands.profile.consequences import note_new_findings
from credhelper.commands.profile.edit import apply, listed, require, require_same
from credhelper.commands.profile.together import clear_ones, remembered, same, stays, working
from credhelper.errors import InputError
from credhelper.model.shell import own_command
from credhelper.settings import Settings


def release(settings: Settings, names: Iterable[str], options: EditOptions, *, is_all: bool = False) -> EditResult:
    """Turn credhelper profiles back into AWS's own role profiles, byte for byte as they were where nothing changed.

    With `is_all` it is every profile that can be released, with a remark for each that cannot.

    Raises InputError for a named one with settings that AWS's own keys cannot express.
    """
    wanted = list(names)
    done: list[str] = []

    def change(catalogue: Catalogue, remarks: list[str]) -> Document:
        document = catalogue.config
        chosen: dict[str, dict[str, str]] = {}

        def edit(names: Sequence[str]) -> Catalogue:
            lines: dict[str, dict[str, str | None]] = {name: {PROCESS_KEY: None} for name in names}
            released = document.update(lines).rename_keys({name: chosen[name] for name in names})
            return catalogue.with_config(released)

        if not is_all:
            done[:] = dict.fromkeys(wanted)
            chosen |= {name: _released_keys(name, require(catalogue, name)) for name in done}
            after = edit(done)
            require_same(catalogue, after, {})
            note_new_findings(catalogue, after, remarks)
            return after.config
        for name, index in document.profiles():
            section = document.values(index)
            if is_credhelper(section):
                try:
                    chosen[name] = _released_keys(name, section)
                except InputError as error:
                    remarks.append(stays(name, error.message))
        once = remembered(edit)
        done[:] = working(document, clear_ones(document, list(chosen), remarks), once, remarks)
        done[:] = same(catalogue, done, once, remarks)
        return once(done).config

    result = apply(settings, change, options)
    if not result.changed:
        return result
    return replace(result, names=tuple(done), remarks=(*result.remarks, *_came_from_elsewhere(settings, done)))


def _came_from_elsewhere(settings: Settings, names: list[str]) -> list[str]:
    """Return a remark on those whose role was in the credentials file, as far as the history knows."""
    moved = {
        name for words in noted(settings.config_file, settings.state_dir) for name in words if words[0] == "release"
    }
    there = [name for name in names if name in moved]
    if not there:
        return []
    what, was, it = ("the role", "was", "it") if len(there) == 1 else ("the roles", "were", "them")
    before = f"{what} of {listed(there)} {was} in {settings.credentials_file} before"
    return [f"{before}; release leaves {it} in {settings.config_file}"]


def _released_keys(name: str, section: Mapping[str, str]) -> dict[str, str]:
    if not is_credhelper(section):
        raise InputError(f"profile {name} is not credhelper's", hint=own_command("profile show", name))
    if PROCESS_KEY in section and not is_credhelper_line(section[PROCESS_KEY], name):
        raise InputError(f"profile {name} starts another program", hint=own_command("profile unset", name, PROCESS_KEY))
    keys = [key.removeprefix(PREFIX) for key in own_keys(section)]
    if unknown_to_aws := [key for key in keys if key not in NATIVE_ROLE_KEYS]:
        raise InputError(
            f"profile {name} has settings that AWS's own role profiles do not have: {', '.join(unknown_to_aws)}",
            hint=own_command("profile unset", name, *unknown_to_aws),
        )
    if double := [key for key in keys if key in section]:
        raise InputError(
            f"profile {name} has {', '.join(double)} of AWS's own already",
            hint=own_command("profile unset", name, *double),
        )
    return {PREFIX + key: key for key in keys}


def releasable(document: Document) -> list[str]:
    """Return the profiles that `release` can turn back."""
    sections = {name: document.values(index) for name, index in document.profiles()}
    return [name for name, section in sections.items() if is_credhelper(section) and _is_releasable(name, section)]


def _is_releasable(name: str, section: Mapping[str, str]) -> bool:
    try:
        _released_keys(name, section)
    except InputError:
        return False
    return True
