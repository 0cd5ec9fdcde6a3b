"""Carry out what a plan has: ask, look whether it is allowed, write, and say what is made and what is left."""

from typing import TYPE_CHECKING, Any

import click

from credhelper.cli import output
from credhelper.cli.grant_options import typed
from credhelper.errors import CredhelperError

if TYPE_CHECKING:  # imported when a command runs, so that --help does not pay for it
    from collections.abc import Mapping, Sequence

    from credhelper.commands.grant.access import Administrator
    from credhelper.commands.grant.plan import Grant
    from credhelper.grant.change import Change, Side


def carry_out(planned: "Sequence[Change]", found: Any, *, is_agreed: bool, as_json: bool) -> "list[Change]":
    """Ask, look whether it is allowed, and make the changes; return those that were made."""
    from credhelper.commands.grant import apply as use_case
    from credhelper.commands.grant.apply import Effects, Progress

    administrators: Mapping[Side, Administrator] = found.administrators
    wanted = use_case.writes(planned)
    if not wanted:
        return []
    if not is_agreed:
        from credhelper.cli import guide

        guide.confirm(f"Make {changes(len(wanted))}?", command=_again(is_agreed=True))
    for text in use_case.preflight_notes(wanted, administrators, found.names, found.found):
        note(text)
    progress = Progress()

    def done(change: "Change") -> None:
        if not as_json:
            output.note(f"done: {change.title}")

    def again() -> "Sequence[Change]":
        note("another administrator was faster: planned again")
        later = found.again()
        use_case.require_allowed(later.plan.refusals, typed("plan"), is_begun=True)
        left: Sequence[Change] = later.plan.changes
        return left

    try:
        use_case.apply(wanted, administrators, again, Effects(done=done, waiting=note), progress)
    except CredhelperError as error:
        _left(progress.left)
        raise use_case.unfinished(error, progress, _again(is_agreed=is_agreed)) from None
    except KeyboardInterrupt:
        _left(progress.left)
        raise
    return progress.made


def _left(left: "Sequence[Change]") -> None:
    for change in left:
        output.note(f"left: {change.title}")


def note(text: str) -> None:
    """Print a remark."""
    output.note(f"note: {text}")


def _again(*, is_agreed: bool) -> str:
    """Return the command that was typed, with --yes if that is to be in it."""
    name = click.get_current_context().command.name or ""
    command = typed(name, without=("is_agreed",))
    return f"{command} --yes" if is_agreed else command


def no_changes(grant: "Grant") -> str:
    """Return the last line of a plan without a change."""
    return "no changes; what is marked ? stays: --prune removes it" if grant.plan.changes else "no changes"


def changes(count: int) -> str:
    """Return how many changes, in words."""
    return "1 change" if count == 1 else f"{count} changes"
