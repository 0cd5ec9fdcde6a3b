"""Two versions of a config file as a unified diff, without the values of secret keys. Pure."""

import difflib

from credhelper.awsconfig.document.secret_keys import masked_lines


def unified_diff(before: bytes, after: bytes, path: str) -> str:
    """Return the difference of two versions with three lines of context, "" if there is none."""
    if before == after:
        return ""
    numbers: dict[str, int] = {}
    old, new = (_shown(one.decode("utf-8", "replace"), numbers) for one in (before, after))
    head, tail = _common_lines(old, new)
    lines = difflib.unified_diff(old[head : len(old) - tail], new[head : len(new) - tail], path, path, lineterm="")
    return "\n".join(_shifted(line.rpartition("\0")[0] or line, head) for line in lines)


def _shown(text: str, numbers: dict[str, int]) -> list[str]:
    """Return the masked lines, each with a number for what it really is: two secrets that differ are two lines."""
    real = text.split("\n")
    shown = list(masked_lines(text))
    if real[-1] == "":
        del real[-1], shown[-1]
    return [
        f"{line.removesuffix(chr(13))}\0{numbers.setdefault(was, len(numbers))}"
        for line, was in zip(shown, real, strict=True)
    ]


def _common_lines(a: list[str], b: list[str]) -> tuple[int, int]:
    """Return how many lines to leave out at both ends: difflib takes quadratic time over a long file."""
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
