"""One embedded AWS for all tests of `grant`: each has accounts of its own, and an administrator of both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from credhelper.demo.emulator import Emulator
from fakes.front.iam import IamRules
from fakes.front.two_accounts import Clock, story
from fakes.grant_home import GrantHome


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(str(tmp_path_factory.mktemp("aws"))) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def admin(emulator: Emulator, tmp_path: Path) -> Iterator[GrantHome]:
    """An administrator of both accounts; the bucket is there, and David in no group."""
    it = story(emulator, IamRules())
    with it.front:
        it.make_bucket()
        home = GrantHome(tmp_path / "admin", it)
        home.add_david()
        yield home
