"""Which command starts an installation and goes on doing so after an upgrade: one function of what was found. Pure."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from credhelper.model.shell import word

STARTER = "share/credhelper/get.py"
LAYOUT = "share/credhelper/layout"
# What a package writes into its layout file where its own launcher is the stable path.
_LAUNCHED = ("bundle", "system")
_KEG = re.compile(r"(?P<brew>.*)/Cellar/credhelper/[^/]+")
_REMARK = "this line names a path that an upgrade may take away; if one has: credhelper profile repair"


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of an installation; "" for what there is not.

    `script` is the package's own, below the version of Python. `starter` is the same without the version, `launcher` a
    program that needs no Python named. `layout` is what the packager's file says. `opt` is Homebrew's path that leads
    to this `keg`, `profile_command` the one in a Nix profile that leads to this installation.
    """

    python: str
    script: str
    starter: str = ""
    launcher: str = ""
    layout: str = ""
    keg: str = ""
    opt: str = ""
    profile_command: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that a line for this installation may name, but for the interpreter."""
        names = (self.script, self.starter, self.launcher, self.profile_command)
        return tuple(name for name in names if name)


@dataclass(frozen=True, slots=True)
class Start:
    """The words before `get NAME`, and what a person should know about them, "" if nothing."""

    words: tuple[str, ...]
    remark: str = ""


def start_of(found: Found) -> Start:
    """Return the first of the ways to start this installation that is there, the most lasting first."""
    if found.layout in _LAUNCHED and found.launcher:
        return Start((found.launcher,))
    if found.script.startswith("/nix/store/"):
        return Start((found.profile_command,)) if found.profile_command else Start(_isolated(found), _REMARK)
    words = _isolated(found)
    if found.keg and found.opt:
        words = tuple(_moved(word, found.keg, found.opt) for word in words)
    elif found.keg:
        return Start(words, _REMARK)
    return Start(words, "" if found.starter else _REMARK)


def _isolated(found: Found) -> tuple[str, ...]:
    return (found.python, "-I", "-S", found.starter or found.script)


def _moved(word: str, keg: str, opt: str) -> str:
    return opt + word[len(keg) :] if word.startswith(f"{keg}/") else word


def keg_of(path: str) -> tuple[str, str]:
    """Return Homebrew's directory of this version that a path is in, and the one that every version has; "" each."""
    match = _KEG.match(path)
    return (match.group(), f"{match['brew']}/opt/credhelper") if match else ("", "")


def temporary_place(path: str, temporary: Sequence[str]) -> str:
    """Say in which place that is emptied now and then a path is, "" if in none; `temporary` are directories for files.

    `uvx` and `pipx run` start a program from their cache.
    """
    parts = path.replace("\\", "/").split("/")
    if "archive-v0" in parts or "environments-v2" in parts:
        return "the cache of uv"
    pairs = set(itertools.pairwise(parts))
    if pairs & {("pipx", ".cache"), (".cache", "pipx"), ("Caches", "pipx")}:
        return "the cache of pipx"
    if any(path.startswith(directory.rstrip("/\\") + end) for directory in temporary for end in "/\\"):
        return "a directory for temporary files"
    return ""


def adding(package: str, *, installer: str, python: str, is_extra: bool = False) -> str:
    """Return the command that adds a package to an installation, or an extra of credhelper's own.

    `installer` is what made the environment: pipx, uv, or "" where pip fills it, which `python` starts.
    """
    wanted = word(f"credhelper[{package}]") if is_extra else word(package)
    if installer == "pipx":
        return f"pipx install --force {wanted}" if is_extra else f"pipx inject credhelper {wanted}"
    if installer == "uv":
        return f"uv tool install {f'--force {wanted}' if is_extra else f'--with {wanted} credhelper'}"
    return f"{word(python)} -m pip install {wanted}"
