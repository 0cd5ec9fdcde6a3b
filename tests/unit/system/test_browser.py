"""Which program opens a link on each system, and what it is given: nothing that a project's variables can turn."""

import os
import sys
from pathlib import Path

import pytest

from credhelper.errors import MachineError
from credhelper.system import browser

DISPLAY = {"DISPLAY": ":0"}
SSH = {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}


def programs(directory: Path, *names: str) -> dict[str, str]:
    directory.mkdir(exist_ok=True)
    for name in names:
        (directory / name).write_text("#!/bin/sh\n")
        (directory / name).chmod(0o755)
    return {"PATH": str(directory)}


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (("xdg-open", "gio", "firefox"), ("xdg-open",)),
        (("gio", "firefox"), ("gio", "open")),
        (("firefox", "chromium"), ("firefox",)),
        (("google-chrome",), ("google-chrome",)),
    ],
)
def test_linux_takes_what_opens_links(tmp_path: Path, there: tuple[str, ...], expected: tuple[str, ...]) -> None:
    environ = {**programs(tmp_path / "bin", *there), **DISPLAY}
    found = browser.opener(environ, platform="linux", is_wsl=False)
    assert found == (str(tmp_path / "bin" / expected[0]), *expected[1:])
    assert browser.opener(environ | {"DISPLAY": "", "WAYLAND_DISPLAY": "wayland-0"}, platform="linux") == found


def test_container_takes_firefox(tmp_path: Path) -> None:
    environ = {**programs(tmp_path / "bin", "xdg-open", "firefox-esr"), **DISPLAY}
    assert browser.opener(environ, is_firefox=True, platform="linux") == (str(tmp_path / "bin" / "firefox-esr"),)
    assert browser.opener({}, is_firefox=True, platform="darwin") == ("/usr/bin/open", "-a", "Firefox")
    with pytest.raises(MachineError, match="Firefox is not on PATH"):
        browser.opener({**programs(tmp_path / "none"), **DISPLAY}, is_firefox=True, platform="linux")


def test_other_systems_have_their_own(tmp_path: Path) -> None:
    assert browser.opener({}, platform="darwin") == ("/usr/bin/open",)
    assert browser.opener({}, platform="win32")[1:] == ("url.dll,FileProtocolHandler",)
    environ = programs(tmp_path / "bin", "wslview", "xdg-open")
    assert browser.opener(environ, platform="linux", is_wsl=True) == (str(tmp_path / "bin" / "wslview"),)


@pytest.mark.parametrize(
    ("platform", "environ", "why"),
    [
        ("linux", {}, "there is no display"),
        ("linux", SSH, "this is a session over ssh without a display"),
        ("linux", {"DISPLAY": "evil.example:0"}, "there is no display"),
        ("linux", {"WAYLAND_DISPLAY": "/project/wayland-0"}, "there is no display"),
        ("linux", DISPLAY, "none is on PATH"),
        ("darwin", SSH, "a browser would open at the other end"),
        ("win32", {"SSH_TTY": "/dev/pts/1"}, "a browser would open at the other end"),
    ],
)
def test_where_no_person_would_see_it_print_is_the_hint(platform: str, environ: dict[str, str], why: str) -> None:
    with pytest.raises(MachineError, match=why) as caught:
        browser.opener({"PATH": "/nowhere", **environ}, platform=platform, is_wsl=False)
    assert caught.value.hint == "credhelper console PROFILE --print"


def test_ssh_with_a_display_opens_there(tmp_path: Path) -> None:
    environ = {**programs(tmp_path / "bin", "xdg-open"), **SSH, "DISPLAY": "localhost:10.0"}
    assert browser.opener(environ, platform="linux", is_wsl=False) == (str(tmp_path / "bin" / "xdg-open"),)


def test_no_variable_names_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project := tmp_path / "project").mkdir()
    programs(project, "xdg-open", "firefox", "evil")
    monkeypatch.chdir(project)
    good = programs(tmp_path / "bin", "xdg-open")["PATH"]
    for path in (f".:{good}", f":{good}", f"../project:{good}"):
        found = browser.opener(
            {"PATH": path, "BROWSER": str(project / "evil"), **DISPLAY}, platform="linux", is_wsl=False
        )
        assert found == (f"{good}/xdg-open",)


def test_named_program_is_taken_as_it_is(tmp_path: Path) -> None:
    environ = programs(tmp_path / "bin", "mine")
    path = str(tmp_path / "bin" / "mine")
    assert browser.opener(environ, named="mine", platform="linux") == (path,)
    assert browser.opener({}, named=path, platform="linux") == (path,)
    assert browser.opener({}, named="Safari", platform="darwin") == ("/usr/bin/open", "-a", "Safari")
    for name in ("gone", "./bin/mine", str(tmp_path), "/nowhere/at/all"):
        with pytest.raises(MachineError, match="--browser is not found"):
            browser.opener(environ, named=name, platform="linux")


# What makes xdg-open, GTK, Qt, Mozilla, libdbus, the loader, a shell or an interpreter run or read something else.
TURNS = (
    *("BROWSER", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_CACHE_HOME", "LD_PRELOAD"),
    *("LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "GTK_MODULES", "GTK_PATH", "GIO_EXTRA_MODULES", "QT_PLUGIN_PATH"),
    *(
        "MOZ_GMP_PATH",
        "MOZILLA_FIVE_HOME",
        "SSLKEYLOGFILE",
        "BASH_ENV",
        "ENV",
        "PYTHONPATH",
        "PERL5LIB",
        "NODE_OPTIONS",
    ),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "CREDHELPER_PROFILE", "LOCPATH", "GCONV_PATH"),
)


def test_browser_has_what_it_needs_and_nothing_that_names_code() -> None:
    needed = {
        "HOME": "/home/d",
        "PATH": "/usr/bin",
        "LANG": "C.UTF-8",
        "LC_TIME": "C",
        "DISPLAY": ":0",
        "XAUTHORITY": "/run/x",
        "XDG_CURRENT_DESKTOP": "KDE",
        "https_proxy": "http://proxy:1",
    }
    turned = {**dict.fromkeys(TURNS, "/project/x"), "LC_ALL": "/project/x", "PATH": ".::bin:/usr/bin"}
    assert browser.environment(needed | turned) == needed


def test_bus_and_runtime_directory_are_the_users_own(tmp_path: Path) -> None:
    own = f"{tmp_path}/{os.geteuid()}"
    good = {"XDG_RUNTIME_DIR": own, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={own}/bus"}
    assert browser.environment(good, runtime_directories=str(tmp_path)) == good
    for address in ("unixexec:path=/project/x", "unix:path=/project/bus", f"unixexec:path=x;unix:path={own}/bus"):
        bad = {"XDG_RUNTIME_DIR": "/project", "DBUS_SESSION_BUS_ADDRESS": address}
        assert browser.environment(bad, runtime_directories=str(tmp_path)) == {}
    guided = good | {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={own}/bus,guid=1;unixexec:path=/project/x"}
    assert browser.environment(guided, runtime_directories=str(tmp_path)) == good


def test_places_of_applications_are_roots(tmp_path: Path) -> None:
    given = {"XDG_DATA_DIRS": f"{tmp_path}:share:/usr/share::/tmp:/nowhere"}
    assert browser.environment(given) == {"XDG_DATA_DIRS": "/usr/share"}


def test_program_gets_the_link_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", "/project/evil")
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$#" "$@" > {tmp_path}/words\nenv > {tmp_path}/environment\n')
    program.chmod(0o755)
    assert browser.start((str(program), "--new-tab"), "http://127.0.0.1:1/x").wait(20) == 0
    assert (tmp_path / "words").read_text() == "2\n--new-tab\nhttp://127.0.0.1:1/x\n"
    assert "evil" not in (tmp_path / "environment").read_text()
    with pytest.raises(MachineError, match="cannot be started"):
        browser.start((str(tmp_path / "gone"),), "http://127.0.0.1:1/x")


@pytest.mark.skipif(sys.platform == "win32", reason="a session is POSIX's")
def test_browser_is_in_a_session_of_its_own(tmp_path: Path) -> None:
    program = tmp_path / "browser"
    program.write_text(f"#!/bin/sh\nps -o sid= -p $$ > {tmp_path}/sid\n")
    program.chmod(0o755)
    started = browser.start((str(program),), "http://127.0.0.1:1/x")
    assert started.wait(20) == 0
    assert int((tmp_path / "sid").read_text()) == started.pid
