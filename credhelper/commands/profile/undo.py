"""Take back the last edit of the config file."""

from credhelper.awsconfig.file import editor
from credhelper.awsconfig.file.editor import Edit
from credhelper.commands.profile.edit import Edited, How
from credhelper.settings import Settings


def undo(settings: Settings, how: How, *, is_forced: bool = False) -> Edited:
    """Restore the bytes before the last edit; raises InputError if there is none or the file changed since."""
    options = Edit(state_dir=settings.state_dir, limit=how.limit, in_place=how.in_place)
    result = editor.undo(settings.config_file, options, is_forced=is_forced, is_dry_run=how.is_dry_run)
    return Edited(result, how.is_dry_run, result.remarks)
