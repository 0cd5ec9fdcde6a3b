"""Two versions of a config file held against each other, profile by profile. Pure."""

from credhelper.awsconfig.document import Document
from credhelper.errors import InputError


def only_touched(before: Document, after: Document) -> bool:
    """Tell whether botocore reads every section alike in both, but for the profiles the edits were about."""
    touched = before.touched | after.touched
    middle = _middle(before, after)
    old, new = (_sections(document, span, touched) for document, span in zip((before, after), middle, strict=True))
    return old == new


def differing_profiles(before: Document, after: Document) -> set[str]:
    """Return the profiles that botocore reads differently in the two versions."""
    old, new = (dict(_profiles(one, span)) for one, span in zip((before, after), _middle(before, after), strict=True))
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def was_undone(before: bytes, after: bytes, current: bytes) -> bool:
    """Tell whether a profile that was changed from `before` to `after` is now again as it was before.

    A current file that is not whole, because somebody is just writing it, counts as undone: the next look decides.
    """
    old, new = Document.parse(before), Document.parse(after)
    try:
        now = Document.parse(current)
        now.require_sound()
    except InputError:
        return True
    names = differing_profiles(old, new)
    reverted = any(now.profile(name) == old.profile(name) for name in names)
    # An edit that changes only bytes (a comment in a removed section) leaves no profile to look at.
    return reverted if names else current == before


def _middle(one: Document, other: Document) -> tuple[range, range]:
    """Return the sections of each that do not lie in a common beginning or end, byte for byte.

    The lines of a section depend on nothing before its header, so that equal bytes are equal meaning.
    """
    shorter = min(len(one), len(other))
    head = 0
    while head < shorter and _raw(one, head) == _raw(other, head):
        head += 1
    tail = 0
    while tail < shorter - head and _raw(one, len(one) - 1 - tail) == _raw(other, len(other) - 1 - tail):
        tail += 1
    return range(head, len(one) - tail), range(head, len(other) - tail)


def _raw(document: Document, index: int) -> bytes:
    start, end = document.span(index)
    return document.to_bytes()[start:end]


def _sections(document: Document, span: range, touched: frozenset[str]) -> list[tuple[str, dict[str, str]]]:
    names = list(document.profile_names(span))
    return [
        (document.header(index), document.values(index))
        for index, name in zip(span, names, strict=True)
        if name not in touched
    ]


def _profiles(document: Document, span: range) -> list[tuple[str, dict[str, str]]]:
    names = document.profile_names(span)
    return [(name, document.values(index)) for index, name in zip(span, names, strict=True) if name is not None]
