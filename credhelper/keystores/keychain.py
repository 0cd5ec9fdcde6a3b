"""The macOS login keychain as a store for one small secret, through Security.framework (SecKeychain.h).

Not through /usr/bin/security: that would need the secret in an argument, where every process can read it.
"""

import ctypes
import errno
from collections.abc import Callable
from typing import Any, Protocol

_FRAMEWORK = "/System/Library/Frameworks/Security.framework/Security"
_NOT_FOUND = -25300  # errSecItemNotFound
_DUPLICATE = -25299  # errSecDuplicateItem
_SERVICE = b"credhelper"
_ACCOUNT = b"master key v1"


class Security(Protocol):
    """The five functions of Security.framework that we call, by their names there."""

    @property
    def SecKeychainFindGenericPassword(self) -> Callable[..., int]:  # noqa: N802 - Apple's name
        """See SecKeychain.h."""

    @property
    def SecKeychainAddGenericPassword(self) -> Callable[..., int]:  # noqa: N802 - Apple's name
        """See SecKeychain.h."""

    @property
    def SecKeychainItemModifyAttributesAndData(self) -> Callable[..., int]:  # noqa: N802 - Apple's name
        """See SecKeychain.h."""

    @property
    def SecKeychainItemDelete(self) -> Callable[..., int]:  # noqa: N802 - Apple's name
        """See SecKeychain.h."""

    @property
    def SecKeychainItemFreeContent(self) -> Callable[..., int]:  # noqa: N802 - Apple's name
        """See SecKeychain.h."""


class KeychainError(OSError):
    """The keychain refused; the message holds its OSStatus (-25308: no user interaction allowed, as over ssh)."""


def load_framework() -> Security:
    """Load Security.framework; raises OSError anywhere but on macOS."""
    framework: Any = ctypes.CDLL(_FRAMEWORK)
    return framework  # type: ignore[no-any-return]  # ctypes resolves the functions by name


class Keychain:
    """A generic password in the login keychain, readable by this Python only until the user says otherwise."""

    def __init__(self, security: Security | None = None) -> None:
        self._security = security or load_framework()

    def read(self, size: int) -> bytes:
        """Return the secret; raises KeychainError, also if it is not exactly `size` bytes long."""
        secret, _ = self._find()
        if len(secret) != size:
            raise KeychainError(errno.EINVAL, "the key in the keychain has another length")
        return secret

    def write(self, secret: bytes) -> None:
        """Store the secret, replacing one of the same name; raises KeychainError."""
        added = self._security.SecKeychainAddGenericPassword(None, *_named(), len(secret), secret, None)
        if added == _DUPLICATE:
            _, item = self._find()
            added = self._security.SecKeychainItemModifyAttributesAndData(item, None, len(secret), secret)
        _check(added)

    def delete(self) -> None:
        """Forget the secret; no error if there is none."""
        try:
            _, item = self._find()
        except KeychainError as error:
            if error.errno != errno.ENOENT:
                raise
            return
        _check(self._security.SecKeychainItemDelete(item))

    def _find(self) -> tuple[bytes, ctypes.c_void_p]:
        length = ctypes.c_uint32()
        data = ctypes.c_void_p()
        item = ctypes.c_void_p()
        _check(
            self._security.SecKeychainFindGenericPassword(
                None, *_named(), ctypes.byref(length), ctypes.byref(data), ctypes.byref(item)
            )
        )
        secret = ctypes.string_at(data, length.value)
        self._security.SecKeychainItemFreeContent(None, data)
        return secret, item


def _named() -> tuple[int, bytes, int, bytes]:
    return len(_SERVICE), _SERVICE, len(_ACCOUNT), _ACCOUNT


def _check(status: int) -> None:
    if status == _NOT_FOUND:
        raise KeychainError(errno.ENOENT, "no such item in the keychain")
    if status:
        raise KeychainError(errno.EACCES, f"the keychain answered {status}")
