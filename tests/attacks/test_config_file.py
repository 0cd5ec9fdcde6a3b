"""The attacks on the config file by their ids: A text injection, B command-line injection, E the file system."""

import os
import shlex
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.compat import compat_shell_split

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import editor
from credhelper.awsconfig.file.editor import EditOptions
from credhelper.awsconfig.profiles.process_line import command_line
from credhelper.commands.profile import add
from credhelper.errors import CredhelperError, InputError, MachineError
from credhelper.settings import Settings

ROLE = "arn:aws:iam::222222222222:role/x"
EVIL = "[profile evil]\ncredential_process = /evil\n"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(f"a]\n{EVIL}", id="A1"),
        pytest.param(f"a]\r{EVIL}", id="A2"),
        pytest.param(f"a]\r\n{EVIL}", id="A3"),
        pytest.param("a\0b", id="A4"),
        pytest.param("a]b", id="A5"),
        pytest.param("a #b", id="A6"),
        pytest.param('a"b', id="A7"),
        pytest.param("\ufeffa", id="A8"),
        pytest.param("a\udcff", id="A9"),
        pytest.param("a\u2028b\x85c", id="A10"),
        pytest.param(" a", id="A11"),
        pytest.param("profile default", id="A12"),
        pytest.param(unicodedata.normalize("NFD", "caf\u00e9"), id="A14"),
        pytest.param("a\r", id="A15"),
        pytest.param("\x1b[31ma", id="A16"),
        pytest.param("$(touch owned)", id="B1"),
        pytest.param("`touch owned`", id="B2"),
        pytest.param("a;touch owned|x&", id="B3"),
        pytest.param("a^b", id="B4"),
        pytest.param("a'b", id="B5"),
        pytest.param("a b", id="B6"),
        pytest.param("--version", id="B7"),
        pytest.param("a\nb", id="B8"),
        pytest.param("~root", id="B9"),
        pytest.param("a\\b", id="B10"),
    ],
)
def test_hostile_name_reaches_neither_file_nor_command(own: Settings, name: str) -> None:
    with pytest.raises(InputError):
        add.add(own, name, {"role_arn": ROLE, "source_profile": "default"}, EditOptions())
    assert not Path(own.config_file).exists()


@pytest.mark.parametrize("setting", ["role_arn", "source_profile", "external_id", "mfa_process", "tags", "policy"])
@pytest.mark.parametrize(
    "tail",
    [
        pytest.param(f"\n{EVIL}", id="A1"),
        pytest.param(f"\r{EVIL}", id="A2"),
        pytest.param(f"\r\n{EVIL}", id="A3"),
        pytest.param("\0", id="A4"),
        pytest.param("\n  more", id="A11"),
        pytest.param("\u2028", id="A10"),
        pytest.param("\r", id="A15"),
        pytest.param("\x1b[2J", id="A16"),
    ],
)
def test_hostile_value_never_becomes_a_line_of_its_own(own: Settings, setting: str, tail: str) -> None:
    values = {"role_arn": ROLE, "source_profile": "default"}
    values[setting] = values.get(setting, "value") + tail
    with pytest.raises(InputError) as caught:
        add.add(own, "a", values, EditOptions())
    assert tail not in caught.value.message + caught.value.hint
    assert not Path(own.config_file).exists()


@pytest.mark.parametrize("value", ["%(region)s", "%%", "${x}", "%PATH%"])
def test_a20_interpolation_is_plain_text(value: str) -> None:
    assert Document.parse(b"").add("a", {"x": value}).profile("a") == {"x": value}


def test_a13_a17_a18_a19_other_sections_are_never_moved() -> None:
    rest = b"[sso-session s]\nsso_region = x\n[services s]\nsts =\n  endpoint_url = u\n[profile b]\ns3 =\n  a = b\n" * 1
    edited = Document.parse(rest).add("a", {"x": "1"}).set("b", {"y": "2"}).remove("a").unset("b", ["y"])
    assert edited.to_bytes() == rest


@pytest.mark.parametrize("directory", ["in stall", "caf\u00e9", "it's", "a;b", "a$b", "a\\b", "(x86)", "[x]", "a#b"])
def test_b11_install_path_gets_a_line_that_all_read_alike_or_none(directory: str, tmp_path: Path) -> None:
    place = tmp_path / directory
    place.mkdir()
    python = place / "python"
    python.write_text('#!/bin/sh\nprintf \'%s\\0\' "$0" "$@"\n')
    python.chmod(0o700)
    argv = [str(python), "-I", "-S", str(place / "__main__.py"), "get", "a"]
    try:
        line = command_line(argv, windows=False)
    except InputError:
        assert directory != "in stall"
        return
    assert shlex.split(line) == compat_shell_split(line) == argv
    shown = subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=True, cwd=tmp_path)
    assert shown.stdout.decode().split("\0")[:-1] == argv


def hostile_temporary(config: Path, victim: Path) -> None:
    (config.parent / ".config.credhelper.tmp").symlink_to(victim)


def hostile_hard_link(config: Path, victim: Path) -> None:
    config.unlink()
    os.link(victim, config)


def hostile_parent(config: Path, victim: Path) -> None:
    config.parent.chmod(0o777)


def hostile_pipe(config: Path, victim: Path) -> None:
    config.unlink()
    os.mkfifo(config)


def hostile_size(config: Path, victim: Path) -> None:
    os.truncate(config, 1 << 40)


def hostile_circle(config: Path, victim: Path) -> None:
    config.unlink()
    config.symlink_to("config")


def hostile_lock(config: Path, victim: Path) -> None:
    state = victim.parent / "state"
    editor.edit(str(config), lambda document: document.set("default", {"x": "2"}), str(state), EditOptions(linger_s=0))
    (lock,) = (state / "locks").iterdir()
    lock.unlink()
    lock.symlink_to(victim)


@pytest.mark.parametrize(
    ("attack", "is_refused"),
    [
        pytest.param(hostile_lock, True, id="E1"),
        pytest.param(hostile_hard_link, True, id="E3"),
        pytest.param(hostile_pipe, True, id="E4"),
        pytest.param(hostile_parent, True, id="E5"),
        pytest.param(hostile_temporary, False, id="E7"),
        pytest.param(hostile_size, True, id="E8"),
        pytest.param(hostile_circle, True, id="E10"),
    ],
)
def test_hostile_file_system_costs_the_victim_nothing(
    attack: Callable[[Path, Path], None], is_refused: bool, tmp_path: Path
) -> None:
    config, victim = tmp_path / "home" / ".aws" / "config", tmp_path / "victim"
    config.write_text("[default]\nx = 1\n")
    victim.write_text("precious\n")
    os.utime(config, (1, 1))
    attack(config, victim)
    state, options = str(tmp_path / "state"), EditOptions(linger_s=0)
    try:
        editor.edit(str(config), lambda document: document.add("a", {"x": "1"}), state, options)
    except CredhelperError:
        assert is_refused
    else:
        assert not is_refused
    assert victim.read_text() == "precious\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_e12_immutable_file_is_named(tmp_path: Path) -> None:
    config = tmp_path / "home" / ".aws" / "config"
    config.write_text("[default]\nx = 1\n")
    os.utime(config, (1, 1))
    state, options = str(tmp_path / "state"), EditOptions(linger_s=0)
    if subprocess.run(["chattr", "+i", config], check=False, capture_output=True).returncode:  # noqa: S607 - root's own tool
        pytest.skip("this file system has no immutable files")
    try:
        with pytest.raises(MachineError, match="immutable"):
            editor.edit(str(config), lambda document: document.add("a", {"x": "1"}), state, options)
    finally:
        subprocess.run(["chattr", "-i", config], check=True)  # noqa: S607 - root's own tool
    assert config.read_text() == "[default]\nx = 1\n"
    assert os.listdir(config.parent) == ["config"]


_EDIT_A_MOUNT = """
import sys
from credhelper.awsconfig.file import editor
from credhelper.errors import MachineError
path, state = sys.argv[1:]
add = lambda document: document.add("a", {"x": "1"})
try:
    editor.edit(path, add, state, editor.EditOptions(linger_s=0))
except MachineError as error:
    print(error.message, error.hint)
print(editor.edit(path, add, state, editor.EditOptions(linger_s=0, in_place=True)).changed)
"""


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="needs root and unshare")
def test_e11_bind_mounted_file_is_named_and_edited_in_place_when_asked(tmp_path: Path) -> None:
    config, real = tmp_path / "home" / ".aws" / "config", tmp_path / "real"
    for path in (config, real):
        path.write_text("[default]\nx = 1\n")
        os.utime(path, (1, 1))
    script = 'mount --bind "$1" "$2" && exec "$3" -c "$4" "$2" "$5"'
    arguments = [real, config, sys.executable, _EDIT_A_MOUNT, tmp_path / "state"]
    done = subprocess.run(  # a mount of its own, which ends with the process
        ["unshare", "-m", "sh", "-c", script, "sh", *map(str, arguments)],  # noqa: S607 - root's own tools
        capture_output=True,
        text=True,
        check=False,
    )
    if "mount" in done.stderr:
        pytest.skip("mounting is not allowed here")
    assert done.stdout.splitlines()[0].endswith("write into it instead: add --in-place")
    assert done.stdout.splitlines()[1] == "True"
    assert real.read_text() == "[default]\nx = 1\n\n[profile a]\nx = 1\n"
