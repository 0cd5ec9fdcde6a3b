"""The editor: what it keeps, what it refuses, what it undoes, and how it meets other programs."""

import contextlib
import errno
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from credhelper.awsconfig import api
from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file import atomic_replace, config_file, editor
from credhelper.awsconfig.file.config_file import Content
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.errors import CredhelperError, InputError, MachineError
from credhelper.settings import from_environment
from credhelper.system import files, lock

TEXT = b"# mine\n[default]\nregion = us-east-1\n"
ADDED = TEXT + b"\n[profile new]\nx = 1\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "home" / ".aws" / "config"
    path.write_bytes(TEXT)
    os.utime(path, (1, 1))
    return path


@pytest.fixture
def state(tmp_path: Path) -> str:
    return str(tmp_path / "state")


def add(document: Document) -> Document:
    return document.add("new", {"x": "1"})


OPTIONS = EditOptions(linger_s=0)


def edit(path: Path, state: str, change: editor.Change = add, options: EditOptions = OPTIONS) -> EditResult:
    return editor.edit(str(path), change, state, options)


def refusal(path: Path, state: str, options: EditOptions = OPTIONS) -> CredhelperError:
    before = path.read_bytes()
    with pytest.raises((InputError, MachineError)) as caught:
        edit(path, state, options=options)
    assert path.read_bytes() == before
    assert [name for name in os.listdir(path.parent) if name.endswith(".tmp")] == []
    assert caught.value.hint
    return caught.value


def test_edit_replaces_the_file_and_leaves_nothing_beside_it(config: Path, state: str) -> None:
    result = edit(config, state)
    assert (result.before, result.after, result.changed) == (TEXT, ADDED, True)
    assert config.read_bytes() == ADDED
    assert os.listdir(config.parent) == ["config"]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_new_file_and_directory_are_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "fresh" / ".aws" / "config"
    old = os.umask(umask)
    try:
        edit(path, str(tmp_path / "state"), options=EditOptions(linger_s=0))
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    for directory, _, names in os.walk(tmp_path / "state"):
        assert stat.S_IMODE(os.stat(directory).st_mode) == 0o700
        assert all(stat.S_IMODE((Path(directory) / name).stat().st_mode) == 0o600 for name in names)


def test_mode_and_attributes_stay(config: Path, state: str) -> None:
    config.chmod(0o640)
    try:
        os.setxattr(config, "user.note", b"kept")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    edit(config, state)
    assert stat.S_IMODE(config.stat().st_mode) == 0o640
    assert os.getxattr(config, "user.note") == b"kept"


@pytest.mark.skipif(sys.platform != "linux", reason="POSIX ACLs are extended attributes on Linux only")
def test_acl_stays_and_its_mask_does_not_become_a_group_permission(config: Path, state: str) -> None:
    def entry(tag: int, permissions: int, identity: int = 0xFFFFFFFF) -> bytes:
        return tag.to_bytes(2, "little") + permissions.to_bytes(2, "little") + identity.to_bytes(4, "little")

    # acl(5): version 2; owner rw-, user 12345 r--, group ---, mask r--, other ---
    acl = (2).to_bytes(4, "little") + entry(1, 6) + entry(2, 4, 12345) + entry(4, 0) + entry(16, 4) + entry(32, 0)
    try:
        os.setxattr(config, "system.posix_acl_access", acl)
    except OSError:
        pytest.skip("this file system has no ACLs")
    edit(config, state)
    assert os.getxattr(config, "system.posix_acl_access") == acl
    assert stat.S_IMODE(config.stat().st_mode) == 0o640


def test_symlink_stays_and_the_file_behind_it_is_edited(config: Path, state: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "home" / "second"
    second.symlink_to(".aws/config")
    first.symlink_to(second)
    edit(first, state)
    assert first.is_symlink()
    assert second.is_symlink()
    assert config.read_bytes() == ADDED


def test_dangling_symlink_gets_its_file(state: str, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "home" / ".aws" / "elsewhere")
    edit(link, state)
    assert (tmp_path / "home" / ".aws" / "elsewhere").read_bytes() == b"[profile new]\nx = 1\n"


def test_loop_of_symlinks_is_refused(state: str, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.symlink_to(other)
    other.symlink_to(one)
    with pytest.raises(MachineError, match="loop"):
        edit(one, state)


def test_two_links_to_one_file_share_one_lock(config: Path, state: str, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(config)
    edit(config, state)
    edit(link, state, lambda document: document.set("new", {"x": "2"}))
    assert len(os.listdir(tmp_path / "state" / "locks")) == 1


def test_unchanged_file_is_not_written(config: Path, state: str) -> None:
    before = config.stat()
    result = edit(config, state, lambda document: document.set("default", {"region": "us-east-1"}))
    assert not result.changed
    assert (config.stat().st_mtime_ns, config.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_hard_linked_file_is_refused(config: Path, state: str, tmp_path: Path) -> None:
    os.link(config, tmp_path / "other")
    assert "hard links" in refusal(config, state).message


def test_read_only_file_is_refused(config: Path, state: str) -> None:
    config.chmod(0o444)
    assert "read-only" in refusal(config, state).message


def test_directory_that_others_may_write_to_is_refused(config: Path, state: str) -> None:
    config.parent.chmod(0o770)
    assert "chmod go-w" in refusal(config, state).hint


def test_file_of_somebody_else_is_refused(config: Path) -> None:
    with pytest.raises(MachineError, match="another user"):
        config_file.require_editable(str(config), uid=os.geteuid() + 1)


def test_directory_in_place_of_the_file_is_refused(state: str, tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="not a regular file"):
        edit(tmp_path / "home", state)


def test_pipe_in_place_of_the_file_is_refused_at_once(config: Path, state: str) -> None:
    config.unlink()
    os.mkfifo(config)
    with pytest.raises(MachineError, match="not a regular file"):
        edit(config, state)


def test_large_file_needs_to_be_asked_for(config: Path, state: str, tmp_path: Path) -> None:
    config.write_bytes(TEXT + b"#" * (1 << 20) + b"\n")
    assert "--large" in refusal(config, state).hint
    edit(config, str(tmp_path / "state"), options=EditOptions(linger_s=0, limit=editor.LARGE_LIMIT))
    assert config.read_bytes().endswith(b"[profile new]\nx = 1\n")


@pytest.mark.parametrize("data", [b"[profile a]\rx = 1\n", b"x\0\n", b"caf\xe9\n", b"[a]\n[a]\n", b"\xef\xbb\xbf[a]\n"])
def test_file_that_is_not_sound_is_left_alone(config: Path, state: str, data: bytes) -> None:
    config.write_bytes(data)
    assert refusal(config, state).message.removeprefix(f"{config}: ").startswith("line ")


@pytest.mark.parametrize(
    "code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.EBUSY]
)
def test_failed_rename_is_named_and_changes_nothing(config: Path, tmp_path: Path, code: int) -> None:
    def fail(_old: str, _new: str) -> None:
        raise OSError(code, os.strerror(code))

    error = refusal(config, str(tmp_path / "state"), EditOptions(linger_s=0, rename=fail))
    assert "is unchanged" in error.message
    assert ("--in-place" in error.hint) == (code == errno.EBUSY)
    with pytest.raises(InputError, match="no edit to undo"):
        editor.undo(str(config), str(tmp_path / "state"))


def test_mount_point_is_written_in_place_when_asked(config: Path, tmp_path: Path) -> None:
    def busy(_old: str, _new: str) -> None:
        raise OSError(errno.EBUSY, "busy")

    inode = config.stat().st_ino
    result = edit(config, str(tmp_path / "state"), options=EditOptions(linger_s=0, rename=busy, in_place=True))
    assert config.read_bytes() == ADDED
    assert config.stat().st_ino == inode
    assert "in place" in result.remarks[0]
    editor.undo(str(config), str(tmp_path / "state"), EditOptions(in_place=True))
    assert config.read_bytes() == TEXT


def test_sharing_violation_on_windows_is_waited_for(config: Path, tmp_path: Path) -> None:
    waits: list[float] = []

    def shared(old: str, new: str) -> None:
        if len(waits) < 4:
            error = PermissionError(errno.EACCES, "sharing violation")
            error.winerror = 32  # type: ignore[attr-defined]  # has it on Windows only
            raise error
        os.replace(old, new)

    atomic_replace.replace(str(config), Content(TEXT, exists=True), ADDED, rename=shared, sleep=waits.append)
    assert config.read_bytes() == ADDED
    assert waits == [0.01, 0.02, 0.04, 0.08]


def test_edit_is_made_again_on_top_of_a_foreign_write(config: Path, state: str) -> None:
    calls: list[bytes] = []

    def change(document: Document) -> Document:
        calls.append(document.to_bytes())
        if len(calls) == 1:
            config.write_bytes(TEXT + b"# foreign\n")
        return add(document)

    edit(config, state, change)
    assert calls == [TEXT, TEXT + b"# foreign\n"]
    assert config.read_bytes() == TEXT + b"# foreign\n\n[profile new]\nx = 1\n"


def test_program_that_writes_all_the_time_ends_in_an_error(config: Path, state: str) -> None:
    count = 0

    def change(document: Document) -> Document:
        nonlocal count
        count += 1
        config.write_bytes(TEXT + b"# %d\n" % count)
        return add(document)

    with pytest.raises(MachineError, match="keeps writing"):
        edit(config, state, change)
    assert b"new" not in config.read_bytes()


def test_edit_that_a_foreign_writer_took_away_is_made_again(config: Path, tmp_path: Path) -> None:
    """A program had read the file before our edit, and writes what it made of it after it."""
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        if seconds == 0.05 and not pauses:
            config.write_bytes(TEXT + b"output = json\n")
            os.utime(config, (1, 1))
        pauses.append(seconds)

    edit(config, str(tmp_path / "state"), options=EditOptions(linger_s=0.05, sleep=sleep))
    assert config.read_bytes() == TEXT + b"output = json\n\n[profile new]\nx = 1\n"


def test_edits_of_ours_that_follow_are_no_reason_to_make_it_again(config: Path, state: str, tmp_path: Path) -> None:
    calls: list[str] = []

    def sleep(seconds: float) -> None:
        if seconds == 0.05 and not calls:
            calls.append("removed")
            edit(config, state, lambda document: document.remove("new"))

    edit(config, str(tmp_path / "state"), options=EditOptions(linger_s=0.05, sleep=sleep))
    assert config.read_bytes() == TEXT


def test_half_written_file_is_waited_for(config: Path, state: str) -> None:
    """aws-cli truncates the file and then writes it; in between it looks empty."""

    def finish() -> None:
        time.sleep(0.2)
        config.write_bytes(TEXT)

    config.write_bytes(b"")
    writer = threading.Thread(target=finish)
    writer.start()
    edit(config, state)
    writer.join()
    assert config.read_bytes() == ADDED


def test_second_editor_waits_and_then_says_who_it_waits_for(config: Path, state: str, tmp_path: Path) -> None:
    def change(document: Document) -> Document:
        with pytest.raises(MachineError, match="another credhelper has been editing"):
            edit(config, str(tmp_path / "state"), options=EditOptions(timeout_s=0.05))
        return add(document)

    edit(config, state, change)
    assert config.read_bytes() == ADDED


def test_undo_goes_back_edit_by_edit_to_a_file_that_was_not_there(state: str, tmp_path: Path) -> None:
    path = tmp_path / "home" / ".aws" / "config"
    edit(path, state)
    first = path.read_bytes()
    edit(path, state, lambda document: document.set("new", {"y": "2"}))
    editor.undo(str(path), state)
    assert path.read_bytes() == first
    editor.undo(str(path), state)
    assert not path.exists()
    with pytest.raises(InputError, match="no edit to undo"):
        editor.undo(str(path), state)


def test_undo_refuses_a_file_that_changed_since_and_force_can_be_undone(config: Path, state: str) -> None:
    edit(config, state)
    config.write_bytes(ADDED + b"# later\n")
    with pytest.raises(InputError, match="has changed since"):
        editor.undo(str(config), state)
    assert config.read_bytes() == ADDED + b"# later\n"
    editor.undo(str(config), state, EditOptions(is_dry_run=True), is_forced=True)
    assert config.read_bytes() == ADDED + b"# later\n"
    editor.undo(str(config), state, is_forced=True)
    assert config.read_bytes() == TEXT
    editor.undo(str(config), state)
    assert config.read_bytes() == ADDED + b"# later\n"


def test_undo_passes_over_an_edit_that_was_never_made(config: Path, state: str, tmp_path: Path) -> None:
    edit(config, state)
    crash = subprocess.run([sys.executable, "-c", _KILLED_BEFORE_THE_RENAME, config, tmp_path / "state"], check=False)
    assert crash.returncode == 9
    assert config.read_bytes() == ADDED
    editor.undo(str(config), state)
    assert config.read_bytes() == TEXT


_KILLED_BEFORE_THE_RENAME = """
import os, sys
from credhelper.awsconfig.file import editor
options = editor.EditOptions(linger_s=0, rename=lambda old, new: os._exit(9))
editor.edit(sys.argv[1], lambda document: document.remove("new"), sys.argv[2], options)
"""


def test_history_is_bounded(config: Path, state: str, tmp_path: Path) -> None:
    for number in range(30):
        edit(config, state, partial(Document.set, name="default", keys={"x": str(number)}))
    (history,) = (tmp_path / "state" / "undo").iterdir()
    assert len(list(history.iterdir())) == 20


def test_damaged_history_costs_the_undo_and_nothing_else(config: Path, state: str, tmp_path: Path) -> None:
    edit(config, state)
    (history,) = (tmp_path / "state" / "undo").iterdir()
    (snapshot,) = history.iterdir()
    snapshot.write_bytes(b"{")
    edit(config, state, lambda document: document.set("new", {"x": "2"}))
    editor.undo(str(config), state)
    assert config.read_bytes() == ADDED


def test_disk_that_does_not_confirm_the_directory_is_a_remark(
    config: Path, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: str) -> None:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(files, "sync_directory", fail)
    result = edit(config, state)
    assert config.read_bytes() == ADDED
    assert "power cut" in result.remarks[0]


def test_full_disk_of_the_history_is_named_and_not_the_configs(
    config: Path, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: str, _data: bytes, _temporary: str, *, durable: bool) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "replace_private", full)
    refused = refusal(config, state)
    assert f"cannot be kept in {state}/undo/" in refused.message
    assert refused.hint.startswith(f"df {state}/undo/")


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS])
def test_state_directory_without_locks_has_a_hint_that_works(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    @contextlib.contextmanager
    def no_locks(path: str, timeout_s: float) -> Iterator[None]:
        if path.startswith(str(tmp_path / "nfs")):
            raise OSError(code, os.strerror(code), path)
        with lock.hold(path, timeout_s):
            yield

    monkeypatch.setattr(editor, "hold", no_locks)
    with pytest.raises(MachineError) as caught:
        edit(config, str(tmp_path / "nfs" / "credhelper"))
    assert config.read_bytes() == TEXT
    assert caught.value.hint.endswith("export XDG_STATE_HOME=/path/on/a/local/disk")
    environ = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "local")}
    assert edit(config, from_environment(environ).state_dir).changed


def test_library_makes_all_edits_of_a_context_as_one(config: Path, tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    with api.editing(str(config), state_dir=state) as edits:
        edits.add("a", {"x": "1"})
        edits.set("a", {"y": "2"})
        edits.rename("a", "b")
        edits.add("c", {"z": "3"})
        edits.unset("b", ["x"])
        edits.remove("c")
        assert edits.document.profile("b") == {"y": "2"}
        assert config.read_bytes() == TEXT
    assert edits.result is not None
    assert config.read_bytes() == TEXT + b"\n[profile b]\ny = 2\n"
    assert api.read(str(config)).profile("b") == {"y": "2"}
    editor.undo(str(config), state)
    assert config.read_bytes() == TEXT


def test_exception_in_a_context_of_the_library_makes_no_edit(config: Path, tmp_path: Path) -> None:
    def add_twice() -> None:
        with api.editing(str(config), state_dir=str(tmp_path)) as edits:
            edits.add("a", {"x": "1"})
            edits.add("a", {"x": "1"})

    with pytest.raises(InputError, match="exists already"):
        add_twice()
    assert config.read_bytes() == TEXT
