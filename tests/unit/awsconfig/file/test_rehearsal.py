"""What would refuse an edit is found before it, in the words of the edit; and a rehearsal leaves nothing behind."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import atomic_replace, config_file, editor, rehearsal
from credhelper.awsconfig.file.editor import EditOptions
from credhelper.awsconfig.file.rehearsal import rehearse
from credhelper.errors import CredhelperError, InputError, MachineError
from credhelper.system import files, lock

TEXT = b"[default]\nregion = us-east-1\n"
OPTIONS = EditOptions(linger_s=0, timeout_s=0.1)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "home" / ".aws" / "config"
    path.write_bytes(TEXT)
    os.utime(path, (1, 1))
    return path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def change(document: Document) -> Document:
    return document.add("new", {"x": "1"})


def refusal(action: Callable[[], object]) -> CredhelperError:
    with pytest.raises((InputError, MachineError)) as caught:
        action()
    return caught.value


def read_only(path: Path) -> None:
    path.chmod(0o400)


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir(0o700)


def no_text(path: Path) -> None:
    path.write_bytes(b"[default]\nregion = \xff\n")


def twice(path: Path) -> None:
    path.write_bytes(TEXT + TEXT)


def no_header(path: Path) -> None:
    path.write_bytes(b"region = us-east-1\n")


def large(path: Path) -> None:
    path.write_bytes(TEXT + b"#" * editor.LIMIT)


def linked_twice(path: Path) -> None:
    os.link(path, path.with_name("other"))


def loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def open_directory(path: Path) -> None:
    path.parent.chmod(0o777)


OBSTACLES = [read_only, directory, no_text, twice, no_header, large, linked_twice, loop, open_directory]


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_what_refuses_an_edit_refuses_its_rehearsal(
    config: Path, state: Path, obstacle: Callable[[Path], None]
) -> None:
    obstacle(config)
    if config.is_file():
        os.utime(config, (1, 1))
    found = refusal(lambda: rehearse(str(config), str(state), OPTIONS))
    edited = refusal(lambda: editor.edit(str(config), change, str(state), OPTIONS))
    assert found.message.removeprefix(f"{config}: ") == edited.message.removeprefix(f"{config}: ")
    assert (found.hint, found.exit_code) == (edited.hint, edited.exit_code)
    assert found.hint


@pytest.mark.parametrize("obstacle", [no_text, twice, no_header, large, directory, loop])
def test_dry_run_is_refused_for_what_it_needs(config: Path, state: Path, obstacle: Callable[[Path], None]) -> None:
    obstacle(config)
    dry = EditOptions(is_dry_run=True)
    refusal(lambda: rehearse(str(config), str(state), dry))
    config = config.with_name("another")
    config.write_bytes(TEXT)
    read_only(config)
    rehearse(str(config), str(state), dry)
    assert not state.exists()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG])
@pytest.mark.parametrize("is_for_history", [False, True])
def test_full_disk_is_found_beside_the_file_and_for_the_old_bytes(
    config: Path, state: Path, monkeypatch: pytest.MonkeyPatch, code: int, *, is_for_history: bool
) -> None:
    place = state if is_for_history else config.parent
    write = files.write_all

    def full(fd: int, data: bytes) -> None:
        if os.readlink(f"/proc/self/fd/{fd}").startswith(str(place)):
            raise OSError(code, os.strerror(code))
        write(fd, data)

    monkeypatch.setattr(files, "write_all", full)
    found = refusal(lambda: rehearse(str(config), str(state), OPTIONS))
    edited = refusal(lambda: editor.edit(str(config), change, str(state), OPTIONS))
    assert (found.message, found.hint) == (edited.message, edited.hint)
    assert sorted(path.name for path in config.parent.iterdir()) == ["config"]
    assert not [path for path in state.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_lock_that_another_edit_holds_is_waited_for_only_a_moment(config: Path, state: Path) -> None:
    rehearse(str(config), str(state), OPTIONS)
    (held,) = (state / "locks").iterdir()
    with lock.hold(str(held), 1):
        found = refusal(lambda: rehearse(str(config), str(state), OPTIONS))
    assert "another credhelper has been editing" in found.message
    rehearse(str(config), str(state), OPTIONS)


def test_file_that_may_not_be_opened_for_writing_is_found(
    config: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an immutable one (EPERM), or one on a mount of its own that is read-only (EROFS)."""
    start = os.open

    def refuse(path: str, flags: int, mode: int = 0o777) -> int:
        if path == str(config) and flags & os.O_WRONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        return start(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)
    assert "read-only file system" in refusal(lambda: rehearse(str(config), str(state), OPTIONS)).message


@pytest.mark.parametrize("is_in_place", [False, True])
def test_mount_point_can_only_be_written_in_place(
    config: Path, state: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, is_in_place: bool
) -> None:
    mounts = tmp_path / "mountinfo"
    place = str(config).replace("o", "\\157")
    mounts.write_text(f"22 1 0:1 / / rw - proc proc rw\n23 22 0:1 /x {place} rw - ext4 /dev/x rw\nbad\n")
    monkeypatch.setattr(rehearsal, "_MOUNTS", str(mounts))
    options = EditOptions(linger_s=0, in_place=is_in_place)
    if is_in_place:
        rehearse(str(config), str(state), options)
        return
    found = refusal(lambda: rehearse(str(config), str(state), options))
    assert "mount point" in found.message
    assert "--in-place" in found.hint


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("is_in_place", [True, False])
def test_rehearsal_leaves_nothing_and_no_edit_to_undo(
    config: Path, state: Path, *, is_there: bool, is_in_place: bool
) -> None:
    if not is_there:
        config.unlink()
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in config.parent.iterdir()}
    rehearse(str(config), str(state), EditOptions(in_place=is_in_place))
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in config.parent.iterdir()} == before
    assert [path.suffix for path in state.rglob("*") if path.is_file()] == [".lock"]
    with pytest.raises(InputError, match="no edit to undo"):
        editor.undo(str(config), str(state))


def test_home_without_the_directory_is_left_without_it(tmp_path: Path, state: Path) -> None:
    home = tmp_path / "other"
    home.mkdir(0o700)
    rehearse(str(home / ".aws" / "config"), str(state), OPTIONS)
    assert list(home.iterdir()) == []
    home.chmod(0o777)
    found = refusal(lambda: rehearse(str(home / ".aws" / "config"), str(state), OPTIONS))
    assert found.hint
    assert list(home.iterdir()) == []


def test_trial_of_a_replacement_removes_what_it_wrote(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = config_file.read(str(config), 1 << 20)
    atomic_replace.try_out(str(config), content, b"x")
    monkeypatch.setattr(files, "sync_file", lambda _fd: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        atomic_replace.try_out(str(config), content, b"x")
    assert sorted(path.name for path in config.parent.iterdir()) == ["config"]
    assert config.read_bytes() == TEXT
