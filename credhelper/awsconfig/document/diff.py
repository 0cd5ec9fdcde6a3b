"""Two versions of a file as a unified diff. Pure."""

import difflib


def unified_diff(before: bytes, after: bytes, path: str) -> str:
    """Return the difference of two versions with three lines of context, "" if there is none."""
    old, new = before.decode("utf-8", "replace"), after.decode("utf-8", "replace")
    if old == new:
        return ""
    head, tail = _common_lines(old, new)
    lines = difflib.unified_diff(
        old.splitlines()[head : len(old.splitlines()) - tail],
        new.splitlines()[head : len(new.splitlines()) - tail],
        path,
        path,
        lineterm="",
    )
    return "\n".join(_shifted(line, head) for line in lines)


def _common_lines(old: str, new: str) -> tuple[int, int]:
    """Return how many lines to leave out at both ends: difflib takes quadratic time over a long file."""
    a, b = old.splitlines(), new.splitlines()
    shorter = min(len(a), len(b))
    head = next((place for place in range(shorter) if a[place] != b[place]), shorter)
    room = shorter - head
    tail = next((place for place in range(room) if a[-1 - place] != b[-1 - place]), room)
    return max(0, head - 3), max(0, tail - 3)


def _shifted(line: str, offset: int) -> str:
    if not line.startswith("@@ "):
        return line
    _, old, new, end = line.split(" ", 3)
    return " ".join(("@@", _moved(old, offset), _moved(new, offset), end))


def _moved(place: str, offset: int) -> str:
    """Move `-12,3` down by `offset` lines."""
    start, comma, count = place[1:].partition(",")
    return f"{place[0]}{int(start) + offset}{comma}{count}"
