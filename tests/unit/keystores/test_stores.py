"""One contract for every place a master key can live; what another system offers is a faithful fake of its calls."""

import ctypes
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from credhelper.keystores import dpapi, keychain, keyring_package
from credhelper.keystores.base import KeyStore, Vault
from credhelper.keystores.dpapi import SealedFile
from credhelper.keystores.stores import FileStore, VaultStore
from credhelper.system import deadline
from fakes import canary

KEY = bytes(range(32))


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


def kernel_vault(_directory: Path) -> Vault:
    if sys.platform != "linux":
        pytest.skip("the kernel keyring is Linux's")
    from credhelper.keystores.kernel import KernelKeyring

    found = KernelKeyring(b"credhelper:contract:%d" % os.getpid())
    try:
        found.write(KEY)
    except OSError as error:
        pytest.skip(f"no kernel keyring here: {error}")
    found.delete()
    return found


VAULTS: dict[str, Callable[[Path], Vault]] = {
    "kernel": kernel_vault,
    "keychain": lambda _directory: keychain.Keychain(FakeSecurity()),
    "dpapi": lambda directory: SealedFile(str(directory / "state" / "key.dpapi"), FakeCrypt()),
    "keyring": lambda _directory: keyring_package.BackendVault("SecretService", FakeBackend()),
}


@pytest.fixture(params=VAULTS)
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Vault]:
    canary.register(KEY)
    made = VAULTS[request.param](tmp_path)
    yield made
    made.delete()


def test_vault_without_a_key_says_so(vault: Vault) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - which errno is the vault's own affair
        vault.read(32)
    vault.delete()


def test_vault_keeps_replaces_and_forgets(vault: Vault) -> None:
    vault.write(KEY)
    assert vault.read(32) == KEY
    vault.write(b"z" * 32)
    assert vault.read(32) == b"z" * 32
    vault.delete()
    with pytest.raises(OSError):  # noqa: PT011 - as above
        vault.read(32)


def test_key_of_another_length_is_no_key(vault: Vault) -> None:
    vault.write(KEY[:31])
    with pytest.raises(OSError):  # noqa: PT011 - as above
        vault.read(32)


def test_key_with_every_byte_comes_back(vault: Vault) -> None:
    for start in range(0, 256, 32):
        key = bytes(range(start, start + 32))
        vault.write(key)
        assert vault.read(32) == key


@pytest.fixture(params=[*VAULTS, "file"])
def key_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyStore]:
    """Every store there is."""
    canary.register(KEY)
    made: KeyStore
    if request.param == "file":
        made = FileStore("file", str(tmp_path / "files"), "a test's")
    else:
        opened = VAULTS[request.param](tmp_path)
        made = VaultStore(request.param, "a test's", lambda: opened, 5)
    yield made
    made.delete()


def test_store_keeps_replaces_and_forgets(key_store: KeyStore) -> None:
    assert key_store.load() is None
    for key in (KEY, b"z" * 32):
        assert key_store.save(key)
        assert key_store.load() == key
    key_store.delete()
    assert key_store.load() is None
    key_store.delete()
    assert not key_store.is_silent()
    assert key_store.describe()


def test_key_of_another_length_in_a_store_is_no_key(key_store: KeyStore) -> None:
    for size in (0, 31, 33):
        key_store.save(b"x" * size)
        assert key_store.load() is None


def test_store_over_a_vault_that_fails_has_no_key() -> None:
    def refuse() -> Vault:
        raise OSError("locked")

    store = VaultStore("x", "nowhere", refuse)
    assert store.load() is None
    assert not store.save(KEY)


def test_locked_keychain_is_a_store_without_a_key() -> None:
    security = FakeSecurity()
    store = VaultStore("keychain", "the login keychain", lambda: keychain.Keychain(security))
    assert store.save(KEY)
    security.is_locked = True
    assert store.load() is None
    assert not store.save(b"z" * 32)
    security.is_locked = False
    assert store.load() == KEY


def test_blob_of_another_windows_user_does_not_open(tmp_path: Path) -> None:
    path = str(tmp_path / "key.dpapi")
    SealedFile(path, FakeCrypt()).write(KEY)
    with pytest.raises(dpapi.DpapiError):
        SealedFile(path, FakeCrypt(b"mallory")).read(32)
    assert KEY not in Path(path).read_bytes()


def test_backend_is_one_of_keyrings_own_and_never_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "evil.Backend")
    for name in ("evil.Backend", "fail", "null", "../x", ""):
        with pytest.raises(keyring_package.BackendError, match="not one of"):
            keyring_package.open_backend(name)


def test_error_of_a_backend_does_not_carry_the_key() -> None:
    broken = FakeBackend()
    vault = keyring_package.BackendVault("SecretService", broken)
    vault.write(KEY)
    broken.is_broken = True
    for call in (lambda: vault.read(32), lambda: vault.write(KEY), vault.delete):
        with pytest.raises(keyring_package.BackendError) as caught:
            call()
        assert caught.value.__suppress_context__
        assert "AAEC" not in str(caught.value)


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


def test_vault_that_never_answers_is_asked_once_and_has_no_key() -> None:
    silent = SilentVault()
    store = VaultStore(f"silent-{os.getpid()}", "a silent service", lambda: silent, 0.1)
    for _ in range(3):
        assert store.load() is None
        assert not store.save(KEY)
    assert silent.questions == 1
    assert store.is_silent()
    with pytest.raises(OSError, match="no answer"):
        store.delete()


def test_patience_passes_on_answers_and_errors() -> None:
    assert deadline.call("works", lambda: "answer", 5) == "answer"
    with pytest.raises(ZeroDivisionError):
        deadline.call("works", lambda: 1 // 0, 5)
    assert not deadline.is_silent("works")
