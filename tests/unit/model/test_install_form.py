"""The path that a line names is the one of each installer that an upgrade leaves where it is."""

import os

import pytest

from credhelper.model.install_form import Found, adding, keg_of, start_of, temporary_place

_SITE = "lib/python3.12/site-packages/credhelper/__main__.py"


def found(prefix: str, **others: str) -> Found:
    return Found(python=f"{prefix}/bin/python", script=f"{prefix}/{_SITE}", **others)


def starter(prefix: str) -> str:
    return f"{prefix}/share/credhelper/get.py"


VENV = "/home/d/.local/share/uv/tools/credhelper"
KEG = "/opt/homebrew/Cellar/credhelper/0.2.0"
OPT = "/opt/homebrew/opt/credhelper"
STORE = "/nix/store/abc-credhelper-0.2.0"


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (found("/t", layout="bundle", launcher="/t/bin/credhelper"), ["/t/bin/credhelper"]),
        (found("/usr", layout="system", launcher="/usr/bin/credhelper"), ["/usr/bin/credhelper"]),
        (found(VENV, starter=starter(VENV)), [f"{VENV}/bin/python", "-I", "-S", starter(VENV)]),
        (
            found(f"{KEG}/libexec", starter=starter(f"{KEG}/libexec"), keg=KEG, opt=OPT),
            [f"{OPT}/libexec/bin/python", "-I", "-S", starter(f"{OPT}/libexec")],
        ),
        (found(STORE, profile_command="/h/.nix-profile/bin/credhelper"), ["/h/.nix-profile/bin/credhelper"]),
        (found(VENV, starter=starter(VENV), launcher=f"{VENV}/bin/credhelper"), None),
    ],
)
def test_lasting_path_is_taken_where_there_is_one(what: Found, words: list[str] | None) -> None:
    start = start_of(what)
    assert list(start.words) == (words or [what.python, "-I", "-S", what.starter])
    assert start.remark == ""
    assert "3.12" not in " ".join(start.words)


@pytest.mark.parametrize(
    "what",
    [
        found("/t"),
        found(f"{KEG}/libexec", starter=starter(f"{KEG}/libexec"), keg=KEG),
        found(STORE, starter=starter(STORE)),
        found("/t", layout="bundle"),
        found("/t", layout="other", launcher="/t/bin/credhelper"),
    ],
)
def test_path_that_an_upgrade_takes_away_comes_with_a_remark(what: Found) -> None:
    start = start_of(what)
    assert start.words == (what.python, "-I", "-S", what.starter or what.script)
    assert start.remark.endswith("credhelper profile repair")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{KEG}/libexec/{_SITE}", (KEG, OPT)),
        ("/home/linuxbrew/.linuxbrew/Cellar/credhelper/1/x", None),
        (f"{VENV}/{_SITE}", ("", "")),
        ("/opt/homebrew/Cellar/python@3.12/3.12.1/x", ("", "")),
        ("/opt/homebrew/Cellar/credhelper", ("", "")),
    ],
)
def test_keg_and_the_path_that_every_version_has(path: str, expected: tuple[str, str] | None) -> None:
    brew = "/home/linuxbrew/.linuxbrew"
    assert keg_of(path) == (expected or (f"{brew}/Cellar/credhelper/1", f"{brew}/opt/credhelper"))


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/home/d/.cache/uv/archive-v0/Ab1/bin/python", "the cache of uv"),
        (r"C:\Users\d\AppData\Local\uv\cache\archive-v0\Ab1\Scripts\python.exe", "the cache of uv"),
        ("/home/d/.local/share/pipx/.cache/0a/bin/python", "the cache of pipx"),
        ("/home/d/.local/pipx/.cache/0a/bin/python", "the cache of pipx"),
        ("/home/d/.cache/pipx/0a/bin/python", "the cache of pipx"),
        ("/Users/d/Library/Caches/pipx/0a/bin/python", "the cache of pipx"),
        ("/tmp/venv/bin/python", "a directory for temporary files"),
        ("/tmpfiles/venv/bin/python", ""),
        (f"{VENV}/bin/python", ""),
        ("/home/d/.local/share/pipx/venvs/credhelper/bin/python", ""),
        ("/home/d/.cache/mine/bin/python", ""),
    ],
)
def test_place_that_is_emptied_now_and_then(path: str, place: str) -> None:
    assert temporary_place(path, ["/tmp/"]) == place


@pytest.mark.parametrize(
    ("installer", "package", "is_extra", "command"),
    [
        ("pipx", "demo", True, "pipx install --force 'credhelper[demo]'"),
        ("pipx", "keyring", False, "pipx inject credhelper keyring"),
        ("uv", "demo", True, "uv tool install --force 'credhelper[demo]'"),
        ("uv", "botocore[crt]", False, "uv tool install --with 'botocore[crt]' credhelper"),
        ("", "demo", True, "'/a b/python' -m pip install 'credhelper[demo]'"),
        ("", "keyring", False, "'/a b/python' -m pip install keyring"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="the quotes are a Unix shell's")
def test_package_is_added_by_what_made_the_installation(
    installer: str, package: str, command: str, *, is_extra: bool
) -> None:
    assert adding(package, installer=installer, python="/a b/python", is_extra=is_extra) == command
