"""A value as one word of a command that a person copies: the only place where a hint quotes. Pure."""

import re
import shlex
import sys

from credhelper.model.printable import cell

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./\\-]+")
# cmd runs what is behind & and fills in %NAME%, PowerShell what is in $(): between double quotes neither may remain.
_RISKY = re.compile('["$`%!\u201c-\u201f]')


def word(value: str, *, is_windows: bool = sys.platform == "win32") -> str:
    """Return `value` so that a shell takes it as one word and runs nothing of it.

    A character that is not shown is replaced by its escape: the word then names nothing, and does nothing. On Windows,
    where a hint may be read by cmd or PowerShell, a character that one of them obeys between quotes becomes `?`.
    """
    shown = cell(value)
    if not is_windows:
        return shlex.quote(shown)
    return shown if _PLAIN.fullmatch(shown) and "%" not in shown else f'"{_RISKY.sub("?", shown)}"'
