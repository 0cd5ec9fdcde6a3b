"""Take a profile out of the config file, or give it another name."""

from collections.abc import Iterator

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.kinds import PROCESS_KEY, is_credhelper_line
from credhelper.awsconfig.profiles.role_profile import PREFIX, is_credhelper
from credhelper.commands.profile.edit import apply, free_name, require, require_same
from credhelper.commands.profile.line import Lines
from credhelper.errors import InputError
from credhelper.model.shell import open_at, word
from credhelper.settings import Settings

_SOURCE_KEYS = ("source_profile", PREFIX + "source_profile")


def remove(settings: Settings, name: str, options: EditOptions, *, is_forced: bool = False) -> EditResult:
    """Remove a profile; raises InputError if others take their credentials from it and `is_forced` is not set."""

    def change(catalogue: Catalogue, remarks: list[str]) -> Document:
        require(catalogue, name)
        users = sorted({user for user, _ in _users_of(catalogue, name)} - {name})
        if users and not is_forced:
            raise InputError(
                f"profile {name} is the source of {', '.join(users[:5])}{' and others' if len(users) > 5 else ''}",
                hint=f"remove it all the same: credhelper profile remove {word(name)} --force",
            )
        if catalogue.is_in_credentials(name):
            remarks.append(
                f"what {catalogue.paths[1]} has for {name} stays, so that {name} is still a profile; "
                f"it starts in line {catalogue.line_in_credentials(name)}"
            )
        return catalogue.config.remove(name)

    return apply(settings, change, options)


def rename(settings: Settings, name: str, new: str, options: EditOptions) -> EditResult:
    """Rename a profile, in its header, in its own command and wherever another profile names it as its source.

    Raises InputError where a part of the profile, or of one that has it as its source, is in the credentials file.
    """

    def change(catalogue: Catalogue, remarks: list[str]) -> Document:
        section = require(catalogue, name)
        changes: dict[str, dict[str, str | None]] = {}
        if is_credhelper(section) and is_credhelper_line(section.get(PROCESS_KEY, ""), name):
            changes.setdefault(new, {})[PROCESS_KEY] = Lines(settings).line(new)
        if catalogue.is_in_credentials(name):
            shadow = catalogue.shadow_of(name)
            if shadow is None or not shadow.is_in_credentials:
                raise _left_behind(name, new, catalogue)
            # SDKs took the keys for this name, and go on doing so; credhelper's part gets a name of its own.
            remarks.append(f"{name} stays the name of what is in {shadow.place.file}; {new} is credhelper's")
            if users := sorted({user for user, _ in _users_of(catalogue, name)} - {name}):
                remarks.append(f"{', '.join(users[:5])}: the source is still {name}, and so the keys in that file")
            document = catalogue.config.rename(name, new).update(changes)
            require_same(catalogue, document, {})
            return document
        for user, key in _users_of(catalogue, name):
            if catalogue.in_credentials(user).get(key) == name:
                place = catalogue.place_of(user, key)
                raise InputError(
                    f"{place} names {name} as the source of {user}, and credhelper does not edit that file",
                    hint=f"move {word(user)} to the config file: {open_at(place.file, place.line)}",
                )
            changes.setdefault(new if user == name else user, {})[key] = new
        document = catalogue.config.rename(name, new).update(changes)
        _require_free(name, new, catalogue, document)
        return document

    return apply(settings, change, options)


def _left_behind(name: str, new: str, catalogue: Catalogue) -> InputError:
    line = catalogue.line_in_credentials(name)
    return InputError(
        f"line {line} of {catalogue.paths[1]} has a part of profile {name}, which would stay behind: credhelper does "
        "not edit that file",
        hint=f"rename {word(name)} to {word(new)} there, then do this again: {open_at(catalogue.paths[1], line)}",
    )


def _require_free(name: str, new: str, catalogue: Catalogue, document: Document) -> None:
    """Raise InputError where the new name is in the credentials file, and either of the two would be someone else."""
    try:
        require_same(catalogue, document, {name: new})
    except InputError:
        if not catalogue.is_in_credentials(new):
            raise
        raise InputError(
            f"{catalogue.place_of(new)} has credentials for {new} already, and one of the two would win over the other",
            hint=f"take another name: credhelper profile rename {word(name)} {word(free_name(new, catalogue))}",
        ) from None


def _users_of(catalogue: Catalogue, name: str) -> Iterator[tuple[str, str]]:
    """Yield the profiles that name this one as their source, with the key that does."""
    for user in catalogue:
        section = catalogue[user]
        yield from ((user, key) for key in _SOURCE_KEYS if section.get(key) == name)
