"""What an answer was resolved from: the state of files and of environment variables, compared cheaply later on."""

import os

from credhelper.cache.payload import Signature
from credhelper.system.sha2 import sha256

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from credhelper.cache.payload import Payload

# A file that changed this shortly before we looked may change again without a new timestamp: Linux stamps files
# from a clock that ticks every 1 to 10 ms. Whole seconds come from file systems that keep no more (2 s on FAT).
_TICK_NS = 100_000_000
_COARSE_TICK_NS = 2_000_000_000

# ReFS and some network file systems have longer inode numbers than the entry has room for.
_64_BITS = (1 << 64) - 1

ABSENT: Signature = (0, 0, 0, 0)
# No file ever looks like this: inputs that must not be trusted yet.
RACY: Signature = (0, 0, 0, 1)


def signature_of(path: str) -> Signature:
    """Return (inode, size, mtime_ns, ctime_ns) of the file, following symlinks as the SDKs do; ABSENT without one."""
    try:
        status = os.stat(path)
    except OSError:
        return ABSENT
    return (status.st_ino & _64_BITS, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def settled(signature: Signature, looked_at_ns: int) -> Signature:
    """Return the signature, or RACY if the file changed too shortly before it was looked at.

    git's index has the same trap: a second change within the timestamp's granularity leaves every field as it was.
    """
    if signature == ABSENT:
        return signature
    changed_ns = max(signature[2], signature[3])
    tick_ns = _TICK_NS if changed_ns % 1_000_000_000 else _COARSE_TICK_NS
    return signature if changed_ns + tick_ns < looked_at_ns else RACY


def hash_environment(environ: "Mapping[str, str]", names: "Iterable[str]") -> bytes:
    """Return 32 bytes that change when one of these variables does; unset and empty are different."""
    digest = sha256()
    for name in names:
        value = environ.get(name)
        text = b"-" if value is None else b"=" + os.fsencode(value)
        digest.update(b"%d:%b%d:%b" % (len(name), name.encode(), len(text), text))
    return digest.digest()


def are_unchanged(
    entry: "Payload", environ: "Mapping[str, str]", look_at: "Callable[[str], Signature]" = signature_of
) -> bool:
    """Tell whether every file and variable that the entry was resolved from is as it was."""
    if entry.environment != hash_environment(environ, entry.variables):
        return False
    return all(look_at(path) == signature for path, signature in entry.files)
