"""`profile show` hides secrets."""

from pathlib import Path

from credhelper.commands.profile import show
from credhelper.settings import Settings
from fakes import canary
from fakes.profiles import NATIVE, write_settled


def test_show_hides_secrets(own: Settings, config: Path) -> None:
    write_settled(config, NATIVE)
    assert not canary.find(str(show.show(own, "base").keys).encode())
