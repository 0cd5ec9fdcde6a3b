"""Whether a login has left something for the programs that come after it."""

from collections.abc import Mapping

from credhelper.cache import store
from credhelper.cache.payload import Payload
from credhelper.commands.status import read_status
from credhelper.errors import CredhelperError, MachineError
from credhelper.model.freshness import Moment
from credhelper.provider import hit
from credhelper.settings import Settings


def login_obstacle(
    profile: str, payload: Payload, settings: Settings, environ: Mapping[str, str], at: Moment
) -> CredhelperError | None:
    """Return what kept the entry of `payload` from being kept, None where the next request finds it."""
    found = hit.find(settings, store.entry_name(settings.config_file, profile), environ, at)
    if found.entry is not None and found.entry.document == payload.document:
        return None
    status = read_status(settings, environ, at)
    if status.obstacle:
        return MachineError(
            status.obstacle, hint="use a directory that only you may change: export XDG_CACHE_HOME=$(mktemp -d)"
        )
    if status.key_store is None:
        return MachineError("no key store can hold the cache's key", hint="keep it on disk: credhelper key move file")
    return MachineError(
        f"{settings.cache_dir}: the entry cannot be read back", hint="see what is there: credhelper status"
    )
