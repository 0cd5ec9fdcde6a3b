"""One pass over a config file: where its sections start, and the first thing botocore would reject it for. Pure."""

import re
from array import array

from credhelper.awsconfig.document import grammar
from credhelper.awsconfig.document.grammar import Block, Fault

_COLUMN_0_HEADER = re.compile(rb"^\[[^\n]+\]", re.MULTILINE)
# A section that needs no second look: nothing indented, no exotic white space, lower-case keys. The groups are
# possessive because there is only one way to read such lines.
PLAIN_SECTION = re.compile(
    rb"\[([!-Z\\^-~](?:[ -Z\\^-~]*[!-Z\\^-~])?)\]\r?(?:\n|\Z)"
    rb"(?:[a-z0-9_.-]++ ?= ?[!-~][ -~]*+\r?(?:\n|\Z)|[#;][ -~\t]*+\r?(?:\n|\Z)|\r?\n)*+"
)
_PLAIN_KEY = re.compile(rb"^([a-z0-9_.-]+) ?=", re.MULTILINE)


def index_of(data: bytes) -> "tuple[array[int], dict[str, str], Fault | None]":
    """Return the offset of every section's header line, the keys of [DEFAULT], and the first fault."""
    index = _Index(data)
    start = len(grammar.BYTE_ORDER_MARK) if data.startswith(grammar.BYTE_ORDER_MARK) else 0
    if start:
        index.note(Fault(0, "byte-order-mark", "the file starts with a byte order mark, for which botocore rejects it"))
    for match in _COLUMN_0_HEADER.finditer(data, start):
        index.take(start, match.start())
        start = match.start()
    index.take(start, len(data))
    return index.starts, index.defaults, index.fault


class _Index:
    """What is gathered in one pass over the sections."""

    def __init__(self, data: bytes) -> None:
        self.starts = array("Q")
        self.defaults: dict[str, str] = {}
        self.fault: Fault | None = None
        self._data = data
        self._headers: set[bytes] = set()

    def note(self, fault: Fault) -> None:
        if self.fault is None or fault.offset < self.fault.offset:
            self.fault = fault

    def take(self, start: int, end: int) -> None:
        plain = PLAIN_SECTION.fullmatch(self._data, start, end)
        if plain is None or plain.group(1) == b"DEFAULT":
            self._take_slowly(start, end)
            return
        self._section(plain.group(1), start)
        keys = _PLAIN_KEY.findall(self._data, start, end)
        if len(keys) != len(set(keys)):
            self._take_faults(start, end)

    def _take_faults(self, start: int, end: int) -> None:
        for fault in grammar.read(self._data, start, end)[1]:
            self.note(fault)

    def _take_slowly(self, start: int, end: int) -> None:
        blocks, faults = grammar.read(self._data, start, end)
        for fault in faults:
            self.note(fault)
        for block in blocks:
            if block.header == grammar.DEFAULTS_SECTION:
                self._take_defaults(block)
            self._section(block.header.encode("utf-8"), block.start)

    def _take_defaults(self, block: Block) -> None:
        for entry in block.entries:
            if entry.name in self.defaults:
                self.note(Fault(entry.start, *grammar.KEY_TWICE))
            self.defaults[entry.name] = entry.value

    def _section(self, header: bytes, start: int) -> None:
        self.starts.append(start)
        if header in self._headers and header != grammar.DEFAULTS_SECTION.encode():
            self.note(Fault(start, *grammar.SECTION_TWICE))
        self._headers.add(header)
