"""A value as one word of a command that a person copies: the only place where a hint quotes. Pure.

Modules that those who wait for another process load import this one, so it imports nothing at the top.
"""

import sys

# Needs no quotes in cmd and PowerShell.
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@+=:./\\-")
# cmd runs what is behind & and fills in %NAME%, PowerShell what is in $(): between double quotes neither may remain.
_RISKY = frozenset('"$`%!\u201c\u201d\u201e\u201f')


def word(value: str, *, is_windows: bool = sys.platform == "win32") -> str:
    """Return `value` so that a shell takes it as one word and runs nothing of it.

    A character that is not shown is replaced by its escape: the word then names nothing, and does nothing. On Windows,
    where a hint may be read by cmd or PowerShell, a character that one of them obeys between quotes becomes `?`.
    """
    from credhelper.model.printable import cell

    shown = cell(value)
    if not is_windows:
        import shlex

        return shlex.quote(shown)
    if shown and _PLAIN.issuperset(shown):
        return shown
    return '"' + "".join("?" if character in _RISKY else character for character in shown) + '"'


def open_at(path: str, line: int) -> str:
    """Return the command that opens a file in the user's editor, at a line where editors have an option for that."""
    if sys.platform == "win32":
        return f"notepad {word(path)}"
    return f"${{EDITOR:-vi}} +{line} {word(path)}"
