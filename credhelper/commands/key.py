"""Manage the cache's master key: show where it is, move it, replace it, destroy it."""

import contextlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from credhelper.cache import entry
from credhelper.commands.logout import forget_all
from credhelper.errors import InputError, MachineError
from credhelper.keystores import master_key, stores
from credhelper.keystores.base import KeyStore
from credhelper.keystores.stores import KEY_SIZE
from credhelper.settings import KEY_STORES, Settings
from credhelper.system import installation

_LOCK_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class StoreState:
    """One store of this machine; `key_id` is None where it holds no key. `is_used`: new entries are sealed with it."""

    name: str
    place: str
    key_id: str | None
    is_used: bool


def show(settings: Settings) -> list[StoreState]:
    """Return every store of this machine, in the order they are looked in. Never a key, only its id."""
    used = master_key.find(settings, lambda _key: True)
    found = []
    for store in stores.every_store(settings):
        key = store.load()
        is_used = used is not None and store.name == used[0].name
        key_id = None if key is None else entry.key_id(key).hex()
        is_of_use = key is not None or store.is_possible()
        place = store.describe() if is_of_use else f"{store.describe()}: not available here"
        found.append(StoreState(store.name, place, key_id, is_used))
    return found


def move(settings: Settings, target: str, random: Callable[[int], bytes] = os.urandom) -> str:
    """Move the key to another store, so that every entry stays readable, and say where it is now.

    Where there is none yet, because no store could hold one, it is made there.
    """
    with _key_lock(settings):
        destination = stores.store_named(settings, target) if target in destinations(settings) else None
        if destination is None:
            raise InputError(
                f"there is no key store {target} on this machine", hint=f"one of: {', '.join(destinations(settings))}"
            )
        found = master_key.find(settings, lambda _key: True)
        key = found[1] if found is not None else destination.load() or random(KEY_SIZE)
        holders = list(stores.every_store(settings))
        is_kept = destination.save(key) and destination.load() == key and stores.remember_choice(settings, target)
        if not is_kept:
            raise _unusable(target)
        # Only now: an interrupted move leaves two copies, never none.
        for store in holders:
            if store.name != target and store.load() == key:
                _delete(store)
        return destination.describe()


def rotate(settings: Settings, random: Callable[[int], bytes] = os.urandom) -> str:
    """Make a new key in the place of the old one; what the old one sealed is gone. Return where the key is."""
    with _key_lock(settings):
        found = master_key.find(settings, lambda _key: True)
        key = random(KEY_SIZE)
        for store in [found[0]] if found is not None else stores.chosen(settings):
            if store.save(key):
                forget_all(settings)
                return store.describe()
    raise MachineError("no store can hold a key here", hint="credhelper key show")


def destroy(settings: Settings) -> int:
    """Erase the key everywhere, then the entries, and return how many those were. Which store is used stays as it is.

    The key first: without it the entries cannot be opened, even where a disk or a backup keeps copies of them.
    """
    with _key_lock(settings):
        stored = {store.name: store for store in stores.chosen(settings)}
        on_disk = stores.store_named(settings, "file")  # also one that no note names any more
        if on_disk is not None:
            stored.setdefault(on_disk.name, on_disk)
        for store in stored.values():
            if store.load() is not None:
                _delete(store)
        return forget_all(settings)


def destinations(settings: Settings) -> list[str]:
    """Return the stores that the key can be moved to."""
    return list(dict.fromkeys([store.name for store in stores.every_store(settings)] + _backends()))


def _backends(platform: str = sys.platform) -> list[str]:
    """Return the backends of the package keyring for a system."""
    there = {"darwin": ("macOS",), "win32": ("Windows",)}.get(platform, ("SecretService", "kwallet", "libsecret"))
    return [name for name in KEY_STORES if name.startswith("keyring:") and name.removeprefix("keyring:") in there]


def _unusable(target: str) -> MachineError:
    if target in _backends() and importlib.util.find_spec("keyring") is None:
        return MachineError(f"the store {target} needs the package keyring", hint=installation.adding("keyring"))
    return MachineError(
        f"the store {target} cannot hold a key here: it does not answer, or is locked",
        hint="see the others: credhelper key show",
    )


def _delete(store: KeyStore) -> None:
    try:
        store.delete()
    except OSError as error:
        raise MachineError(
            f"the key in {store.describe()} cannot be removed: {error.strerror}", hint="credhelper key show"
        ) from None


@contextlib.contextmanager
def _key_lock(settings: Settings) -> Iterator[None]:
    from credhelper.system.lock import LockTimeoutError, cure, hold  # loads filelock, which --help can do without

    path = master_key.lock_path(settings)
    try:
        with hold(path, _LOCK_TIMEOUT_S):
            yield
    except LockTimeoutError:
        raise MachineError("another credhelper is busy with the key", hint="try again in a moment") from None
    except OSError as error:
        raise MachineError(
            f"the key cannot be locked: {(error.strerror or 'an error').lower()}",
            hint=cure(error, path, "XDG_CACHE_HOME"),
        ) from None
