"""A name for a new profile beside another one: free, and one that every SDK and every command takes. Pure."""

from collections.abc import Container

_ALLOWED = frozenset("_.@:+/-")


def plain_name(text: str) -> str:
    """Return a name as near to `text` as it can be without quotes, blanks, and - at either end."""
    plain = "".join(one if one.isascii() and (one.isalnum() or one in _ALLOWED) else "-" for one in text)
    return plain.strip("-") or "role"


def free_name(name: str, taken: Container[str]) -> str:
    """Return a name for the role of this profile that no profile has yet."""
    wanted = plain_name(f"{name}-role")
    found, number = wanted, 2
    while found in taken:
        found, number = f"{wanted}{number}", number + 1
    return found
