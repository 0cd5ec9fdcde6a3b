"""The Pythons of this machine, from where packaging/test-pythons looks for them."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
_PYENV = Path(os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))) / "versions"


def find_python(version: str) -> Path | None:
    """Return a Python of this version that works, None if there is none."""
    found = [*sorted(_PYENV.glob(f"{version}.*/bin/python"))]
    found.append(ROOT / ".pythons" / "org" / "bytedeco" / "cpython" / "linux-x86_64" / "bin" / f"python{version}")
    for python in found:
        if not python.is_file():
            continue
        if subprocess.run([python, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
            return python
    return None
