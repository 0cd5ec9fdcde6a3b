"""The caller account's half of a plan: the group or the user, its policies, its members. Pure."""

from collections.abc import Iterator, Mapping

from credhelper.grant.change import Change, Side, Verb
from credhelper.grant.found import Found, FoundHolder
from credhelper.grant.half import Half, Owner, found_names, policy, too_long
from credhelper.grant.names import SELF_READ_POLICY
from credhelper.grant.order import Stage, Step
from credhelper.grant.wanted import Wanted, WantedHolder
from credhelper.policy.cover import narrows
from credhelper.policy.difference import differences
from credhelper.policy.document import Document
from credhelper.policy.lint import Notice, Severity


def half(wanted: Wanted, found: Found, *, adopt: bool) -> Half:
    """Return what the caller account contributes."""
    holder, there = wanted.holder, found.holder
    refusals = list(_absent(holder, found))
    if refusals:
        return Half(refusals=refusals)
    inline = there.inline if there else {}
    names = standing(wanted, inline)
    slots = []
    owner = Owner(holder.kind, holder.name, holder.partition)
    for name, document in holder.inline.items():
        if names[name] in (name, None):
            slots.append(policy(owner, name, inline.get(name), document))
        if name in inline and not adopt:
            refusals += _other_rights(wanted, name, inline[name], document)
    refusals += too_long(
        holder.kind,
        {name: one for name, one in inline.items() if name not in names.values()},
        holder.inline,
        f"the {holder.kind} {holder.name}",
    )
    steps = [] if there else [Step(Stage.FIRST, _created(holder))]
    steps += [
        Step(Stage.MEMBER, _joined(holder, one)) for one in holder.members if there is None or one not in there.members
    ]
    return Half(steps=steps, slots=slots, notices=_notices(wanted, there), refusals=refusals)


def standing(wanted: Wanted, inline: Mapping[str, Document]) -> dict[str, str | None]:
    """Return for each wanted policy the name of the one that stands for it: for the role, also one among others."""
    holder, name = wanted.holder, wanted.names.policy_name
    names = found_names(holder.inline, inline, partition=holder.partition)
    if names[name] is None:
        role = str(wanted.role.arn)
        names[name] = next(
            (
                other
                for other, document in inline.items()
                if any(role in (one.resources or ()) for one in document.statements)
                and narrows(document, holder.inline[name], partition=holder.partition)
            ),
            None,
        )
    return names


def _absent(holder: WantedHolder, found: Found) -> Iterator[str]:
    """Yield why this cannot be done: what a grant does not make is not there, or is at another path."""
    if found.holder is None and not holder.may_create:
        how = "make it, or give --create-group" if holder.kind == "group" else "make it first"
        yield f"there is no {holder.kind} {holder.name} in {holder.account}: {how}"
    known = {_name(one): one for one in found.users}
    if found.holder is not None and found.holder.kind == "user" and found.holder.arn:
        known[found.holder.name] = found.holder.arn
    for name in holder.members:
        if name not in known:
            yield f"there is no user {name} in {holder.account}: make it first"
    for one in holder.pinned:
        there = known.get(_name(one), one)
        if there != one:
            path = there.partition(":user/")[2]
            option = "--user" if holder.kind == "user" else "--member"
            yield f"the user {_name(one)} is {there}: give it with its path, {option} {path}"


def _other_rights(wanted: Wanted, name: str, before: Document, after: Document) -> Iterator[str]:
    """Yield a refusal where a policy of the wanted name permits or denies something that is not of this grant."""
    if name in (wanted.names.default_policy_name, SELF_READ_POLICY):
        return
    lost = [one.statement for one in differences(before, after, partition=wanted.holder.partition) if not one.is_added]
    if any(one.effect == "Deny" or one.resources != (str(wanted.role.arn),) for one in lost):
        yield (
            f"the policy {name} of {wanted.holder.kind} {wanted.holder.name} says more than this grant, which would "
            "be lost: give another --policy-name, or --adopt to take it over"
        )


def _created(holder: WantedHolder) -> Change:
    return Change(
        side=Side.CALLER,
        verb=Verb.ADD,
        title=f"group {holder.name}",
        operation="CreateGroup",
        parameters={"GroupName": holder.name},
    )


def _joined(holder: WantedHolder, name: str) -> Change:
    return Change(
        side=Side.CALLER,
        verb=Verb.ADD,
        title=f"member {name} of {holder.name}",
        operation="AddUserToGroup",
        parameters={"GroupName": holder.name, "UserName": name},
        widens=True,
    )


def _notices(wanted: Wanted, found: FoundHolder | None) -> list[Notice]:
    if found is None or found.kind != "group" or not wanted.holder.members:
        return []
    others = sorted(set(found.members) - set(wanted.holder.members))
    notices = []
    if others and wanted.holder.pinned:
        text = f"{', '.join(others)} of {found.name} may not assume the role: the trust names the members of this grant"
        notices.append(Notice("other-members", Severity.NOTE, text))
    elif others:
        text = f"{', '.join(others)} of {found.name} may assume the role, too"
        notices.append(Notice("other-members", Severity.NOTE, text))
    new = [one for one in wanted.holder.members if one not in found.members]
    rights = [*found.attached, *(one for one in found.inline if one not in wanted.holder.inline)]
    if new and rights:
        text = f"{', '.join(new)} gets all that {found.name} has, not only this role: {', '.join(sorted(rights))}"
        notices.append(Notice("group-has-more", Severity.WARNING, text))
    return notices


def _name(user_arn: str) -> str:
    return user_arn.rpartition("/")[2]
