"""When a client asks again, tried from both sides of its rule: our document with another end, and a count of starts."""

import time
from pathlib import Path

from credhelper.audit.trail import format_time
from fakes.home import Home

PROFILE = "margin"
# So far from the margin that the time in which a client starts and reads does not matter.
AWAY_S = 40
_SCRIPT = """#!/bin/sh
echo start >>"$0.starts"
{line} | sed -E 's/("Expiration": *")[^"]*/\\1'"$(cat "$0.ends")/"
"""


def install(home: Home) -> None:
    """Add a profile whose credential process hands out what ours does, with the end that `set_left` gave."""
    script = _script(home)
    script.write_text(_SCRIPT.replace("{line}", " ".join(home.line())))
    script.chmod(0o700)
    with home.config.open("a") as file:
        file.write(f"\n[profile {PROFILE}]\ncredential_process = {script}\nregion = us-east-1\n")


def set_left(home: Home, seconds: int) -> None:
    """Let the credentials end so many seconds from now, and forget the starts."""
    _script(home).with_suffix(".ends").write_text(format_time(time.time() + seconds))
    _script(home).with_suffix(".starts").unlink(missing_ok=True)


def count_starts(home: Home) -> int:
    """Return the starts since `set_left`."""
    starts = _script(home).with_suffix(".starts")
    return len(starts.read_text().splitlines()) if starts.exists() else 0


def judge(usual: int, outside: int, inside: int | None) -> str:
    """Compare the starts with more and with less left than the margin with those of credentials that last."""
    if outside != usual:
        return f"{outside} starts with more left than its margin, {usual} with an hour left"
    if inside is not None and inside <= usual:
        return f"{inside} starts with less left than its margin"
    return ""


def _script(home: Home) -> Path:
    return home.path / "margin"
