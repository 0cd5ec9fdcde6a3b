"""What the commands that edit the config file share: making the edit, and the profiles it needs."""

from collections.abc import Mapping

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import editor
from credhelper.awsconfig.file.editor import Change, EditOptions, EditResult
from credhelper.awsconfig.profiles.role_profile import RoleProfile, own_keys
from credhelper.model.nearest import unknown_profile
from credhelper.settings import Settings


def apply(settings: Settings, change: Change, options: EditOptions) -> EditResult:
    """Make a change to the config file, or work out what it would be; raises InputError or MachineError."""
    return editor.edit(settings.config_file, change, settings.state_dir, options)


def require(document: Document, name: str) -> dict[str, str]:
    """Return the keys of a profile that must be there; raises InputError with the nearest names."""
    document.locate([name])
    section = document.profile(name)
    if section is None:
        raise unknown_profile(name, [known for known, _ in document.profiles()])
    return section


def merged(section: Mapping[str, str], keys: Mapping[str, str | None]) -> dict[str, str]:
    """Return a section as it will be after a change."""
    return {key: value for key, value in (dict(section) | dict(keys)).items() if value is not None}


def require_valid(name: str, section: Mapping[str, str]) -> None:
    """Raise InputError if a section has settings of credhelper and cannot be used."""
    if own_keys(section):
        RoleProfile.from_section(name, section)
