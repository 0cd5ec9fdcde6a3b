"""Windows DPAPI: seal a small secret so that only this user on this machine can open it (dpapi.h, CryptProtectData).

Windows keeps the key; the sealed secret is a private file.
"""

import ctypes
import errno
import os
from collections.abc import Callable
from typing import Any, Protocol

from credhelper.system import files, ownership

_ENTROPY = b"credhelper/v1/master"
_FILE_LIMIT = 4096
_UI_FORBIDDEN = 0x1  # CRYPTPROTECT_UI_FORBIDDEN: a helper cannot show a dialog


class Blob(ctypes.Structure):
    """DATA_BLOB."""

    _fields_ = (("size", ctypes.c_uint32), ("data", ctypes.POINTER(ctypes.c_char)))


class Crypt(Protocol):
    """The three functions that we call, by their names there."""

    @property
    def CryptProtectData(self) -> Callable[..., int]:  # noqa: N802 - Windows' name
        """See dpapi.h and winbase.h."""

    @property
    def CryptUnprotectData(self) -> Callable[..., int]:  # noqa: N802 - Windows' name
        """See dpapi.h and winbase.h."""

    @property
    def LocalFree(self) -> Callable[..., Any]:  # noqa: N802 - Windows' name
        """See dpapi.h and winbase.h."""


class DpapiError(OSError):
    """Windows refused: another user's blob, or a logon without the user's key (ssh with a public key)."""


class _Windows:
    """crypt32 and kernel32 as one."""

    def __init__(self) -> None:
        libraries: Any = getattr(ctypes, "windll", None)
        if libraries is None:
            raise DpapiError(errno.ENOSYS, "DPAPI is Windows only")
        self.CryptProtectData = libraries.crypt32.CryptProtectData
        self.CryptUnprotectData = libraries.crypt32.CryptUnprotectData
        self.LocalFree = libraries.kernel32.LocalFree


def protect(secret: bytes, crypt: Crypt | None = None) -> bytes:
    """Return the secret sealed for this user; raises DpapiError."""
    crypt = crypt or _Windows()
    return _call(crypt, crypt.CryptProtectData, secret)


def unprotect(sealed: bytes, crypt: Crypt | None = None) -> bytes:
    """Return what `protect` sealed; raises DpapiError for another user's blob or a damaged one."""
    crypt = crypt or _Windows()
    return _call(crypt, crypt.CryptUnprotectData, sealed)


def _call(crypt: Crypt, function: Callable[..., int], data: bytes) -> bytes:
    entered, entropy, result = _blob(data), _blob(_ENTROPY), Blob()
    if not function(
        ctypes.byref(entered), None, ctypes.byref(entropy), None, None, _UI_FORBIDDEN, ctypes.byref(result)
    ):
        raise DpapiError(errno.EACCES, "DPAPI refused")
    try:
        return ctypes.string_at(result.data, result.size)
    finally:
        crypt.LocalFree(result.data)


def _blob(data: bytes) -> Blob:
    buffer = ctypes.create_string_buffer(data, len(data))
    return Blob(len(data), ctypes.cast(buffer, ctypes.POINTER(ctypes.c_char)))


class SealedFile:
    """One secret at `path`, which only this user on this machine can open."""

    def __init__(self, path: str, crypt: Crypt | None = None) -> None:
        self._path = path
        self._crypt = crypt

    def read(self, size: int) -> bytes:
        """Return the secret; raises OSError, also if it is not exactly `size` bytes long."""
        secret = unprotect(files.read_private(self._path, _FILE_LIMIT), self._crypt)
        if len(secret) != size:
            raise OSError("the sealed key has another length")
        return secret

    def write(self, secret: bytes) -> None:
        """Store the secret durably; raises OSError."""
        ownership.make_private_directory(os.path.dirname(self._path))
        sealed = protect(secret, self._crypt)
        files.replace_private(self._path, sealed, f"{self._path}.new", durable=True)

    def delete(self) -> None:
        """Forget the secret."""
        files.unlink_quietly(self._path)
