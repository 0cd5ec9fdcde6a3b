"""One pass over a config file: where its sections start, and the first thing botocore would reject it for. Pure."""

import re
from array import array
from collections.abc import Iterable

from credhelper.awsconfig.document import grammar
from credhelper.awsconfig.document.finding import Finding
from credhelper.awsconfig.document.grammar import MESSAGES, Block

_COLUMN_0_HEADER = re.compile(rb"^\[[^\n]+\]", re.MULTILINE)
# A section that needs no second look: nothing indented, no exotic white space, lower-case keys. The groups are
# possessive because there is only one way to read such lines.
PLAIN_SECTION = re.compile(
    rb"\[([!-Z\\^-~](?:[ -Z\\^-~]*[!-Z\\^-~])?)\]\r?(?:\n|\Z)"
    rb"(?:[a-z0-9_.-]++ ?= ?[!-~][ -~]*+\r?(?:\n|\Z)|[#;][ -~\t]*+\r?(?:\n|\Z)|\r?\n)*+"
)
_PLAIN_KEY = re.compile(rb"^([a-z0-9_.-]+) ?=", re.MULTILINE)


def index_of(data: bytes) -> "tuple[array[int], dict[str, str], Finding | None]":
    """Return the offset of every section's header line, the keys of [DEFAULT], and the first broken line."""
    index = _Index(data)
    start = len(grammar.BYTE_ORDER_MARK) if data.startswith(grammar.BYTE_ORDER_MARK) else 0
    if start:
        index.note(0, "byte-order-mark")
    for match in _COLUMN_0_HEADER.finditer(data, start):
        index.take(start, match.start())
        start = match.start()
    index.take(start, len(data))
    return index.starts, index.defaults, index.finding()


class _Index:
    """What is gathered in one pass over the sections."""

    def __init__(self, data: bytes) -> None:
        self.starts = array("Q")
        self.defaults: dict[str, str] = {}
        self._broken: grammar.Broken | None = None
        self._data = data
        self._headers: set[bytes] = set()

    def note(self, offset: int, rule: str) -> None:
        if self._broken is None or offset < self._broken[0]:
            self._broken = offset, rule

    def finding(self) -> Finding | None:
        if self._broken is None:
            return None
        offset, rule = self._broken
        return Finding(self._data.count(b"\n", 0, offset) + 1, rule, message=MESSAGES[rule])

    def take(self, start: int, end: int) -> None:
        plain = PLAIN_SECTION.fullmatch(self._data, start, end)
        if plain is None or plain.group(1) == b"DEFAULT":
            self._take_slowly(start, end)
            return
        self._section(plain.group(1), start)
        keys = _PLAIN_KEY.findall(self._data, start, end)
        if len(keys) != len(set(keys)):
            self._note_all(grammar.read(self._data, start, end)[1])

    def _note_all(self, broken: Iterable[grammar.Broken]) -> None:
        for offset, rule in broken:
            self.note(offset, rule)

    def _take_slowly(self, start: int, end: int) -> None:
        blocks, broken = grammar.read(self._data, start, end)
        self._note_all(broken)
        for block in blocks:
            if block.header == grammar.DEFAULTS_SECTION:
                self._take_defaults(block)
            self._section(block.header.encode("utf-8"), block.start)

    def _take_defaults(self, block: Block) -> None:
        for key_line in block.key_lines:
            if key_line.name in self.defaults:
                self.note(key_line.start, "key-twice")
            self.defaults[key_line.name] = key_line.value

    def _section(self, header: bytes, start: int) -> None:
        self.starts.append(start)
        if header in self._headers and header != grammar.DEFAULTS_SECTION.encode():
            self.note(start, "section-twice")
        self._headers.add(header)
