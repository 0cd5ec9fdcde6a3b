"""One printable line from the output of another program or server. Pure."""

import re

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Session tokens and signatures are long unbroken runs; ARNs and request ids are not.
_LONG_RUN = re.compile(r"[A-Za-z0-9+/=_-]{100,}")
# How programs label the credentials they print: keep the name, drop the value.
_LABELLED_SECRET = re.compile(
    r"(secret_?access_?key|session_?token|security_?token|password|passcode)(\W{1,4})[^\s\"',;]{4,}", re.IGNORECASE
)

# C0, DEL, C1, and the line and paragraph separators: an escape code in a profile name must not reach the terminal
# (the shape of CVE-2024-52005). Tab and newline may be printed.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def plain(text: str) -> str:
    """Return `text` with every control character but tab and newline shown as its escape."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", text)


def one_line(said: str | bytes, limit: int = 240) -> str:
    """Return at most `limit` characters of `said` in one line: nothing that controls a terminal or looks like a token.

    Bytes that are not UTF-8 are replaced, so the result can always be written to stderr (botocore decodes a
    helper's stderr strictly).
    """
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    text = _UNPRINTABLE.sub(" ", text.encode("utf-8", "replace").decode("utf-8"))
    text = _LABELLED_SECRET.sub(r"\1\2***", _LONG_RUN.sub("***", text))
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clause(said: str | bytes, limit: int = 240) -> str:
    """Return `one_line` without its final stop, for use inside a longer message."""
    return one_line(said, limit).rstrip(". ")
