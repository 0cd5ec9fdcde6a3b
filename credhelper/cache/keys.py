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

    from credhelper.cache.vault import KeyStore, Vault
    from credhelper.settings import Settings


class VaultStore:
    """A key in a vault of the operating system; `open_vault` raises OSError or ImportError where there is none."""

    def __init__(self, name: str, words: str, open_vault: "Callable[[], Vault]") -> None:
        self.name = name
        self._words = words
        self._open_vault = open_vault

    def describe(self) -> str:
        """Say where the key lies, for people."""
        return self._words

    def load(self) -> bytes | None:
        """Return the key, or None where the vault has none for us."""
        try:
            return self._open_vault().read(KEY_SIZE)
        except (OSError, ImportError, AttributeError):
            return None

    def save(self, key: bytes) -> bool:
        """Store the key and read it back; False where a container, a quota or a locked session forbids it."""
        try:
            self._open_vault().write(key)
        except (OSError, ImportError, AttributeError):
            return False
        return self.load() == key

    def delete(self) -> None:
        """Forget the key."""
        self._open_vault().delete()


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


def _open_kernel() -> "Vault":
    from credhelper.cache.kernel import KernelKeyring

    return KernelKeyring()


def _open_keychain() -> "Vault":
    from credhelper.cache.keychain import Keychain

    return Keychain()


def lock_path(settings: "Settings") -> str:
    """Return the lock to hold while the key is made, moved or erased."""
    return os.path.join(settings.cache_dir, "key.lock")


def stores(settings: "Settings") -> "Iterator[KeyStore]":
    """Yield the stores to look in, best first; only the one that `settings.key_store` names, if it names one."""
    for store in every_store(settings):
        if settings.key_store in ("auto", store.name):
            yield store


def every_store(settings: "Settings") -> "Iterator[KeyStore]":
    """Yield the stores of this operating system, best first."""
    if settings.key_store.startswith("keyring:"):
        yield VaultStore(settings.key_store, f"the {settings.key_store} backend", lambda: _open_backend(settings))
    if sys.platform == "linux":
        yield VaultStore("kernel", "the kernel keyring of this user (memory only, gone at reboot)", _open_kernel)
    if sys.platform == "darwin":
        yield VaultStore("keychain", "the login keychain", _open_keychain)
    if sys.platform == "win32":
        # Nothing weaker comes after it: where DPAPI cannot be had, nothing is cached.
        yield VaultStore("dpapi", "a file that DPAPI seals for this user", lambda: _open_dpapi(settings))
        return
    if settings.runtime_dir is not None:
        yield FileStore("runtime", os.path.join(settings.runtime_dir, "credhelper"), "memory only, gone at logout")
    yield FileStore("file", settings.state_dir, "on disk: protects a copied cache, not a copied disk")


def _open_dpapi(settings: "Settings") -> "Vault":
    from credhelper.cache.sealed_file import SealedFile

    return SealedFile(os.path.join(settings.state_dir, "key.dpapi"))


def _open_backend(settings: "Settings") -> "Vault":
    from credhelper.cache.backend import BackendVault

    return BackendVault(settings.key_store.partition(":")[2])


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
