"""Whether a value fits a pattern of a policy: wildcards, policy variables, the segments of an ARN. Pure.

No regular expressions of foreign text: a pattern of many stars costs no more than its length times that of the value.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from credhelper.policy.request import Context, Missing
from credhelper.policy.truth import Truth, truth

# `${key}` and `${key, 'default'}`.
_VARIABLE = re.compile(r"\$\{([^{}',]{1,256})(?:,\s?'([^']{0,1024})')?\}")
_LITERAL = frozenset("*?$")


class Wild(Enum):
    """A character of a pattern that stands for others."""

    ANY = "*"
    ONE = "?"


Characters = Sequence[str | Wild]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A value of a policy with its variables filled in.

    `is_open`: a variable has a value that is not known; its place takes anything. `has_hole`: a variable has no value,
    or may have none; AWS says of it only that the statement may be invalid.
    """

    characters: Characters
    is_open: bool
    has_hole: bool


def pattern(text: str, context: Context | None, *, has_wildcards: bool = True) -> Pattern:
    """Return a value of a policy as a pattern; `context` is None where `${…}` is plain text."""
    if context is None:
        return Pattern(list(_plain(text, has_wildcards=has_wildcards)), is_open=False, has_hole=False)
    characters: list[str | Wild] = []
    is_open = has_hole = False
    position = 0
    for found in _VARIABLE.finditer(text):
        characters += _plain(text[position : found.start()], has_wildcards=has_wildcards)
        position = found.end()
        value, default = _variable(found[1].strip(), context), found[2]
        filled = default if value is Missing.ABSENT else value
        if isinstance(filled, str):
            characters += filled
        else:
            characters.append(Wild.ANY)
            is_open = is_open or value is Missing.UNKNOWN
            has_hole = has_hole or default is None
    characters += _plain(text[position:], has_wildcards=has_wildcards)
    return Pattern(characters, is_open, has_hole)


def variables_in(text: str) -> list[str]:
    """Return the keys that a value names as variables."""
    return [found[1].strip() for found in _VARIABLE.finditer(text) if found[1] not in _LITERAL]


def _variable(key: str, context: Context) -> str | Missing:
    """Return the value of a variable; that of a key with several values is not known: IAM has no rule for it."""
    if key in _LITERAL:
        return key
    value = context.value(key)
    return Missing.UNKNOWN if isinstance(value, tuple) else value


def _plain(text: str, *, has_wildcards: bool) -> Iterator[str | Wild]:
    wild = {one.value: one for one in Wild} if has_wildcards else {}
    return (wild.get(character, character) for character in text)


def fits(wanted: Pattern, value: str) -> Truth:
    """Return whether a value fits; a pattern with a hole fits nothing, and one that is open may fit."""
    if wanted.has_hole and not wanted.is_open:
        return Truth.FALSE
    found = glob(wanted.characters, value)
    return Truth.UNKNOWN if found and wanted.is_open else truth(found)


def glob(characters: Characters, value: str) -> bool:
    """Tell whether a value fits: each star takes any number of characters, each question mark one."""
    pieces: list[list[str | Wild]] = [[]]
    for character in characters:
        if character is Wild.ANY:
            pieces.append([])
        else:
            pieces[-1].append(character)
    first, *others = pieces
    if not others:
        return len(value) == len(first) and _is_at(first, value, 0)
    last = others.pop()
    end = len(value) - len(last)
    position = len(first)
    if end < position or not _is_at(first, value, 0) or not _is_at(last, value, end):
        return False
    for piece in others:
        found = _find(piece, value, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def _find(piece: Characters, value: str, start: int, end: int) -> int:
    """Return the first place of a piece between two places, -1 if there is none."""
    if Wild.ONE not in piece:
        return value.find("".join(str(one) for one in piece), start, end)
    return next((place for place in range(start, end - len(piece) + 1) if _is_at(piece, value, place)), -1)


def _is_at(piece: Characters, value: str, place: int) -> bool:
    return all(one is Wild.ONE or one == value[place + offset] for offset, one in enumerate(piece))


def fits_action(wanted: str, action: str) -> bool:
    """Tell whether an action fits, whose case does not count."""
    return glob(tuple(_plain(wanted.lower(), has_wildcards=True)), action.lower())


def fits_resource(wanted: Pattern, resource: str) -> Truth:
    """Return whether an ARN fits the Resource of a statement.

    A wildcard stays within its segment, between two colons; only a star at the end of one goes beyond. What fits by
    a wildcard elsewhere that takes a colon is unknown: AWS's page leaves it open.
    """
    lax = fits(wanted, resource)
    if lax is Truth.FALSE or _fits_in_segments(_segments(wanted.characters), resource.split(":")):
        return lax
    return Truth.UNKNOWN


def _fits_in_segments(wanted: Sequence[Characters], segments: Sequence[str]) -> bool:
    """Tell whether segments fit in turn, where a segment of the pattern that ends with a star may take several."""
    places = {0}
    for part in wanted:
        after = {place + 1 for place in places if place < len(segments) and glob(part, segments[place])}
        if part and part[-1] is Wild.ANY and after:
            after = set(range(min(after), len(segments) + 1))
        places = after
    return len(segments) in places


def fits_arn(wanted: Pattern, value: str) -> Truth:
    """Return whether a value fits for ArnLike: each of the six parts by itself, the last one with its colons.

    A pattern with fewer parts is not documented: what it seems to fit is unknown. So is what a variable seems to fit
    whose value is not known, which may hold colons.
    """
    lax = fits(wanted, value)
    parts, segments = _segments(wanted.characters, 5), value.split(":", 5)
    if lax is Truth.FALSE:
        return lax
    if len(parts) < 6 or wanted.is_open:
        return Truth.UNKNOWN
    return truth(all(map(glob, parts, segments)))  # what fits the whole pattern has its five colons


def _segments(characters: Characters, most: int | None = None) -> list[Characters]:
    """Return what stands between the colons of a pattern, at most so many times divided."""
    parts: list[list[str | Wild]] = [[]]
    for character in characters:
        if character == ":" and (most is None or len(parts) <= most):
            parts.append([])
        else:
            parts[-1].append(character)
    return list(parts)
