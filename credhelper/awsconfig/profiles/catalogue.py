"""Every profile of both files, each read when it is asked for. Pure."""

from collections.abc import Iterator, Mapping

from credhelper.awsconfig.document.document import Document
from credhelper.errors import CredhelperError

_CREDENTIALS = "credentials"
_CONFIG = "config"


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
        return f"line {fault.line}: {fault.message}" if fault else ""

    def file_of(self, name: str) -> str:
        """Tell which file defines a profile; the config file goes first."""
        return _CONFIG if name in self._index else _CREDENTIALS


def sections_of(data: bytes) -> dict[str, dict[str, str]]:
    """Return the sections of a credentials file by name; one that cannot be read has none."""
    try:
        document = Document.parse(data)
    except CredhelperError:
        return {}
    return {document.header(index): document.values(index) for index in range(len(document))}


def profile_sections(data: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the profiles of a config file with their keys; raises InputError for one that cannot be read."""
    document = Document.parse(data)
    for name, index in document.profiles():
        yield name, document.values(index)
