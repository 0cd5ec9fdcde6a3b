"""Forget cached credentials. They stay valid at AWS until they expire: STS has no way to take them back."""

import contextlib
import os

from credhelper.cache import failures, store
from credhelper.commands import obstacle
from credhelper.commands.profile.list import open_sections
from credhelper.errors import CredhelperError, MachineError
from credhelper.model.nearest import unknown_profile
from credhelper.model.shell import word
from credhelper.settings import Settings


def forget_profile(settings: Settings, profile: str) -> bool:
    """Forget what is cached for one profile of the present config file, in every environment; False if nothing was.

    Raises InputError for a name that no profile has and nothing is cached for, for no config file; MachineError.
    """
    first = store.entry_name(settings.config_file, profile)
    forgotten = [_forget(settings, name) for name in (first, *_names_beside(settings, profile, first))]
    if not any(forgotten) and not elsewhere(settings, profile):
        _require_known(settings, profile)
    return any(forgotten)


def elsewhere(settings: Settings, profile: str | None = None) -> list[tuple[str, str]]:
    """Return the other config files for which something is cached, each with a profile; only of one that is named.

    An entry that cannot be opened is not recognised.
    """
    found = set()
    for name in store.names(settings):
        with contextlib.suppress(store.MissError):
            entry = store.read(settings, name)
            if entry.config_file != settings.config_file and profile in (None, entry.profile):
                found.add((entry.config_file, entry.profile))
    return sorted(found)


def _require_known(settings: Settings, profile: str) -> None:
    """Raise InputError where no profile has this name; a file that cannot be read knows every name."""
    try:
        known = open_sections(settings)
    except CredhelperError:
        return
    if profile not in known and not known.faults:
        raise unknown_profile(profile, known, files=known.paths)


def _names_beside(settings: Settings, profile: str, first: bytes) -> list[bytes]:
    """Return the profile's entries for other environments; an entry that cannot be opened is not recognised."""
    names = []
    for name in store.names(settings):
        if name == first:
            continue
        with contextlib.suppress(store.MissError):
            entry = store.read(settings, name)
            if (entry.profile, entry.config_file) == (profile, settings.config_file):
                names.append(name)
    return names


def forget_all(settings: Settings) -> int:
    """Forget everything, also entries that cannot be opened, and return how many there were. Raises MachineError.

    Notes about failures go as well, also those of profiles that have no entry.
    """
    _require_listed(settings)
    for name in list(store.failure_names(settings)):
        failures.forget(settings, name)
    return sum([_forget(settings, name) for name in list(store.names(settings))])


def _require_listed(settings: Settings) -> None:
    """Raise MachineError where it cannot be told what there is: in a directory that sudo made, for example."""
    try:
        os.scandir(settings.cache_dir).close()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise MachineError(
            f"the cache cannot be looked into: {(error.strerror or 'an error').lower()}",
            hint=obstacle.explain(settings)[1],
        ) from None


def _forget(settings: Settings, name: bytes) -> bool:
    failures.forget(settings, name)
    try:
        return store.forget(settings, name)
    except OSError as error:
        raise MachineError(
            f"a cached entry cannot be removed: {error.strerror}", hint=f"ls -ld {word(settings.cache_dir)}"
        ) from None
