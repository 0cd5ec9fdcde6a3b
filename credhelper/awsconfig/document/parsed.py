"""A config file as read: every byte of it, its sections, and the profiles in them. Pure.

It keeps the bytes and the offset of each section, and reads the lines of a section when it is asked for them: a file
of ten thousand profiles costs little more memory than its own size. Values are what botocore reads.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator

from credhelper.awsconfig.document import grammar
from credhelper.awsconfig.document.grammar import Block
from credhelper.awsconfig.document.index import PLAIN_SECTION, index_of

_PLAIN_KEY_LINE = re.compile(rb"^([a-z0-9_.-]+) ?= ?([^\r\n]+)", re.MULTILINE)
_NEWLINE = re.compile(rb"\n")
_PLAIN_HEADER = re.compile(rb"\[([A-Za-z0-9_.%@:+/-]+)\](?=[\r\n]|\Z)")
_PLAIN_PROFILE = re.compile(rb"\[profile ([A-Za-z0-9_.%@:+/-]+)\]")


class ParsedFile:
    """An immutable config file whose bytes are UTF-8 without NUL and lone CR.

    `touched` names the profiles that the edits leading here were about. `fault` is the first line for which botocore
    rejects the whole file, or None.
    """

    __slots__ = ("_data", "_defaults", "_names", "_newlines", "_starts", "fault", "touched")

    def __init__(self, data: bytes, touched: frozenset[str] = frozenset()) -> None:
        self._data = data
        self._newlines: array[int] | None = None
        self._names: list[str | None] | None = None
        self.touched = touched
        self._starts, self._defaults, self.fault = index_of(data)

    def to_bytes(self) -> bytes:
        """Return the file, byte for byte."""
        return self._data

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ParsedFile) and self._data == other._data

    def __hash__(self) -> int:
        return hash(self._data)

    def __len__(self) -> int:
        return len(self._starts)

    def line_at(self, offset: int) -> int:
        """Return the number of the line at a byte offset, counted from 1."""
        if self._newlines is None:
            self._newlines = array("Q", (match.start() for match in _NEWLINE.finditer(self._data)))
        return bisect_left(self._newlines, offset) + 1

    def span(self, index: int) -> tuple[int, int]:
        """Return where the section of this index starts and where the next one does."""
        last = index + 1 == len(self._starts)
        return self._starts[index], len(self._data) if last else self._starts[index + 1]

    def header(self, index: int) -> str:
        """Return the text between the brackets of a section."""
        if plain := _PLAIN_HEADER.match(self._data, self._starts[index]):
            return plain.group(1).decode("ascii")
        return self.block(index, header_only=True).header

    def block(self, index: int, *, header_only: bool = False) -> Block:
        """Return a section with the place of each of its lines."""
        start, end = self.span(index)
        if header_only:
            end = self._data.find(b"\n", start, end) + 1 or end
        blocks, _ = grammar.read(self._data, start, end)
        return blocks[0]

    def values(self, index: int) -> dict[str, str]:
        """Return the keys of a section as botocore sees them, without nested blocks, with those of [DEFAULT]."""
        start, end = self.span(index)
        if PLAIN_SECTION.fullmatch(self._data, start, end):
            pairs = _PLAIN_KEY_LINE.findall(self._data, start, end)
            own = {key.decode("ascii"): value.decode("ascii").rstrip() for key, value in pairs}
        else:
            own = {key_line.name: key_line.value for key_line in self.block(index).key_lines}
        merged = self._defaults | own if self._defaults else own
        return {key: value for key, value in merged.items() if not value.startswith("\n")}

    def profile_names(self) -> list[str | None]:
        """Return for each section the profile that botocore finds in its header, None where it finds none."""
        if self._names is None:
            self._names = list(self.profile_names_in(range(len(self._starts))))
        return self._names

    def profile_names_in(self, span: range) -> Iterator[str | None]:
        """Yield the same for some of the sections."""
        for index in span:
            start = self._starts[index]
            plain = _PLAIN_PROFILE.match(self._data, start)
            if plain and self._data[plain.end() : plain.end() + 1] in {b"\n", b"\r", b""}:
                yield plain.group(1).decode("ascii")
            else:
                yield grammar.profile_name(self.header(index))

    def profiles(self) -> Iterator[tuple[str, int]]:
        """Yield each profile with the index of the section botocore takes for it: the last, if there are several."""
        yield from {name: index for index, name in enumerate(self.profile_names()) if name is not None}.items()

    def profile(self, name: str) -> dict[str, str] | None:
        """Return the keys of a profile as botocore sees them, or None if there is no such profile."""
        found = [index for index, other in enumerate(self.profile_names()) if other == name]
        return self.values(found[-1]) if found else None

    def _spells_plainly(self, index: int) -> bool:
        """Tell whether a header is `[profile NAME]` as every SDK writes it, without quotes or further blanks."""
        return _PLAIN_PROFILE.match(self._data, self._starts[index]) is not None
