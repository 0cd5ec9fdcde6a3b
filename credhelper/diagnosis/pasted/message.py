"""A message as it is copied from a terminal, a log or a ticket, made one line again. Pure.

What stands around a line goes: escape codes, the boxes of Terraform, the marks of a quotation, the escapes of JSON and
XML. The text that comes out is looked at, and never shown whole.
"""

import html
import re

from credhelper.errors import InputError
from credhelper.model.hidden import CONTROLS, HIDDEN, SURROGATES
from credhelper.policy.denial import LIMIT

_ESCAPE_CODES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -~])|\x9b[0-?]*[@-~]"
)
_BEFORE = re.compile(r"[ \t]*[\u2500-\u257f|>#*]+[ \t]?")
_AFTER = re.compile(r"[ \t]+[\u2500-\u257f|]+[ \t]*\Z")
_NOT_SHOWN = re.compile(f"[{HIDDEN}{SURROGATES}]")
_CONTROL = re.compile(f"[{CONTROLS}]")
_ESCAPED = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|([nrt\"'/]))")
_PATH = re.compile(r"\b[A-Za-z]:\\")
_QUOTES = str.maketrans("“”„‟″‘’‛", '"""""\'\'\'')
# A terminal breaks every line at its edge; no shorter width is one.
_NARROWEST = 40


def lines_of(text: str) -> list[str]:
    """Return the lines of a message without what is around them; raise InputError for a text that is too long."""
    if len(text.encode("utf-8", "replace")) > LIMIT:
        raise InputError(
            f"the text is longer than {LIMIT // 1024} kB", hint="leave out all but the lines with the error in them"
        )
    shown = text.replace("\r\n", "\n").replace("\r", "\n")
    if not _PATH.search(shown):  # C:\new is no line break
        shown = _ESCAPED.sub(_unescaped, shown)
    shown = _ESCAPE_CODES.sub("", html.unescape(shown))
    shown = _NOT_SHOWN.sub("", shown.translate(_QUOTES))
    return [
        _AFTER.sub("", _BEFORE.sub("", line, count=1) if _BEFORE.match(line) else line) for line in shown.split("\n")
    ]


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return {"n": "\n", "r": "\n", "t": " "}.get(match[2], match[2])


def flat(lines: list[str]) -> str:
    """Return the one line that they are, broken between words."""
    return " ".join(_CONTROL.sub(" ", "\n".join(lines)).split())


def unwrapped(lines: list[str]) -> str:
    """Return the one line that they are, where the longest are those that were broken at the edge of a terminal."""
    edge = _edge(lines)
    whole = "".join(line if len(line) == edge else f"{line}\n" for line in lines)
    return " ".join(_CONTROL.sub(" ", whole).split())


def has_edge(lines: list[str]) -> bool:
    """Tell whether more than one line ends where the edge of a terminal would be."""
    edge = _edge(lines)
    return sum(len(line) == edge for line in lines) > 1


def _edge(lines: list[str]) -> int:
    width = max(map(len, lines), default=0)
    return width if width >= _NARROWEST else -1
