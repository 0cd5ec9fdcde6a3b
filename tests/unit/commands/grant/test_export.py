"""Files of an export: private, whole, and in the place of no other."""

import json
import os
import stat
from pathlib import Path

import pytest

from credhelper.commands.grant import export
from credhelper.commands.grant.export import Form
from credhelper.errors import InputError, MachineError
from credhelper.grant.change import Side
from fakes.story_grant import ROLE, grant

BOTH = (Side.ROLE, Side.CALLER)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_files_and_directory_are_private_and_nothing_else_is_left(tmp_path: Path, form: Form, umask: int) -> None:
    before = os.umask(umask)
    try:
        done = export.write(grant(), BOTH, form, str(tmp_path / "new" / "out"))
    finally:
        os.umask(before)
    directory = tmp_path / "new" / "out"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert sorted(done.written) == sorted(str(one) for one in directory.iterdir())
    assert {stat.S_IMODE(one.stat().st_mode) for one in directory.iterdir()} == {0o600}


def test_second_export_writes_nothing(tmp_path: Path) -> None:
    first = export.write(grant(), BOTH, Form.CLI, str(tmp_path / "out"))
    before = {one: one.stat().st_mtime_ns for one in (tmp_path / "out").iterdir()}
    second = export.write(grant(), BOTH, Form.CLI, str(tmp_path / "out"))
    assert second.written == ()
    assert sorted(second.unchanged) == sorted(first.written)
    assert {one: one.stat().st_mtime_ns for one in before} == before


def test_file_with_another_content_stays_and_nothing_is_written(tmp_path: Path) -> None:
    theirs = tmp_path / "out" / f"prod-{ROLE}.sh"
    theirs.parent.mkdir()
    theirs.write_text("theirs")
    with pytest.raises(InputError) as caught:
        export.write(grant(), BOTH, Form.CLI, str(theirs.parent))
    assert str(theirs) in caught.value.message
    assert list(theirs.parent.iterdir()) == [theirs]
    assert theirs.read_text() == "theirs"
    export.write(grant(), BOTH, Form.CLI, str(theirs.parent), replace=True)
    assert theirs.read_text().startswith("#!/bin/sh\n")


def test_changed_grant_is_written_over_the_former_with_replace_only(tmp_path: Path) -> None:
    export.write(grant(), [Side.ROLE], Form.TERRAFORM, str(tmp_path))
    with pytest.raises(InputError, match="another content"):
        export.write(grant(access="write"), [Side.ROLE], Form.TERRAFORM, str(tmp_path))
    export.write(grant(access="write"), [Side.ROLE], Form.TERRAFORM, str(tmp_path), replace=True)
    assert "PutObject" in (tmp_path / f"prod-{ROLE}.tf.json").read_text()


@pytest.mark.parametrize("kind", ["symlink", "dangling", "directory", "fifo"])
@pytest.mark.parametrize("replace", [False, True])
def test_what_is_no_file_is_neither_followed_nor_replaced(tmp_path: Path, kind: str, *, replace: bool) -> None:
    place, target = tmp_path / "out" / f"prod-{ROLE}.sh", tmp_path / "target"
    place.parent.mkdir(mode=0o700)
    target.write_text("theirs")
    if kind == "fifo":
        os.mkfifo(place)
    elif kind == "directory":
        place.mkdir()
    else:
        place.symlink_to(target if kind == "symlink" else tmp_path / "nowhere")
    with pytest.raises(MachineError, match="cannot be written"):
        export.write(grant(), BOTH, Form.CLI, str(place.parent), replace=replace)
    assert target.read_text() == "theirs"
    assert not (tmp_path / "nowhere").exists()
    assert list(place.parent.iterdir()) == [place]


def test_directory_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "shared"
    place.mkdir()
    place.chmod(0o777)
    with pytest.raises(MachineError) as caught:
        export.write(grant(), BOTH, Form.JSON, str(place))
    assert "others may write to it" in caught.value.message
    with pytest.raises(MachineError):
        export.write(grant(), BOTH, Form.JSON, str(place / "below"))
    assert list(place.iterdir()) == []


def test_failure_at_any_file_leaves_whole_files_and_no_command_without_its_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [os.path.basename(path) for path in export.write(grant(), BOTH, Form.CLI, str(tmp_path / "all")).written]
    real = os.replace
    for count in range(len(wanted)):
        left = [count]

        def replace(source: str, target: str, left: list[int] = left) -> None:
            if not left[0]:
                raise OSError(28, "No space left on device", target)
            left[0] -= 1
            real(source, target)

        monkeypatch.setattr(os, "replace", replace)
        place = tmp_path / str(count)
        with pytest.raises(MachineError, match="No space left"):
            export.write(grant(), BOTH, Form.CLI, str(place))
        monkeypatch.setattr(os, "replace", real)
        names = {one.name for one in place.iterdir()}
        assert names == set(wanted[:count])
        for one in place.iterdir():
            assert one.read_bytes() == (tmp_path / "all" / one.name).read_bytes()
            if one.suffix == ".sh":
                documents = {word.partition("file://")[2] for word in one.read_text().split() if "file://" in word}
                assert documents <= names


@pytest.mark.parametrize("side", BOTH)
def test_text_is_one_document_of_its_form(side: Side) -> None:
    for form in (Form.CLOUDFORMATION, Form.TERRAFORM, Form.JSON):
        assert isinstance(json.loads(export.text(grant(self_read=True), side, form)), dict)
    assert export.text(grant(), side, Form.CLI).startswith("(\n")
    documents = json.loads(export.text(grant(), side, Form.JSON))
    assert all(set(one) == {"Version", "Statement"} for one in documents.values())
