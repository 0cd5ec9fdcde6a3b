"""A value as a literal of what it is exported to: POSIX shells, PowerShell, Terraform's JSON. Pure.

Unlike `model.shell.word`, which is for hints, the value comes out exactly as it is, or is refused.
"""

import re
import shlex

from credhelper.errors import InputError
from credhelper.model.printable import plain

# PowerShell takes each of these for the quote that ends a text in single quotes (about_Quoting_Rules).
_SINGLE_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")
# The template language reads "${" and "%{" in every string of .tf.json; doubled, the sign is plain text.
_TEMPLATE = re.compile(r"([$%])(?=\{)")


def posix(text: str) -> str:
    """Return one word of a command for sh."""
    return shlex.quote(_shown(text))


def powershell(text: str) -> str:
    """Return a text for PowerShell itself."""
    return "'" + _SINGLE_QUOTES.sub(r"\1\1", _shown(text)) + "'"


def powershell_argument(text: str) -> str:
    """Return one argument of a program that PowerShell starts.

    Double quotes are refused: before PowerShell 7.3 they do not reach a program as they are. Such values go in a file.
    """
    if '"' in text or text.endswith("\\"):
        raise InputError(
            f"PowerShell cannot give {text[:200]!r} to a program: a double quote, or a backslash at its end"
        )
    return powershell(text)


def terraform(text: str) -> str:
    """Return a string whose value for Terraform is this text (not yet encoded as JSON)."""
    return _TEMPLATE.sub(r"\1\1", text)


def _shown(text: str) -> str:
    """Return the text, which holds nothing that is not shown: a command is read before it is run."""
    if plain(text) != text:
        raise InputError("a value holds a character that is not shown, so it is put into no command")
    return text
