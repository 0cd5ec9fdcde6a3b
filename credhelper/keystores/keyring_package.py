"""A backend of the keyring package as a store for the master key (extra `keyring`).

The class is instantiated directly: `keyring.get_keyring()` would let PYTHON_KEYRING_BACKEND, a configuration file with
a path for imports, or any installed plug-in decide where the key goes, a plain-text file included.
"""

import errno
import importlib
import os
import stat
import sys
from base64 import b64decode, b64encode
from typing import Protocol

from credhelper.system import hardening

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
# Those that ask over the session's bus, and where systemd has the bus of each user.
_ON_THE_BUS = ("SecretService", "kwallet", "libsecret")
_RUNTIME_DIRECTORIES = "/run/user"


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
    if name in _ON_THE_BUS:
        _settle_bus()
    try:
        module = importlib.import_module(f"keyring.backends.{name}")
        backend: Backend = getattr(module, BACKENDS[name])()
    except Exception as error:  # noqa: BLE001 - a backend may raise anything where its service is missing
        raise BackendError(errno.ENOSYS, f"the backend cannot be started: {type(error).__name__}") from None
    return backend


def _settle_bus() -> None:
    """Have every library ask at the user's own bus; raises BackendError where there is none.

    DBUS_SESSION_BUS_ADDRESS may name a program, which libdbus then runs, or a socket of a project's.
    """
    if sys.platform != "linux":
        raise BackendError(errno.ENOSYS, "the backend asks over a bus that Linux has")
    path = f"{_RUNTIME_DIRECTORIES}/{os.geteuid()}/bus"
    for place, is_kind in ((os.path.dirname(path), stat.S_ISDIR), (path, stat.S_ISSOCK)):
        try:
            status = os.lstat(place)
        except OSError:
            raise BackendError(errno.ENOSYS, f"there is no session bus at {path}") from None
        if not is_kind(status.st_mode) or status.st_uid != os.geteuid():
            raise BackendError(errno.ENOSYS, f"{place} is not the session bus of this user")
    hardening.settle("DBUS_SESSION_BUS_ADDRESS", f"unix:path={path}")


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
