"""A backend of the keyring package is chosen by its name alone, and its errors do not carry the key."""

import pytest

from credhelper.keystores.keyring_package import BackendError, BackendVault, open_backend
from fakes.vaults import FakeBackend

KEY = bytes(range(32))


def test_backend_is_one_of_keyrings_own_and_never_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "evil.Backend")
    for name in ("evil.Backend", "fail", "null", "../x", ""):
        with pytest.raises(BackendError, match="not one of"):
            open_backend(name)


def test_error_of_a_backend_does_not_carry_the_key() -> None:
    broken = FakeBackend()
    vault = BackendVault("SecretService", broken)
    vault.write(KEY)
    broken.is_broken = True
    for call in (lambda: vault.read(32), lambda: vault.write(KEY), vault.delete):
        with pytest.raises(BackendError) as caught:
            call()
        assert caught.value.__suppress_context__
        assert caught.value.__cause__ is None
        assert "AAEC" not in str(caught.value)
