"""Nothing is planted below a test's own directory, or really started: the leak check itself would find it there."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes import canary
from leak_check.findings import Findings


@pytest.fixture
def top() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


@pytest.fixture
def findings() -> Iterator[Findings]:
    made = Findings()
    yield made
    made.close()
    canary.forget()
