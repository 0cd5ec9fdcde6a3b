"""`doctor --explain`: what a pasted message says of its cause. Knows no option: cli/doctor.py has it."""

import re
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from typing import TYPE_CHECKING

from credhelper.cli import output
from credhelper.errors import CredhelperError, InputError
from credhelper.model.shell import filled

if TYPE_CHECKING:
    from credhelper.diagnosis.finding import Finding

_PAGE = "docs/troubleshooting.md"
# More than this is refused; one byte more is enough to know it.
_LIMIT = 8 * 1024
# The profile of a command, and not the name of a role in an ARN.
_NAME, _PLACE = re.compile(r"(?<= )NAME(?!\w)"), "\0"
_CERTAINTY_WIDTH, _CAUSE_WIDTH = 8, 16
_STYLES = {"certain": "bold red", "likely": "yellow"}


def show(text: str, *, as_json: bool) -> int:
    """Print the causes that a message leaves, `-` for one on stdin; return the exit code of the first of them.

    Raises InputError for a text that is too long, and, where not `as_json`, for one that says nothing that is known.
    """
    from credhelper.diagnosis.pasted.explain import explain

    said = _typed() if text == "-" else text
    found = explain(said)
    name = _profile_of(said) if found else ""
    if as_json:
        output.emit_json(_as_json(found, name))
    elif found:
        output.styled(_lines(found, name))
    else:
        raise InputError(
            "nothing in this text is a message of AWS or of a tool that is known",
            hint="paste the whole error, or ask about a profile: credhelper doctor --help",
        )
    sys.stdout.flush()
    return _exit_code(found)


def _typed() -> str:
    if sys.stdin is None:
        raise InputError("there is no stdin to read the message from", hint="credhelper doctor --explain TEXT")
    if sys.stdin.isatty():
        output.note("paste the message, then Ctrl-Z and Enter" if sys.platform == "win32" else "paste it, then Ctrl-D")
    typed = sys.stdin.buffer.read(_LIMIT + 1)
    # What PowerShell writes to a file.
    return typed.decode("utf-16" if typed.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8", "replace")


def _exit_code(found: "tuple[Finding, ...]") -> int:
    from credhelper.diagnosis.causes.table import CAUSES

    return CAUSES[found[0].cause].exit_code if found else InputError.exit_code


def _profile_of(said: str) -> str:
    """Return the profile of the role that a message names, "" where the files have none, or more than one."""
    from credhelper import settings
    from credhelper.commands.profile.of_role import only_profile_of
    from credhelper.diagnosis.pasted.explain import role_in

    role = role_in(said)
    try:
        return only_profile_of(role, settings.load()) if role else ""
    except CredhelperError:  # no home directory
        return ""


def _lines(found: "tuple[Finding, ...]", name: str) -> Iterator[tuple[str, str]]:
    for one in found:
        said = one.certainty.value
        line = f" {said:<{_CERTAINTY_WIDTH}}  {one.cause:<{_CAUSE_WIDTH}}  {one.text}"
        yield line, _STYLES.get(said, "")
    yield f"hint: {_hint(found[0], name)}", output.TYPED
    yield f"see: {_PAGE}#{found[0].cause}", ""


def _hint(finding: "Finding", name: str) -> str:
    """Return what to do; a profile that is not known is NAME, as on the page."""
    from credhelper.diagnosis.causes.table import CAUSES

    way_out = CAUSES[finding.cause].way_out.replace("{profile}", "NAME").replace("`", "")
    told = finding.hint or way_out.rstrip(".")
    if told[1:2].islower():
        told = told[:1].lower() + told[1:]
    return filled(_NAME.sub(_PLACE, told), _PLACE, name) if name else told


def _as_json(found: "tuple[Finding, ...]", name: str) -> dict[str, object]:
    return {
        "first": found[0].cause if found else None,
        "findings": [
            {
                "cause": one.cause,
                "certainty": one.certainty.value,
                "text": one.text,
                "hint": _hint(one, name),
                "page": f"{_PAGE}#{one.cause}",
            }
            for one in found
        ],
    }
