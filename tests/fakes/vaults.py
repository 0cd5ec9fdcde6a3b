"""The services that keep a master key: Apple's keychain, Windows' DPAPI, the keyring package, one that never answers.

Each is a small copy of the calls that credhelper makes; only the kernel keyring is the real one, under another name.
"""

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from credhelper.keystores import dpapi, keychain, keyring_package
from credhelper.keystores.base import Vault


class FakeSecurity:
    """Security.framework with one login keychain; it may be locked, as over ssh."""

    def __init__(self) -> None:
        self.items: dict[tuple[bytes, bytes], bytes] = {}
        self.is_locked = False
        self._buffers: list[ctypes.Array[ctypes.c_char]] = []

    def SecKeychainFindGenericPassword(  # noqa: N802 - Apple's name and arguments
        self,
        _chain: None,
        _size: int,
        service: bytes,
        _length: int,
        account: bytes,
        length: object,
        data: object,
        item: object,
    ) -> int:
        if self.is_locked:
            return -25308
        if (service, account) not in self.items:
            return -25300
        secret = self.items[service, account]
        buffer = ctypes.create_string_buffer(secret, len(secret))
        self._buffers.append(buffer)
        ctypes.cast(length, ctypes.POINTER(ctypes.c_uint32))[0] = len(secret)  # type: ignore[arg-type]  # a byref
        ctypes.cast(data, ctypes.POINTER(ctypes.c_void_p))[0] = ctypes.addressof(buffer)  # type: ignore[arg-type]  # a byref
        ctypes.cast(item, ctypes.POINTER(ctypes.c_void_p))[0] = 4711  # type: ignore[arg-type]  # a byref
        return 0

    def SecKeychainAddGenericPassword(  # noqa: N802 - Apple's name and arguments
        self,
        _chain: None,
        _size: int,
        service: bytes,
        _length: int,
        account: bytes,
        size: int,
        secret: bytes,
        _item: None,
    ) -> int:
        if self.is_locked:
            return -25308
        if (service, account) in self.items:
            return -25299
        self.items[service, account] = secret[:size]
        return 0

    def SecKeychainItemModifyAttributesAndData(self, _item: object, _list: None, size: int, secret: bytes) -> int:  # noqa: N802 - Apple's name
        for name in self.items:
            self.items[name] = secret[:size]
        return 0

    def SecKeychainItemDelete(self, _item: object) -> int:  # noqa: N802 - Apple's name
        self.items.clear()
        return 0

    def SecKeychainItemFreeContent(self, _list: None, _data: object) -> int:  # noqa: N802 - Apple's name
        return 0


class FakeCrypt:
    """DPAPI of one user: a blob is the entropy and the secret, turned around, behind a mark."""

    def __init__(self, user: bytes = b"david") -> None:
        self.user = user
        self._buffers: list[ctypes.Array[ctypes.c_char]] = []

    def CryptProtectData(self, data: object, _name: None, entropy: object, *rest: object) -> int:  # noqa: N802 - Windows' name
        self._answer(rest[-1], self.user + b"|" + _content(entropy) + b"|" + _content(data)[::-1])
        return 1

    def CryptUnprotectData(self, data: object, _name: None, entropy: object, *rest: object) -> int:  # noqa: N802 - Windows' name
        user, _, sealed = _content(data).partition(b"|")
        mark, _, secret = sealed.partition(b"|")
        if user != self.user or mark != _content(entropy):
            return 0
        self._answer(rest[-1], secret[::-1])
        return 1

    def LocalFree(self, _data: object) -> None:  # noqa: N802 - Windows' name
        return None

    def _answer(self, result: object, content: bytes) -> None:
        buffer = ctypes.create_string_buffer(content, len(content))
        self._buffers.append(buffer)
        blob = ctypes.cast(result, ctypes.POINTER(dpapi.Blob))[0]  # type: ignore[arg-type]  # a byref
        blob.size = len(content)
        blob.data = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_char))


def _content(blob: object) -> bytes:
    found = ctypes.cast(blob, ctypes.POINTER(dpapi.Blob))[0]  # type: ignore[arg-type]  # a byref
    return ctypes.string_at(found.data, found.size)


class FakeBackend:
    """A keyring backend in memory; it may be unreachable, and then says more than it should."""

    def __init__(self) -> None:
        self.passwords: dict[tuple[str, str], str] = {}
        self.is_broken = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_broken:
            raise RuntimeError(f"no service; tried {self.passwords}")
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.is_broken:
            raise RuntimeError(f"no service; tried {password}")
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.passwords[service, username]


class SilentVault:
    """A service that takes a question and never answers."""

    def __init__(self) -> None:
        self.questions = 0

    def read(self, size: int) -> bytes:
        self.questions += 1
        threading.Event().wait()
        return b""

    def write(self, secret: bytes) -> None:
        self.read(0)

    def delete(self) -> None:
        self.read(0)


def kernel_vault(_directory: Path) -> Vault:
    if sys.platform != "linux":
        pytest.skip("the kernel keyring is Linux's")
    from credhelper.keystores.kernel import KernelKeyring

    found = KernelKeyring(b"credhelper:contract:%d" % os.getpid())
    try:
        found.write(bytes(range(32)))
    except OSError as error:
        pytest.skip(f"no kernel keyring here: {error}")
    found.delete()
    return found


VAULTS: dict[str, Callable[[Path], Vault]] = {
    "kernel": kernel_vault,
    "keychain": lambda _directory: keychain.Keychain(FakeSecurity()),
    "dpapi": lambda directory: dpapi.SealedFile(str(directory / "state" / "key.dpapi"), FakeCrypt()),
    "keyring": lambda _directory: keyring_package.BackendVault("SecretService", FakeBackend()),
}
