"""Make the changes of a plan, in its order: asked for before the first, planned again where another was faster."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from credhelper.aws import iam_write, preflight
from credhelper.aws.iam_write import StaleError
from credhelper.commands.grant.access import OPTIONS, Administrator
from credhelper.errors import AwsError, CredhelperError, InputError
from credhelper.grant.change import Change, Side
from credhelper.grant.found import Found
from credhelper.grant.names import Names
from credhelper.model.shell import word


@dataclass(frozen=True, slots=True)
class Effects:
    """Where time and the person are. `done` is told each change that was made, `waiting` what is waited for."""

    done: Callable[[Change], object] = lambda _change: None
    waiting: Callable[[str], object] = lambda _what: None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Progress:
    """What was made and what is left; it is right at every moment, also where a change fails."""

    made: list[Change] = field(default_factory=list)
    left: list[Change] = field(default_factory=list)


def writes(changes: Sequence[Change]) -> list[Change]:
    """Return the changes that are calls, without those that are only shown."""
    return [change for change in changes if change.operation]


def require_allowed(refusals: Sequence[str], command: str, *, is_begun: bool = False) -> None:
    """Raise InputError with the reasons why a plan is not carried out; `command` is the one that shows it."""
    if refusals:
        told = "" if is_begun else "nothing is written: "
        raise InputError(f"{told}{'; '.join(refusals)}", hint=f"then look at it again: {command}")


def preflight_notes(
    changes: Sequence[Change], administrators: Mapping[Side, Administrator], names: Names, found: Found
) -> list[str]:
    """Ask IAM whether the administrators may make all of it; raises AwsError that names what is missing.

    Returns what could not be found out.
    """
    arns = {"Role": found.role.arn if found.role is not None else str(names.role)}
    if found.holder is not None:
        arns[names.kind.title()] = found.holder.arn
    notes: list[str] = []
    lacking: list[tuple[Administrator, Side, tuple[str, ...]]] = []
    for side, administrator in administrators.items():
        own = [change for change in changes if change.side is side]
        answer = preflight.ask(administrator.iam, administrator.identity, own, arns)
        notes += [answer.note] if answer.note else []
        lacking += [(administrator, side, answer.missing)] if answer.missing else []
    if lacking:
        who = "; ".join(f"{one.identity} may not {', '.join(actions)}" for one, _, actions in lacking)
        side = lacking[0][1]
        raise AwsError(
            f"nothing is written: {who}",
            hint=f"give an administrator who may with {word(OPTIONS[side])}, or the half to one who may: credhelper "
            f"grant export --side {word(side.value)}",
        )
    return notes


def apply(
    changes: Sequence[Change],
    administrators: Mapping[Side, Administrator],
    again: Callable[[], Sequence[Change]],
    effects: Effects,
    progress: Progress,
) -> None:
    """Make the changes; `again` reads both sides and returns what is still to do.

    Where another administrator was faster it is planned again, once for each call; raises what AWS refuses then.
    """
    seen: set[tuple[Side, str, str]] = set()
    progress.left[:] = writes(changes)
    while progress.left:
        change = progress.left[0]
        try:
            iam_write.execute(
                administrators[change.side].iam,
                change,
                waiting=lambda spent_s: effects.waiting(f"IAM does not know a new principal yet ({spent_s:.0f} s)"),
                clock=effects.clock,
                sleep=effects.sleep,
            )
        except StaleError as error:
            key = (change.side, change.operation, repr(sorted(change.parameters.items(), key=lambda one: one[0])))
            if key in seen:
                raise error.explained from None
            seen.add(key)
            progress.left[:] = writes(again())
            continue
        progress.made.append(change)
        del progress.left[0]
        effects.done(change)


def unfinished(error: CredhelperError, progress: Progress, command: str) -> CredhelperError:
    """Return a failure with what was done before it and what is left; running the command again goes on from there."""
    total = len(progress.made) + len(progress.left)
    is_refused = isinstance(error, AwsError) and not progress.made
    told = "nothing is written" if is_refused else f"{len(progress.made)} of {total} changes are made"
    hint = error.hint
    hint = f"{hint}; then go on: {command}" if hint else f"go on: {command}"
    kind = next(one for one in type(error).__mro__ if one.__init__ is CredhelperError.__init__)  # type: ignore[misc]
    explained: CredhelperError = kind(f"{told}: {error.unquoted}", hint=hint, quoted=error.quoted)
    return explained
