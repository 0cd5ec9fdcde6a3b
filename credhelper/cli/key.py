"""The commands about the master key."""

import click

from credhelper import settings
from credhelper.cli import output
from credhelper.commands import key as keys


@click.group("key")
def key_group() -> None:
    """Look after the key of the cache."""


@key_group.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def show(*, as_json: bool) -> None:
    """Show where the key is.

    Every key store of this machine, and which of them holds the key; never the key.
    """
    found = keys.show(settings.load())
    if as_json:
        output.emit_json(
            [
                {"store": store.name, "place": store.place, "key_id": store.key_id, "used": store.is_used}
                for store in found
            ]
        )
        return
    rows = ((store.name, store.key_id or "-", "yes" if store.is_used else "", store.place) for store in found)
    output.table(("store", "key id", "used", "place"), rows)


@key_group.command("move")
@click.argument("store")
def move(store: str) -> None:
    """Move the key to STORE; everything cached stays readable."""
    output.say(f"the key is now in {keys.move(settings.load(), store)}")


@key_group.command("rotate")
def rotate() -> None:
    """Make a new key; everything cached is forgotten."""
    output.say(f"there is a new key in {keys.rotate(settings.load())}")


@key_group.command("destroy")
def destroy() -> None:
    """Erase the key and the cache.

    Without the key every copy of an entry is noise, wherever it may be.
    """
    output.say(f"the key is erased; entries removed: {keys.destroy(settings.load())}")
