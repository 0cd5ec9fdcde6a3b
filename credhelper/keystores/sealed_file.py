"""A small secret in a private file that DPAPI seals: Windows keeps the key to it, we keep the file."""

import os

from credhelper.keystores import dpapi
from credhelper.system import files

_LIMIT = 4096


class SealedFile:
    """One secret at `path`; nobody but this user on this machine can open it."""

    def __init__(self, path: str, crypt: dpapi.Crypt | None = None) -> None:
        self._path = path
        self._crypt = crypt

    def read(self, size: int) -> bytes:
        """Return the secret; raises OSError, also if it is not exactly `size` bytes long."""
        secret = dpapi.unprotect(files.read_private(self._path, _LIMIT), self._crypt)
        if len(secret) != size:
            raise OSError("the sealed key has another length")
        return secret

    def write(self, secret: bytes) -> None:
        """Store the secret durably; raises OSError."""
        files.make_private_directory(os.path.dirname(self._path))
        sealed = dpapi.protect(secret, self._crypt)
        files.replace_private(self._path, sealed, f"{self._path}.new", durable=True)

    def delete(self) -> None:
        """Forget the secret."""
        files.unlink_quietly(self._path)
