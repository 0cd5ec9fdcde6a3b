"""The credentials file as a value: the config file's grammar, with headers that are the names themselves. Pure."""

from collections.abc import Iterator

from credhelper.awsconfig.document import grammar
from credhelper.awsconfig.document.document import Document


class CredentialsDocument(Document):
    """A credentials file that can be edited; `[prod]` is the section of profile prod."""

    __slots__ = ()

    @classmethod
    def parse(cls, data: bytes) -> "CredentialsDocument":
        """Return the document of these bytes; raises InputError as that of a config file does."""
        return cls(Document.parse(data).to_bytes())

    def profile_names_in(self, span: range) -> Iterator[str | None]:
        """Yield for each of these sections its name, None for `[DEFAULT]`."""
        headers = map(self.header, span)
        yield from (None if header == grammar.DEFAULTS_SECTION else header for header in headers)

    def _lenient_name(self, index: int, name: str | None) -> str | None:
        """Return the profile that some other SDK may find: without blanks around it."""
        return None if name is None else self.header(index).strip()

    def _header_line(self, name: str) -> str:
        return f"[{name}]"
