"""`profile undo` gives back the bytes from before a command."""

from pathlib import Path

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.commands.profile import add, undo
from credhelper.settings import Settings
from fakes.profiles import NATIVE, VALUES, write_settled

HOW = EditOptions()


def test_undo_restores_the_bytes_of_every_command(own: Settings, config: Path) -> None:
    write_settled(config, NATIVE)
    add.add(own, "prod-s3", VALUES, HOW)
    undo.undo(own, HOW)
    assert config.read_text() == NATIVE
