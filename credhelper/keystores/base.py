"""The interfaces of a store for the master key. A hit never imports this module."""

from typing import Protocol


class Vault(Protocol):
    """What an operating system offers for one small secret."""

    def read(self, size: int) -> bytes:
        """Return the secret; raises OSError, also if it is not exactly `size` bytes long."""

    def write(self, secret: bytes) -> None:
        """Store the secret, replacing one of the same name; raises OSError."""

    def delete(self) -> None:
        """Forget the secret, if there is one; raises OSError."""


class KeyStore(Protocol):
    """A place for one master key; `name` is its word in CREDHELPER_KEY_STORE."""

    name: str

    def describe(self) -> str:
        """Say where the key is, for the user."""

    def load(self) -> bytes | None:
        """Return the 32-byte key, or None where it is not available."""

    def save(self, key: bytes) -> bool:
        """Store the key; False if this store cannot."""

    def delete(self) -> None:
        """Forget the key; raises OSError if that fails."""

    def is_silent(self) -> bool:
        """Tell whether the store has not answered in time: it may hold a key."""

    def is_possible(self) -> bool:
        """Tell whether a key could be kept here, as far as that shows without keeping one."""
