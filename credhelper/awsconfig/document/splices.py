"""Which bytes an edit replaces: insertion points, and the file's own newline, spacing and blank-line habits. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from credhelper.awsconfig.document.grammar import Block, KeyLine
from credhelper.awsconfig.document.parsed import ParsedFile
from credhelper.errors import PROFILE, InputError
from credhelper.model.shell import word

_NAME = re.compile(r"[A-Za-z0-9_.%@:+/][A-Za-z0-9_.%@:+/-]*")
_KEY = re.compile(r"[a-z][a-z0-9_]*")
# Half of the SDKs read a `#` or `;` after a blank as a comment, also right after the equals sign.
_VALUE = re.compile(r"(?![#;])(?!.* [#;])[!-~](?:[ -~]*[!-~])?")
_KEY_PREFIX = re.compile(rb"[ \t]*[^\s=:]+[ \t]*=[ \t]*")
_TIGHT_KEY = re.compile(rb"[^\s=:]+=\S")
_DEFAULT_BLANK_LINES = 1


class Splice(NamedTuple):
    """The bytes from `start` to `end` become `text`."""

    start: int
    end: int
    text: bytes


def is_name(name: str) -> bool:
    """Tell whether every SDK finds a profile of this name (rule 23 of docs/config-editing.md)."""
    return _NAME.fullmatch(name) is not None


def check_name(name: str) -> None:
    """Raise InputError unless every SDK finds a profile of this name."""
    if not is_name(name):
        raise InputError(
            "this profile name is not one that every SDK reads",
            hint="use letters, digits and _ . % @ : + / -, and do not start with -",
        )


def check_keys(keys: Mapping[str, str]) -> None:
    """Raise InputError unless each key and value stays one line that every parser reads the same."""
    for key, value in keys.items():
        if not _KEY.fullmatch(key):
            raise InputError("a key has characters other than a-z, 0-9 and _", hint="write it as AWS does: role_arn")
        if not _VALUE.fullmatch(value):
            raise InputError(
                f"the value of {key} is not one line of printable ASCII, or is empty, or has a blank before # or ;",
                hint=f"to remove it: credhelper profile unset {PROFILE} {word(key)}",
            )


def apply(data: bytes, splices: Iterable[Splice]) -> bytes:
    """Return the bytes with all replacements made; a file without a final newline stays without."""
    pieces: list[bytes | memoryview] = []
    view = memoryview(data)
    position = 0
    for splice in sorted(splices):
        pieces += (view[position : splice.start], splice.text)
        position = splice.end
    pieces.append(view[position:])
    edited = b"".join(pieces)
    if data and not data.endswith(b"\n") and edited.endswith(b"\n"):
        return edited.removesuffix(b"\n").removesuffix(b"\r")
    return edited


def changed_keys(
    data: bytes, block: Block, changes: Mapping[str, str | None], line_at: Callable[[int], int]
) -> list[Splice]:
    """Return the replacements that set these keys of a section and remove those given as None."""
    key_lines = {key_line.name: key_line for key_line in block.key_lines}
    new: dict[str, str] = {}
    splices: list[Splice] = []
    for key, value in changes.items():
        key_line = key_lines.get(key)
        if key_line is None:
            if value is not None:
                new[key] = value
        elif key_line.value != value:
            _refuse_indented(key_line, line_at)
            splices += _replaced(data, key_line, value)
    if new:
        splices.append(_appended(data, block, new))
    return splices


def renamed_keys(data: bytes, block: Block, names: Mapping[str, str], line_at: Callable[[int], int]) -> list[Splice]:
    """Return the replacements that rename keys of a section, each in its place and with its own capitals.

    A prefix that is put before a key or taken away leaves the rest of the key as it is spelled.
    """
    splices = []
    for key_line in block.key_lines:
        new = names.get(key_line.name)
        if new is not None:
            _refuse_indented(key_line, line_at)
            splices.append(_renamed_key(data, key_line, new))
    return splices


def _renamed_key(data: bytes, key_line: KeyLine, new: str) -> Splice:
    if new.endswith(key_line.name):
        return Splice(key_line.start, key_line.start, new.removesuffix(key_line.name).encode("ascii"))
    if key_line.name.endswith(new):
        return Splice(key_line.start, key_line.start + len(key_line.name) - len(new), b"")
    spelled = data[key_line.start : key_line.end].lower().index(key_line.name.encode("utf-8"))
    return Splice(key_line.start + spelled, key_line.start + spelled + len(key_line.name), new.encode("ascii"))


def _refuse_indented(key_line: KeyLine, line_at: Callable[[int], int]) -> None:
    if key_line.indent:
        raise InputError(
            f"line {line_at(key_line.start)}: the key {key_line.name} is indented, which half of the SDKs reject",
            hint="remove the blanks before it; each such line: credhelper profile check",
        )


def _replaced(data: bytes, key_line: KeyLine, value: str | None) -> list[Splice]:
    line = data[key_line.start : key_line.end]
    text = b"" if value is None else _line_with(line, key_line, value)
    own = Splice(key_line.start, key_line.end, text)
    return [own, *(Splice(start, end, b"") for start, end in key_line.extra)]


def _line_with(line: bytes, key_line: KeyLine, value: str) -> bytes:
    prefix = _KEY_PREFIX.match(line)
    # A colon, or a key in capitals, is read by some SDKs only: this line is being rewritten anyway.
    is_kept = prefix is not None and prefix.group().split(b"=")[0].strip() == key_line.name.encode("utf-8")
    start = prefix.group() if prefix is not None and is_kept else f"{key_line.name} = ".encode()
    if start.endswith(b"=") and start[-2:-1] in b" \t":
        start += b" "
    return start + value.encode("ascii") + _newline_of(line)


def _newline_of(line: bytes) -> bytes:
    return line[len(line.rstrip(b"\r\n")) :]


def _appended(data: bytes, block: Block, keys: Mapping[str, str]) -> Splice:
    newline = _newline_at(data, block.end)
    equals = _equals_of(data, block)
    lines = b"".join(f"{key}{equals}{value}".encode() + newline for key, value in keys.items())
    return Splice(block.end, block.end, _line_break(data, block.end, newline) + lines)


def _equals_of(data: bytes, block: Block) -> str:
    """Return ` = `, or `=` in a section that has keys and none of them with a space."""
    lines = [data[key_line.start : key_line.end] for key_line in block.key_lines]
    return "=" if lines and all(_TIGHT_KEY.match(line) for line in lines) else " = "


def _newline_at(data: bytes, offset: int) -> bytes:
    """Return the newline of the line before an offset, else the first of the file, else LF."""
    before = data[max(0, offset - 2) : offset]
    if not before.endswith(b"\n"):
        first = data.find(b"\n")
        before = data[max(0, first - 1) : first + 1]
    return b"\r\n" if before.endswith(b"\r\n") else b"\n"


def _line_break(data: bytes, offset: int, newline: bytes) -> bytes:
    """Return what must stand before a new line at this offset: a newline if the last line has none."""
    return b"" if offset == 0 or data[offset - 1 : offset] == b"\n" else newline


def added_sections(file: ParsedFile, sections: Mapping[str, Mapping[str, str]]) -> Splice:
    """Return the insertion of new sections, by their header lines, after the last line that is not blank.

    Blank lines at the end of the file stay there: what is added can then be removed again to the byte.
    """
    data = file.to_bytes()
    end = _end_of_content(data, len(data))
    newline = _newline_at(data, end)
    last = file.block(len(file) - 1) if len(file) else Block("", 0, 0)
    equals = _equals_of(data, last)
    blank = newline * _blank_lines(file, without=-1)
    texts = [
        b"".join(
            line.encode("ascii") + newline
            for line in (header, *(f"{key}{equals}{value}" for key, value in keys.items()))
        )
        for header, keys in sections.items()
    ]
    return Splice(end, end, _line_break(data, end, newline) + (blank if end else b"") + blank.join(texts))


def copied_section(file: ParsedFile, index: int, header: str) -> Splice:
    """Return the insertion of a section once more, under another header line, right before itself.

    With the blank lines that go when the section is removed: what is left then is the section under its new header.
    """
    data = file.to_bytes()
    block = file.block(index)
    newline = _newline_at(data, block.end)
    renamed = renamed_header(data, block, header)
    copy = data[block.start : renamed.start] + renamed.text + data[renamed.end : block.end]
    blank = newline * _blank_lines(file, without=-1 if index == len(file) - 1 else index)
    return Splice(block.start, block.start, copy + (b"" if copy.endswith(b"\n") else newline) + blank)


def _end_of_content(data: bytes, end: int) -> int:
    """Return where the last line before `end` that is not blank ends, 0 if there is none."""
    while end and _is_blank(data, start := _line_start(data, end), end):
        end = start
    return end


def _is_blank(data: bytes, start: int, end: int) -> bool:
    return not data[start:end].strip()


def _line_start(data: bytes, end: int) -> int:
    """Return where the line that ends at `end` starts."""
    return data.rfind(b"\n", 0, max(0, end - 1)) + 1


def _blank_lines(file: ParsedFile, *, without: int) -> int:
    """Return how many blank lines this file has between sections, judged by the last one but `without`."""
    data = file.to_bytes()
    for index in range(len(file) - 1, -1, -1):
        start = _above_comments(data, file.span(index)[0])
        if index != without and _end_of_content(data, start):
            return min(len(_blank_lines_before(data, start)), 2)
    return _DEFAULT_BLANK_LINES


def _above_comments(data: bytes, offset: int) -> int:
    while offset and data[start := _line_start(data, offset)] in b"#;":
        offset = start
    return offset


def _blank_lines_before(data: bytes, offset: int) -> list[int]:
    """Return the offsets of the blank lines that end at `offset`, the nearest first."""
    offsets: list[int] = []
    while offset and _is_blank(data, start := _line_start(data, offset), offset):
        offset = start
        offsets.append(offset)
    return offsets


def removed_section(file: ParsedFile, index: int) -> list[Splice]:
    """Return the removal of a section from its header to its last key, with the blank lines that set it apart.

    Comments above the header and after the last key stay: they may be about something else.
    """
    data = file.to_bytes()
    block = file.block(index)
    wanted = _blank_lines(file, without=index)
    above = _blank_lines_before(data, block.start)[:wanted]
    if _end_of_content(data, block.start):
        return [Splice(above[-1] if above else block.start, block.end, b"")]
    return [Splice(block.start, _after_blank_lines(data, block.end, wanted), b"")]


def _after_blank_lines(data: bytes, offset: int, limit: int) -> int:
    for _ in range(limit):
        newline = data.find(b"\n", offset)
        # Where the file ends with them, the blank lines were there before the section was.
        if newline < 0 or not _is_blank(data, offset, newline) or _end_of_content(data, len(data)) <= newline:
            break
        offset = newline + 1
    return offset


def renamed_header(data: bytes, block: Block, header: str) -> Splice:
    """Return the replacement of a header's brackets and what is between them; a comment after them stays."""
    line: Sequence[int] = data[block.start : _line_end(data, block.start)]
    opening = bytes(line).index(b"[")
    closing = bytes(line).rindex(b"]") + 1
    return Splice(block.start + opening, block.start + closing, header.encode("ascii"))


def _line_end(data: bytes, start: int) -> int:
    newline = data.find(b"\n", start)
    return len(data) if newline < 0 else newline + 1
