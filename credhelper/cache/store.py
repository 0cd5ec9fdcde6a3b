"""Entries on disk: where each is, reading and opening, sealing and writing, forgetting. Every fault is a miss."""

import os

from credhelper.cache import entry, payload
from credhelper.cache.payload import Payload
from credhelper.keystores.master_key import MasterKeys
from credhelper.system import files
from credhelper.system.sha2 import sha256

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from credhelper.settings import Settings

_SUFFIX, _FAILURE = ".entry", ".failure"


class MissError(Exception):
    """There is no entry that can be opened; `reason` is for diagnosis (absent, unreadable, format, kid, auth)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def entry_name(config_file: str, profile: str) -> bytes:
    """Return the 32-byte name of a profile's entry.

    A hash: no profile name on disk, and none of a name's characters can leave the directory or meet a reserved name.
    """
    return sha256(os.fsencode(config_file) + b"\0" + os.fsencode(profile)).digest()


def name_beside(name: bytes, environment: bytes) -> bytes:
    """Return the name of the entry for callers with another environment than the entry called `name`.

    Two terminals with different variables then have an entry each, and neither evicts the other's. `environment` is
    the caller's hash over the variables of the entry called `name`.
    """
    return sha256(name + environment).digest()


def entry_path(settings: "Settings", name: bytes) -> str:
    """Return the path of the entry of that name."""
    return os.path.join(settings.cache_dir, name.hex() + _SUFFIX)


def lock_path(settings: "Settings", name: bytes) -> str:
    """Return the lock of that entry: beside it, so that every process of this user uses the same one."""
    return os.path.join(settings.cache_dir, name.hex() + ".lock")


def failure_path(settings: "Settings", name: bytes) -> str:
    """Return the path of the note about that entry's last failure."""
    return os.path.join(settings.cache_dir, name.hex() + _FAILURE)


def read(settings: "Settings", name: bytes, keys: "MasterKeys | None" = None) -> Payload:
    """Return the opened entry of that name; raises MissError, with the reason.

    `keys` holds what this request has found already; without it every store is asked.
    """
    try:
        data = files.read_private(entry_path(settings, name), entry.MAXIMUM_SIZE)
    except FileNotFoundError:
        raise MissError("absent") from None
    except OSError:
        raise MissError("unreadable") from None
    return _open(keys or MasterKeys(settings), name, data)


def _open(keys: MasterKeys, name: bytes, data: bytes) -> Payload:
    try:
        kid = entry.kid_of(data)
        found = keys.find(lambda key: entry.key_id(key) == kid)
        if found is None:
            raise MissError("kid")
        return payload.unpack(entry.open_entry(found[1], name, data))
    except entry.EntryError as error:
        raise MissError(error.reason) from None
    except (payload.PayloadError, ValueError):
        raise MissError("payload") from None


def write(
    settings: "Settings", name: bytes, master: bytes, content: "Payload", random: "Callable[[int], bytes]" = os.urandom
) -> None:
    """Seal and store an entry; raises OSError or ValueError, which the caller counts as "not cached".

    The caller holds the entry's lock, so that no other process uses the fixed temporary name,
    and a crash leaves at most one file.
    Not synced: after a power cut an empty entry is a miss, and an fsync would cost every miss milliseconds.
    """
    from credhelper.system import ownership  # a hit does without it

    ownership.make_private_directory(settings.cache_dir)
    data = entry.seal(master, name, payload.pack(content), random(entry.SALT_SIZE))
    path = entry_path(settings, name)
    files.replace_private(path, data, f"{path}.new", durable=False)


def names(settings: "Settings") -> "Iterator[bytes]":
    """Yield the names of all entries on disk."""
    yield from _names(settings, _SUFFIX)


def failure_names(settings: "Settings") -> "Iterator[bytes]":
    """Yield the names of all entries of which there is a note about a failure."""
    yield from _names(settings, _FAILURE)


def _names(settings: "Settings", suffix: str) -> "Iterator[bytes]":
    try:
        with os.scandir(settings.cache_dir) as listed:
            found = sorted(file.name for file in listed if file.name.endswith(suffix))
    except OSError:
        return
    for file_name in found:
        try:
            name = bytes.fromhex(file_name[: -len(suffix)])
        except ValueError:
            continue
        if len(name) == entry.NAME_SIZE:
            yield name


def forget(settings: "Settings", name: bytes) -> bool:
    """Remove the entry of that name; False if there was none. Raises OSError if it cannot be removed."""
    try:
        os.unlink(entry_path(settings, name))
    except FileNotFoundError:
        return False
    return True
