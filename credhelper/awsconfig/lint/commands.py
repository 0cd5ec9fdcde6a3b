"""What a `credential_process` line means to those who start it with a shell and to those who do not. Pure.

botocore splits the line with shlex and starts no shell; most SDKs hand it to `sh -c`. Only what a shell would act on
counts: not what is between quotes, and not the script that is given to a shell that the line itself starts.
"""

import re
import shlex
from collections.abc import Iterator

_ABSOLUTE = re.compile(r"""['"]?(?:/|[A-Za-z]:\\)""")
_WINDOWS_PATH = re.compile(r"""['"]?[A-Za-z]:\\""")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_SHELLS = re.compile(r"""['"]?(?:/[^\s'"]*/)?(?:ba|da|z|k)?sh['"]?\s""")
# The author meant a shell to act on them.
_MEANT = frozenset("|;<>`$")
# A shell acts on them, whether or not that was meant.
_ACTED_ON = frozenset("&()*?")
# In an address they are seldom meant, and match no file.
_IN_ADDRESSES = frozenset("*?")
_PLAIN = re.compile(r"[A-Za-z0-9_@%+:,./ -]*")


def command_rules(command: str) -> Iterator[str]:
    """Yield the rules that a command breaks."""
    if not _ABSOLUTE.match(command):
        yield "command-relative"
    if not _PLAIN.fullmatch(command):
        yield from _shell_rules(command)
        if not _WINDOWS_PATH.match(command) and _has_open_quote(command):
            yield "command-unclosed"
    if "\\" in command and not _WINDOWS_PATH.match(command):
        yield "command-backslash"


def _has_open_quote(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:
        return not command.endswith("\\")
    return False


def _shell_rules(command: str) -> Iterator[str]:
    words = command.split()
    found = set(_acted_on(command))
    is_meant = found & _MEANT or "&&" in words or "&" in words or any(word.startswith("~") for word in words)
    if is_meant or _ASSIGNMENT.match(command):
        yield "command-shell"
    elif found:
        yield "command-other-shell"


def _acted_on(command: str) -> Iterator[str]:
    """Yield the characters that a shell acts on: outside quotes all, between double quotes two of them."""
    starts_shell = _SHELLS.match(command) is not None
    quote = ""
    for word in re.findall(r"\S+", command):
        place = 0
        while place < len(word):
            character = word[place]
            if character == "\\" and quote != "'":
                place += 1
            elif quote:
                if character == quote:
                    quote = ""
                elif quote == '"' and character in "$`" and not starts_shell:
                    yield character
            elif character in "'\"":
                quote = character
            elif character in _MEANT or (character in _ACTED_ON and not (character in _IN_ADDRESSES and "://" in word)):
                yield character
            place += 1
