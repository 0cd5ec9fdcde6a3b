"""The master key: where it is now, and how it comes to be."""

import os

from credhelper.keystores import stores

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from collections.abc import Callable

    from credhelper.keystores.base import KeyStore
    from credhelper.settings import Settings


def lock_path(settings: "Settings") -> str:
    """Return the lock to hold while the key is made, moved or erased."""
    return os.path.join(settings.cache_dir, "key.lock")


class MasterKeys:
    """The keys that one request has found, in the order of the stores; a store is not asked again for the same key.

    Keys that were not found are looked for again each time: another process may have made one meanwhile.
    """

    __slots__ = ("_found", "_settings")

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._found: list[tuple[KeyStore, bytes]] = []

    def find(self, is_wanted: "Callable[[bytes], bool]") -> "tuple[KeyStore, bytes] | None":
        """Return the first store whose key is wanted, with the key; None if there is none."""
        for known in self._found:
            if is_wanted(known[1]):
                return known
        self._found = []
        for store in stores.chosen(self._settings):
            key = store.load()
            if key is not None:
                self._found.append((store, key))
                if is_wanted(key):
                    return store, key
        return None

    def first(self) -> "tuple[KeyStore, bytes] | None":
        """Return the key that new entries are sealed with, and its store; None if there is none."""
        return self.find(lambda _key: True)


def find(settings: "Settings", is_wanted: "Callable[[bytes], bool]") -> "tuple[KeyStore, bytes] | None":
    """Return the first store whose key is wanted, with the key; None if there is none."""
    return MasterKeys(settings).find(is_wanted)


def find_or_create(
    settings: "Settings", random: "Callable[[int], bytes]" = os.urandom
) -> "tuple[KeyStore, bytes] | None":
    """Return the key to seal with, made now if there is none; None if no store can hold one (then nothing is cached).

    The caller holds the key lock: two first runs would otherwise make two keys, and orphan each other's entries.
    """
    found = find(settings, lambda _key: True)
    if found is not None:
        return found
    key = random(stores.KEY_SIZE)
    for store in stores.chosen(settings):
        if store.save(key):
            return store, key
        if store.is_silent():
            return None  # a key in a weaker store is no answer to a dialog that was not answered yet
    return None
