"""What holds of every edit: it changes nothing that it is not about, and a moment later it is still there. Pure."""

import contextlib
from collections.abc import Callable, Iterator

from credhelper.awsconfig.document.compare import differing_profiles, only_touched
from credhelper.awsconfig.document.document import Document
from credhelper.errors import InputError


def require_harmless(before: Document, after: Document) -> None:
    """Refuse a change of any profile that `change` did not say it would touch."""
    after.require_sound()
    if not only_touched(before, after):
        raise InputError("this edit would change profiles it is not about", hint="credhelper profile check")


def was_undone(old: Document, new: Document, current: bytes, parse: Callable[[bytes], Document]) -> bool:
    """Tell whether a profile that was changed from `old` to `new` is now again as it was before.

    A current file that is not whole, because it is being written, counts as undone: the next read decides.
    """
    try:
        now = parse(current)
        now.require_sound()
    except InputError:
        return True
    names = differing_profiles(old, new)
    reverted = any(now.profile(name) == old.profile(name) for name in names)
    # An edit that changes only bytes (a comment in a removed section) leaves no profile to look at.
    return reverted if names else current == old.to_bytes()


@contextlib.contextmanager
def naming(path: str) -> Iterator[None]:
    """Say which file a refusal is about, where it would say only which line."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{path}: {error.message}", hint=error.hint) from None
