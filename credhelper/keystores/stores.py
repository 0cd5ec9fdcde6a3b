"""The stores of this machine that can hold the master key, best first.

A store whose key is damaged or of another length counts as one without a key. docs/threat-model.md says what each
store protects against.
"""

import os
import sys

from credhelper.settings import KEY_STORES, NO_HOME, choices_dir, fixed_dir
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
# Linux's shared memory: a memory file system that containers have, too.
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - each user's directory there is checked: owner, mode, no link
# What is used without being chosen: the key is in memory only, or sealed by the system itself.
_WITHOUT_NOTE = ("kernel", "runtime", "shm", "keychain", "dpapi")


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

    def is_possible(self) -> bool:
        """Tell whether the vault answers at all; whether its quota has room shows only when a key is made."""
        import errno  # a hit, which does not ask this, is spared it

        try:
            self._ask(lambda vault: vault.read(KEY_SIZE))
        except (ImportError, AttributeError):
            return False
        except OSError as error:
            return error.errno not in (errno.ENOSYS, errno.EPERM, errno.EACCES, errno.ETIMEDOUT)
        return True

    def _ask(self, question: "Callable[[Vault], T]") -> "T":
        if self._patience_s is None:
            return question(self._open_vault())
        from credhelper.system import deadline  # loads threading, which no vault of the usual hit needs

        return deadline.call(self.name, lambda: question(self._open_vault()), self._patience_s)


class FileStore:
    """A 0600 file in a private directory.

    `in_memory` is the directory that has to be on a memory file system; "" for a key on disk.
    """

    def __init__(self, name: str, directory: str, words: str, *, in_memory: str = "") -> None:
        self.name = name
        self._directory = directory
        self._words = words
        self._in_memory = in_memory

    @property
    def path(self) -> str:
        """The key file."""
        return os.path.join(self._directory, "key")

    def describe(self) -> str:
        """Say where the key is, for the user."""
        return f"{self.path} ({self._words})"

    def load(self) -> bytes | None:
        """Return the key, or None unless the file and its directory are private to us, and it is whole."""
        try:
            files.require_private_directory(self._directory)
            key = files.read_private(self.path, KEY_SIZE)
        except OSError:
            return None
        return key if len(key) == KEY_SIZE else None

    def save(self, key: bytes) -> bool:
        """Store the key durably: one that a power cut takes away costs every entry."""
        from credhelper.system import ownership  # a hit does without it

        if not self._is_in_place():
            return False
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

    def is_possible(self) -> bool:
        """Tell whether a key could be kept there; creates nothing."""
        from credhelper.system import ownership

        try:
            ownership.require_safe_way(self._directory)
        except OSError:
            return False
        above = next(path for path in ownership.parents(self.path) if os.path.exists(path))
        return self._is_in_place() and os.path.isdir(above) and os.access(above, os.W_OK | os.X_OK)

    def _is_in_place(self) -> bool:
        if not self._in_memory:
            return True
        from credhelper.system import mounts

        return mounts.is_in_memory(self._in_memory)


def _open_kernel() -> "Vault":
    from credhelper.keystores.kernel import KernelKeyring

    return KernelKeyring()


def _open_keychain() -> "Vault":
    from credhelper.keystores.keychain import Keychain

    return Keychain()


def chosen(settings: "Settings") -> "Iterator[KeyStore]":
    """Yield the stores to look in, best first.

    A key on disk, or one that another program keeps, counts only where the note below HOME names that store; then no
    other is looked in. CREDHELPER_KEY_STORE may choose among the rest: what is weaker is never a variable's choice.
    """
    only = _only(settings)
    for store in every_store(settings):
        if store.name == only or (not only and store.name in _WITHOUT_NOTE):
            yield store


def _only(settings: "Settings") -> str:
    noted = noted_store(settings)
    return noted if is_ignored(settings, noted) or settings.key_store == "auto" else settings.key_store


def is_ignored(settings: "Settings", noted: str) -> bool:
    """Tell whether CREDHELPER_KEY_STORE names a store that only a note can choose, and `noted` is another one."""
    return settings.key_store not in ("auto", noted, *_WITHOUT_NOTE)


def every_store(settings: "Settings") -> "Iterator[KeyStore]":
    """Yield the stores of this machine, best first; a keyring backend only if the key was moved there."""
    if sys.platform == "linux":
        yield VaultStore("kernel", "the kernel keyring of this user (memory only, gone at reboot)", _open_kernel)
        if settings.runtime_dir is not None:
            directory = os.path.join(settings.runtime_dir, "credhelper")
            yield FileStore("runtime", directory, "memory only, gone at logout", in_memory=settings.runtime_dir)
        directory = os.path.join(SHARED_MEMORY, f"credhelper-{os.geteuid()}")
        yield FileStore("shm", directory, "memory only, gone at reboot", in_memory=SHARED_MEMORY)
    if sys.platform == "darwin":
        yield VaultStore("keychain", "the login keychain", _open_keychain, _patience_s(settings))
    if sys.platform == "win32":
        # No key file after it: where DPAPI is not available, nothing is cached.
        yield VaultStore("dpapi", "a file that DPAPI seals for this user", lambda: _open_dpapi(settings))
    elif settings.home != NO_HOME:
        yield FileStore("file", fixed_dir(settings.home), "on disk: protects a copied cache, not a copied disk")
    noted = noted_store(settings)
    if noted.startswith(_KEYRING):
        yield _keyring_store(settings, noted)


def store_named(settings: "Settings", name: str) -> "KeyStore | None":
    """Return the store of that name, whether or not it was ever used; None if this machine has none."""
    if name.startswith(_KEYRING) and name in KEY_STORES:
        return _keyring_store(settings, name)
    return next((store for store in every_store(settings) if store.name == name), None)


def remember_choice(settings: "Settings", name: str) -> bool:
    """Note below HOME that the key is to be in that store, where that takes a note; False if it cannot be noted."""
    path = _note_path(settings)
    try:
        if name in ("", *_WITHOUT_NOTE):
            files.unlink_quietly(path)
        else:
            from credhelper.system import ownership

            ownership.make_private_directory(os.path.dirname(path))
            files.replace_private(path, name.encode(), f"{path}.new", durable=True)
    except OSError:
        return False
    return True


def noted_store(settings: "Settings") -> str:
    """Return the store that the key was moved to, "" if no note says so."""
    try:
        name = files.read_private(_note_path(settings), _NOTE_LIMIT).decode().strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return name if name in KEY_STORES and name not in ("auto", *_WITHOUT_NOTE) else ""


def _note_path(settings: "Settings") -> str:
    return os.path.join(choices_dir(settings.home), "key-store")


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
