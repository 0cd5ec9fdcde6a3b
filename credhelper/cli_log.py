"""The command that shows the audit trail."""

import json
import time
from collections.abc import Iterator

import click

from credhelper import settings, ui
from credhelper.commands import log as trail

_COLUMNS = ("time", "profile", "outcome", "access_key_id", "expiration", "caller_pid", "caller", "role_arn")


@click.command("log")
@click.option("--profile", help="Only this profile.")
@click.option("--follow", "-f", is_flag=True, help="Go on printing as hand-outs happen; end with Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line, for programs.")
def log(profile: str | None, *, follow: bool, as_json: bool) -> None:
    """Show who was handed what.

    Every hand-out, with the program that asked; never a secret.
    """
    own = settings.load()

    def lines() -> Iterator[trail.Line]:
        yield from trail.read(own, profile)
        if follow:
            yield from trail.follow(own, time.sleep, profile)

    if as_json:
        for line in lines():
            ui.say(json.dumps(line))
    elif follow:
        for line in lines():
            ui.say("\t".join(_row(line)))
    else:
        ui.table(_COLUMNS, (_row(line) for line in lines()))


def _row(line: trail.Line) -> tuple[str, ...]:
    return tuple(str(line.get(column, "")) for column in _COLUMNS)
