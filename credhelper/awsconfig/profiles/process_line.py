"""The value of `credential_process`: one that every SDK splits into the same arguments. Pure.

botocore splits the line with shlex and starts no shell, most SDKs hand it to `sh -c`, and on Windows there are
three kinds of quoting around `cmd.exe /C`. On the way there it passes through every SDK's own INI parser. What
survives all of them is an absolute path and plain words; docs/config-editing.md has the rules and their reasons.
"""

import re
import shlex
import sys
from collections.abc import Sequence

from credhelper.errors import InputError

# `%` is a variable for cmd.exe, `\` is an escape for shlex and is doubled by the .NET SDK.
_PLAIN_POSIX = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_PLAIN_WINDOWS = re.compile(r"[A-Za-z0-9_@+=:,./\\-]+")
# A blank is the one character worth quoting; each of the others breaks in at least one SDK, even inside quotes.
_QUOTABLE_POSIX = re.compile(r"[A-Za-z0-9_@%+=:,./-]+(?: +[A-Za-z0-9_@%+=:,./-]+)*")
# shlex finds nothing but words in it, and takes long to.
_PLAIN_LINE = re.compile(r"[A-Za-z0-9_@%+=:,./ -]*")
_ABSOLUTE_WINDOWS = re.compile(r"[A-Za-z]:\\.+")
_END_OF_ARGUMENTS = "--"


def command_line(argv: Sequence[str], *, windows: bool = sys.platform == "win32") -> str:
    """Return the line that every SDK turns back into these arguments; raises InputError where there is none.

    On POSIX a last word that needs quotes is followed by a plain `--`, which the helper accepts: the line must not
    start and end with the same quote, or Go takes both away.
    """
    line = _windows_line(argv) if windows else _posix_line(argv)
    if arguments_of(line, windows=windows) not in ([*argv], [*argv, _END_OF_ARGUMENTS]):
        raise InputError("this command has no form that every SDK reads alike", hint=_advice(windows=windows))
    return line


def arguments_of(line: str, *, windows: bool = sys.platform == "win32") -> list[str]:
    """Return the arguments in a line that `command_line` made: as shlex splits it, on Windows at its blanks."""
    if windows:
        return line.split(" ")
    return line.split() if _PLAIN_LINE.fullmatch(line) else shlex.split(line)


def _posix_line(argv: Sequence[str]) -> str:
    if not argv or not argv[0].startswith("/"):
        raise _unsafe("the program is not an absolute path", windows=False)
    words = [_posix_word(word) for word in argv]
    if words[-1].endswith("'"):
        words.append(_END_OF_ARGUMENTS)
    return " ".join(words)


def _posix_word(word: str) -> str:
    if _PLAIN_POSIX.fullmatch(word):
        return word
    if _QUOTABLE_POSIX.fullmatch(word):
        return f"'{word}'"
    raise _unsafe(f"it contains {_offender(word, _QUOTABLE_POSIX)}", windows=False)


def _windows_line(argv: Sequence[str]) -> str:
    if not argv or not _ABSOLUTE_WINDOWS.fullmatch(argv[0]):
        raise _unsafe("the program is not an absolute path", windows=True)
    for word in argv:
        if not _PLAIN_WINDOWS.fullmatch(word):
            raise _unsafe(f"it contains {_offender(word, _PLAIN_WINDOWS)}", windows=True)
    return " ".join(argv)


def _offender(word: str, allowed: re.Pattern[str]) -> str:
    if not word:
        return "an empty argument"
    character = next((one for one in word if not allowed.fullmatch(one) and one != " "), " ")
    return "a blank" if character == " " else f"the character U+{ord(character):04X}"


def _unsafe(reason: str, *, windows: bool) -> InputError:
    return InputError(f"the command line for this profile would not be safe: {reason}", hint=_advice(windows=windows))


def _advice(*, windows: bool) -> str:
    if windows:
        return "install credhelper in a directory without blanks and special characters: pipx install credhelper"
    return "install credhelper in a directory with a plain name: pipx install credhelper"
