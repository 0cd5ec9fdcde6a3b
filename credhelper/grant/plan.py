"""What has to be written so that both accounts are as wanted, in the order of writes. Pure.

A side that was not read gets no changes. What a grant did not make is shown and left there, but for `prune`; a role
that has not its tag is not touched, but for `adopt`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from credhelper.grant import caller_side, order, role_side
from credhelper.grant.change import Change, Side
from credhelper.grant.found import Found, FoundRole
from credhelper.grant.half import Half
from credhelper.grant.names import TAG
from credhelper.grant.order import Stage, Step
from credhelper.grant.wanted import Wanted
from credhelper.policy.lint import Notice, Severity


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes in the order of writes, what there is to know, and why it cannot be applied as it is.

    Foreign parts are shown among the changes, at their end, and are no calls.
    """

    changes: tuple[Change, ...] = ()
    notices: tuple[Notice, ...] = ()
    refusals: tuple[str, ...] = ()

    @property
    def writes(self) -> tuple[Change, ...]:
        """The changes that are calls; without any, both sides are as wanted."""
        return tuple(one for one in self.changes if one.operation)


def plan(wanted: Wanted, found: Found, *, adopt: bool = False, prune: bool = False) -> Plan:
    """Return what is to be done."""
    role = role_side.half(wanted, found.role, prune=prune) if found.is_role_side_read else Half()
    caller = caller_side.half(wanted, found, adopt=adopt) if found.is_caller_side_read else Half()
    steps = [*role.steps, *caller.steps]
    steps += order.steps([*role.slots, *caller.slots], partition=wanted.holder.partition, unknown=role.unknown)
    refusals = [*role.refusals, *caller.refusals]
    notices = [*wanted.notices, *role.notices, *caller.notices]
    if found.role is not None and found.is_role_side_read and found.role.tags.get(TAG) != wanted.name:
        if adopt:
            steps.insert(0, Step(Stage.FIRST, role_side.tagged(wanted, found.role)))
        else:
            text = _not_of_this_grant(wanted, found.role)
            if _writes_role(steps):
                refusals.append(f"{text}: --adopt takes it over")
            else:
                notices.append(Notice("not-adopted", Severity.NOTE, text))
    return Plan((*order.ordered(steps), *role.foreign), tuple(dict.fromkeys(notices)), tuple(refusals))


def _not_of_this_grant(wanted: Wanted, role: FoundRole) -> str:
    other = role.tags.get(TAG)
    if other:
        return f"the role {wanted.role.name} is of another grant, {other}"
    return f"the role {wanted.role.name} was not made by a grant: it has no tag {TAG}"


def _writes_role(steps: Sequence[Step]) -> bool:
    return any(one.change.side is Side.ROLE for one in steps)
