"""The command that shows the audit trail."""

import json
import re
import sys
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime

import click

from credhelper import settings
from credhelper.audit import reader as trail
from credhelper.cli import completion, output
from credhelper.errors import InputError
from credhelper.model.printable import cell

_COLUMNS = ("time", "profile", "outcome", "access_key_id", "expiration", "caller_pid", "caller", "role_arn")
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@click.command("log")
@click.option("--profile", metavar="NAME", help="Only this profile.", shell_complete=completion.all_profiles)
@click.option("-n", "--lines", "count", type=click.IntRange(min=0), metavar="N", help="Only the last N lines.")
@click.option("--since", metavar="WHEN", help="Only from then on: 30m, 2h, 7d, or a local time as 2026-11-28T09:00.")
@click.option("--follow", "-f", is_flag=True, help="Keep printing new lines until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line, for programs.")
def log(profile: str | None, count: int | None, since: str | None, *, follow: bool, as_json: bool) -> None:
    """Show the audit trail.

    Every request for credentials, with the program that made it; never a secret. A terminal shows local time, a pipe
    and JSON have UTC.

    \b
    The words for what became of a request:
      hit      answered from the cache
      miss     nothing usable was cached, so AWS was asked
      refresh  what was cached was due, and AWS gave new credentials
      passed   another profile's, handed on by exec or env and not cached
      used     another profile's, for grant, discover and console; not cached
      console  a link to AWS's console was made, which is not noted itself
      denied   AWS refused, or a one-time code was missing or wrong
      failed   no answer for another reason: network, a file, a setting
    """
    own = settings.load()
    start = 0.0 if since is None else _moment(since, time.time())
    earlier: Iterator[trail.Line] = (line for line in trail.read(own, profile) if _seconds(line) >= start)
    if count is not None:
        earlier = iter(deque(earlier, maxlen=count))
    is_empty = True
    for line in earlier:
        is_empty = False
        _show(line, as_json=as_json)
    if follow:
        for line in trail.follow(own, time.sleep, profile):
            _show(line, as_json=as_json)
    elif is_empty and not as_json and count != 0:
        output.note(_nothing(profile, since, is_logging=own.is_logging))


def _nothing(profile: str | None, since: str | None, *, is_logging: bool) -> str:
    limits = (f" for profile {cell(profile)}" if profile else "") + (f" since {cell(since)}" if since else "")
    off = "" if is_logging else "; CREDHELPER_LOG=off keeps it so"
    return f"nothing is recorded{limits}{off}"


def _moment(text: str, now: float) -> float:
    """Return seconds since the epoch for an age or a local time; raises InputError."""
    if age := re.fullmatch(r"([0-9]{1,6})([smhdw])", text.strip().lower()):
        return now - int(age[1]) * _UNITS_S[age[2]]
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError, OSError):
        raise InputError(
            f"--since {text} is neither an age nor a time",
            hint="credhelper log --since 2h, or --since 2026-11-28T09:00",
        ) from None


def _seconds(line: trail.Line) -> float:
    """Return when a line was recorded, 0 where that cannot be told."""
    try:
        return datetime.strptime(str(line.get("time", "")), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def _show(line: trail.Line, *, as_json: bool) -> None:
    if as_json:
        output.say(json.dumps(line))
    elif sys.stdout.isatty():
        output.fields(_fields(line))
    else:
        output.say("\t".join(cell(str(line.get(column, ""))) for column in _COLUMNS))


def _fields(line: trail.Line) -> list[str]:
    """Return what a terminal shows of a line; the piped lines and JSON have all of it."""
    text = {column: str(line.get(column, "")) for column in _COLUMNS}
    seconds = _seconds(line)
    when = output.local_time(seconds, time.time()) if seconds else text["time"]
    role = text["role_arn"].split(":", 4)[-1]
    caller = f"{text['caller']} {text['caller_pid']}"
    shown = (when, f"{text['outcome']:7}", text["profile"], caller, text["access_key_id"], role)
    return [one for one in shown if one]
