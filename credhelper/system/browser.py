"""The user's browser: which program opens a URL on this system, started with what it needs and no more.

No variable chooses it. BROWSER, and XDG_DATA_HOME and XDG_CONFIG_HOME with which xdg-open finds an application, may
come from a project's .env, and would have its program read a link that signs in. A person names another by an option.
"""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping

from credhelper.errors import PROFILE, MachineError
from credhelper.system import hardening

_PRINT = f"credhelper console {PROFILE} --print"
# Each takes a URL as its last word. The rest is what distributions have where xdg-utils is not installed.
_OPENERS = (("xdg-open",), ("gio", "open"), ("x-www-browser",), ("firefox",), ("chromium",), ("google-chrome",))
_FIREFOX = (("firefox",), ("firefox-esr",), ("librewolf",))
_WINDOWS_FIREFOX = "Mozilla Firefox/firefox.exe"
_REMOTE = ("SSH_CONNECTION", "SSH_TTY")
# An ssh that forwards X11 listens on localhost; XQuartz has a socket of its own.
_LOCAL_DISPLAYS = (":", "unix:", "localhost:", "127.0.0.1:", "/private/tmp/")
# What a browser and what starts it need: the window, the session, the language, the network. AWS's are not among them.
_KEPT = (
    *("HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "TERM"),
    *(
        "XAUTHORITY",
        "XDG_CURRENT_DESKTOP",
        "XDG_SESSION_TYPE",
        "XDG_SESSION_DESKTOP",
        "DESKTOP_SESSION",
        "KDE_FULL_SESSION",
        "KDE_SESSION_VERSION",
        "GNOME_DESKTOP_SESSION_ID",
    ),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("WSL_DISTRO_NAME", "WSL_INTEROP", "__CF_USER_TEXT_ENCODING"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "TEMP", "TMP"),
    *("USERPROFILE", "USERNAME", "USERDOMAIN", "HOMEDRIVE", "HOMEPATH", "COMSPEC", "PATHEXT"),
)
_BUS = "DBUS_SESSION_BUS_ADDRESS"
_DATA = "XDG_DATA_DIRS"

Find = Callable[[str], str | None]


class NoBrowserError(MachineError):
    """No browser can be opened here; the link can be printed instead."""


def opener(
    environ: Mapping[str, str],
    *,
    is_firefox: bool = False,
    named: str | None = None,
    platform: str = sys.platform,
    is_wsl: bool | None = None,
) -> tuple[str, ...]:
    """Return the command that opens the URL which is added to it, with a path of its own.

    `environ` is the caller's. `named` is the program that a person asked for, `is_firefox` whether it has to be
    Firefox. Raises MachineError where there is no browser, or none whose window the person would see.
    """

    def find(program: str) -> str | None:
        found = shutil.which(program, path=_absolute(environ.get("PATH", os.defpath)))
        return found if found is not None and os.path.isabs(found) else None

    if named is not None:
        return _named(named, find, platform)
    if platform in ("darwin", "win32"):
        if _is_remote(environ):
            raise _no_browser("this is a session over ssh, and a browser would open at the other end")
        return _on_windows(environ, is_firefox=is_firefox) if platform == "win32" else _on_macos(is_firefox=is_firefox)
    if is_wsl is None:
        is_wsl = bool(environ.get("WSL_DISTRO_NAME"))
    found = _in_wsl(find, is_firefox=is_firefox) if is_wsl else ()
    return found or _on_a_desktop(environ, find, is_firefox=is_firefox)


def _absolute(path: str) -> str:
    """Return PATH without what means another program in each directory: empty and relative entries."""
    return os.pathsep.join(filter(os.path.isabs, path.split(os.pathsep)))


def _is_remote(environ: Mapping[str, str]) -> bool:
    return any(environ.get(name) for name in _REMOTE)


def _named(named: str, find: Find, platform: str) -> tuple[str, ...]:
    path = named if os.path.isabs(named) else find(named)
    if path is not None and os.access(path, os.X_OK) and not os.path.isdir(path):
        return (path,)
    if platform == "darwin" and "/" not in named:
        return ("/usr/bin/open", "-a", named)
    raise NoBrowserError("the program of --browser is not found, or cannot be started", hint=_PRINT)


def _on_a_desktop(environ: Mapping[str, str], find: Find, *, is_firefox: bool) -> tuple[str, ...]:
    if not _displays(environ):
        is_remote = _is_remote(environ)
        raise _no_browser("this is a session over ssh without a display" if is_remote else "there is no display")
    for program, *words in _FIREFOX if is_firefox else _OPENERS:
        if path := find(program):
            return (path, *words)
    raise _no_browser("Firefox is not on PATH" if is_firefox else "none is on PATH, and no xdg-open")


def _displays(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that name a display of this machine, or of the person's own over ssh: elsewhere others see.

    A Wayland display with a path could be a program of a project's, which the browser would draw for.
    """
    x11, wayland = environ.get("DISPLAY", ""), environ.get("WAYLAND_DISPLAY", "")
    found = {"DISPLAY": x11} if x11.startswith(_LOCAL_DISPLAYS) else {}
    return {**found, "WAYLAND_DISPLAY": wayland} if wayland and "/" not in wayland else found


def _on_macos(*, is_firefox: bool) -> tuple[str, ...]:
    return ("/usr/bin/open", "-a", "Firefox") if is_firefox else ("/usr/bin/open",)


def _on_windows(environ: Mapping[str, str], *, is_firefox: bool) -> tuple[str, ...]:
    if not is_firefox:
        system = environ.get("SYSTEMROOT", r"C:\Windows")
        return (os.path.join(system, "System32", "rundll32.exe"), "url.dll,FileProtocolHandler")
    path = os.path.join(environ.get("PROGRAMFILES", r"C:\Program Files"), *_WINDOWS_FIREFOX.split("/"))
    if not os.path.exists(path):
        raise _no_browser("Firefox is not where it is installed usually")
    return (path,)


def _in_wsl(find: Find, *, is_firefox: bool) -> tuple[str, ...]:
    """Return what opens a URL in the browser of Windows, which reaches this system's loopback; nothing without it."""
    path = (
        f"/mnt/c/Program Files/{_WINDOWS_FIREFOX}" if is_firefox else find("wslview") or "/mnt/c/Windows/explorer.exe"
    )
    return (path,) if os.path.exists(path) else ()


def _no_browser(why: str) -> MachineError:
    return NoBrowserError(f"no browser can be opened here: {why}", hint=_PRINT)


def environment(environ: Mapping[str, str], *, runtime_directories: str = "/run/user") -> dict[str, str]:
    """Return what a browser is started with: of the caller's variables those that it needs, none that names code."""
    kept = {name: environ[name] for name in _KEPT if name in environ}
    kept |= {name: value for name, value in environ.items() if name.startswith("LC_") and "/" not in value}
    kept |= _displays(environ)
    if "PATH" in environ:
        kept["PATH"] = _absolute(environ["PATH"])  # xdg-open looks there, too
    if sys.platform != "win32":
        own = f"{runtime_directories}/{os.geteuid()}"
        if environ.get("XDG_RUNTIME_DIR") == own:
            kept["XDG_RUNTIME_DIR"] = own
        # libdbus runs the program that `unixexec:` names, and asks at any socket.
        if environ.get(_BUS, "").split(",")[0] == f"unix:path={own}/bus":
            kept[_BUS] = f"unix:path={own}/bus"
        # Where flatpak, snap and Nix have their applications; root's alone.
        if places := [place for place in environ.get(_DATA, "").split(":") if _is_roots(place)]:
            kept[_DATA] = ":".join(places)
    return kept


def _is_roots(path: str) -> bool:
    """Tell whether a directory and all above it belong to root, and others may not write there."""
    if not os.path.isabs(path):
        return False
    path = os.path.realpath(path)
    while True:
        try:
            status = os.lstat(path)
        except OSError:
            return False
        if status.st_uid != 0 or status.st_mode & 0o022 or not stat.S_ISDIR(status.st_mode):
            return False
        if path == os.path.dirname(path):
            return True
        path = os.path.dirname(path)


def start(command: tuple[str, ...], url: str, environ: Mapping[str, str] = os.environ) -> "subprocess.Popen[bytes]":
    """Start a browser with a URL, in a session of its own, so that Ctrl-C does not end it; raises MachineError."""
    try:
        return subprocess.Popen(
            [*command, url],
            env=environment(hardening.environment_of_caller(environ)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise NoBrowserError(f"{command[0]} cannot be started: {reason}", hint=_PRINT) from None
