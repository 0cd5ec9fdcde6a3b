"""Forgetting says what it knows: of a directory that it cannot look into, it knows nothing."""

import errno
import os

import pytest

from credhelper.commands import logout
from credhelper.errors import MachineError
from credhelper.settings import Settings


def test_nothing_is_forgotten_where_there_is_nothing(own: Settings) -> None:
    assert logout.forget_all(own) == 0
    with open(os.path.dirname(own.cache_dir), "w") as file:
        file.write("a file where the directory should be")
    assert logout.forget_all(own) == 0


def test_directory_that_cannot_be_looked_into_is_an_error(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `sudo -E` with a program that creates in the home of another: 0 would be a guess."""

    def refuse(path: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(MachineError, match="the cache cannot be looked into: permission denied") as caught:
        logout.forget_all(own)
    assert caught.value.hint
