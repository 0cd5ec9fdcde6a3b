"""The Linux kernel keyring as a store for one small secret: never on disk, gone at reboot (keyrings(7))."""

import os
import sys

from credhelper.system import syscall

_DESCRIPTION = b"credhelper:master:v1"
_TYPE = b"user"
_PROCESS_KEYRING = -2
_USER_KEYRING = -4
_NO_KEY = 126  # ENOKEY on the machines below; Python's errno has the name on Linux only
_UNLINK, _LINK, _SEARCH, _READ, _SETPERM = 9, 8, 10, 11, 5
# Possessor: all but setattr; user: view, read, search, link. With the default 0x3f010000 the key can be seen but not
# read from another login session of the same user (EACCES).
_PERMISSIONS = 0x3F0B0000
# (add_key, keyctl) by machine, from the kernel's system call tables.
_CALLS = {
    "x86_64": (248, 250),
    "aarch64": (217, 219),
    "riscv64": (217, 219),
    "ppc64le": (269, 271),
    "s390x": (278, 280),
}


class KernelKeyringError(OSError):
    """The kernel refused; errno says why (ENOKEY: no such key, ENOSYS or EPERM: not available here)."""


class KernelKeyring:
    """A 32-byte secret in the user keyring, shared by every session of this user on this boot."""

    def __init__(self, description: bytes = _DESCRIPTION) -> None:
        self._description = description
        self._syscall, self._byte, self._errno = syscall.load()

    def read(self, size: int) -> bytes:
        """Return the secret; raises KernelKeyringError, also when it is not exactly `size` bytes long."""
        serial = self._keyctl(_SEARCH, _USER_KEYRING, _TYPE, self._description, 0)
        buffer = (self._byte * size)()
        length = self._keyctl(_READ, serial, buffer, size)
        if length != size:
            raise _error("EINVAL", "the key in the kernel keyring has another length")
        return bytes(buffer)

    def write(self, secret: bytes) -> None:
        """Store the secret, replacing one of the same name; raises KernelKeyringError."""
        # Created in the process keyring, where its permissions can be set before another process finds it.
        serial = self._add_key(secret)
        self._keyctl(_SETPERM, serial, _PERMISSIONS)
        self._keyctl(_LINK, serial, _USER_KEYRING)

    def delete(self) -> None:
        """Forget the secret; no error if there is none."""
        try:
            serial = self._keyctl(_SEARCH, _USER_KEYRING, _TYPE, self._description, 0)
            self._keyctl(_UNLINK, serial, _USER_KEYRING)
        except KernelKeyringError as error:
            if error.errno != _NO_KEY:
                raise

    def _add_key(self, secret: bytes) -> int:
        add_key, _ = _call_numbers()
        return self._call(add_key, _TYPE, self._description, secret, len(secret), _PROCESS_KEYRING)

    def _keyctl(self, operation: int, *arguments: object) -> int:
        _, keyctl = _call_numbers()
        return self._call(keyctl, operation, *arguments)

    def _call(self, number: int, *arguments: object) -> int:
        result: int = self._syscall(number, *arguments)
        if result < 0:
            code = self._errno()
            raise KernelKeyringError(code, os.strerror(code))
        return result


def _call_numbers() -> tuple[int, int]:
    if sys.platform == "linux" and (numbers := _CALLS.get(os.uname().machine)):
        return numbers
    raise _error("ENOSYS", "no system call numbers for this machine")


def _error(name: str, text: str) -> KernelKeyringError:
    import errno  # a hit, which has no such error, is spared this

    return KernelKeyringError(getattr(errno, name), text)
