"""What is carried over to the file that replaces another, where the user may not give files to its group."""

import errno
import os
from pathlib import Path

import pytest

from credhelper.awsconfig.file import config_file, metadata


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of this user, with a group that the user is not in: chown to it is refused as the kernel refuses it."""
    source = tmp_path / "config"
    source.write_text("[default]\n")
    real = os.stat

    def stat(path: "str | int", **more: bool) -> os.stat_result:
        found = real(path, **more)
        return os.stat_result((*found[:5], 4242, *found[6:])) if path == str(source) else found

    def fchown(_fd: int, _uid: int, gid: int) -> None:
        if gid == 4242:
            raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "stat", stat)
    monkeypatch.setattr(os, "fchown", fchown)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return source


@pytest.mark.parametrize("mode", [0o600, 0o604, 0o700])
def test_group_without_rights_need_not_stay(foreign: Path, tmp_path: Path, mode: int) -> None:
    foreign.chmod(mode)
    with (tmp_path / "new").open("w") as new:
        metadata.carry_metadata(str(foreign), new.fileno())
        assert os.fstat(new.fileno()).st_mode & 0o777 == mode


@pytest.mark.parametrize("mode", [0o640, 0o660, 0o620])
def test_group_with_rights_is_not_exchanged_and_is_named(foreign: Path, tmp_path: Path, mode: int) -> None:
    foreign.chmod(mode)
    with (tmp_path / "new").open("w") as new, pytest.raises(PermissionError) as caught:
        metadata.carry_metadata(str(foreign), new.fileno())
    explained = config_file.explain(caught.value, str(foreign))
    assert "it has rights for the group 4242, which you are not in" in explained.message
    assert explained.hint == f'chgrp "$(id -g)" {foreign}'
