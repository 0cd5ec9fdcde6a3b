"""The line goes on working across what real installers do: pipx, uv, pip and venv, and the layout of Homebrew.

`make upgrade-check` puts the installers and their wheels into .venv-installers, and runs all events: UPGRADES=all.
Without that directory the tests are skipped; with it alone, those run that need no other Python. Nothing is fetched.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fakes.home import Home, error, key_id
from fakes.pythons import ROOT, VERSIONS, find_python
from fakes.sts import FakeSts
from fakes.wheels import as_version

INSTALLERS = ROOT / ".venv-installers"
WHEELS = INSTALLERS / "wheels"
IS_WHOLE = os.environ.get("UPGRADES") == "all"
THIS = f"{sys.version_info.major}.{sys.version_info.minor}"
ROLE = ("--role-arn", "arn:aws:iam::222222222222:role/x", "--source-profile", "default", "--region", "us-east-1")

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="the paths are those of POSIX"),
    pytest.mark.skipif(not WHEELS.is_dir(), reason="no pipx and uv with wheels here: make upgrade-check"),
]


def whole(*values: object) -> object:
    """Return a case that only `make upgrade-check` runs."""
    return pytest.param(*values, marks=pytest.mark.skipif(not IS_WHOLE, reason="one of many: make upgrade-check"))


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two folders of wheels, one with the next version of credhelper as well, and what uv may keep between tests."""
    wheel = next((ROOT / "dist").glob("credhelper-*.whl"))
    made = {name: tmp_path_factory.mktemp(name) for name in ("old", "new", "cache")}
    for name in ("old", "new"):
        for path in (*WHEELS.iterdir(), wheel):
            (made[name] / path.name).symlink_to(path)
    as_version(wheel, "99.0.0", made["new"])
    return made


@dataclass(frozen=True, slots=True)
class Machine:
    """A user's machine: a home, installers, and what they take for the index."""

    home: Home
    tools: Path
    places: dict[str, Path]
    index: str = "old"

    def upgraded(self) -> "Machine":
        """Return the machine on the day when the next version is out."""
        return Machine(self.home, self.tools, self.places, "new")

    def run(self, *command: str | Path, **environ: str) -> str:
        """Start an installer and return what it says."""
        return self.fail(0, *command, **environ)

    def fail(self, code: int, *command: str | Path, **environ: str) -> str:
        """Start an installer that ends with this code, and return what it says."""
        wheels = str(self.places[self.index])
        done = self.home.start(
            [str(word) for word in command],
            {
                "PATH": f"{INSTALLERS / 'bin'}{os.pathsep}{os.defpath}",
                "PIPX_HOME": str(self.tools / "pipx"),
                "PIPX_BIN_DIR": str(self.tools / "bin"),
                "PIPX_MAN_DIR": str(self.tools / "man"),
                "PIPX_DEFAULT_PYTHON": str(find_python(THIS) or sys.executable),
                "UV_TOOL_DIR": str(self.tools / "uv"),
                "UV_TOOL_BIN_DIR": str(self.tools / "bin"),
                "UV_CACHE_DIR": str(self.places["cache"]),
                "UV_PYTHON_DOWNLOADS": "never",
                "UV_OFFLINE": "1",
                "UV_NO_INDEX": "1",
                "UV_FIND_LINKS": wheels,
                "PIP_NO_INDEX": "1",
                "PIP_FIND_LINKS": wheels,
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                **environ,
            },
        )
        said = (done.stdout + done.stderr).decode()
        assert done.returncode == code, said
        return said

    def add(self, program: Path) -> list[str]:
        """Add a profile with the program that a person has on PATH, and return the words of its line."""
        done = self.home.start([str(program), "profile", "add", "prod-s3", *ROLE], {})
        assert (done.returncode, done.stderr.decode()) == (0, f"added profile prod-s3 in {self.home.config}\n")
        return self.line()

    def line(self) -> list[str]:
        """Return the words of the line in the config."""
        lines = [line for line in self.home.config.read_text().splitlines() if line.endswith(" get prod-s3")]
        return lines[0].removeprefix("credential_process = ").split(" ")

    def answers(self, version: str) -> None:
        """Start the line as an SDK does: it answers from the cache the second time, and is of that version."""
        shutil.rmtree(self.home.cache, ignore_errors=True)
        assert key_id(self.home.start(self.line(), {})) == key_id(self.home.start(self.line(), {}))
        said = self.home.start([*self.line()[:-2], "--version"], {}).stdout.decode()
        assert said == f"credhelper {version}\n"


@pytest.fixture
def machine(
    tmp_path: Path, sts: FakeSts, places: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> "Machine":
    home = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
    home.add_user()
    return Machine(home, tmp_path_factory.mktemp("tools"), places)


def starter_of(prefix: Path) -> list[str]:
    """Return the line's form for an environment: channels.md's row of pip, pipx and uv."""
    return [f"{prefix}/bin/python", "-I", "-S", f"{prefix}/share/credhelper/get.py", "get", "prod-s3"]


@pytest.mark.parametrize(
    ("backend", "event"),
    [
        ("uv", ("upgrade", "credhelper")),
        *[whole("uv", event) for event in (("upgrade-all",), ("reinstall", "credhelper"))],
        *[whole("pip", event) for event in (("upgrade", "credhelper"), ("reinstall", "credhelper"))],
    ],
)
def test_pipx_keeps_the_line(machine: Machine, backend: str, event: tuple[str, ...]) -> None:
    pipx = {"PIPX_DEFAULT_BACKEND": backend}
    machine.run("pipx", "install", "credhelper", **pipx)
    line = machine.add(machine.tools / "bin" / "credhelper")
    assert line == starter_of(machine.tools / "pipx" / "venvs" / "credhelper")
    machine.answers("0.1.0")
    machine.upgraded().run("pipx", *event, **pipx)
    assert machine.line() == line
    machine.answers("99.0.0")


@pytest.mark.parametrize(
    "event",
    [("upgrade",), *map(whole, [("upgrade", "--reinstall"), ("install", "--force"), ("install", "--upgrade")])],
)
def test_uv_tool_keeps_the_line(machine: Machine, event: tuple[str, ...]) -> None:
    machine.run("uv", "tool", "install", "credhelper", "--python", find_python(THIS) or sys.executable)
    line = machine.add(machine.tools / "bin" / "credhelper")
    assert line == starter_of(machine.tools / "uv" / "credhelper")
    machine.answers("0.1.0")
    machine.upgraded().run("uv", "tool", *event, "credhelper")
    assert machine.line() == line
    machine.answers("99.0.0")


def make_with_venv(machine: Machine, python: Path) -> Path:
    directory = machine.tools / "v"
    machine.run(python, "-m", "venv", directory)
    machine.run(directory / "bin" / "python", "-m", "pip", "install", "-q", "credhelper")
    return directory


def make_with_uv(machine: Machine, python: Path) -> Path:
    directory = machine.tools / "v"
    machine.run("uv", "venv", "--python", python, directory)
    machine.run("uv", "pip", "install", "--python", directory, "credhelper")
    return directory


def take_with_pip(machine: Machine, directory: Path) -> None:
    machine.run(directory / "bin" / "python", "-m", "pip", "install", "-q", "--upgrade", "credhelper")


def take_with_uv(machine: Machine, directory: Path) -> None:
    machine.run("uv", "pip", "install", "--python", directory, "--upgrade", "credhelper")


@pytest.mark.parametrize(("make", "take"), [(make_with_uv, take_with_uv), whole(make_with_venv, take_with_pip)])
def test_upgrade_in_a_virtual_environment_keeps_the_line(
    machine: Machine, make: Callable[[Machine, Path], Path], take: Callable[[Machine, Path], None]
) -> None:
    directory = make(machine, find_python(THIS) or Path(sys.executable))
    line = machine.add(directory / "bin" / "credhelper")
    assert line == starter_of(directory)
    machine.answers("0.1.0")
    take(machine.upgraded(), directory)
    assert machine.line() == line
    machine.answers("99.0.0")


def replace_with_pipx(machine: Machine, python: Path) -> None:
    machine.run("pipx", "reinstall", "--python", python, "credhelper")


def force_with_pipx(machine: Machine, python: Path) -> None:
    machine.run("pipx", "install", "--force", "--python", python, "credhelper")


def upgrade_with_uv(machine: Machine, python: Path) -> None:
    machine.run("uv", "tool", "upgrade", "--python", python, "credhelper")


def force_with_uv(machine: Machine, python: Path) -> None:
    machine.run("uv", "tool", "install", "--force", "--python", python, "credhelper")


def make_bare(machine: Machine, python: Path) -> Path:
    machine.run(python, "-m", "venv", "--without-pip", machine.tools / "v")
    machine.run("uv", "pip", "install", "--python", machine.tools / "v", "credhelper")
    return machine.tools / "v"


def make_again_with_venv(machine: Machine, python: Path) -> None:
    machine.run(python, "-m", "venv", "--clear", "--without-pip", machine.tools / "v")
    machine.run("uv", "pip", "install", "--python", machine.tools / "v", "credhelper")


def make_again_with_uv(machine: Machine, python: Path) -> None:
    machine.run("uv", "venv", "--clear", "--python", python, machine.tools / "v")
    machine.run("uv", "pip", "install", "--python", machine.tools / "v", "credhelper")


def version_of(python: Path) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def install_with_pipx(machine: Machine, python: Path) -> Path:
    machine.run("pipx", "install", "--python", python, "credhelper")
    return machine.tools / "pipx" / "venvs" / "credhelper"


def install_with_uv(machine: Machine, python: Path) -> Path:
    machine.run("uv", "tool", "install", "--python", python, "credhelper")
    return machine.tools / "uv" / "credhelper"


NEW_PYTHONS = {
    "pipx reinstall --python": (install_with_pipx, replace_with_pipx),
    "pipx install --force --python": (install_with_pipx, force_with_pipx),
    "uv tool upgrade --python": (install_with_uv, upgrade_with_uv),
    "uv tool install --force --python": (install_with_uv, force_with_uv),
    "venv --clear": (make_bare, make_again_with_venv),
    "uv venv --clear": (make_with_uv, make_again_with_uv),
}
# pipx leaves an environment that is there as it is.
KEEPS_ITS_PYTHON = ("pipx install --force --python",)


@pytest.mark.skipif(not IS_WHOLE, reason="needs other Pythons: make upgrade-check")
@pytest.mark.parametrize("event", NEW_PYTHONS)
@pytest.mark.parametrize("version", VERSIONS)
def test_new_version_of_python_keeps_the_line(machine: Machine, version: str, event: str) -> None:
    old = find_python("3.12" if version == "3.11" else "3.11")
    new = find_python(version)
    if new is None or old is None or version == version_of(old):
        pytest.skip(f"no Python {version} here beside another one")
    install, replace = NEW_PYTHONS[event]
    prefix = install(machine, old)
    line = machine.add(prefix / "bin" / "credhelper")
    assert line == starter_of(prefix)
    machine.answers("0.1.0")
    replace(machine, new)
    assert machine.line() == line
    machine.answers("0.1.0")
    assert version_of(prefix / "bin" / "python") == (version_of(old) if event in KEEPS_ITS_PYTHON else version)


@pytest.mark.skipif(not IS_WHOLE, reason="builds a wheel: make upgrade-check")
@pytest.mark.parametrize("installer", ["uv tool", "pipx", "pip"])
def test_editable_install_keeps_the_line(machine: Machine, installer: str) -> None:
    checkout = machine.tools / "checkout"
    for name in ("credhelper", "packaging"):
        shutil.copytree(ROOT / name, checkout / name)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    python = find_python(THIS) or Path(sys.executable)
    if installer == "uv tool":
        machine.run("uv", "tool", "install", "--python", python, "--editable", checkout)
        prefix = machine.tools / "uv" / "credhelper"
    elif installer == "pipx":
        machine.run("pipx", "install", "--python", python, "--editable", checkout)
        prefix = machine.tools / "pipx" / "venvs" / "credhelper"
    else:
        prefix = make_with_venv(machine, python)
        machine.run(prefix / "bin" / "python", "-m", "pip", "install", "-q", "--editable", checkout)
    line = machine.add(prefix / "bin" / "credhelper")
    assert line == starter_of(prefix)
    machine.answers("0.1.0")
    version = checkout / "credhelper" / "__init__.py"
    version.write_text(version.read_text().replace("0.1.0", "0.1.1"))
    assert machine.line() == line
    machine.answers("0.1.1")


@pytest.mark.skipif(not IS_WHOLE, reason="copies a whole Python: make upgrade-check")
def test_environment_with_the_packages_of_the_system_answers(machine: Machine) -> None:
    system = ROOT / ".pythons" / "org" / "bytedeco" / "cpython" / "linux-x86_64"
    if not system.is_dir():
        pytest.skip("no Python here that can be copied: make test-pythons fetches one")
    copy = machine.tools / "system"
    shutil.copytree(system, copy, symlinks=True)
    python = copy / "bin" / "python3.14"
    machine.run("uv", "pip", "install", "--system", "--break-system-packages", "--python", python, "credhelper")
    machine.run("uv", "pip", "uninstall", "--system", "--break-system-packages", "--python", python, "credhelper")
    directory = machine.tools / "v"
    machine.run(python, "-m", "venv", "--system-site-packages", directory)
    machine.run(directory / "bin" / "python", "-m", "pip", "install", "-q", "credhelper")
    assert not [path.name for path in directory.glob("lib/python3.14/site-packages/botocore")], "has its own packages"
    assert machine.add(directory / "bin" / "credhelper") == starter_of(directory)
    machine.answers("0.1.0")


@pytest.mark.parametrize("version", [THIS, *([one for one in VERSIONS if one != THIS] if IS_WHOLE else [])])
def test_new_keg_of_homebrew_keeps_the_line(machine: Machine, version: str) -> None:
    """A keg for each version, a link that leads to the present one, and the old keg removed, as `brew upgrade` does."""
    python = find_python(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    brew = machine.tools / "brew"
    opt = brew / "opt" / "credhelper"
    opt.parent.mkdir(parents=True)

    def pour(machine: Machine, number: str, python: Path) -> Path:
        prefix = brew / "Cellar" / "credhelper" / number / "libexec"
        machine.run("uv", "venv", "--python", python, prefix)
        machine.run("uv", "pip", "install", "--python", prefix, f"credhelper=={number}")
        opt.unlink(missing_ok=True)
        opt.symlink_to(prefix.parent)
        return prefix.parent

    old = pour(machine, "0.1.0", find_python(THIS) or Path(sys.executable))
    line = machine.add(old / "libexec" / "bin" / "credhelper")
    assert line == starter_of(opt / "libexec")
    pour(machine.upgraded(), "99.0.0", python)
    shutil.rmtree(old)
    assert machine.line() == line
    machine.answers("99.0.0")


@pytest.mark.parametrize(
    "runner", [("pipx", "run", "credhelper"), whole(("uvx", "--from", "credhelper", "credhelper"))]
)
def test_program_from_a_cache_writes_no_line(machine: Machine, runner: tuple[str, ...]) -> None:
    # Not below /tmp, where a temporary program may write its line, and where everything is temporary.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as home:
        shutil.copytree(machine.home.aws, f"{home}/.aws")
        said = machine.fail(2, *runner, "profile", "add", "prod-s3", *ROLE, HOME=home, UV_CACHE_DIR=f"{home}/.cache/uv")
        assert not Path(home, ".aws", "config").exists()
    assert "this credhelper is a temporary one, in the cache of uv" in said
    assert "hint: uv tool install credhelper" in said


@pytest.mark.parametrize(
    "event", [("uv", "tool", "uninstall", "credhelper"), whole(("pipx", "uninstall", "credhelper"))]
)
def test_line_of_what_is_uninstalled_is_repaired_by_the_next_one(machine: Machine, event: tuple[str, ...]) -> None:
    python = find_python(THIS) or Path(sys.executable)
    other = {"uv": (install_with_uv, install_with_pipx), "pipx": (install_with_pipx, install_with_uv)}[event[0]]
    line = machine.add(other[0](machine, python) / "bin" / "credhelper")
    machine.answers("0.1.0")
    machine.run(*event)
    with pytest.raises(FileNotFoundError, match=line[0]):  # what docs/troubleshooting.md has
        machine.home.start(line, {})
    program = other[1](machine, python) / "bin" / "credhelper"
    done = machine.home.start([str(program), "profile", "list"], {})
    assert done.stderr.decode() == "note: 1 profile starts a program that is gone\nhint: credhelper profile repair\n"
    assert machine.home.start([str(program), "profile", "repair"], {}).returncode == 0
    machine.answers("0.1.0")


@pytest.mark.parametrize("package", ["_cffi_backend*.so", whole("cryptography")])
def test_installation_that_an_installer_left_half_done_is_one_line(machine: Machine, package: str) -> None:
    prefix = install_with_uv(machine, find_python(THIS) or Path(sys.executable))
    machine.add(prefix / "bin" / "credhelper")
    for path in prefix.glob(f"lib/python*/site-packages/{package}"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert "install it again: " in error(machine.home.start(machine.line(), {}), 3)
