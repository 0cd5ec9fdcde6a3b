"""What the commands that edit the config file share: how to edit, what came of it, and its diff."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from credhelper.awsconfig.document.diff import unified_diff
from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import editor
from credhelper.awsconfig.file.editor import Change, Edit, EditResult
from credhelper.awsconfig.profiles.role_profile import PREFIX, RoleProfile, is_credhelper
from credhelper.errors import InputError
from credhelper.settings import Settings


@dataclass(frozen=True, slots=True)
class How:
    """What a person said about the edit itself: only show it, write in place, accept a large file."""

    is_dry_run: bool = False
    in_place: bool = False
    is_large: bool = False

    @property
    def limit(self) -> int:
        """The largest file to edit, in bytes."""
        return editor.LARGE_LIMIT if self.is_large else editor.LIMIT


@dataclass(frozen=True, slots=True)
class Edited:
    """What a command did: the edit, and what the person should know besides."""

    result: EditResult
    is_dry_run: bool
    remarks: tuple[str, ...] = ()

    def diff(self) -> str:
        """Return the edit as a unified diff, "" where nothing changes."""
        return unified_diff(self.result.before, self.result.after, self.result.path)


def apply(settings: Settings, change: Change, how: How, remarks: Iterable[str] = ()) -> Edited:
    """Make a change to the config file, or work out what it would be; raises InputError or MachineError."""
    if how.is_dry_run:
        result = editor.preview(settings.config_file, change, limit=how.limit)
    else:
        options = Edit(state_dir=settings.state_dir, limit=how.limit, in_place=how.in_place)
        result = editor.edit(settings.config_file, change, options)
    return Edited(result, how.is_dry_run, (*remarks, *result.remarks))


def require(document: Document, name: str) -> dict[str, str]:
    """Return the keys of a profile that must be there; raises InputError with the nearest names."""
    document.locate([name])
    section = document.profile(name)
    if section is not None:
        return section
    near = difflib.get_close_matches(name, [known for known, _ in document.profiles()], n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise InputError(f"there is no profile {name}", hint=f"{hint}see them: credhelper profile list")


def merged(section: Mapping[str, str], keys: Mapping[str, str | None]) -> dict[str, str]:
    """Return a section as it will be after a change."""
    return {key: value for key, value in (dict(section) | dict(keys)).items() if value is not None}


def require_valid(name: str, section: Mapping[str, str]) -> None:
    """Raise InputError if a section is one of ours and cannot be used."""
    if is_credhelper(section):
        RoleProfile.from_section(name, section)
    elif any(key.startswith(PREFIX) for key in section):
        raise InputError(
            f"profile {name} has settings of credhelper but no role",
            hint=f"credhelper profile set {name} --role-arn ARN --source-profile PROFILE",
        )
