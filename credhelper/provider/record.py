"""What a resolution has looked at, noted by the looking itself, so that no kind of source can forget it."""

from collections.abc import Iterable, Mapping

from credhelper.awsconfig.profiles import token
from credhelper.cache.payload import Signature
from credhelper.provider.inputs import ABSENT, USER_NAME, hash_environment, signature_of, user_name
from credhelper.system import ownership

# A file that changed this shortly before we looked may change again without a new timestamp: Linux stamps files
# from a clock that ticks every 1 to 10 ms. Whole seconds come from file systems that keep no more (2 s on FAT).
_TICK_NS = 100_000_000
_COARSE_TICK_NS = 2_000_000_000

# No file ever looks like this: inputs that must not be trusted yet.
RACY: Signature = (0, 0, 0, 1)


def settled(signature: Signature, looked_at_ns: int) -> Signature:
    """Return the signature, or RACY if the file changed too shortly before it was looked at.

    git's index has the same trap: a second change within the timestamp's granularity leaves every field as it was.
    """
    if signature == ABSENT:
        return signature
    changed_ns = max(signature[2], signature[3])
    tick_ns = _TICK_NS if changed_ns % 1_000_000_000 else _COARSE_TICK_NS
    return signature if changed_ns + tick_ns < looked_at_ns else RACY


class Record:
    """Files and variables, in the order in which they were first looked at.

    A file's signature is taken before the file is read: a change in between then shows as a change.
    """

    __slots__ = ("_files", "_variables", "environ", "has_program", "tokens")

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self._files: dict[str, Signature] = {}
        self._variables: dict[str, None] = {}
        # Whether a program may be asked who the source is: it may obey any variable, by names that only it knows.
        self.has_program = False
        # The digest of each token that the source was asked with, by the name of its file.
        self.tokens: dict[str, str] = {}

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables, in the order in which they were first looked at."""
        return tuple(self._variables)

    @property
    def files(self) -> tuple[tuple[str, Signature], ...]:
        """The files with what each looked like before it was read."""
        return tuple(self._files.items())

    def is_as_it_was(self) -> bool:
        """Tell whether every file is what it was when it was first looked at."""
        return all(signature_of(path) == signature for path, signature in self._files.items())

    def used(self, name: str, content: bytes) -> None:
        """Note the content of a token's file, by its name, that the source is asked with."""
        self.tokens[name] = token.digest(content)

    def variable(self, name: str) -> str | None:
        """Return a variable's value."""
        self._variables[name] = None
        return self.environ.get(name)

    def user_name(self) -> str:
        """Return the user's name by the variables, "" where they have none. The name is noted, not who says it."""
        self._variables[USER_NAME] = None
        return user_name(self.environ)

    def note(self, names: Iterable[str]) -> bytes:
        """Note variables, "AWS_*" among them, and return the hash of their values."""
        names = tuple(names)
        self._variables.update(dict.fromkeys(names))
        return hash_environment(self.environ, names)

    def file(self, path: str) -> str:
        """Note a file that is about to be read, and return its path; MachineError if another user may change it.

        Here and nowhere else, so that no kind of file that decides about an answer can be read without that rule.
        """
        if path not in self._files:
            self._files[path] = signature_of(path)
            ownership.require_trusted(path)
        return path
