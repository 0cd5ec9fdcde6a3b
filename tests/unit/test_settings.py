"""Where things lie is what the XDG rules, botocore and platformdirs say; what cannot be right is refused."""

import os
import sys
from pathlib import Path

import platformdirs
import pytest
from botocore.session import Session
from platformdirs.unix import Unix

from credhelper import settings
from credhelper.errors import CredhelperError
from credhelper.keystores import stores


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"XDG_CACHE_HOME": "/x/cache", "XDG_STATE_HOME": "/x/state"},
        {"XDG_CACHE_HOME": "relative", "XDG_STATE_HOME": ""},
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs itself decides")
def test_directories_are_those_of_platformdirs(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    own = settings.load()
    oracle = Unix("credhelper", appauthor=False)
    assert own.cache_dir == oracle.user_cache_dir == platformdirs.user_cache_dir("credhelper", appauthor=False)
    assert own.state_dir == oracle.user_state_dir


@pytest.mark.parametrize(
    "variables",
    [{}, {"AWS_CONFIG_FILE": "/elsewhere/config"}, {"AWS_CONFIG_FILE": "~/c"}, {"AWS_CONFIG_FILE": "$HOME/c"}],
)
def test_config_file_is_the_one_botocore_reads(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    wanted = os.path.expandvars(os.path.expanduser(Session().get_config_variable("config_file")))
    assert settings.load().config_file == wanted


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_CONFIG_FILE", "config"),
        ("AWS_CONFIG_FILE", "./.aws/config"),
        ("AWS_SHARED_CREDENTIALS_FILE", "../credentials"),
        ("CREDHELPER_TIMEOUT", "0"),
        ("CREDHELPER_TIMEOUT", "0.9"),
        ("CREDHELPER_TIMEOUT", "46"),
        ("CREDHELPER_TIMEOUT", "nan"),
        ("CREDHELPER_TIMEOUT", "soon"),
        ("CREDHELPER_KEY_STORE", "plaintext"),
    ],
)
def test_setting_that_cannot_be_right_is_named(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(CredhelperError, match=variable) as caught:
        settings.load()
    assert caught.value.hint


def test_home_that_is_missing_or_relative_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    real = pwd.getpwuid(os.getuid()).pw_dir
    for value in (None, "", "relative"):
        assert settings.from_environment({} if value is None else {"HOME": value}).home == real


@pytest.mark.skipif(sys.platform != "linux", reason="the paths are Linux's")
def test_home_is_not_needed_where_every_path_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    def unknown(_uid: int) -> pwd.struct_passwd:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    given = {
        "AWS_CONFIG_FILE": "/a/config",
        "AWS_SHARED_CREDENTIALS_FILE": "/a/credentials",
        "XDG_CACHE_HOME": "/c",
        "XDG_STATE_HOME": "/s",
    }
    own = settings.from_environment(given)
    assert (own.home, own.cache_dir) == (settings.NO_HOME, "/c/credhelper")
    assert "file" not in [store.name for store in stores.every_store(own)]
    for name in given:
        with pytest.raises(CredhelperError, match="no home directory"):
            settings.from_environment({**given, name: ""})


def test_relative_runtime_directory_is_no_runtime_directory() -> None:
    assert settings.from_environment({"HOME": "/h", "XDG_RUNTIME_DIR": "run"}).runtime_dir is None


def test_timeout_is_within_what_every_sdk_waits(tmp_path: Path) -> None:
    assert settings.from_environment({"HOME": "/h"}).timeout_s == 25
    for text in ("1", "45"):
        assert settings.from_environment({"HOME": "/h", "CREDHELPER_TIMEOUT": text}).timeout_s == float(text)


@pytest.mark.parametrize(
    ("text", "is_logging"),
    [(None, True), ("on", True), ("", True), ("1", True), ("off", False), ("OFF", False), ("0", False), ("no", False)],
)
def test_audit_trail_is_on_unless_it_is_turned_off(text: str | None, is_logging: bool) -> None:
    environ = {"HOME": "/h"} if text is None else {"HOME": "/h", "CREDHELPER_LOG": text}
    assert settings.from_environment(environ).is_logging == is_logging


def test_chain_of_profiles_is_handed_on_to_programs() -> None:
    assert settings.chain_of({}) == ()
    environ = {"HOME": "/h"}
    handed_on = settings.with_chain(environ, ("a", "b"))
    assert settings.chain_of(handed_on) == ("a", "b")
    assert environ == {"HOME": "/h"}
