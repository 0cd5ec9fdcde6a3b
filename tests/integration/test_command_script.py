"""The command's script finds the Python that it was installed for, wherever an installer puts it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has the installer's own command")

SCRIPT = Path(__file__).parents[2] / "packaging" / "scripts" / "credhelper"
PYTHON = f"python3.{sys.version_info.minor}"
_PACKAGE = """
import sys
print(sys.flags.isolated, sys.executable, *sys.argv[1:], sep="\\n")
"""


def put(directory: Path, package: str, python: str = f"bin/{PYTHON}") -> Path:
    """Install the script, a package and a Python into a directory as an installer would, and return the script."""
    script = directory / "bin" / "credhelper"
    script.parent.mkdir(parents=True)
    shutil.copy(SCRIPT, script)
    module = directory / package / "credhelper" / "__main__.py"
    module.parent.mkdir(parents=True)
    module.write_text(_PACKAGE)
    interpreter = directory / python
    interpreter.parent.mkdir(parents=True, exist_ok=True)
    interpreter.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    interpreter.chmod(0o755)
    return script


def run(script: Path | str, **options: object) -> list[str]:
    done = subprocess.run([str(script), "a b", "*"], capture_output=True, text=True, check=True, **options)  # type: ignore[call-overload]
    return list(done.stdout.splitlines())


@pytest.mark.parametrize(
    "package",
    [
        f"lib/{PYTHON}/site-packages",
        f"lib/{PYTHON}/dist-packages",
        f"local/lib/{PYTHON}/dist-packages",
    ],
)
@pytest.mark.parametrize("name", ["prefix", "a folder", "lib/python3.1", "x:y"])
def test_package_beside_says_which_python_it_is(tmp_path: Path, package: str, name: str) -> None:
    assert run(put(tmp_path / name, package)) == ["1", sys.executable, "a b", "*"]


def test_python_that_is_elsewhere_is_found_on_the_path_but_not_in_the_caller_s_directory(tmp_path: Path) -> None:
    python = "python3.99"
    script = put(tmp_path / "home" / ".local", f"lib/{python}/site-packages", "elsewhere/python3.99")
    trap = tmp_path / "project" / python
    trap.parent.mkdir()
    trap.write_text("#!/bin/sh\necho trap\n")
    trap.chmod(0o755)
    path = f".::{tmp_path}/home/.local/elsewhere:/usr/bin:/bin"
    assert run(script, cwd=trap.parent, env={"PATH": path})[0] == "1"


def test_folder_of_a_target_has_a_command_too(tmp_path: Path) -> None:
    assert run(put(tmp_path / "target", "", "bin/python3"))[2:] == ["a b", "*"]


def test_user_s_directory_on_macos_names_its_python(tmp_path: Path) -> None:
    version = PYTHON.removeprefix("python")
    script = put(tmp_path / "Library" / "Python" / version, "lib/python/site-packages")
    assert run(script)[0] == "1"


@pytest.mark.parametrize("depth", [1, 3])
def test_command_is_found_behind_symlinks(tmp_path: Path, depth: int) -> None:
    target = Path(sys.executable).with_name("credhelper")
    for number in range(depth):
        link = tmp_path / str(number) / "credhelper"
        link.parent.mkdir()
        link.symlink_to(os.path.relpath(target, link.parent) if number % 2 else target)
        target = link
    shown = subprocess.run([target, "--version"], capture_output=True, text=True, check=True)
    beside = subprocess.run(
        ["./credhelper", "--version"], cwd=target.parent, capture_output=True, text=True, check=True
    )
    assert shown.stdout.startswith("credhelper ")
    assert beside.stdout == shown.stdout


def test_missing_python_is_named(tmp_path: Path) -> None:
    script = put(tmp_path / "gone", "lib/python3.99/site-packages")
    done = subprocess.run([script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"is gone: {tmp_path}/gone/bin/credhelper\nhint: " in done.stderr
