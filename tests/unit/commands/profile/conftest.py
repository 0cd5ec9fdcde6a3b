"""What the profile commands are tried on."""

from pathlib import Path

import pytest

from credhelper.settings import Settings


@pytest.fixture
def config(own: Settings) -> Path:
    """The config file, which is not there yet."""
    return Path(own.config_file)
