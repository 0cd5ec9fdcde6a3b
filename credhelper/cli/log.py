"""The command that shows the audit trail."""

import json
import sys
import time
from collections.abc import Iterator

import click

from credhelper import settings
from credhelper.audit import reader as trail
from credhelper.cli import completion, output
from credhelper.model.printable import cell

_COLUMNS = ("time", "profile", "outcome", "access_key_id", "expiration", "caller_pid", "caller", "role_arn")


@click.command("log")
@click.option("--profile", metavar="NAME", help="Only this profile.", shell_complete=completion.our_profiles)
@click.option("--follow", "-f", is_flag=True, help="Keep printing new lines until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line, for programs.")
def log(profile: str | None, *, follow: bool, as_json: bool) -> None:
    """Show the audit trail.

    Every request for credentials, with the program that made it; never a secret.
    """
    own = settings.load()

    def lines() -> Iterator[trail.Line]:
        yield from trail.read(own, profile)
        if follow:
            yield from trail.follow(own, time.sleep, profile)

    if as_json:
        for line in lines():
            output.say(json.dumps(line))
    elif not sys.stdout.isatty():
        for line in lines():
            output.say("\t".join(cell(str(line.get(column, ""))) for column in _COLUMNS))
    elif follow:
        for line in lines():
            output.say("  ".join(map(cell, _row(line))))
    else:
        output.table(
            ("time", "outcome", "profile", "caller", "access key id", "role"), (_row(line) for line in lines())
        )


def _row(line: trail.Line) -> tuple[str, ...]:
    """Return the columns for a terminal; the piped lines and JSON have all of them."""
    text = {column: str(line.get(column, "")) for column in _COLUMNS}
    role = text["role_arn"].split(":", 4)[-1]
    caller = f"{text['caller']} {text['caller_pid']}"
    return text["time"], f"{text['outcome']:7}", text["profile"], caller, text["access_key_id"], role
