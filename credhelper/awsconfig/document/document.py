"""A config file as a value: the profiles in it, and every edit of them as another value. Pure."""

import codecs
import re
from collections.abc import Iterable, Mapping

from credhelper.awsconfig.document import grammar, splices
from credhelper.awsconfig.document.compare import only_touched
from credhelper.awsconfig.document.parsed import ParsedFile
from credhelper.awsconfig.document.splices import Splice
from credhelper.errors import InputError, about
from credhelper.model.nearest import unknown_profile
from credhelper.model.shell import own_command

_CHECK = "see what is wrong: credhelper profile check"
_CHUNK = 1 << 16
_LONE_CR = re.compile(rb"\r(?!\n)")


class Document(ParsedFile):
    """A config file that can be edited: every edit returns another document.

    A file that botocore rejects as a whole (`fault`) can be read, but every edit of it raises InputError.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, data: bytes) -> "Document":
        """Return the document of these bytes; raises InputError, with the line, for NUL, lone CR or not UTF-8."""
        _refuse(data)
        return cls(data)

    def locate(self, names: Iterable[str]) -> dict[str, int]:
        """Return the section of each of these profiles that is there; raises InputError if one is ambiguous.

        Ambiguous is a profile that is defined in two spellings (`[default]` and `[profile default]`, quotes, spaces),
        or in one that only some SDKs read: only the user can say which of them is meant.
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
        if name is not None and self._spells_plainly(index):
            return name
        return grammar.lenient_profile_name(self.header(index))

    def _spelled_twice(self, name: str, first: int, second: int) -> InputError:
        lines = [self.line_at(self.span(index)[0]) for index in (first, second)]
        return InputError(
            f"profile {name} is defined twice, in line {lines[0]} and line {lines[1]}",
            hint="SDKs disagree on which of them counts: make one section of the two in a text editor",
        )

    def _half_read(self, name: str, index: int) -> InputError:
        line = self.line_at(self.span(index)[0])
        return InputError(
            f"line {line} spells profile {name} in a way that only some SDKs read",
            hint=f"write it as {self._header_line(name)}",
        )

    def _header_line(self, name: str) -> str:
        """Return the header that every SDK finds a profile by."""
        return "[default]" if name == "default" else f"[profile {name}]"

    def add(self, name: str, keys: Mapping[str, str]) -> "Document":
        """Return the document with a new profile at its end; raises InputError if it is there or not allowed."""
        return self.add_all({name: keys})

    def add_all(self, profiles: Mapping[str, Mapping[str, str]]) -> "Document":
        """Return the document with new profiles at its end, in one pass; raises InputError as `add` does."""
        for name, keys in profiles.items():
            splices.check_name(name)
            with about(profile=name):
                splices.check_keys(keys)
        self.require_sound()
        for name in self.locate(profiles):
            raise _taken(name)
        if not profiles:
            return self
        sections = {self._header_line(name): keys for name, keys in profiles.items()}
        return self._spliced([splices.added_sections(self, sections)], profiles)

    def copy(self, name: str, new: str) -> "Document":
        """Return the document with a second profile of the same lines, under a new name, right before this one."""
        splices.check_name(new)
        self.require_sound()
        index = self._require([name])[name]
        if self.locate([new]):
            raise _taken(new)
        return self._spliced([splices.copied_section(self, index, self._header_line(new))], {new})

    def update(self, changes: Mapping[str, Mapping[str, str | None]]) -> "Document":
        """Return the document with keys set, and those given as None removed, in existing profiles.

        All changes are one pass over the file. Raises InputError if a profile is missing or ambiguous.
        """
        for name, keys in changes.items():
            with about(profile=name):
                splices.check_keys({key: value for key, value in keys.items() if value is not None})
        self.require_sound()
        found = self._require(changes)
        edits = [
            splice
            for name, index in found.items()
            for splice in splices.changed_keys(self._data, self.block(index), changes[name], self.line_at)
        ]
        return self._spliced(edits, changes)

    def rename_keys(self, changes: Mapping[str, Mapping[str, str]]) -> "Document":
        """Return the document with keys of existing profiles, old name to new, renamed in place.

        Only the name changes: its value, its spacing and its place stay. Raises InputError if the new key is there.
        """
        self.require_sound()
        found = self._require(changes)
        edits = [
            splice
            for name, index in found.items()
            for splice in splices.renamed_keys(self._data, self.block(index), changes[name], self.line_at)
        ]
        return self._spliced(edits, changes)

    def set(self, name: str, keys: Mapping[str, str]) -> "Document":
        """Return the document with these keys set in an existing profile."""
        return self.update({name: keys})

    def unset(self, name: str, keys: Iterable[str]) -> "Document":
        """Return the document without these keys of an existing profile; one that is not there is no error."""
        return self.update({name: dict.fromkeys(keys)})

    def remove(self, name: str) -> "Document":
        """Return the document without this profile: its header, its keys, and the comments between them."""
        return self.remove_all([name])

    def remove_all(self, names: Iterable[str]) -> "Document":
        """Return the document without these profiles, in one pass."""
        self.require_sound()
        found = self._require(names)
        # Blank lines between two of them belong to both, and go once.
        edits = [splice for index in found.values() for splice in splices.removed_section(self, index)]
        return self._spliced(edits, found)

    def rename(self, name: str, new: str) -> "Document":
        """Return the document with another name in the header of this profile; nothing else changes."""
        splices.check_name(new)
        self.require_sound()
        index = self._require([name])[name]
        if new != name and self.locate([new]):
            raise _taken(new)
        return self._spliced(
            [splices.renamed_header(self._data, self.block(index), self._header_line(new))], {name, new}
        )

    def require_sound(self) -> None:
        """Raise InputError if botocore would reject this file as it is: an edit cannot be checked then."""
        if self.fault is not None:
            raise InputError(f"line {self.fault.line}: {self.fault.message}", hint=_CHECK)

    def _require(self, names: Iterable[str]) -> dict[str, int]:
        wanted = list(names)
        found = self.locate(wanted)
        for name in wanted:
            if name not in found:
                raise unknown_profile(name, [known for known, _ in self.profiles()])
        return found

    def _spliced(self, edits: Iterable[Splice], names: Iterable[str]) -> "Document":
        edited = type(self)(splices.apply(self._data, edits), self.touched.union(names))
        edited.require_sound()
        if not only_touched(self, edited):
            raise InputError(
                "this edit would change how another section is read, because its header is indented", hint=_CHECK
            )
        return edited


def _taken(name: str) -> InputError:
    return InputError(f"profile {name} exists already", hint=f"see it: {own_command('profile show', name)}")


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
