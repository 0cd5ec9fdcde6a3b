"""A backend of the keyring package is chosen by its name alone, and its errors do not carry the key."""

import os
import socket
import sys
from pathlib import Path
from types import ModuleType

import pytest

from credhelper.keystores import keyring_package
from credhelper.keystores.keyring_package import BackendError, BackendVault, open_backend
from credhelper.system import hardening
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


ON_THE_BUS = ["SecretService", "kwallet", "libsecret"]
VARIABLE = "DBUS_SESSION_BUS_ADDRESS"
ADDRESSES = [None, "", "unixexec:path=./x.sh", "unix:path=/project/bus", "autolaunch:", "tcp:host=127.0.0.1,port=1"]


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of the user's bus, below a directory in the place of /run/user; nothing is there."""
    monkeypatch.setattr(keyring_package, "_RUNTIME_DIRECTORIES", str(tmp_path))
    monkeypatch.setattr(hardening, "_settled", {})
    place = tmp_path / str(os.geteuid())
    place.mkdir()
    monkeypatch.chdir(place)  # a socket's path is short
    return place / "bus"


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """What each backend that is loaded finds in the variable."""
    found: list[str | None] = []

    class Backend(FakeBackend):
        def __init__(self) -> None:
            found.append(os.environ.get(VARIABLE))
            super().__init__()

    for name in ON_THE_BUS:
        module = ModuleType(name)
        setattr(module, keyring_package.BACKENDS[name], Backend)
        monkeypatch.setitem(sys.modules, "keyring", ModuleType("keyring"))
        monkeypatch.setitem(sys.modules, "keyring.backends", ModuleType("backends"))
        monkeypatch.setitem(sys.modules, f"keyring.backends.{name}", module)
    return found


def set_address(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, address or "")  # put back after the test
    if address is None:
        del os.environ[VARIABLE]


def bind(name: str) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(name)


@pytest.mark.skipif(sys.platform != "linux", reason="the bus is Linux's")
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("name", ON_THE_BUS)
def test_bus_is_the_users_own_whatever_the_variable_says(
    name: str, address: str | None, bus: Path, seen: list[str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    bind("bus")
    set_address(address, monkeypatch)
    open_backend(name)
    open_backend(name)
    assert seen == [f"unix:path={bus}"] * 2
    assert hardening.environment_of_caller(os.environ).get(VARIABLE) == address


@pytest.mark.skipif(sys.platform != "linux", reason="the bus is Linux's")
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("there", ["nothing", "file", "link", "linked directory", "another's"])
def test_backend_is_not_loaded_without_a_bus_of_the_user(
    there: str, address: str | None, bus: Path, seen: list[str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    if there == "file":
        bus.touch()
    elif there == "link":
        bind("other")
        bus.symlink_to("other")
    elif there != "nothing":
        bind("bus")
    if there == "linked directory":
        bus.parent.rename(bus.parent.with_name("other"))
        bus.parent.symlink_to("other")
    elif there == "another's":
        uid = os.geteuid()
        bus.parent.rename(bus.parent.with_name(str(uid + 1)))
        monkeypatch.setattr(os, "geteuid", lambda: uid + 1)
    set_address(address, monkeypatch)
    for name in ON_THE_BUS:
        with pytest.raises(BackendError, match="session bus"):
            open_backend(name)
    assert seen == []
