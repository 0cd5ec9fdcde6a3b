"""A second, independent reader: the strict grammar of the Java, Rust and C SDKs, which reject what they do not know.

Written from their parser's rules (one line, one meaning; a comment needs a blank before it; no line may surprise).
"""

import re

_NAME = re.compile(rb"[A-Za-z0-9_\-/.%@:+]+")


class RejectedError(Exception):
    """A strict SDK would reject the whole file."""


def read_strictly(data: bytes) -> dict[str, dict[str, str]]:
    """Return the profiles by name; raises RejectedError."""
    profiles: dict[str, dict[str, str]] = {}
    section: dict[str, str] | None = None
    key: str | None = None
    for line in data.splitlines():
        if not line.strip() or line[:1] in b"#;":
            continue
        if line[:1] in b" \t":
            if section is None or key is None:
                raise RejectedError
            section[key] += "\n" + line.strip().decode()
        elif line.startswith(b"["):
            section, key = profiles.setdefault(_header(line), {}), None
        else:
            if section is None:
                raise RejectedError
            key, value = _pair(line)
            section[key] = value
    return profiles


def _header(line: bytes) -> str:
    inside, bracket, rest = line[1:].partition(b"]")
    if not bracket or (rest.strip() and rest.strip()[:1] not in b"#;"):
        raise RejectedError
    words = inside.split()
    if words == [b"default"]:
        return "default"
    if len(words) == 2 and words[0] == b"profile" and _NAME.fullmatch(words[1]):
        return words[1].decode()
    return f"[{inside.decode()}]"


def _pair(line: bytes) -> tuple[str, str]:
    key, equals, value = line.partition(b"=")
    if not equals or not key.strip():
        raise RejectedError
    for comment in (b" #", b" ;", b"\t#", b"\t;"):
        value = value.partition(comment)[0]
    return key.strip().decode().lower(), value.strip().decode()
