"""What pyproject.toml becomes: the metadata of a wheel, and the lower bounds that `make test-oldest` installs."""

import re
import runpy
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")


def project_urls(directory: Path, pyproject: str) -> list[str]:
    """Return the Project-URL lines of a wheel that is built from a copy with this pyproject.toml."""
    for name in (
        "README.md",
        "LICENSE",
        "packaging/command_hook.py",
        "packaging/metadata_hook.py",
        "packaging/credhelper.1",
        "packaging/scripts/credhelper",
        "credhelper/__init__.py",
    ):
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, directory / name)
    (directory / "pyproject.toml").write_text(pyproject, "utf-8")
    command = [sys.executable, "-I", "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(command, cwd=directory, check=True, capture_output=True)
    (wheel,) = (directory / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        return [line for line in archive.read(name).decode().splitlines() if line.startswith("Project-URL:")]


def with_repository(address: str) -> str:
    made, count = re.subn(r'^repository = ".*"$', f'repository = "{address}"', PYPROJECT, flags=re.MULTILINE)
    assert count == 1
    return made


def test_a_wheel_has_no_urls_while_the_repository_has_no_address(tmp_path: Path) -> None:
    assert project_urls(tmp_path, with_repository("")) == []


def test_the_address_of_the_repository_becomes_the_urls_of_the_wheel(tmp_path: Path) -> None:
    assert project_urls(tmp_path, with_repository("https://example.org/credhelper/")) == [
        "Project-URL: Repository, https://example.org/credhelper",
        "Project-URL: Issues, https://example.org/credhelper/issues",
    ]


def test_every_dependency_is_held_at_its_lower_bound() -> None:
    constraints = runpy.run_path(str(ROOT / "packaging" / "oldest.py"))["constraints"]
    project = '[project]\ndependencies = ["a>=1.2", "b>=3,!=3.1,<4"]\noptional-dependencies.keyring = ["c>=5"]\n'
    assert constraints(project) == ["a==1.2", "b==3", "c==5"]
    with pytest.raises(ValueError, match="no lower bound: d"):
        constraints(project.replace("a>=1.2", "d"))
    assert [line.partition("==")[0] for line in constraints(PYPROJECT)].count("cryptography") == 1
