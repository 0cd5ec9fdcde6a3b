"""Two versions of a config file compared, profile by profile. Pure."""

from credhelper.awsconfig.document.parsed import ParsedFile


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


def _raw(document: ParsedFile, index: int) -> bytes:
    start, end = document.span(index)
    return document.to_bytes()[start:end]


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
