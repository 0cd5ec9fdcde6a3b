"""A backend of the keyring package as a store for the master key (extra `keyring`).

The class is instantiated directly: `keyring.get_keyring()` would let PYTHON_KEYRING_BACKEND, a configuration file with
a path for imports, or any installed plug-in decide where the key goes, a plain-text file included.
"""

import errno
import importlib
from base64 import b64decode, b64encode
from typing import Protocol

_SERVICE = "credhelper"
_USER = "master-key-v1"
# module of keyring.backends -> the class in it; each keeps its content sealed.
BACKENDS = {
    "SecretService": "Keyring",
    "kwallet": "DBusKeyring",
    "libsecret": "Keyring",
    "macOS": "Keyring",
    "Windows": "WinVaultKeyring",
}


class Backend(Protocol):
    """The three methods of keyring.backend.KeyringBackend that we call."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the password."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store the password."""

    def delete_password(self, service: str, username: str) -> None:
        """Delete the password."""


class BackendError(OSError):
    """The backend refused, or is not available here."""


def open_backend(name: str) -> Backend:
    """Return the backend of that name from keyring itself, never from anywhere else; raises BackendError."""
    if name not in BACKENDS:
        raise BackendError(errno.EINVAL, f"not one of {', '.join(BACKENDS)}")
    try:
        module = importlib.import_module(f"keyring.backends.{name}")
        backend: Backend = getattr(module, BACKENDS[name])()
    except Exception as error:  # noqa: BLE001 - a backend may raise anything where its service is missing
        raise BackendError(errno.ENOSYS, f"the backend cannot be started: {type(error).__name__}") from None
    return backend


class BackendVault:
    """The master key as the password of one user of one service."""

    def __init__(self, name: str, backend: Backend | None = None) -> None:
        self._backend = backend or open_backend(name)

    def read(self, size: int) -> bytes:
        """Return the secret; raises BackendError, also if it is not exactly `size` bytes long."""
        try:
            secret = b64decode(self._backend.get_password(_SERVICE, _USER) or "", validate=True)
        except Exception as error:  # noqa: BLE001 - see open_backend; the text of the error could hold the secret
            raise BackendError(errno.EACCES, f"the backend cannot be read: {type(error).__name__}") from None
        if len(secret) != size:
            raise BackendError(errno.ENOENT, "the backend has no key of credhelper")
        return secret

    def write(self, secret: bytes) -> None:
        """Store the secret; raises BackendError."""
        try:
            self._backend.set_password(_SERVICE, _USER, b64encode(secret).decode())
        except Exception as error:  # noqa: BLE001 - see read
            raise BackendError(errno.EACCES, f"the backend cannot be written: {type(error).__name__}") from None

    def delete(self) -> None:
        """Forget the secret; no error if there is none."""
        try:
            if self._backend.get_password(_SERVICE, _USER) is not None:
                self._backend.delete_password(_SERVICE, _USER)
        except Exception as error:  # noqa: BLE001 - see read
            raise BackendError(errno.EACCES, f"the backend cannot be written: {type(error).__name__}") from None
