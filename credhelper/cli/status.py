"""The command that shows what is cached."""

import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from credhelper import settings
from credhelper.cli import notes, output
from credhelper.cli.options import JSON
from credhelper.model.process_document import format_time
from credhelper.system import clock

if TYPE_CHECKING:
    from credhelper.commands.status import CachedEntry, Status


@click.command()
@JSON
def status(*, as_json: bool) -> None:
    """Show what is cached, and until when.

    With the role, the state, and where the key is stored.
    """
    from credhelper.commands.status import read_status  # the others need nothing of it

    own = settings.load()
    found = read_status(own, os.environ, clock.now())
    if as_json:
        output.emit_json(_status_as_json(found))
        notes.note_dead_lines()
        return
    output.say(f"key:   {found.key_place}")
    output.say(f"cache: {found.cache_dir}")
    output.say(f"STS:   {found.network.endpoint}")
    output.say(f"proxy: {found.network.proxy}")
    output.say(f"CA:    {found.network.authority}")
    if found.obstacle:
        output.say(f"nothing can be cached there, so every request asks AWS: {found.obstacle}")
        output.say(f"to change that: {found.cure}")
    if found.key_obstacle:
        output.say(f"nothing can be cached: {found.key_obstacle}; to have it on disk: credhelper key move file")
    if found.ignored_store:
        output.say(
            f"CREDHELPER_KEY_STORE={found.ignored_store} is ignored: a variable may not choose it; "
            f"to use it: credhelper key move {found.ignored_store}"
        )
    if found.unreadable:
        output.say(
            f"{found.unreadable} more cannot be decrypted with this key: another system that shares this directory may "
            "have its own (a container, its host); one key for both: credhelper key move file"
        )
    notes.note_shadows()  # one that is never asked is not cached, either
    if not found.entries:
        output.say("nothing is cached")
    elif sys.stdout.isatty():
        _show_tables(found.entries, own.config_file)
    else:
        rows = (_status_row(entry, own.config_file) for entry in found.entries)
        output.table(("profile", "role", "expires", "left", "state"), rows)
    notes.note_dead_lines()


def _show_tables(entries: "Sequence[CachedEntry]", config_file: str) -> None:
    """Show the entries of the present config file, and below a line with its name those of each other one."""
    now = time.time()
    for file in dict.fromkeys([config_file, *(entry.config_file for entry in entries)]):
        rows = [_status_cells(entry, now) for entry in entries if entry.config_file == file]
        if rows and file != config_file:
            output.say(f"for {file}:")
        output.table(
            ("profile", "account", "role", "expires", "left", "state"),
            rows,
            whole={"account": 12, "expires": 19, "left": 8},
            spare=("left", "role"),
        )


def _status_cells(entry: "CachedEntry", now: float) -> tuple[str, ...]:
    """Return the columns for a terminal."""
    parts = entry.role_arn.split(":", 5)
    account, role = (parts[4], parts[5].removeprefix("role/")) if len(parts) == 6 else ("", entry.role_arn)
    left = f"{entry.remaining_s // 60} min"
    return entry.profile, account, role, output.local_time(entry.expiration, now), left, entry.state


def _status_row(entry: "CachedEntry", config_file: str) -> tuple[str, ...]:
    left = f"{entry.remaining_s // 60} min"
    state = entry.state if entry.config_file == config_file else f"of {entry.config_file}: {entry.state}"
    return entry.profile, entry.role_arn, format_time(entry.expiration), left, state


def _status_as_json(found: "Status") -> dict[str, object]:
    return {
        "key_store": found.key_store,
        "key_place": found.key_place,
        "cache_dir": found.cache_dir,
        "obstacle": found.obstacle,
        "key_obstacle": found.key_obstacle,
        "ignored_key_store": found.ignored_store,
        "unreadable": found.unreadable,
        "network": {
            "endpoint": found.network.endpoint,
            "proxy": found.network.proxy,
            "ca_bundle": found.network.authority,
        },
        "entries": [
            {
                "profile": entry.profile,
                "role_arn": entry.role_arn,
                "expiration": format_time(entry.expiration),
                "remaining_seconds": entry.remaining_s,
                "state": entry.state,
                "config_file": entry.config_file,
            }
            for entry in found.entries
        ],
    }
