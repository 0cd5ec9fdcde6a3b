"""Forget cached credentials. They stay valid at AWS until they expire: STS has no way to take them back."""

from credhelper.cache import failures, store
from credhelper.errors import MachineError
from credhelper.settings import Settings


def forget_profile(own: Settings, profile: str) -> bool:
    """Forget what is cached for one profile; False if there was nothing. Raises MachineError."""
    return _forget(own, store.entry_name(own.config_file, profile))


def forget_all(own: Settings) -> int:
    """Forget everything, also entries that cannot be opened, and return how many there were. Raises MachineError."""
    return sum([_forget(own, name) for name in list(store.names(own))])


def _forget(own: Settings, name: bytes) -> bool:
    failures.forget(own, name)
    try:
        return store.forget(own, name)
    except OSError as error:
        raise MachineError(
            f"a cached entry cannot be removed: {error.strerror}", hint=f"ls -ld {own.cache_dir}"
        ) from None
