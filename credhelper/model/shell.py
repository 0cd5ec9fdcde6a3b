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


def own_command(command: str, *arguments: str, options: str = "") -> str:
    """Return a command of credhelper's with these arguments; `options` are quoted already.

    An argument that begins with - would be taken for an option: the options then go first, and -- between.
    """
    words = " ".join(map(word, arguments))
    has_dash = any(one.startswith("-") for one in arguments)
    parts = (options, f"-- {words}") if has_dash else (words, options)
    return " ".join(["credhelper", command, *filter(None, parts)])


def of_profile(name: str) -> str:
    """Return the option of the AWS CLI for a profile, also for one whose name begins with -."""
    return f"--profile={word(name)}" if name.startswith("-") else f"--profile {word(name)}"


def filled(text: str, place: str, name: str) -> str:
    """Return a hint with a name in each of these places, at most one in each command, by the rules of `own_command`."""
    before, _, after = text.partition(place)
    if not name.startswith("-") or not before.endswith(" "):
        return text.replace(place, word(name))
    if before.endswith("--profile "):
        return f"{before[:-1]}={word(name)}{filled(after, place, name) if place in after else after}"
    after = filled(after, place, name) if place in after else after
    if after.startswith(" --"):
        end = min(place for place in (after.find("; "), after.find(", "), len(after)) if place >= 0)
        return f"{before}{after[1:end]} -- {word(name)}{after[end:]}"
    return f"{before}-- {word(name)}{after}"


def open_at(path: str, line: int) -> str:
    """Return the command that opens a file in the user's editor, at a line where editors have an option for that."""
    if sys.platform == "win32":
        return f"notepad {word(path)}"
    return f"${{EDITOR:-vi}} +{line} {word(path)}"
