"""Change keys of a profile that exists."""

from collections.abc import Iterable, Mapping

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles.kinds import PROCESS_KEY
from credhelper.awsconfig.profiles.role_profile import PREFIX, SETTINGS, is_credhelper, key_of
from credhelper.commands.profile.edit import apply, merged, require, require_valid
from credhelper.commands.profile.line import repaired_line
from credhelper.errors import InputError
from credhelper.model.shell import word
from credhelper.settings import Settings


def set_keys(
    settings: Settings, name: str, values: Mapping[str, str], keys: Mapping[str, str], options: EditOptions
) -> EditResult:
    """Set settings of credhelper (`external_id` and so on) and any other keys of a profile.

    A credhelper profile whose command is gone, because Python or credhelper moved, gets the command of this one.
    Raises InputError if the profile could not be used afterwards.
    """
    wanted: dict[str, str | None] = {key_of(setting): text for setting, text in values.items()}
    wanted |= keys
    if native := sorted(set(keys) & {PROCESS_KEY}):
        raise InputError(f"{native[0]} is written by credhelper", hint=f"credhelper profile set {word(name)}")
    return apply(settings, lambda document: _changed(settings, document, name, wanted), options)


def unset_keys(settings: Settings, name: str, keys: Iterable[str], options: EditOptions) -> EditResult:
    """Remove keys of a profile; a setting of credhelper may be named without its prefix."""
    names = list(keys)
    return apply(
        settings, lambda document: _changed(settings, document, name, _removals(document, name, names)), options
    )


def _removals(document: Document, name: str, names: Iterable[str]) -> dict[str, str | None]:
    section = require(document, name)
    return dict.fromkeys(_key_in(section, key.lower().replace("-", "_")) for key in names)


def _key_in(section: Mapping[str, str], key: str) -> str:
    return PREFIX + key if key not in section and key in SETTINGS and PREFIX + key in section else key


def _changed(settings: Settings, document: Document, name: str, changes: Mapping[str, str | None]) -> Document:
    section = require(document, name)
    after = merged(section, changes)
    require_valid(name, after)
    if is_credhelper(after) and (line := repaired_line(settings, name, after)):
        changes = {**changes, PROCESS_KEY: line}
    return document.update({name: changes})
