"""A login keychain that is locked, as it is over ssh, has no key and keeps the one it holds."""

from credhelper.keystores.keychain import Keychain
from credhelper.keystores.stores import VaultStore
from fakes.vaults import FakeSecurity

KEY = bytes(range(32))


def test_locked_keychain_is_a_store_without_a_key() -> None:
    security = FakeSecurity()
    store = VaultStore("keychain", "the login keychain", lambda: Keychain(security))
    assert store.save(KEY)
    security.is_locked = True
    assert store.load() is None
    assert not store.save(b"z" * 32)
    security.is_locked = False
    assert store.load() == KEY
