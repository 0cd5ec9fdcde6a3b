"""How a plan of a grant is shown: both sides with their changes, what there is to know, the half that is missing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from credhelper.cli import output

if TYPE_CHECKING:  # imported when a command runs, so that --help does not pay for it
    from credhelper.commands.grant.access import Administrator
    from credhelper.grant.change import Change, Side
    from credhelper.grant.names import Names
    from credhelper.grant.plan import Plan
    from credhelper.policy.lint import Notice

# By the sign of a change, by the severity of a notice, and by the side.
_STYLES = {"+": "green", "~": "yellow", "-": "red", "?": "dim"}
_SEVERITIES = {"error": "red", "warning": "yellow", "note": ""}
# A trust for everybody, which is no remark wherever it is found.
_OPEN = "trust-anyone"
_NAMES = {"prod": "role account", "acc": "caller account"}
_OPTIONS = {"prod": "--prod-admin", "acc": "--acc-admin"}


def plan(
    found: "Plan",
    administrators: "Mapping[Side, Administrator]",
    names: "Names",
    notices: "Sequence[Notice]" = (),
) -> None:
    """Show the sides that were read, each with its changes, then notices and refusals."""
    lines: list[tuple[str, str]] = []
    for side, administrator in administrators.items():
        if own := [change for change in found.changes if change.side is side]:
            lines.append((f"{_NAMES[side.value]} {_account(side, names)} (as {administrator.identity})", "bold"))
            lines += [line for change in own for line in _change(change)]
    for one in (*notices, *found.notices):
        style = "red" if one.code == _OPEN else _SEVERITIES[one.severity.value]
        lines.append((f"{one.severity.value}: {one.text} ({one.code})", style))
    lines += [(f"refused: {text}", "red") for text in found.refusals]
    output.styled(lines)


def _change(change: "Change") -> Iterator[tuple[str, str]]:
    sign = change.verb.value
    yield f"  {sign} {change.title}", _STYLES[sign]
    for line in change.lines:
        yield f"      {line}", "dim" if sign == "?" else {"+": "green", "-": "red"}.get(line[:1], "")


def name(side: "Side") -> str:
    """Return what a side is called."""
    return f"the {_NAMES[side.value]}"


def option(side: "Side") -> str:
    """Return the option that names its administrator."""
    return _OPTIONS[side.value]


def _account(side: "Side", names: "Names") -> str:
    return names.role.account if side.value == "prod" else names.account


def count(changes: "Sequence[Change]") -> str:
    """Return how many there are of each kind, in the words of the last line of a plan."""
    signs = [one.verb.value for one in changes if one.operation]
    return f"{signs.count('+')} to add, {signs.count('~')} to change, {signs.count('-')} to remove"


def half(side: "Side", names: "Names", commands: str, export: str) -> None:
    """Show what the administrator who is not here has to run."""
    output.say_lines(
        f"{_NAMES[side.value]} {_account(side, names)}: no administrator's profile here. Its administrator runs:"
    )
    output.say_lines("\n".join(f"  {line}" if line else "" for line in commands.rstrip("\n").splitlines()))
    output.say_lines(f"(as files, or in another form: {export} --out DIR)")


def document(
    found: "Plan",
    administrators: "Mapping[Side, Administrator]",
    names: "Names",
    notices: "Sequence[Notice]" = (),
) -> dict[str, Any]:
    """Return a plan as it is in JSON."""
    return {
        "role": str(names.role),
        "accounts": {"prod": names.role.account, "acc": names.account},
        "administrators": {
            side.value: {"profile": one.profile, "arn": str(one.identity)} for side, one in administrators.items()
        },
        "changes": [
            {
                "side": change.side.value,
                "verb": change.verb.name.lower(),
                "title": change.title,
                "lines": list(change.lines),
                "operation": change.operation,
                "parameters": dict(change.parameters),
                "widens": change.widens,
            }
            for change in found.changes
        ],
        "notices": [
            {"code": one.code, "severity": one.severity.value, "text": one.text} for one in (*notices, *found.notices)
        ],
        "refusals": list(found.refusals),
    }
