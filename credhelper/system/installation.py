"""The command that starts this installation for a profile."""

import os
import sys

import credhelper
from credhelper.errors import InputError


def helper_argv(profile: str, *, interpreter: str | None = None, script: str | None = None) -> list[str]:
    """Return the command that answers for a profile: this interpreter, isolated, and credhelper's own script.

    `-I` keeps PYTHONPATH, the user's site directory and the current directory out; `-S` leaves out the start of
    `site`, which a hit does not need. Raises InputError where there is no interpreter to name (an embedded Python).
    """
    python = sys.executable if interpreter is None else interpreter
    if not python:
        raise InputError(
            "this Python does not know its own path, so no command line can name it",
            hint="install credhelper with pipx or uv and add the profile with that one",
        )
    return [python, "-I", "-S", script or _own_script(), "get", profile]


def _own_script() -> str:
    return os.path.join(os.path.dirname(os.path.abspath(credhelper.__file__)), "__main__.py")
