"""The command that starts this installation for a profile: looks at what there is of it."""

import os
import sys
import tempfile

import credhelper
from credhelper.errors import InputError
from credhelper.model import install_form
from credhelper.model.install_form import LAYOUT, STARTER, Found, keg_of, temporary_place


def look() -> Found:
    """Look at what there is of this installation; raises InputError where there is no interpreter to name."""
    python = _python()
    if not python:
        raise InputError(
            "this Python does not know its own path, so no command line can name it",
            hint="install credhelper with pipx or uv and add the profile with that one",
        )
    script = os.path.join(os.path.dirname(os.path.abspath(credhelper.__file__)), "__main__.py")
    prefixes = _prefixes(os.path.dirname(os.path.dirname(script)))
    keg, opt = keg_of(script)
    return Found(
        python=python,
        script=script,
        starter=_first(prefixes, *STARTER.split("/")),
        launcher=_first(prefixes, "bin", "credhelper") or _first(prefixes, "bin", "credhelper.exe"),
        layout=_word_in(_first(prefixes, *LAYOUT.split("/"))),
        keg=keg,
        opt=opt if keg and os.path.realpath(opt) == os.path.realpath(keg) else "",
        profile_command=_profile_command(script) if script.startswith("/nix/store/") else "",
    )


def adding(package: str, *, is_extra: bool = False) -> str:
    """Return the command that adds a package to this installation, or an extra of credhelper's own."""
    receipts = {"pipx_metadata.json": "pipx", "uv-receipt.toml": "uv"}
    made_by = (one for name, one in receipts.items() if os.path.isfile(os.path.join(sys.prefix, name)))
    return install_form.adding(package, installer=next(made_by, ""), python=sys.executable, is_extra=is_extra)


def temporary(*paths: str) -> str:
    """Say in which place that is emptied now and then one of these paths is, "" if in none."""
    directories = {tempfile.gettempdir(), *(["/tmp"] if os.name == "posix" else [])}  # noqa: S108 - nothing is made there
    known = [*directories, *map(os.path.realpath, directories)]
    # Not the interpreter's real path: that one is the system's own.
    looked = (path for one in paths for path in (one, os.path.join(os.path.realpath(os.path.dirname(one)), "")))
    return next((place for path in looked if (place := temporary_place(path, known))), "")


def _python() -> str:
    """Return this interpreter, in a virtual environment by the name that its next version has, too."""
    plain = os.path.join(os.path.dirname(sys.executable), "python")
    if sys.prefix != sys.base_prefix and os.path.exists(plain) and os.path.samefile(plain, sys.executable):
        return plain
    return sys.executable


def _prefixes(site: str) -> list[str]:
    """Return the directories that an installer may have taken as the top: never one that is only somewhere above."""
    above = [os.path.dirname(site)]
    while len(above) < 3:
        above.append(os.path.dirname(above[-1]))
    if os.path.basename(site) in ("site-packages", "dist-packages"):
        return [above[1] if os.name == "nt" else above[2], sys.prefix]
    return [above[1], sys.prefix] if os.path.basename(above[0]) == "lib" else [sys.prefix]


def _first(prefixes: list[str], *parts: str) -> str:
    paths = (os.path.join(prefix, *parts) for prefix in prefixes)
    return next((path for path in paths if os.path.isfile(path)), "")


def _word_in(path: str) -> str:
    if not path:
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read(64).strip()


def _profile_command(script: str) -> str:
    """Return the command of a Nix profile that leads to the package which has this script."""
    package = "/".join(script.split("/")[:4])
    user = os.path.basename(os.path.expanduser("~"))
    for directory in (os.path.expanduser("~/.nix-profile"), f"/etc/profiles/per-user/{user}", "/run/current-system/sw"):
        command = f"{directory}/bin/credhelper"
        if os.path.realpath(command).startswith(f"{package}/"):
            return command
    return ""
