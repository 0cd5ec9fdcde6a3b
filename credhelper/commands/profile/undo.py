"""Take back the last edit of the config file."""

from credhelper.awsconfig.file import editor
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.settings import Settings


def undo(settings: Settings, options: EditOptions, *, is_forced: bool = False) -> EditResult:
    """Restore the bytes before the last edit; raises InputError if there is none or the file changed since."""
    return editor.undo(settings.config_file, settings.state_dir, options, is_forced=is_forced)
