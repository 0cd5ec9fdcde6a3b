"""`profile repair`: its arguments, and how its result is shown. The work is in `credhelper.commands`."""

from collections.abc import Sequence

import click

from credhelper import settings
from credhelper.cli import completion, output
from credhelper.cli.options import JSON, edit_options, how


@click.command()
@click.argument("names", nargs=-1, shell_complete=completion.our_profiles)
@click.option("--all", "is_all", is_flag=True, help="Also those that start another credhelper that works.")
@JSON
@edit_options
def repair(
    *, names: Sequence[str], is_all: bool, as_json: bool, is_dry_run: bool, in_place: bool, is_large: bool
) -> None:
    """Repair commands in profiles whose program has moved.

    After a new Python, or when a home or an environment was moved. Without a name it is every profile that needs it.
    """
    from credhelper.commands.profile import repair

    asked = how(is_dry_run=is_dry_run, in_place=in_place, is_large=is_large)
    done = repair.repair(settings.load(), names, asked, is_all=is_all)
    for name, reason in done.left:
        output.note(f"note: {name} stays as it is: {reason}")
    if as_json:
        output.emit_json(
            {
                "repaired": [
                    {"name": one.name, "fault": one.fault, "old": one.old, "new": one.new} for one in done.repairs
                ],
                "left": [{"name": name, "reason": reason} for name, reason in done.left],
                "dry_run": is_dry_run,
            }
        )
        return
    for one in done.repairs:
        output.say(f"{one.name}: {one.old} -> {one.new}")
    for remark in done.edit.remarks:
        output.note(f"note: {remark}")
    if not done.repairs:
        output.note("nothing to repair")
    elif not is_dry_run:
        output.note(f"repaired {len(done.repairs)} profile(s) in {done.edit.path}")
