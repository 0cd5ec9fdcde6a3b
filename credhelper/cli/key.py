"""The commands about the master key."""

import click

from credhelper import settings
from credhelper.cli import completion, output
from credhelper.cli.options import JSON, Commands
from credhelper.commands import key as keys


@click.group("key", cls=Commands)
def key_group() -> None:
    """Manage the cache's master key."""


@key_group.command("show")
@JSON
def show(*, as_json: bool) -> None:
    """Show where the key is stored.

    Lists every key store on this machine and which of them holds the key; never the key itself.
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
    output.table(("store", "key id", "used", "place"), rows, whole={"store": 21, "key id": 16})


@key_group.command("move")
@click.argument("store", shell_complete=completion.key_stores)
def move(store: str) -> None:
    """Move the key to another store.

    Cached credentials stay readable.
    """
    output.say(f"the key is now in {keys.move(settings.load(), store)}")


@key_group.command("rotate")
def rotate() -> None:
    """Make a new key.

    Cached credentials are removed, because only the old key can decrypt them.
    """
    output.say(f"there is a new key in {keys.rotate(settings.load())}")


@key_group.command("destroy")
def destroy() -> None:
    """Erase the key and the cache.

    Without the key, no copy of a cached entry can be decrypted.
    """
    output.say(f"the key is erased; entries removed: {keys.destroy(settings.load())}")
