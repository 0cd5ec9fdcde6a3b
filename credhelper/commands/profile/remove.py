"""Take a profile out of the config file, or give it another name."""

from collections.abc import Iterator

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles.kinds import PROCESS_KEY, is_credhelper_line
from credhelper.awsconfig.profiles.role_profile import PREFIX, is_credhelper
from credhelper.commands.profile.edit import apply, require
from credhelper.commands.profile.line import Lines
from credhelper.errors import InputError
from credhelper.model.shell import word
from credhelper.settings import Settings

_SOURCE_KEYS = ("source_profile", PREFIX + "source_profile")


def remove(settings: Settings, name: str, options: EditOptions, *, is_forced: bool = False) -> EditResult:
    """Remove a profile; raises InputError if others take their credentials from it and `is_forced` is not set."""

    def change(document: Document) -> Document:
        require(document, name)
        users = sorted({user for user, _ in _users_of(document, name)})
        if users and not is_forced:
            raise InputError(
                f"profile {name} is the source of {', '.join(users[:5])}{' and others' if len(users) > 5 else ''}",
                hint=f"remove it all the same: credhelper profile remove {word(name)} --force",
            )
        return document.remove(name)

    return apply(settings, change, options)


def rename(settings: Settings, name: str, new: str, options: EditOptions) -> EditResult:
    """Rename a profile, in its header, in its own command and wherever another profile names it as its source."""

    def change(document: Document) -> Document:
        section = require(document, name)
        changes: dict[str, dict[str, str | None]] = {}
        for user, key in _users_of(document, name):
            changes.setdefault(new if user == name else user, {})[key] = new
        if is_credhelper(section) and is_credhelper_line(section.get(PROCESS_KEY, ""), name):
            changes.setdefault(new, {})[PROCESS_KEY] = Lines(settings).line(new)
        return document.rename(name, new).update(changes)

    return apply(settings, change, options)


def _users_of(document: Document, name: str) -> Iterator[tuple[str, str]]:
    """Yield the profiles that name this one as their source, with the key that does."""
    for user, index in document.profiles():
        section = document.values(index)
        yield from ((user, key) for key in _SOURCE_KEYS if section.get(key) == name)
