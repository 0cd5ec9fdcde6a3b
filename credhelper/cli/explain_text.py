"""`doctor --explain`: what a pasted message says of its cause. Knows no option: cli/doctor.py has it."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from credhelper.cli import output
from credhelper.errors import InputError

if TYPE_CHECKING:
    from credhelper.diagnosis.finding import Finding

_PAGE = "docs/troubleshooting.md"
# More than this is refused; one byte more is enough to know it.
_LIMIT = 8 * 1024
_CERTAINTY_WIDTH, _CAUSE_WIDTH = 8, 16
_STYLES = {"certain": "bold red", "likely": "yellow"}


def show(text: str, *, as_json: bool) -> int:
    """Print the causes that a message leaves, `-` for one on stdin; return the exit code of the first of them.

    Raises InputError for a text that is too long, and, where not `as_json`, for one that says nothing that is known.
    """
    from credhelper.diagnosis.explain_text import explain

    found = explain(_typed() if text == "-" else text)
    if as_json:
        output.emit_json(_as_json(found))
    elif found:
        output.styled(_lines(found))
    else:
        raise InputError(
            "nothing in this text is a message of AWS or of a tool that is known",
            hint="paste the whole error, or ask about a profile: credhelper doctor --help",
        )
    sys.stdout.flush()
    return _exit_code(found)


def _typed() -> str:
    if sys.stdin.isatty():
        output.note("paste the message, then Ctrl-Z and Enter" if sys.platform == "win32" else "paste it, then Ctrl-D")
    return sys.stdin.buffer.read(_LIMIT + 1).decode("utf-8", "replace")


def _exit_code(found: "tuple[Finding, ...]") -> int:
    from credhelper.diagnosis.causes import CAUSES

    return CAUSES[found[0].cause].exit_code if found else InputError.exit_code


def _lines(found: "tuple[Finding, ...]") -> Iterator[tuple[str, str]]:
    for one in found:
        said = one.certainty.value
        line = f" {said:<{_CERTAINTY_WIDTH}}  {one.cause:<{_CAUSE_WIDTH}}  {one.text}"
        yield line, _STYLES.get(said, "")
    yield f"hint: {_hint(found[0])}", output.TYPED
    yield f"see: {_PAGE}#{found[0].cause}", ""


def _hint(finding: "Finding") -> str:
    from credhelper.diagnosis.causes import CAUSES

    way_out = CAUSES[finding.cause].way_out.replace("{profile}", "NAME").replace("`", "")
    return finding.hint or way_out.rstrip(".")


def _as_json(found: "tuple[Finding, ...]") -> dict[str, object]:
    return {
        "first": found[0].cause if found else None,
        "findings": [
            {
                "cause": one.cause,
                "certainty": one.certainty.value,
                "text": one.text,
                "hint": _hint(one),
                "page": f"{_PAGE}#{one.cause}",
            }
            for one in found
        ],
    }
