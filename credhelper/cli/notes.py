"""What commands say on stderr beside their result: a line that starts nothing, credentials that go first."""

import os
from collections.abc import Iterable

from credhelper import settings
from credhelper.cli import output


def note_dead_lines() -> None:
    """Say how many profiles start a program that is gone."""
    from credhelper.commands.profile.line import watch_file

    output.note_if(watch_file(settings.load()).notice)


def note_shadows(profiles: Iterable[str] | None = None) -> None:
    """Say what goes before credhelper for these profiles, or for any, in the files and in the environment."""
    from credhelper.commands import shadows

    for remark in shadows.remarks(settings.load(), profiles, os.environ):
        output.note(f"note: {remark}")
