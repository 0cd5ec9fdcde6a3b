"""What is cached, for which role, until when, and where the master key is."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from credhelper.cache import store
from credhelper.cache.payload import Payload
from credhelper.keystores import master_key
from credhelper.model import freshness
from credhelper.model.freshness import DEAD, FRESH, Moment
from credhelper.provider import inputs
from credhelper.settings import Settings
from credhelper.system import ownership


@dataclass(frozen=True, slots=True)
class CachedEntry:
    """One entry that can be opened. `expiration` is in seconds since the epoch; `state` is for display."""

    profile: str
    role_arn: str
    expiration: int
    remaining_s: int
    state: str
    config_file: str


@dataclass(frozen=True, slots=True)
class Status:
    """`key_store` is None while there is no key; `unreadable` counts entries that no available key opens.

    `obstacle` says why nothing can be kept in `cache_dir`, "" where it can.
    """

    key_store: str | None
    key_place: str
    cache_dir: str
    obstacle: str
    entries: tuple[CachedEntry, ...]
    unreadable: int


def read_status(settings: Settings, environ: Mapping[str, str], at: Moment) -> Status:
    """Look at every entry on disk; opens them, changes nothing but that the cache's directory is there."""
    entries = []
    unreadable = 0
    for name in store.names(settings):
        try:
            entries.append(_describe(store.read(settings, name), environ, at))
        except store.MissError:
            unreadable += 1
    found = master_key.find(settings, lambda _key: True)
    return Status(
        key_store=None if found is None else found[0].name,
        key_place="no key yet: one is made with the first entry" if found is None else found[0].describe(),
        cache_dir=settings.cache_dir,
        obstacle=_obstacle(settings),
        entries=tuple(sorted(entries, key=lambda entry: (entry.config_file, entry.profile))),
        unreadable=unreadable,
    )


def _obstacle(settings: Settings) -> str:
    try:
        ownership.make_private_directory(settings.cache_dir)
    except OSError as error:
        return f"{error.filename or settings.cache_dir}: {(error.strerror or 'unknown error').lower()}"
    return "" if os.access(settings.cache_dir, os.W_OK) else f"{settings.cache_dir}: it cannot be written to"


def _describe(entry: Payload, environ: Mapping[str, str], at: Moment) -> CachedEntry:
    return CachedEntry(
        profile=entry.profile,
        role_arn=entry.role_arn,
        expiration=entry.expiration,
        remaining_s=max(0, int(freshness.remaining_s(entry.issued, entry.expiration, at))),
        state=_state(entry, environ, at),
        config_file=entry.config_file,
    )


def _state(entry: Payload, environ: Mapping[str, str], at: Moment) -> str:
    state = freshness.state_at(entry.issued, entry.expiration, entry.refresh_s, at)
    if state == DEAD:
        return "expired"
    if not inputs.are_unchanged(entry, environ):
        return "valid, configuration changed since"
    return "valid" if state == FRESH else "valid, due for renewal"
