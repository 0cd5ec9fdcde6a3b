"""Whether two patterns have a text in common, and whether one takes all that the other takes. Pure.

For the Resource of a statement about roles: `covers_roles` is true only where `match.fits_resource` is certain of each
role's ARN, and false also where that is not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import takewhile

from credhelper.policy import match
from credhelper.policy.match import Characters, Pattern, Wild

_SEGMENTS = 6


class _Word(Enum):
    """What the ARN of a role has in a variable place: any number of characters but colons, or one of them."""

    ANY = "…"
    ONE = "."


_Symbols = Sequence[str | Wild | _Word]
_ROLE: _Symbols = (*"arn:", _Word.ANY, *":iam::", _Word.ANY, *":role/", _Word.ONE, _Word.ANY)


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern with what most comparisons are settled by: the plain text that it starts and ends with."""

    pattern: Pattern
    start: str = field(init=False)
    end: str = field(init=False)

    def __post_init__(self) -> None:
        characters = self.pattern.characters
        object.__setattr__(self, "start", "".join(takewhile(_is_plain, characters)))  # type: ignore[arg-type]  # plain
        end = list(takewhile(_is_plain, reversed(characters)))
        object.__setattr__(self, "end", "".join(reversed(end)))  # type: ignore[arg-type]  # plain

    @property
    def characters(self) -> Characters:
        """The characters of the pattern."""
        return self.pattern.characters

    @property
    def is_exact(self) -> bool:
        """Whether it is one text, without a wildcard."""
        return len(self.start) == len(self.characters)


def _is_plain(one: object) -> bool:
    return isinstance(one, str)


def may_be_role(pattern: Shape) -> bool:
    """Tell whether the ARN of some role fits a pattern."""
    return _meet(pattern.characters, _ROLE)


def have_common(one: Shape, other: Shape) -> bool:
    """Tell whether some text fits both patterns."""
    if not _agree(one.start, other.start) or not _agree(one.end[::-1], other.end[::-1]):
        return False
    if one.is_exact or other.is_exact:
        exact, pattern = (one, other) if one.is_exact else (other, one)
        return match.glob(pattern.characters, exact.start)
    start, end = min(len(one.start), len(other.start)), min(len(one.end), len(other.end))
    return _meet(*[found.characters[start : len(found.characters) - end] for found in (one, other)])


def _agree(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def covers_roles(wide: Shape, narrow: Shape) -> bool:
    """Tell whether the ARN of each role that fits `narrow` fits `wide` for certain."""
    if not narrow.start.startswith(wide.start) or not narrow.end.endswith(wide.end):
        return False
    outer, inner = _segments(wide.characters), _segments(narrow.characters)
    if len(inner) != _SEGMENTS and not _has_plain_start(inner):
        return False  # a wildcard of it may take a colon, and another segment than it seems to
    if len(outer) == _SEGMENTS:
        is_aligned = len(inner) == _SEGMENTS
    else:
        is_aligned = len(outer) <= len(inner) <= _SEGMENTS and outer[-1][-1:] == [Wild.ANY]
    return is_aligned and all(map(_includes, outer, inner))


def _has_plain_start(segments: list[list[str | Wild]]) -> bool:
    """Tell whether the only wildcard is a star at the very end."""
    *before, last = segments
    found = [one for segment in (*before, last[:-1]) for one in segment if isinstance(one, Wild)]
    return len(segments) < _SEGMENTS and last[-1:] == [Wild.ANY] and not found


def _segments(pattern: Characters) -> list[list[str | Wild]]:
    found: list[list[str | Wild]] = [[]]
    for one in pattern:
        if one == ":":
            found.append([])
        else:
            found[-1].append(one)
    return found


def _includes(wide: Sequence[str | Wild], narrow: Sequence[str | Wild]) -> bool:
    """Tell whether `wide` takes all that `narrow` takes: a star of that has to be taken by a star.

    False also for some that do, such as `?*` and `*?`.
    """
    places = _open(wide, {0})
    for one in narrow:
        taking = {place for place in places if place < len(wide) and _takes(wide[place], one)}
        places = _open(wide, {place if wide[place] is Wild.ANY else place + 1 for place in taking})
    return len(wide) in places


def _open(pattern: Sequence[str | Wild], places: set[int]) -> set[int]:
    """Return the places with those that are reached by stars that take nothing."""
    found = set(places)
    for place in sorted(places):
        here = place
        while here < len(pattern) and pattern[here] is Wild.ANY:
            here += 1
            found.add(here)
    return found


def _takes(wide: str | Wild, narrow: str | Wild) -> bool:
    if wide is Wild.ANY:
        return True
    return narrow is not Wild.ANY if wide is Wild.ONE else wide == narrow


def _meet(one: _Symbols, other: _Symbols) -> bool:
    """Tell whether some text fits both: walk through both at once, each star staying where it is or ending."""
    seen: set[tuple[int, int]] = set()
    waiting = [(0, 0)]
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        if at == (len(one), len(other)):
            return True
        first = one[at[0]] if at[0] < len(one) else None
        second = other[at[1]] if at[1] < len(other) else None
        if _is_star(first):
            waiting.append((at[0] + 1, at[1]))
        if _is_star(second):
            waiting.append((at[0], at[1] + 1))
        if first is not None and second is not None and _have_character(first, second):
            waiting.append((at[0] + (not _is_star(first)), at[1] + (not _is_star(second))))
    return False


def _is_star(symbol: object) -> bool:
    return symbol is Wild.ANY or symbol is _Word.ANY


def _have_character(one: str | Wild | _Word, other: str | Wild | _Word) -> bool:
    """Tell whether one character fits both."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    return ":" not in (one, other) or not (isinstance(one, _Word) or isinstance(other, _Word))
