"""A config file as a value: every byte of it, and the profiles in it. Pure.

A document keeps the bytes and the offset of each section, and reads the lines of a section when it is asked for
them: a file of ten thousand profiles costs little more memory than its own size. Values are what botocore reads.
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping

from credhelper.awsconfig.document import grammar
from credhelper.awsconfig.document import splices as edits
from credhelper.awsconfig.document.compare import only_touched
from credhelper.awsconfig.document.grammar import Block
from credhelper.awsconfig.document.index import PLAIN_SECTION, index_of
from credhelper.errors import InputError

_CHECK = "see what is wrong: credhelper profile check"
_CHUNK = 1 << 16
_LONE_CR = re.compile(rb"\r(?!\n)")
_PLAIN_ENTRY = re.compile(rb"^([a-z0-9_.-]+) ?= ?([^\r\n]+)", re.MULTILINE)
_PLAIN_PROFILE = re.compile(rb"\[profile ([A-Za-z0-9_.%@:+/-]+)\]")


class Document:
    """An immutable config file; every edit returns another document.

    `touched` names the profiles that the edits leading here were about. `fault` is the first thing that botocore
    rejects the whole file for, or None: such a document can be looked at, but every edit of it raises InputError.
    """

    __slots__ = ("_data", "_defaults", "_starts", "fault", "touched")

    def __init__(self, data: bytes, touched: frozenset[str] = frozenset()) -> None:
        self._data = data
        self.touched = touched
        self._starts, self._defaults, self.fault = index_of(data)

    @classmethod
    def parse(cls, data: bytes) -> "Document":
        """Return the document of these bytes; raises InputError, with the line, for NUL, lone CR or not UTF-8."""
        _refuse(data)
        return cls(data)

    def to_bytes(self) -> bytes:
        """Return the file, byte for byte."""
        return self._data

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self._data == other._data

    def __hash__(self) -> int:
        return hash(self._data)

    def __len__(self) -> int:
        return len(self._starts)

    def line_at(self, offset: int) -> int:
        """Return the number of the line at a byte offset, counted from 1."""
        return self._data.count(b"\n", 0, offset) + 1

    def span(self, index: int) -> tuple[int, int]:
        """Return where the section of this index starts and where the next one does."""
        last = index + 1 == len(self._starts)
        return self._starts[index], len(self._data) if last else self._starts[index + 1]

    def header(self, index: int) -> str:
        """Return the text between the brackets of a section."""
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
            pairs = _PLAIN_ENTRY.findall(self._data, start, end)
            own = {key.decode("ascii"): value.decode("ascii").rstrip() for key, value in pairs}
        else:
            own = {entry.name: entry.value for entry in self.block(index).entries}
        merged = self._defaults | own if self._defaults else own
        return {key: value for key, value in merged.items() if not value.startswith("\n")}

    def profile_names(self, span: range | None = None) -> Iterator[str | None]:
        """Yield for each section the profile that botocore finds in its header, None where it finds none."""
        for index in range(len(self._starts)) if span is None else span:
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

    def locate(self, names: Iterable[str]) -> dict[str, int]:
        """Return the section of each of these profiles that is there; raises InputError if one is ambiguous.

        Ambiguous is a profile that stands in the file in two spellings (`[default]` and `[profile default]`, quotes,
        spaces), and one in a spelling that only some SDKs read: which of them is meant, only a person can say.
        """
        wanted = set(names)
        found: dict[str, int] = {}
        for index, name in enumerate(self.profile_names()):
            known = wanted.intersection({name or "", self._lenient_name(index, name) or ""})
            for match in known:
                if match in found:
                    raise self._spelled_twice(match, found[match], index)
                if match != name:
                    raise self._half_read(match, index)
                found[match] = index
        return found

    def _lenient_name(self, index: int, name: str | None) -> str | None:
        start, _ = self.span(index)
        if name is not None and _PLAIN_PROFILE.match(self._data, start):
            return name
        return grammar.lenient_profile_name(self.header(index))

    def _spelled_twice(self, name: str, first: int, second: int) -> InputError:
        lines = [self.line_at(self.span(index)[0]) for index in (first, second)]
        return InputError(
            f"profile {name} stands in the file twice, in line {lines[0]} and line {lines[1]}",
            hint="SDKs disagree on which of them counts: make one section of the two in a text editor",
        )

    def _half_read(self, name: str, index: int) -> InputError:
        line = self.line_at(self.span(index)[0])
        header = "[default]" if name == "default" else f"[profile {name}]"
        return InputError(
            f"line {line} spells profile {name} in a way that only some SDKs read", hint=f"write it as {header}"
        )

    def add(self, name: str, keys: Mapping[str, str]) -> "Document":
        """Return the document with a new profile at its end; raises InputError if it is there or not allowed."""
        edits.check_name(name)
        edits.check_keys(keys)
        self.require_sound()
        if self.locate([name]):
            raise InputError(f"profile {name} exists already", hint=f"credhelper profile set {name} ...")
        return self._spliced([edits.added_section(self, name, keys)], {name})

    def update(self, changes: Mapping[str, Mapping[str, str | None]]) -> "Document":
        """Return the document with keys set, and those given as None removed, in existing profiles.

        All changes are one pass over the file. Raises InputError if a profile is missing or ambiguous.
        """
        for keys in changes.values():
            edits.check_keys({key: value for key, value in keys.items() if value is not None})
        self.require_sound()
        found = self._require(changes)
        splices = [
            splice
            for name, index in found.items()
            for splice in edits.changed_keys(self._data, self.block(index), changes[name], self.line_at)
        ]
        return self._spliced(splices, changes)

    def rename_keys(self, changes: Mapping[str, Mapping[str, str]]) -> "Document":
        """Return the document with keys of existing profiles, old name to new, renamed where they stand.

        Only the name changes: its value, its spacing and its place stay. Raises InputError if the new key is there.
        """
        self.require_sound()
        found = self._require(changes)
        splices = [
            splice
            for name, index in found.items()
            for splice in edits.renamed_keys(self._data, self.block(index), changes[name], self.line_at)
        ]
        return self._spliced(splices, changes)

    def set(self, name: str, keys: Mapping[str, str]) -> "Document":
        """Return the document with these keys set in an existing profile."""
        return self.update({name: keys})

    def unset(self, name: str, keys: Iterable[str]) -> "Document":
        """Return the document without these keys of an existing profile; one that is not there is no error."""
        return self.update({name: dict.fromkeys(keys)})

    def remove(self, name: str) -> "Document":
        """Return the document without this profile: its header, its keys, and the comments between them."""
        self.require_sound()
        index = self._require([name])[name]
        return self._spliced(edits.removed_section(self, index), {name})

    def rename(self, name: str, new: str) -> "Document":
        """Return the document with another name in the header of this profile; nothing else changes."""
        edits.check_name(new)
        self.require_sound()
        index = self._require([name])[name]
        if new != name and self.locate([new]):
            raise InputError(f"profile {new} exists already", hint=f"credhelper profile remove {new}")
        return self._spliced([edits.renamed_header(self._data, self.block(index), new)], {name, new})

    def require_sound(self) -> None:
        """Raise InputError if botocore would reject this file as it is: an edit cannot be checked then."""
        if self.fault is not None:
            raise InputError(f"line {self.line_at(self.fault.offset)}: {self.fault.message}", hint=_CHECK)

    def _require(self, names: Iterable[str]) -> dict[str, int]:
        wanted = list(names)
        found = self.locate(wanted)
        for name in wanted:
            if name not in found:
                raise InputError(f"there is no profile {name} in the file", hint="credhelper profile list")
        return found

    def _spliced(self, splices: "Iterable[edits.Splice]", names: Iterable[str]) -> "Document":
        edited = Document(edits.apply(self._data, splices), self.touched.union(names))
        edited.require_sound()
        if not only_touched(self, edited):
            raise InputError(
                "this edit would change how another section is read, because its header is indented", hint=_CHECK
            )
        return edited


def _refuse(data: bytes) -> None:
    offset = data.find(b"\0")
    if offset >= 0:
        raise _refusal(data, offset, "there is a NUL byte", "it is not a text file: restore it from a backup")
    # A lone CR ends a line for Python and for no editor: a section could hide behind it.
    if lone := _LONE_CR.search(data):
        raise _refusal(data, lone.start(), "there is a carriage return inside the line", "remove it in a text editor")
    if not data.isascii():
        _refuse_other_encodings(data)


def _refuse_other_encodings(data: bytes) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    for start in range(0, len(data), _CHUNK):
        try:
            decoder.decode(view[start : start + _CHUNK], start + _CHUNK >= len(data))
        except UnicodeDecodeError as error:
            place = min(start + error.start, len(data))
            raise _refusal(data, place, "this is not UTF-8 text", "save the file as UTF-8") from None


def _refusal(data: bytes, offset: int, message: str, hint: str) -> InputError:
    line = data.count(b"\n", 0, offset) + 1
    return InputError(f"line {line}: {message}", hint=hint)
