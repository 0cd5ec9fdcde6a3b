"""Every profile there is, in the config file and in the credentials file, each as it is found."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import config_file
from credhelper.awsconfig.file.config_file import Content
from credhelper.awsconfig.profiles import kinds
from credhelper.errors import CredhelperError, MachineError
from credhelper.settings import Settings

_CREDENTIALS = "credentials"
_CONFIG = "config"


@dataclass(frozen=True, slots=True)
class Row:
    """One profile as a person sees it; what does not apply is "". `file` is config or credentials."""

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


class Sections(Mapping[str, Mapping[str, str]]):
    """The profiles of both files by name, each read when it is asked for."""

    def __init__(self, document: Document, credentials: Mapping[str, Mapping[str, str]]) -> None:
        self._document = document
        self._index = dict(document.profiles())
        self._credentials = credentials

    def __getitem__(self, name: str) -> dict[str, str]:
        own = self._document.values(self._index[name]) if name in self._index else {}
        return own | dict(self._credentials.get(name, {})) if name in self._credentials else own

    def __iter__(self) -> Iterator[str]:
        yield from self._index
        yield from (name for name in self._credentials if name not in self._index)

    def __len__(self) -> int:
        return len(self._index.keys() | self._credentials.keys())

    def __contains__(self, name: object) -> bool:
        return name in self._index or name in self._credentials

    @property
    def fault(self) -> str:
        """What botocore rejects the whole config file for, with its line, or ""."""
        fault = self._document.fault
        return f"line {self._document.line_at(fault.offset)}: {fault.message}" if fault else ""

    def file_of(self, name: str) -> str:
        """Tell which file a profile stands in; the config file goes first."""
        return _CONFIG if name in self._index else _CREDENTIALS


def sections_of(data: bytes) -> dict[str, dict[str, str]]:
    """Return the sections of a credentials file by name; one that cannot be read has none."""
    try:
        document = Document.parse(data)
    except CredhelperError:
        return {}
    return {document.header(index): document.values(index) for index in range(len(document))}


def open_sections(settings: Settings) -> Sections:
    """Read both files; raises InputError or MachineError for the config file only."""
    document = Document.parse(config_file.read_behind_links(settings.config_file, config_file.LARGE_LIMIT).data)
    try:
        credentials = config_file.read_behind_links(settings.credentials_file, config_file.LARGE_LIMIT)
    except MachineError:
        credentials = Content(b"", exists=False)
    return Sections(document, sections_of(credentials.data))


def list_profiles(sections: Sections, pattern: str = "") -> Iterator[Row]:
    """Yield the profiles whose name, role or account matches a shell pattern, or contains it if it has no wildcard."""
    for name in sections:
        row = row_of(name, sections)
        if _matches(row, pattern):
            yield row


def row_of(name: str, sections: Sections) -> Row:
    """Return one profile."""
    section = sections[name]
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
