"""The stores of this machine that can hold the master key, best first.

A store whose key is damaged or of another length counts as one without a key. docs/threat-model.md says what each
store protects against.
"""

import os
import sys

from credhelper.settings import KEY_STORES
from credhelper.system import files

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from credhelper.keystores.base import KeyStore, Vault
    from credhelper.settings import Settings

    T = TypeVar("T")

# Bytes of a master key. Here and not in `base`, which a hit must not load: it needs typing.
KEY_SIZE = 32
_KEYRING = "keyring:"
_NOTE_LIMIT = 64


class VaultStore:
    """A key in a vault of the operating system; `open_vault` raises OSError or ImportError where there is none.

    `patience_s` is how long a vault that asks other programs or the user may take; None for one that answers at once.
    """

    def __init__(
        self, name: str, words: str, open_vault: "Callable[[], Vault]", patience_s: float | None = None
    ) -> None:
        self.name = name
        self._words = words
        self._open_vault = open_vault
        self._patience_s = patience_s

    def describe(self) -> str:
        """Say where the key is, for the user."""
        return self._words

    def load(self) -> bytes | None:
        """Return the key, or None where the vault has none for us."""
        try:
            return self._ask(lambda vault: vault.read(KEY_SIZE))
        except (OSError, ImportError, AttributeError):
            return None

    def save(self, key: bytes) -> bool:
        """Store the key and read it back; False where a container, a quota or a locked session forbids it."""
        try:
            self._ask(lambda vault: vault.write(key))
        except (OSError, ImportError, AttributeError):
            return False
        return self.load() == key

    def delete(self) -> None:
        """Forget the key."""
        self._ask(lambda vault: vault.delete())

    def is_silent(self) -> bool:
        """Tell whether the vault has not answered in time: it may hold a key."""
        if self._patience_s is None:
            return False
        from credhelper.system import deadline

        return deadline.is_silent(self.name)

    def _ask(self, question: "Callable[[Vault], T]") -> "T":
        if self._patience_s is None:
            return question(self._open_vault())
        from credhelper.system import deadline  # loads threading, which no vault of the usual hit needs

        return deadline.call(self.name, lambda: question(self._open_vault()), self._patience_s)


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
        """Say where the key is, for the user."""
        return f"{self.path} ({self._words})"

    def load(self) -> bytes | None:
        """Return the key, or None unless the file is private to us and whole."""
        try:
            key = files.read_private(self.path, KEY_SIZE)
        except OSError:
            return None
        return key if len(key) == KEY_SIZE else None

    def save(self, key: bytes) -> bool:
        """Store the key durably: one that a power cut takes away costs every entry."""
        from credhelper.system import ownership  # a hit does without it

        try:
            ownership.make_private_directory(self._directory)
            files.replace_private(self.path, key, f"{self.path}.new", durable=True)
        except OSError:
            return False
        return True

    def delete(self) -> None:
        """Forget the key."""
        files.unlink_quietly(self.path)

    def is_silent(self) -> bool:
        """Return False: a file always answers."""
        return False


def _open_kernel() -> "Vault":
    from credhelper.keystores.kernel import KernelKeyring

    return KernelKeyring()


def _open_keychain() -> "Vault":
    from credhelper.keystores.keychain import Keychain

    return Keychain()


def chosen(settings: "Settings") -> "Iterator[KeyStore]":
    """Yield the stores to look in, best first; only the one that `settings.key_store` names, if it names one."""
    for store in every_store(settings):
        if settings.key_store in ("auto", store.name):
            yield store


def every_store(settings: "Settings") -> "Iterator[KeyStore]":
    """Yield the stores of this machine, best first; a keyring backend only if it was asked for."""
    if settings.key_store.startswith(_KEYRING):
        yield _keyring_store(settings, settings.key_store)
    if sys.platform == "linux":
        yield VaultStore("kernel", "the kernel keyring of this user (memory only, gone at reboot)", _open_kernel)
    if sys.platform == "darwin":
        yield VaultStore("keychain", "the login keychain", _open_keychain, _patience_s(settings))
    if sys.platform == "win32":
        # No key file after it: where DPAPI is not available, nothing is cached.
        yield VaultStore("dpapi", "a file that DPAPI seals for this user", lambda: _open_dpapi(settings))
    else:
        if settings.runtime_dir is not None:
            directory = os.path.join(settings.runtime_dir, "credhelper")
            yield FileStore("runtime", directory, "memory only, gone at logout")
        yield FileStore("file", settings.state_dir, "on disk: protects a copied cache, not a copied disk")
    # Last, so that a hit whose key is in one of the others does not even look for the note.
    moved_to = _moved_to(settings)
    if moved_to not in ("", settings.key_store):
        yield _keyring_store(settings, moved_to)


def store_named(settings: "Settings", name: str) -> "KeyStore | None":
    """Return the store of that name, whether or not it was ever used; None if this machine has none."""
    if name.startswith(_KEYRING) and name in KEY_STORES:
        return _keyring_store(settings, name)
    return next((store for store in every_store(settings) if store.name == name), None)


def remember_move(settings: "Settings", name: str) -> bool:
    """Note that the key is now in that store, so that a keyring backend is found without a variable; False if not."""
    path = _note_path(settings)
    try:
        if not name.startswith(_KEYRING):
            files.unlink_quietly(path)
        else:
            from credhelper.system import ownership

            ownership.make_private_directory(settings.state_dir)
            files.replace_private(path, name.encode(), f"{path}.new", durable=True)
    except OSError:
        return False
    return True


def _note_path(settings: "Settings") -> str:
    return os.path.join(settings.state_dir, "key-store")


def _moved_to(settings: "Settings") -> str:
    """Return the keyring backend the key was moved to, "" if there is none."""
    try:
        name = files.read_private(_note_path(settings), _NOTE_LIMIT).decode()
    except (OSError, UnicodeDecodeError):
        return ""
    return name if name.startswith(_KEYRING) and name in KEY_STORES else ""


def _keyring_store(settings: "Settings", name: str) -> VaultStore:
    return VaultStore(name, f"the {name} backend", lambda: _open_backend(name), _patience_s(settings))


def _patience_s(settings: "Settings") -> float:
    """Return how long a store may take: long enough to answer a dialog, and the rest is enough to ask STS."""
    return settings.timeout_s * 0.4


def _open_dpapi(settings: "Settings") -> "Vault":
    from credhelper.keystores.dpapi import SealedFile

    return SealedFile(os.path.join(settings.state_dir, "key.dpapi"))


def _open_backend(name: str) -> "Vault":
    from credhelper.keystores.keyring_package import BackendVault

    return BackendVault(name.removeprefix(_KEYRING))
