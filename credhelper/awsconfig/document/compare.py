"""Two versions of a config file compared, profile by profile. Pure."""

from collections.abc import Callable

from credhelper.awsconfig.document.parsed import ParsedFile

# So many sections are compared at once; more would take memory.
_AT_ONCE = 512


def only_touched(before: ParsedFile, after: ParsedFile) -> bool:
    """Tell whether botocore reads all sections the same in both, except the profiles that the edits were about."""
    touched = before.touched | after.touched
    middle = _middle(before, after)
    old, new = (_sections(document, span, touched) for document, span in zip((before, after), middle, strict=True))
    return old == new


def differing_profiles(before: ParsedFile, after: ParsedFile) -> set[str]:
    """Return the profiles that botocore reads differently in the two versions."""
    old, new = (dict(_profiles(one, span)) for one, span in zip((before, after), _middle(before, after), strict=True))
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def _middle(one: ParsedFile, other: ParsedFile) -> tuple[range, range]:
    """Return the sections of each that are not part of a common beginning or end, byte for byte.

    The lines of a section depend on nothing before its header, so that equal bytes are equal meaning, and sections in a
    row can be compared as one.
    """

    def are_same(first: int, second: int, count: int) -> bool:
        start, end = one.span(first)[0], one.span(first + count - 1)[1]
        beginning, last = other.span(second)[0], other.span(second + count - 1)[1]
        return last - beginning == end - start and other.to_bytes().startswith(one.to_bytes()[start:end], beginning)

    shorter = min(len(one), len(other))
    head = _longest(shorter, lambda low, high: are_same(low, low, high - low))
    tail = _longest(shorter - head, lambda low, high: are_same(len(one) - high, len(other) - high, high - low))
    return range(head, len(one) - tail), range(head, len(other) - tail)


def _longest(limit: int, are_same: Callable[[int, int], bool]) -> int:
    """Return how many of `limit` are the same from the first on; `are_same` is asked about those from LOW to HIGH."""
    low, high = 0, limit
    while low < high:
        middle = min((low + high + 1) // 2, low + _AT_ONCE)
        if are_same(low, middle):
            low = middle
        else:
            high = middle - 1
    return low


def _sections(document: ParsedFile, span: range, touched: frozenset[str]) -> list[tuple[str, dict[str, str]]]:
    names = list(document.profile_names_in(span))
    return [
        (document.header(index), document.values(index))
        for index, name in zip(span, names, strict=True)
        if name not in touched
    ]


def _profiles(document: ParsedFile, span: range) -> list[tuple[str, dict[str, str]]]:
    names = document.profile_names_in(span)
    return [(name, document.values(index)) for index, name in zip(span, names, strict=True) if name is not None]
