"""Every profile there is, in the config file and in the credentials file, each as it is found."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import config_file
from credhelper.awsconfig.file.edit_checks import naming
from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.commands.profile.edit import open_catalogue
from credhelper.settings import Settings


@dataclass(frozen=True, slots=True)
class Row:
    """One profile as it is listed; what does not apply is "". `file` is config or credentials."""

    name: str
    kind: str
    account_id: str
    role_arn: str
    region: str
    sources: tuple[str, ...]
    file: str

    @property
    def role(self) -> str:
        """The role's name, with its path."""
        return self.role_arn.partition(":role/")[2]


def open_sections(settings: Settings) -> Catalogue:
    """Read both files; raises InputError or MachineError for the config file only."""
    data = config_file.read_behind_links(settings.config_file, config_file.LARGE_LIMIT).data
    with naming(settings.config_file):
        document = Document.parse(data)
    return open_catalogue(settings, document)


def list_profiles(
    sections: Catalogue, pattern: str = "", see: Callable[[str, Mapping[str, str]], None] | None = None
) -> Iterator[Row]:
    """Yield the profiles whose name, role or account matches a shell pattern, or contains it if it has no wildcard.

    `see` is shown every profile, also those that do not match.
    """
    for name in sections:
        row = row_of(name, sections, see)
        if _matches(row, pattern):
            yield row


def row_of(name: str, sections: Catalogue, see: Callable[[str, Mapping[str, str]], None] | None = None) -> Row:
    """Return one profile."""
    section = sections[name]
    if see is not None:
        see(name, section)
    return Row(
        name=name,
        kind=kinds.kind_of(section),
        account_id=kinds.account_id_of(section),
        role_arn=kinds.role_arn_of(section),
        region=section.get("region", ""),
        sources=tuple(kinds.source_chain(name, sections)),
        file=sections.file_of(name),
    )


def _matches(row: Row, pattern: str) -> bool:
    if not pattern:
        return True
    if not re.search(r"[*?\[]", pattern):
        pattern = f"*{pattern}*"
    return any(fnmatchcase(text, pattern) for text in (row.name, row.role_arn, row.account_id, row.kind))
