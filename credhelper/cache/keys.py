"""The master key: which stores can hold it on this machine, where it is now, and how it comes to be.

A store that has no key, a damaged one or another length has simply no key. docs/threat-model.md says what each
store protects against.
"""

import os
import sys

from credhelper import fsio
from credhelper.cache.entry import KEY_SIZE

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Protocol

    from credhelper.settings import Settings

    class KeyStore(Protocol):
        """A place for one master key."""

        name: str

        def describe(self) -> str:
            """Say where the key lies, for people."""

        def load(self) -> bytes | None:
            """Return the 32-byte key, or None where there is none to be had."""

        def save(self, key: bytes) -> bool:
            """Store the key; False if this store cannot."""

        def delete(self) -> None:
            """Forget the key."""


class KernelStore:
    """The kernel keyring of this user: never on disk, gone at reboot."""

    name = "kernel"

    def describe(self) -> str:
        """Say where the key lies, for people."""
        return "the kernel keyring of this user (memory only, gone at reboot)"

    def load(self) -> bytes | None:
        """Return the key, or None where the kernel has none for us."""
        try:
            from credhelper.cache.kernel import KernelKeyring

            return KernelKeyring().read(KEY_SIZE)
        except (OSError, ImportError, AttributeError):
            return None

    def save(self, key: bytes) -> bool:
        """Store the key and read it back; False where containers or the quota forbid it."""
        try:
            from credhelper.cache.kernel import KernelKeyring

            KernelKeyring().write(key)
        except (OSError, ImportError, AttributeError):
            return False
        return self.load() == key

    def delete(self) -> None:
        """Forget the key."""
        from credhelper.cache.kernel import KernelKeyring

        KernelKeyring().delete()


class FileStore:
    """A 0600 file in a private directory: on tmpfs for the runtime store, on disk as the last resort."""

    def __init__(self, name: str, directory: str, words: str) -> None:
        self.name = name
        self._directory = directory
        self._words = words

    @property
    def path(self) -> str:
        """The key file."""
        return os.path.join(self._directory, "key")

    def describe(self) -> str:
        """Say where the key lies, for people."""
        return f"{self.path} ({self._words})"

    def load(self) -> bytes | None:
        """Return the key, or None unless the file is private to us and whole."""
        try:
            key = fsio.read_private(self.path, KEY_SIZE)
        except OSError:
            return None
        return key if len(key) == KEY_SIZE else None

    def save(self, key: bytes) -> bool:
        """Store the key durably: one that a power cut takes away costs every entry."""
        try:
            fsio.make_private_directory(self._directory)
            fsio.replace_private(self.path, key, f"{self.path}.new", durable=True)
        except OSError:
            return False
        return True

    def delete(self) -> None:
        """Forget the key."""
        fsio.unlink_quietly(self.path)


def stores(settings: "Settings") -> "Iterator[KeyStore]":
    """Yield the stores to look in, best first; only the one that `settings.key_store` names, if it names one."""
    for store in _all_stores(settings):
        if settings.key_store in ("auto", store.name):
            yield store


def _all_stores(settings: "Settings") -> "Iterator[KeyStore]":
    if sys.platform == "linux":
        yield KernelStore()
    if settings.runtime_dir is not None:
        yield FileStore("runtime", os.path.join(settings.runtime_dir, "credhelper"), "memory only, gone at logout")
    yield FileStore("file", settings.state_dir, "on disk: protects a copied cache, not a copied disk")


def find(settings: "Settings", is_wanted: "Callable[[bytes], bool]") -> "tuple[KeyStore, bytes] | None":
    """Return the first store whose key is wanted, with the key; None if there is none."""
    for store in stores(settings):
        key = store.load()
        if key is not None and is_wanted(key):
            return store, key
    return None


def find_or_create(
    settings: "Settings", random: "Callable[[int], bytes]" = os.urandom
) -> "tuple[KeyStore, bytes] | None":
    """Return the key to seal with, made now if there is none; None if no store can hold one (then nothing is cached).

    The caller holds the key lock: two first runs would otherwise make two keys, and orphan each other's entries.
    """
    found = find(settings, lambda _key: True)
    if found is not None:
        return found
    key = random(KEY_SIZE)
    for store in stores(settings):
        if store.save(key):
            return store, key
    return None
