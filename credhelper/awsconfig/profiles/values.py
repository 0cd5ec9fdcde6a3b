"""Lists, tags and policies as one flat line of text, and back. Pure.

A tag is `Key=Value`, tags are separated by commas. STS allows neither a comma nor a percent sign in a tag, so `%`
can escape what the line cannot hold: `%3D` an equals sign in a key, `%20` a blank at either end, and in the same
way, as UTF-8, everything that is not ASCII.
"""

import json
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

# STS API reference, Tag: letters, separators and digits of any script, and these.
_NOT_IN_TAGS = re.compile(r"[^\w\s.:/=+\-@]|[\x00-\x1f\x7f]")
MAXIMUM_KEY_LENGTH = 128
MAXIMUM_VALUE_LENGTH = 256
_SAFE_IN_VALUES = " .:/=+-@_"


def tags(text: str, limit: int) -> dict[str, str]:
    """Return the tags written in a line; raises ValueError that says what is wrong, without the text."""
    pairs = [_tag(part) for part in text.split(",")]
    if len(pairs) > limit:
        raise ValueError(f"more than {limit} tags")
    # Tag keys that differ in case only are the same key for STS.
    if len({key.lower() for key, _ in pairs}) != len(pairs):
        raise ValueError("a list with a duplicate tag key")
    return dict(pairs)


def _tag(part: str) -> tuple[str, str]:
    key, equals, value = part.strip().partition("=")
    if not equals:
        raise ValueError("not a list of tags written as Key=Value,Key2=Value2")
    return _tag_key(key), _tag_text(value, 0, MAXIMUM_VALUE_LENGTH)


def _tag_key(text: str) -> str:
    key = _tag_text(text, 1, MAXIMUM_KEY_LENGTH)
    if key.lower().startswith("aws:"):
        raise ValueError("a list with a key that starts with aws:, which is reserved")
    return key


def _tag_text(text: str, minimum: int, maximum: int) -> str:
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError("a list with an escape that is not UTF-8") from None
    if not minimum <= len(plain) <= maximum:
        raise ValueError(
            f"a list with a key or value that is too long (keys {MAXIMUM_KEY_LENGTH}, values {maximum}) or empty"
        )
    if _NOT_IN_TAGS.search(plain):
        raise ValueError("a list with a character that AWS does not allow in tags")
    return plain


def tag_keys(text: str, limit: int) -> tuple[str, ...]:
    """Return the tag keys written in a line; raises ValueError."""
    keys = tuple(_tag_key(part.strip()) for part in text.split(","))
    if len(keys) > limit:
        raise ValueError(f"more than {limit} keys")
    return keys


def write_tags(tags_by_key: Mapping[str, str]) -> str:
    """Return the line from which `tags` reads these tags."""
    return ",".join(f"{write_tag_text(key)}={_written(value, _SAFE_IN_VALUES)}" for key, value in tags_by_key.items())


def write_tag_text(key: str) -> str:
    """Return a tag key as it is written in a line."""
    return _written(key, _SAFE_IN_VALUES.replace("=", ""))


def _written(text: str, safe: str) -> str:
    quoted = quote(text, safe=safe)
    inner = quoted.strip(" ")
    before = len(quoted) - len(quoted.lstrip(" "))
    after = len(quoted) - len(quoted.rstrip(" ")) if inner else 0
    return "%20" * before + inner + "%20" * after


def policy(text: str, limit: int) -> str:
    """Return the JSON text of a session policy; raises ValueError if it is none or too long."""
    if len(text) > limit:
        raise ValueError(f"longer than {limit} characters")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("neither JSON nor file:// and an absolute path") from None
    if not isinstance(document, dict) or "Statement" not in document:
        raise ValueError("JSON, but not a policy with a Statement")
    return text


def one_line_policy(text: str) -> str:
    """Return a policy document as one compact line of ASCII; raises ValueError if it is not JSON.

    A blank before `#` or `;` can only be inside a string there, and half of the SDKs would cut the line at it.
    """
    try:
        line = json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=True)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return line.replace(" #", " \\u0023").replace(" ;", " \\u003b")
