"""What every vault promises, whichever service is behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from credhelper.keystores.base import Vault
from fakes import canary
from fakes.vaults import VAULTS

KEY = bytes(range(32))


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
    for key in (KEY[:31], KEY + b"x"):
        vault.write(key)
        with pytest.raises(OSError):  # noqa: PT011 - as above
            vault.read(32)


def test_key_with_every_byte_comes_back(vault: Vault) -> None:
    for start in range(0, 256, 32):
        key = bytes(range(start, start + 32))
        vault.write(key)
        assert vault.read(32) == key
