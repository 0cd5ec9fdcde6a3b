"""The order of writes: a stop after any of them leaves no more access than there was, or than there will be. Pure.

First everything is narrowed to what it was and will be in common, then widened. A document that becomes neither
narrower nor wider but another one is written twice for that; a single one may change in one write between the two.

Managed policies and boundaries are known by their ARN alone. One that may both allow and deny changes between the two,
with all documents narrowed; where several of these change, the role lets in nothing meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from credhelper.grant.change import Change
from credhelper.policy import arn
from credhelper.policy.cover import NOTHING, common, narrows
from credhelper.policy.difference import same
from credhelper.policy.document import Document, Statement
from credhelper.policy.render import size


class Stage(IntEnum):
    """When a write comes; within a stage the order in which they are given stays."""

    FIRST = 0  # a tag, a role without permission, an empty group
    NARROW_TRUST = 1
    NARROW = 2
    DETACH = 3
    SWAP = 4
    ATTACH = 5
    TRUST = 6
    PERMISSION = 7
    HOLDER = 8
    MEMBER = 9
    LAST = 10  # an empty role, an empty group


@dataclass(frozen=True, slots=True)
class Step:
    """A write and when it comes."""

    stage: Stage
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What is written into a place, None to leave nothing there; `is_first`: it is the first of two writes."""

    document: Document | None
    widens: bool = True
    is_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place for one document, None where there is none: before, and after.

    `closed` is written instead of a document that allows nothing, where there has to be one.
    """

    before: Document | None
    after: Document | None
    narrow: Stage
    widen: Stage
    change: Callable[[Write], Change]
    closed: Document | None = None


DENY_ALL = Document(
    (Statement(effect="Deny", actions=("sts:AssumeRole",), principals=(("AWS", "*"),)),), NOTHING.version
)


def steps(slots: Sequence[Slot], *, partition: str, unknown: int = 0) -> list[Step]:
    """Return the writes for these documents; `unknown` is how many others change what is allowed in a way not known."""
    found: list[Step] = []
    may_swap = not unknown
    for slot in slots:
        before, after = slot.before or NOTHING, slot.after or NOTHING
        if slot.closed is not None and unknown > 1:
            found += _closed(slot, slot.closed, before, partition)
            continue
        if (slot.before is None) == (slot.after is None) and same(before, after, partition=partition):
            continue
        if narrows(before, after, partition=partition):
            found.append(Step(slot.narrow, slot.change(Write(document=slot.after, widens=False))))
        elif narrows(after, before, partition=partition):
            found.append(Step(slot.widen, slot.change(Write(document=slot.after))))
        elif may_swap:
            may_swap = False
            found.append(Step(Stage.SWAP, slot.change(Write(document=slot.after))))
        else:
            found += _two(slot, before, after, partition)
    return found


def _closed(slot: Slot, closed: Document, before: Document, partition: str) -> list[Step]:
    """Return the writes that close a document for the time of all others, and that of the end."""
    found = [Step(slot.narrow, slot.change(Write(document=closed, widens=False, is_first=True)))]
    last = [Step(slot.widen, slot.change(Write(document=slot.after)))]
    is_last = slot.after is None or same(closed, slot.after, partition=partition)
    return ([] if same(before, closed, partition=partition) else found) + ([] if is_last else last)


def _two(slot: Slot, before: Document, after: Document, partition: str) -> list[Step]:
    first = _between(slot, before, after, partition)
    writes = [Step(slot.widen, slot.change(Write(document=slot.after)))]
    is_there = (slot.before is None) == (first is None) and same(before, first or NOTHING, partition=partition)
    if is_there:
        return writes
    return [Step(slot.narrow, slot.change(Write(document=first, widens=False, is_first=True))), *writes]


def _between(slot: Slot, before: Document, after: Document, partition: str) -> Document | None:
    """Return what is written in between, None to delete: what both allow, as long as it is no longer than they are."""
    found = common(before, after, partition=partition)
    denied = tuple(one for one in found.statements if one.effect == "Deny")
    if len(denied) < len(found.statements) and size(found) <= max(size(before), size(after)):
        return found
    return slot.closed or (replace(found, statements=denied) if denied else None)


def ordered(found: Sequence[Step]) -> tuple[Change, ...]:
    """Return the writes in their order."""
    return tuple(step.change for step in sorted(found, key=lambda step: step.stage))


def is_denying(policy_arn: str) -> bool:
    """Tell whether a managed policy seems to deny, by its name: attaching it narrows, detaching it widens."""
    name = policy_arn.rpartition("/")[2].lower()
    return "deny" in name or "quarantine" in name


def is_unknown(policy_arn: str) -> bool:
    """Tell whether a managed policy may both allow and deny: those of an account may, those of AWS's do not."""
    found = arn.parse(policy_arn)
    return found is None or found.account != "aws"
