"""The grammar of ~/.aws/config, line by line, exactly as botocore reads it. Pure; knows nothing of profiles or edits.

botocore reads the file with `configparser.RawConfigParser()` and its defaults (botocore/configloader.py). The rules
here are those of its `_read`, over bytes, with the place of every line kept. `tests/fuzz` holds the two together.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

# As in configparser: greedy up to the last bracket, so `[profile a]b]` is the section `profile a]b`.
_SECTION = re.compile(r"\[(.+)\]")
# As in configparser: the first `=` or `:` ends the key.
_OPTION = re.compile(r"(.*?)\s*[=:]\s*(.*)$")
_COMMENTS = ("#", ";")
_PLAIN_PROFILE = re.compile(r"profile ([\w.%@:+/-]+)", re.ASCII)
_LENIENT_PROFILE = re.compile(r"profile[ \t]+(.+)")

# A line that botocore rejects the whole file for: its offset, and the rule it breaks.
Broken = tuple[int, str]

DEFAULTS_SECTION = "DEFAULT"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


# What botocore rejects the whole file for, by rule, in words without the line's text.
MESSAGES = {
    "byte-order-mark": "the file starts with a byte order mark, for which botocore rejects it",
    "no-section": "there is no section header before this line",
    "header-unterminated": "this section header has no closing bracket",
    "garbage": "this line is neither a section header nor key = value",
    "section-twice": "this section is defined twice, so botocore rejects the whole file",
    "key-twice": "this key is defined twice in its section, so botocore rejects the whole file",
    "broken-block": "the block below this key has a line that is not key = value",
}


@dataclass(slots=True)
class KeyLine:
    """One key with the lines it owns: its own, `start` to `end`, and the indented ones that follow, `extra`."""

    name: str
    parts: list[str]
    start: int
    end: int
    indent: int
    extra: list[tuple[int, int]] = field(default_factory=list)

    @property
    def value(self) -> str:
        """The value as botocore returns it, before it looks for nested keys."""
        return "\n".join(self.parts).rstrip()

    @property
    def is_nested(self) -> bool:
        """Tell whether botocore reads the value as a block of keys, such as `s3 =`."""
        return self.value.startswith("\n")


@dataclass(slots=True)
class Block:
    """One section: the offset of its header line, where its last owned line ends, and its keys in order."""

    header: str
    start: int
    end: int
    key_lines: list[KeyLine] = field(default_factory=list)


class _Reader:
    """The state of configparser's loop: the section, the key and the indentation the next line is compared with."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.broken: list[Broken] = []
        self._indent = 0
        self._key_line: KeyLine | None = None

    def take(self, text: str, start: int, end: int) -> None:
        stripped = text.strip()
        if not stripped:
            if self._key_line is not None:
                self._key_line.parts.append("")
            return
        # A character that is not white space, so `len - len(lstrip)` is where it stands.
        indent = len(text) - len(text.lstrip())
        if stripped.startswith(_COMMENTS):
            if indent:
                self._own(start, end)
        elif self._key_line is not None and indent > self._indent:
            self._key_line.parts.append(stripped)
            self._own(start, end)
        else:
            self._indent = indent
            self._header_or_key(stripped, start, end)

    def _own(self, start: int, end: int) -> None:
        if self._key_line is not None:
            self._key_line.extra.append((start, end))
        if self.blocks:
            self.blocks[-1].end = end

    def _header_or_key(self, stripped: str, start: int, end: int) -> None:
        if section := _SECTION.match(stripped):
            self.blocks.append(Block(section.group(1), start, end))
            self._key_line = None
        elif stripped.startswith("[") and (not self.blocks or not _OPTION.match(stripped)):
            self.broken.append((start, "header-unterminated"))
        elif not self.blocks:
            self.broken.append((start, "no-section"))
        elif (option := _OPTION.match(stripped)) and option.group(1):
            name = option.group(1).rstrip().lower()
            self._key_line = KeyLine(name, [option.group(2).strip()], start, end, self._indent)
            self.blocks[-1].key_lines.append(self._key_line)
            self.blocks[-1].end = end
        else:
            self.broken.append((start, "garbage"))


def read(data: bytes, start: int, end: int) -> tuple[list[Block], list[Broken]]:
    """Return the sections between two offsets, and the lines for which botocore rejects the whole file, by offset.

    `start` is the start of the file or of a section's header line, so that nothing before it matters. The bytes are
    UTF-8 without a lone CR. A key that is defined twice in one section and a broken nested block count as broken;
    finding duplicate sections is left to the caller.
    """
    reader = _Reader()
    for line_start, line_end in _lines(data, start, end):
        reader.take(data[line_start:line_end].decode("utf-8").rstrip("\n"), line_start, line_end)
    return reader.blocks, sorted(reader.broken + [broken for block in reader.blocks for broken in _broken_keys(block)])


def _lines(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        newline = data.find(b"\n", start, end)
        stop = end if newline < 0 else newline + 1
        yield start, stop
        start = stop


def _broken_keys(block: Block) -> Iterator[Broken]:
    seen: set[str] = set()
    for key_line in block.key_lines:
        if key_line.name in seen:
            yield key_line.start, "key-twice"
        seen.add(key_line.name)
        # botocore's _parse_nested splits every line of the block at its `=`.
        if key_line.is_nested and any(line.strip() and "=" not in line for line in key_line.value.splitlines()):
            yield key_line.start, "broken-block"


def profile_name(header: str) -> str | None:
    """Return the profile that botocore finds in a header's text, None if it finds none (build_profile_map)."""
    if header == "default":
        return header
    if plain := _PLAIN_PROFILE.fullmatch(header):
        return plain.group(1)
    if not header.startswith("profile"):
        return None
    try:
        words = shlex.split(header)
    except ValueError:
        return None
    return words[1] if len(words) == 2 else None


def lenient_profile_name(header: str) -> str | None:
    """Return the profile that some other SDK may find in a header's text, with any spacing and quotes."""
    text = header.strip()
    if text == "default":
        return text
    match = _LENIENT_PROFILE.fullmatch(text)
    return match.group(1).strip().strip("\"'").strip() if match else None
