"""Every profile of both files, merged as botocore merges them: whose key is where, and what goes first. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.role_profile import PREFIX, is_credhelper

CREDENTIALS = "credentials"
CONFIG = "config"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of one of the two files; line 0 is the file as a whole."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"line {self.line} of {self.file}"


@dataclass(frozen=True, slots=True)
class Shadow:
    """What is taken instead of credhelper, for the sake of a key at this place.

    `is_for_all` is False where botocore (the AWS CLI, boto3) asks credhelper all the same.
    """

    key: str
    place: Place
    is_in_credentials: bool
    is_for_all: bool = True

    def __str__(self) -> str:
        what = "SDKs take that first" if self.is_for_all else "some SDKs, such as Go's, take that or reject the profile"
        return f"{self.place} has {self.key} for it, and {what}"


class Catalogue(Mapping[str, Mapping[str, str]]):
    """The profiles of both files by name, each read when it is asked for; the credentials file goes over the config.

    `paths` are the names of the config file and the credentials file, for messages; `unread` says why the credentials
    file is not among them, where it is not.
    """

    def __init__(
        self,
        config: Document,
        credentials: Document | None = None,
        *,
        paths: tuple[str, str] = (CONFIG, CREDENTIALS),
        unread: str = "",
    ) -> None:
        self.config = config
        self.unread = unread
        self.credentials = Document.parse(b"") if credentials is None else credentials
        self.paths = paths
        self._index = dict(config.profiles())
        self._keys_index = {self.credentials.header(index): index for index in range(len(self.credentials))}
        self._read: dict[str, dict[str, str]] = {}

    def with_config(self, config: Document) -> "Catalogue":
        """Return the catalogue after an edit of the config file, of which only the touched profiles are read again."""
        return self.with_both(config, self.credentials)

    def with_both(self, config: Document, credentials: Document) -> "Catalogue":
        """Return the catalogue after an edit of both files."""
        after = Catalogue(config, credentials, paths=self.paths, unread=self.unread)
        touched = after.touched
        after._read = {name: section for name, section in self._read.items() if name not in touched}
        return after

    @property
    def touched(self) -> frozenset[str]:
        """The profiles that edits of either file were about."""
        return self.config.touched | self.credentials.touched

    def __getitem__(self, name: str) -> dict[str, str]:
        found = self._read.get(name)
        if found is None:
            found = self.in_config(name)
            if name in self._keys_index:
                found |= self.in_credentials(name)
            elif name not in self._index:
                raise KeyError(name)
            self._read[name] = found
        return found

    def __iter__(self) -> Iterator[str]:
        yield from self._index
        yield from (name for name in self._keys_index if name not in self._index)

    def __len__(self) -> int:
        return len(self._index.keys() | self._keys_index.keys())

    def __contains__(self, name: object) -> bool:
        return name in self._index or name in self._keys_index

    def in_config(self, name: str) -> dict[str, str]:
        """Return what the config file says of a profile, nothing if it does not define it."""
        return self.config.values(self._index[name]) if name in self._index else {}

    def in_credentials(self, name: str) -> dict[str, str]:
        """Return what the credentials file says of a profile, nothing if it does not define it."""
        return self.credentials.values(self._keys_index[name]) if name in self._keys_index else {}

    def is_in_config(self, name: str) -> bool:
        """Tell whether the config file defines a profile."""
        return name in self._index

    def is_in_credentials(self, name: str) -> bool:
        """Tell whether the credentials file defines a profile."""
        return name in self._keys_index

    @property
    def faults(self) -> list[str]:
        """What botocore rejects each of the files for, with its path and line, and why one could not be read."""
        documents = zip(self.paths, (self.config, self.credentials), strict=True)
        found = [
            f"{path}: line {one.fault.line}: {one.fault.message}" for path, one in documents if one.fault is not None
        ]
        return [*found, self.unread] if self.unread else found

    def file_of(self, name: str) -> str:
        """Tell which file defines a profile; the config file goes first."""
        return CONFIG if name in self._index else CREDENTIALS

    def place_of(self, name: str, key: str | None = None) -> Place:
        """Return where a key of a profile that is there is set, or its header; the credentials file goes first."""
        is_there = key is not None and name in self._keys_index and key in self.in_credentials(name)
        in_credentials = is_there or name not in self._index
        document = self.credentials if in_credentials else self.config
        index = (self._keys_index if in_credentials else self._index)[name]
        block = document.block(index)
        starts = [key_line.start for key_line in block.key_lines if key_line.name == key]
        return Place(self.paths[1 if in_credentials else 0], document.line_at((starts or [block.start])[0]))

    def line_in_credentials(self, name: str) -> int:
        """Return the line of the header of a profile in the credentials file."""
        return self.credentials.line_at(self.credentials.span(self._keys_index[name])[0])

    def taken(self, name: str) -> tuple[str, str]:
        """Return the kind of credentials that botocore takes for a profile, and the key that decides it.

        `kinds.CREDHELPER` only where the command is the one that asks credhelper for this profile.
        """
        section = self[name]
        if kinds.has_role(section):
            return "role", "role_arn"
        return self.taken_as_source(name)

    def taken_as_source(self, name: str) -> tuple[str, str]:
        """Return what `taken` does, without a role: that is how botocore reads a source that has keys or no role."""
        section = self[name]
        if section.get("web_identity_token_file"):
            return "web-identity", "web_identity_token_file"
        if key := next((key for key in kinds.SSO_DECIDES if key in section), ""):
            return "sso", key
        if name in self._keys_index and kinds.STATIC_KEY in self.in_credentials(name):
            return "static", kinds.STATIC_KEY
        if "login_session" in section:
            return "login", "login_session"
        if kinds.PROCESS_KEY in section:
            is_own = is_credhelper(section) and kinds.is_credhelper_line(section[kinds.PROCESS_KEY], name)
            return kinds.CREDHELPER if is_own else "process", kinds.PROCESS_KEY
        if kinds.STATIC_KEY in section:
            return "static", kinds.STATIC_KEY
        return "settings", ""

    def shadow_of(self, name: str) -> Shadow | None:
        """Return what is taken instead of credhelper for one of its profiles, None if nothing is."""
        section = self[name]
        if not is_credhelper(section):
            return None
        there = section.keys() & kinds.GO_FIRST
        if there:
            kind, key = self.taken(name)
            is_for_all = kind not in (kinds.CREDHELPER, "settings")
            if not is_for_all:
                key = next(key for key in kinds.CREDENTIAL_KEYS if key in there)
            if key:
                return self._shadow(name, key, is_for_all=is_for_all)
        in_credentials = self.in_credentials(name)
        line = in_credentials.get(kinds.PROCESS_KEY)
        if line is not None and not kinds.is_credhelper_line(line, name):
            return self._shadow(name, kinds.PROCESS_KEY)
        settings = [key for key in in_credentials if key.startswith(PREFIX)]
        if settings and name in self._index:
            return self._shadow(name, settings[0])
        line = section.get(kinds.PROCESS_KEY)
        is_other = line is not None and not kinds.is_credhelper_line(line, name)
        return self._shadow(name, kinds.PROCESS_KEY) if is_other else None

    def _shadow(self, name: str, key: str, *, is_for_all: bool = True) -> Shadow:
        return Shadow(key, self.place_of(name, key), key in self.in_credentials(name), is_for_all)


def sections_of(data: bytes) -> dict[str, dict[str, str]]:
    """Return the sections of a file by name; raises InputError for one that is not text."""
    document = Document.parse(data)
    return {document.header(index): document.values(index) for index in range(len(document))}


def profile_sections(data: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the profiles of a config file with their keys; raises InputError for one that cannot be read."""
    document = Document.parse(data)
    for name, index in document.profiles():
        yield name, document.values(index)
