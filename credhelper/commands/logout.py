"""Forget cached credentials. They stay valid at AWS until they expire: STS has no way to take them back."""

from credhelper.cache import failures, store
from credhelper.errors import MachineError
from credhelper.settings import Settings


def forget_profile(settings: Settings, profile: str) -> bool:
    """Forget what is cached for one profile; False if there was nothing. Raises MachineError."""
    return _forget(settings, store.entry_name(settings.config_file, profile))


def forget_all(settings: Settings) -> int:
    """Forget everything, also entries that cannot be opened, and return how many there were. Raises MachineError."""
    return sum([_forget(settings, name) for name in list(store.names(settings))])


def _forget(settings: Settings, name: bytes) -> bool:
    failures.forget(settings, name)
    try:
        return store.forget(settings, name)
    except OSError as error:
        raise MachineError(
            f"a cached entry cannot be removed: {error.strerror}", hint=f"ls -ld {settings.cache_dir}"
        ) from None
