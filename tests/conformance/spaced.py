"""An installation of ours below a path with a space, as a person with such a home directory has it."""

import shutil
import site
import subprocess
import sys
from pathlib import Path

import credhelper


def install(directory: Path) -> Path:
    """Return the interpreter of a new environment: our package copied, the packages it needs linked."""
    environment = directory / "with a space" / "venv"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True, stdin=subprocess.DEVNULL
    )
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = environment / "lib" / version / "site-packages"
    for found in Path(site.getsitepackages()[0]).iterdir():
        # A .pth file may lead back to an installation elsewhere.
        if found.name != "credhelper" and found.suffix != ".pth":
            (packages / found.name).symlink_to(found)
    shutil.copytree(Path(credhelper.__file__).parent, packages / "credhelper")
    return environment / "bin" / "python"
