"""An edit of both files: how it meets other programs, and what it refuses."""

import os
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from credhelper.awsconfig.file import both, editor
from credhelper.awsconfig.file.both import Pair, Plan
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.errors import InputError, MachineError

CONFIG, CREDENTIALS = b"[profile a]\nregion = x\n", b"[a]\nkey = y\n"
HOW = EditOptions(linger_s=0)


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    found = tmp_path / "home" / ".aws" / "config", tmp_path / "home" / ".aws" / "credentials"
    for path, data in zip(found, (CONFIG, CREDENTIALS), strict=True):
        path.write_bytes(data)
        path.chmod(0o600)
        os.utime(path, (1, 1))
    return found


def change(pair: Pair) -> Plan:
    """Set a key in the one file, and then in the other."""
    config = pair.config.set("a", {"output": "json"})
    return Plan((Pair(config, pair.credentials), Pair(config, pair.credentials.set("a", {"key": "z"}))), ("list",))


def edit(paths: tuple[Path, Path], how: EditOptions = HOW, make: both.Change = change) -> EditResult:
    state = str(paths[0].parents[2] / "state")
    return both.edit_both((str(paths[0]), str(paths[1])), make, state, how)


def test_both_files_are_changed_and_the_result_names_them(paths: tuple[Path, Path]) -> None:
    edited = edit(paths)
    assert paths[0].read_bytes() == b"[profile a]\nregion = x\noutput = json\n"
    assert paths[1].read_bytes() == b"[a]\nkey = z\n"
    assert edited.changed_paths == [str(path) for path in paths]
    assert not edit(paths).changed


@pytest.mark.parametrize("place", [0, 1])
def test_program_that_writes_between_the_steps_is_not_overwritten(paths: tuple[Path, Path], place: int) -> None:
    wrote: list[int] = []

    def meanwhile(source: str, target: str) -> None:
        os.replace(source, target)
        if not wrote:
            wrote.append(1)
            for path in (paths[place], paths[1 - place]):
                path.write_bytes(path.read_bytes() + b"# of another\n")
                os.utime(path, (1, 1))

    edit(paths, replace(HOW, rename=meanwhile))
    assert paths[0].read_bytes() == b"[profile a]\nregion = x\noutput = json\n# of another\n"
    assert paths[1].read_bytes() == b"[a]\nkey = z\n# of another\n"


@pytest.mark.parametrize("place", [0, 1])
def test_program_that_writes_back_what_it_had_read_loses_neither_edit(paths: tuple[Path, Path], place: int) -> None:
    lost: list[int] = []

    def written_back(_seconds: float) -> None:
        if not lost:
            lost.append(1)
            paths[place].write_bytes((CONFIG, CREDENTIALS)[place] + b"# of another\n")
            os.utime(paths[place], (1, 1))

    edit(paths, replace(HOW, sleep=written_back))
    assert lost
    assert b"output = json" in paths[0].read_bytes()
    assert b"key = z" in paths[1].read_bytes()
    assert b"# of another" in paths[place].read_bytes()


@pytest.mark.parametrize("place", [0, 1])
def test_edit_waits_for_who_edits_one_of_the_files(paths: tuple[Path, Path], place: int) -> None:
    state = str(paths[0].parents[2] / "state")
    file = editor.EditedFile(str(paths[place]), state, HOW)
    with file.locked():
        with pytest.raises(MachineError, match=f"has been editing {paths[place]}"):
            edit(paths, replace(HOW, timeout_s=0.05))
        waiting = threading.Thread(target=edit, args=(paths,))
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
        assert paths[place].read_bytes() == (CONFIG, CREDENTIALS)[place]
    waiting.join(10)
    assert b"key = z" in paths[1].read_bytes()


def test_plan_that_changes_a_profile_it_does_not_name_is_refused(paths: tuple[Path, Path]) -> None:
    def careless(pair: Pair) -> Plan:
        other = type(pair.credentials)(pair.credentials.to_bytes() + b"[b]\nx = 1\n")
        return Plan((Pair(pair.config, other),), ("list",))

    with pytest.raises(InputError, match="not about"):
        edit(paths, make=careless)
    assert paths[1].read_bytes() == CREDENTIALS


def test_file_that_no_step_changes_is_not_looked_at(paths: tuple[Path, Path]) -> None:
    """Its mode and its owner are not this edit's business, and a missing one is not made."""
    paths[1].unlink()
    edit(paths, make=lambda pair: Plan((Pair(pair.config.set("a", {"output": "json"}), pair.credentials),), ()))
    assert not paths[1].exists()
    assert b"output" in paths[0].read_bytes()


def test_new_bytes_are_private_from_their_first_moment(paths: tuple[Path, Path]) -> None:
    modes = []

    def looked_at(source: str, target: str) -> None:
        modes.append(stat.S_IMODE(os.stat(source).st_mode))
        os.replace(source, target)

    old = os.umask(0)
    try:
        edit(paths, replace(HOW, rename=looked_at))
    finally:
        os.umask(old)
    assert modes == [0o600, 0o600]


@pytest.mark.parametrize("data", [b"[a]\rkey = 1\n", b"x\0\n", b"caf\xe9\n"])
@pytest.mark.parametrize("place", [0, 1])
def test_file_that_is_no_text_is_named(paths: tuple[Path, Path], place: int, data: bytes) -> None:
    paths[place].write_bytes(data)
    os.utime(paths[place], (1, 1))
    with pytest.raises(InputError, match="line 1: ") as refused:
        edit(paths)
    assert refused.value.message.startswith(str(paths[1])) == (place == 1)
