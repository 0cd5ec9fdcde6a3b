"""What one account contributes to a plan, before it is put in order; and the inline policies of an identity. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from credhelper.grant import words
from credhelper.grant.change import Change, Side, Verb
from credhelper.grant.order import Slot, Stage, Step, Write
from credhelper.policy.difference import differences, same
from credhelper.policy.document import Document
from credhelper.policy.lint import QUOTAS, Notice
from credhelper.policy.render import size, to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """Writes that have their place, documents that get theirs, what is shown only, and what is to be known.

    `unknown` is how many of the writes change what is allowed in a way that their parameters do not say.
    """

    steps: Sequence[Step] = ()
    slots: Sequence[Slot] = ()
    foreign: Sequence[Change] = ()
    notices: Sequence[Notice] = ()
    refusals: Sequence[str] = ()
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Owner:
    """The identity of IAM that has inline policies; `kind` is "role", "group" or "user"."""

    kind: str
    name: str
    partition: str


def policy(owner: Owner, name: str, before: Document | None, after: Document | None) -> Slot:
    """Return the place of an inline policy."""
    kind = owner.kind.capitalize()
    is_role = owner.kind == "role"

    def change(write: Write) -> Change:
        parameters = {f"{kind}Name": owner.name, "PolicyName": name}
        if write.document is not None:
            parameters["PolicyDocument"] = to_text(write.document)
        title = f"inline policy {name}" if is_role else f"{owner.kind} policy {owner.name}/{name}"
        return Change(
            side=Side.ROLE if is_role else Side.CALLER,
            verb=Verb.REMOVE if write.document is None else Verb.ADD if before is None else Verb.CHANGE,
            title=f"{title}, narrowed first" if write.is_first else title,
            lines=_lines(before, write.document, owner.partition),
            operation=f"{'Delete' if write.document is None else 'Put'}{kind}Policy",
            parameters=parameters,
            widens=write.widens,
        )

    widen = Stage.PERMISSION if is_role else Stage.HOLDER
    return Slot(before=before, after=after, narrow=Stage.NARROW, widen=widen, change=change)


def found_names(
    wanted: Mapping[str, Document], found: Mapping[str, Document], *, partition: str
) -> dict[str, str | None]:
    """Return for each wanted policy the name of the one that stands for it, None where there is none.

    That is the one of its name, or else one that means the same under a name of its own.
    """
    others = [name for name in found if name not in wanted]
    return {
        name: name
        if name in found
        else next((other for other in others if same(found[other], document, partition=partition)), None)
        for name, document in wanted.items()
    }


def too_long(kind: str, kept: Mapping[str, Document], wanted: Mapping[str, Document], owner: str) -> list[str]:
    """Return a refusal where all inline policies of an identity together would be longer than IAM takes."""
    count = sum(map(size, {**kept, **wanted}.values()))
    if count <= QUOTAS[kind]:
        return []
    return [
        f"the inline policies of {owner} would have {count} characters, more than the {QUOTAS[kind]} that IAM takes"
    ]


def _lines(before: Document | None, after: Document | None, partition: str) -> tuple[str, ...]:
    """Return the lines of what is done to a document: all of it, or what changes."""
    if before is None or after is None:
        return words.lines(one) if (one := before or after) else ()
    return words.changed_lines(differences(before, after, partition=partition))
