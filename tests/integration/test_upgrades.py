"""The line goes on working across what people do to an installation, and says in one line where it cannot.

The environments are real; what they hold is what this suite runs on, by links, so that nothing is fetched.
"""

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

import credhelper
from fakes.home import Home, error, key_id
from fakes.pythons import ROOT, VERSIONS, find_python
from fakes.sts import FakeSts

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the environments are made of links")

PURELIB = Path(sysconfig.get_path("purelib"))
OURS = Path(credhelper.__file__).parent
LIBRARY = f"lib/python3.{sys.version_info.minor}/site-packages"


class Install:
    """An installation of credhelper in an environment of its own."""

    def __init__(self, directory: Path, home: Home) -> None:
        self.directory = directory
        self.home = home

    @property
    def library(self) -> Path:
        return self.directory / LIBRARY

    def make(self) -> "Install":
        """Make the environment, with the starter and nothing else."""
        venv.create(self.directory, symlinks=True)
        starter = self.directory / "share" / "credhelper" / "get.py"
        shutil.copytree(ROOT / "packaging" / "starter", starter.parent)
        return self

    def with_packages(self) -> "Install":
        """Put all that is needed beside each other, as pip does."""
        for path in PURELIB.iterdir():
            if path.suffix != ".pth" and path.name != "credhelper":
                (self.library / path.name).symlink_to(path)
        shutil.copytree(OURS, self.library / "credhelper", symlinks=True)
        return self

    def type(self, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        """Start the program as a person does."""
        program = [str(self.directory / "bin" / "python"), "-I", "-m", "credhelper"]
        return self.home.start([*program, *arguments], {})

    def add(self, name: str = "prod-s3") -> list[str]:
        """Add a profile with this installation, and return the words of its line."""
        role = ("--role-arn", "arn:aws:iam::222222222222:role/x", "--source-profile", "default")
        done = self.type("profile", "add", name, *role, "--region", "us-east-1")
        assert (done.returncode, done.stderr.decode()) == (0, f"added profile {name} in {self.home.config}\n")
        return line_of(self.home, name)

    def ask(self) -> "subprocess.CompletedProcess[bytes]":
        """Start the line as an SDK does."""
        return self.home.start(line_of(self.home), {})


def line_of(home: Home, name: str = "prod-s3") -> list[str]:
    lines = (line for line in home.config.read_text().splitlines() if line.endswith(f" get {name}"))
    return next(lines).removeprefix("credential_process = ").split(" ")


@pytest.fixture
def home(tmp_path: Path, sts: FakeSts) -> Home:
    home = Home(tmp_path / "home", AWS_ENDPOINT_URL_STS=sts.url)
    home.add_user()
    return home


@pytest.fixture
def install(tmp_path: Path, home: Home) -> Install:
    return Install(tmp_path / "tool", home).make()


def test_line_has_no_version_and_answers(install: Install) -> None:
    line = install.with_packages().add()
    assert line[:4] == [f"{install.directory}/bin/python", "-I", "-S", f"{install.directory}/share/credhelper/get.py"]
    assert key_id(install.ask()) == key_id(install.ask())


def test_upgrade_in_place_keeps_the_line(install: Install) -> None:
    install.with_packages().add()
    key = key_id(install.ask())
    shutil.rmtree(install.library / "credhelper")
    shutil.copytree(OURS, install.library / "credhelper")
    assert key_id(install.ask()) == key


@pytest.mark.parametrize("version", VERSIONS)
def test_new_version_of_python_keeps_the_line(install: Install, version: str) -> None:
    python = find_python(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    line = install.with_packages().add()
    shutil.rmtree(install.directory / "lib")
    shutil.rmtree(install.directory / "bin")
    subprocess.run([python, "-m", "venv", "--without-pip", install.directory], check=True)
    # The compiled packages of this Python are none for that one: what is shown is where the line leads.
    package = install.directory / "lib" / f"python{version}" / "site-packages" / "credhelper"
    package.mkdir()
    (package / "start.py").write_text(
        "import sys\ndef main(): print(sys.version_info[:2], sys.flags.no_site, *sys.argv[1:])\n"
    )
    shown = install.home.start(line, {}).stdout.decode()
    assert shown == f"({version.replace('.', ', ')}) 1 get prod-s3\n"


@pytest.mark.parametrize("where", ["packages", "everything"])
def test_packages_that_only_the_sites_know_are_found(install: Install, tmp_path: Path, where: str) -> None:
    # A .pth file is what an editable install is, and the packages of the system are as far away as these.
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (install.library / "base.pth").write_text(f"{elsewhere}\n{PURELIB}\n")
    shutil.copytree(OURS, (install.library if where == "packages" else elsewhere) / "credhelper")
    install.add()
    assert key_id(install.ask()) == key_id(install.ask())
    assert len(install.home.entries) == 1


def test_editable_install_answers(install: Install, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for name in ("credhelper", "packaging"):
        shutil.copytree(ROOT / name, checkout / name)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    (install.library / "base.pth").write_text(f"{PURELIB}\n")
    shutil.rmtree(install.directory / "share")
    pip = [sys.executable, "-m", "pip", "--python", f"{install.directory}/bin/python", "install", "--quiet"]
    editable = ["--no-index", "--no-deps", "--no-build-isolation", "--ignore-installed", "--editable", str(checkout)]
    subprocess.run([*pip, *editable], check=True, capture_output=True, timeout=100)
    line = install.add()
    assert line[3] == f"{install.directory}/share/credhelper/get.py"
    assert key_id(install.ask()) == key_id(install.ask())


@pytest.mark.parametrize(
    "missing",
    ["_cffi_backend*", "cryptography", "botocore", "credhelper", "credhelper/provider", "credhelper/cache/store.py"],
)
@pytest.mark.parametrize("state", ["hit", "miss"])
def test_damaged_installation_is_one_line_and_a_hint(install: Install, missing: str, state: str) -> None:
    install.with_packages().add()
    key_id(install.ask())
    if state == "miss":
        shutil.rmtree(install.home.cache)
    for path in install.library.glob(missing):
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    if missing == "botocore" and state == "hit":
        key_id(install.ask())
        return
    assert "install it again: " in error(install.ask(), 3)
    if missing != "credhelper":
        assert "install it again: " in error(install.type("login", "prod-s3"), 3)


def test_half_a_module_is_one_line_and_a_hint(install: Install) -> None:
    install.with_packages().add()
    for name in ("provider/hit.py", "provider/process.py"):
        (install.library / "credhelper" / name).write_text("def serve(:\n")
    assert "install it again: " in error(install.ask(), 3)


@pytest.mark.parametrize("event", ["moved", "dangling", "script"])
def test_dead_lines_are_noticed_once_and_repaired(install: Install, tmp_path: Path, event: str) -> None:
    old = install.with_packages().add()
    install.add("other")
    key_id(install.ask())
    now = install
    if event == "script":
        (install.directory / "share" / "credhelper" / "get.py").unlink()
    else:
        now = Install(tmp_path / "new", install.home).make().with_packages()
        if event == "moved":
            shutil.rmtree(install.directory)
        else:
            (install.directory / "bin" / "python").unlink()
            (install.directory / "bin" / "python").symlink_to(tmp_path / "python-that-was-removed")
    notice = "note: 2 profiles start a program that is gone\nhint: credhelper profile repair\n"
    for command in (["status"], ["profile", "list"], ["login", "prod-s3"]):
        assert now.type(*command).stderr.decode() == notice
    quiet = now.type("profile", "list", "--json")
    assert b"is gone" not in quiet.stdout
    assert b"credhelper profile repair" in now.type("profile", "check").stdout
    done = now.type("profile", "repair")
    assert done.returncode == 0
    assert done.stdout.decode().splitlines()[0].startswith(f"prod-s3: {' '.join(old)} -> ")
    assert now.type("status").stderr == b""
    key_id(now.ask())
