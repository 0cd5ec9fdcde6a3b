"""Why nothing can be cached, and what to do about it. Creates nothing."""

import os
import shlex
import sys
from collections.abc import Mapping

from credhelper.cache import store
from credhelper.cache.payload import Payload
from credhelper.keystores import stores
from credhelper.model.freshness import Moment
from credhelper.provider import hit
from credhelper.settings import Settings
from credhelper.system import ownership

_MOVE = "credhelper key move file"


def in_cache(settings: Settings) -> str:
    """Return why nothing can be kept in the cache's directory, "" where something can."""
    return _fault_in_cache(settings)[1]


def in_key_stores(settings: Settings) -> str:
    """Return why there can be no master key, "" where there can be one, as far as that shows before it is made."""
    if any(one.is_possible() for one in stores.chosen(settings)):
        return ""
    return "no key store of this system can hold a key"


def is_kept(settings: Settings, environ: Mapping[str, str], answer: Payload, at: Moment) -> bool:
    """Tell whether the next request will be given this answer from the cache."""
    found = hit.find(settings, store.entry_name(settings.config_file, answer.profile), environ, at)
    return found.entry is not None and found.entry.document == answer.document


def explain(settings: Settings) -> tuple[str, str]:
    """Return why an answer was not kept, and the commands that make the next one be."""
    place, reason = _fault_in_cache(settings)
    if reason:
        return reason, _cure(place)
    return in_key_stores(settings) or "no key store took the key", f"to have it on disk: {_MOVE}"


def _fault_in_cache(settings: Settings) -> tuple[str, str]:
    directory = settings.cache_dir
    try:
        ownership.require_safe_way(directory)
    except OSError as error:
        place = str(error.filename or directory)
        return place, f"{place}: {(error.strerror or 'unknown error').lower()}"
    nearest = directory
    while not os.path.lexists(nearest):
        nearest = os.path.dirname(nearest)
    if not os.path.isdir(nearest):
        return nearest, f"{nearest}: it is not a directory"
    if not os.access(nearest, os.W_OK | os.X_OK):
        return nearest, f"{nearest}: it cannot be written to"
    return "", ""


def _cure(place: str) -> str:
    if sys.platform != "linux":
        return f"ls -ld {shlex.quote(place)}"
    elsewhere = f"export XDG_CACHE_HOME=/tmp/cache-{os.geteuid()}"
    try:
        status = os.stat(place)
    except OSError:
        return elsewhere
    if ownership.is_open_to_others(status, place) and status.st_uid == os.geteuid():
        return f"chmod go-w {shlex.quote(place)}, or: {elsewhere}"
    if ownership.is_left_by_sudo(place):
        return f"sudo chown -R $(id -u) {shlex.quote(place)}"
    return elsewhere
