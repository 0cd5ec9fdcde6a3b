"""Text as it may be shown: nothing in it steers a terminal, hides or pretends to be a line of its own. Pure."""

import re

from credhelper.model.hidden import CONTROLS, HIDDEN, SURROGATES

_CONTROLS = re.compile(f"[{CONTROLS}]+")
_ESCAPED = re.compile(f"[{CONTROLS}{HIDDEN}{SURROGATES}]")
# The same without tab and newline.
_ESCAPED_IN_LINES = re.compile(f"(?![\t\n])[{CONTROLS}{HIDDEN}{SURROGATES}]")


def plain(text: str) -> str:
    """Return text of several lines with every character that is not shown as its escape, but for tab and newline."""
    if text.isascii() and text.replace("\t", "").replace("\n", "").isprintable():
        return text  # ten thousand rows of a table come this way
    return _ESCAPED_IN_LINES.sub(_escape, text)


def cell(text: str) -> str:
    """Return `text` as a part of one line, such as a cell of a table: tab and newline are escaped, too."""
    return text if text.isascii() and text.isprintable() else _ESCAPED.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


# Of a foreign text no more than this is looked at; a run that is cut there could be half a secret, and goes whole.
_LOOKED_AT = 4096
_CUT_RUN = re.compile(r"\S*\Z")


def one_line(said: str | bytes, limit: int = 240) -> str:
    """Return at most `limit` characters of `said` in one line: nothing that is hidden, and nothing that looks secret.

    Bytes that are not UTF-8 are replaced, so the result can always be written to stderr (botocore decodes a
    helper's stderr strictly).
    """
    from credhelper.model.redaction import redacted, redacted_lines  # their patterns take some milliseconds to compile

    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if len(text) > _LOOKED_AT:
        text = _CUT_RUN.sub("***", text[:_LOOKED_AT])
    text = redacted_lines(text.encode("utf-8", "replace").decode("utf-8"))
    text = " ".join(_CONTROLS.sub(" ", text).split())
    text = " ".join(cell(redacted(text)).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clause(said: str | bytes, limit: int = 240) -> str:
    """Return `one_line` without its final stop, for use inside a longer message."""
    return one_line(said, limit).rstrip(". ")
