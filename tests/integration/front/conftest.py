"""One embedded AWS for all tests of the front: each has accounts of its own."""

from collections.abc import Iterator

import pytest

from credhelper.demo.emulator import Emulator
from fakes.front.two_accounts import Clock


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(str(tmp_path_factory.mktemp("aws"))) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()
