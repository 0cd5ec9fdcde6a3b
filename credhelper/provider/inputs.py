"""What an answer was resolved from: the state of files and of environment variables, compared cheaply later on."""

import os

from credhelper.cache.payload import Signature
from credhelper.system.sha2 import sha256

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from credhelper.cache.payload import Payload

# ReFS and some network file systems have longer inode numbers than the entry has room for.
_64_BITS = (1 << 64) - 1

ABSENT: Signature = (0, 0, 0, 0)


def signature_of(path: str) -> Signature:
    """Return (inode, size, mtime_ns, ctime_ns) of the file, following symlinks as the SDKs do; ABSENT without one."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):  # the latter for a path with a zero byte
        return ABSENT
    return (status.st_ino & _64_BITS, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


# Never part of "AWS_*": what chooses a profile, a region or an output format, and what only says how calls are made.
NEUTRAL = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_DEFAULT_OUTPUT",
    "AWS_PAGER",
    "AWS_CLI_AUTO_PROMPT",
    "AWS_CLI_FILE_ENCODING",
    "AWS_CLI_HISTORY_FILE",
    "AWS_MAX_ATTEMPTS",
    "AWS_RETRY_MODE",
    "AWS_EXECUTION_ENV",
    "AWS_DEFAULTS_MODE",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_CA_BUNDLE",
)
_EVERY_AWS_VARIABLE = "AWS_*"
# The user's name as one value: by whichever of them it is said does not matter.
USER_NAME = "LOGNAME|USER|USERNAME"


def user_name(environ: "Mapping[str, str]") -> str:
    """Return the user's name by the variables, "" where they have none; as Python's getpass, but for LNAME."""
    return environ.get("LOGNAME") or environ.get("USER") or environ.get("USERNAME") or ""


def hash_environment(environ: "Mapping[str, str]", names: "Iterable[str]") -> bytes:
    """Return 32 bytes that change when one of these variables does; unset and empty are different.

    The name "AWS_*" stands for every variable that starts with AWS_ and is set, but for NEUTRAL; the name USER_NAME has
    `user_name` for its value.
    """
    digest = sha256()
    for name in _expanded(environ, names):
        value = user_name(environ) if name == USER_NAME else environ.get(name)
        text = b"-" if value is None else b"=" + os.fsencode(value)
        label = os.fsencode(name)
        digest.update(b"%d:%b%d:%b" % (len(label), label, len(text), text))
    return digest.digest()


def _expanded(environ: "Mapping[str, str]", names: "Iterable[str]") -> "Iterable[str]":
    if _EVERY_AWS_VARIABLE not in names:
        return names
    every = [name for name in environ if name.startswith("AWS_") and name not in NEUTRAL]
    every.sort(key=os.fsencode)
    return [one for name in names for one in ((name, *every) if name == _EVERY_AWS_VARIABLE else (name,))]


def are_unchanged(
    entry: "Payload", environ: "Mapping[str, str]", look_at: "Callable[[str], Signature]" = signature_of
) -> bool:
    """Tell whether every file and variable that the entry was resolved from is as it was."""
    if entry.environment != hash_environment(environ, entry.variables):
        return False
    return are_files_unchanged(entry, look_at)


def are_files_unchanged(entry: "Payload", look_at: "Callable[[str], Signature]" = signature_of) -> bool:
    """Tell whether every file that the entry was resolved from is as it was."""
    return all(look_at(path) == signature for path, signature in entry.files)
