"""What has to be written to take a grant back: the holder's right first, then members, then the role. Pure.

Users, buckets and what others have stay. A group has no tag that says who made it: it goes only where the grant says
that it makes one, and when nothing else is left in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from credhelper.grant import order, role_side
from credhelper.grant.change import Change, Side, Verb
from credhelper.grant.found import Found, FoundHolder, FoundRole
from credhelper.grant.half import Half, Owner, policy
from credhelper.grant.names import SELF_READ_POLICY, TAG, Names
from credhelper.grant.order import Stage, Step
from credhelper.grant.plan import Plan
from credhelper.policy import arn
from credhelper.policy.document import Document, Statement
from credhelper.policy.explain import explain
from credhelper.policy.lint import Notice, Severity
from credhelper.policy.request import Request
from credhelper.policy.truth import Truth


def plan(names: Names, found: Found, *, members: bool = False) -> Plan:
    """Return what is to be taken away; `members`: also the users that the grant names, out of the group."""
    partition = names.role.partition
    caller = role = Half()
    if found.is_caller_side_read and found.holder is not None:
        caller = _of_holder(names, found.holder, members=members)
    if found.is_role_side_read and found.role is not None:
        role = _of_role(names, found.role)
    changes: list[Change] = []
    for half in (caller, role):
        steps = [*half.steps, *order.steps(half.slots, partition=partition, unknown=half.unknown)]
        changes += order.ordered(steps)
    return Plan(tuple(changes), (*caller.notices, *role.notices), (*caller.refusals, *role.refusals))


def _of_holder(names: Names, found: FoundHolder, *, members: bool) -> Half:
    left = {name: _without(document, str(names.role)) for name, document in found.inline.items()}
    if names.has_self_read and SELF_READ_POLICY in left:
        left[SELF_READ_POLICY] = None
    owner = Owner(found.kind, found.name, names.role.partition)
    slots = [
        policy(owner, name, document, left[name]) for name, document in found.inline.items() if left[name] != document
    ]
    leaving = [one for one in names.members if one in found.members] if members and found.kind == "group" else []
    steps = [Step(Stage.DETACH, _left(found.name, one)) for one in leaving]
    notices = list(_still_allowing(names, left))
    if names.may_create_group and found.kind == "group":
        staying = [
            *(f"member {one}" for one in found.members if one not in leaving),
            *(f"policy {name}" for name, document in left.items() if document is not None),
            *(f"policy {one}" for one in found.attached),
        ]
        if staying:
            text = f"the group {found.name} stays, since it still has {', '.join(staying)}"
            notices.append(Notice("group-stays", Severity.NOTE, text))
        else:
            steps.append(Step(Stage.LAST, _deleted_group(found.name)))
    if leaving and any(one.effect == "Deny" for document in found.inline.values() for one in document.statements):
        text = f"a policy of {found.name} denies something, which then counts no longer for {', '.join(leaving)}"
        notices.append(Notice("group-denies", Severity.WARNING, text))
    return Half(steps=steps, slots=slots, notices=notices)


def _still_allowing(names: Names, left: Mapping[str, Document | None]) -> Iterator[Notice]:
    """Yield what is to know of policies that stay and let the holder assume a role of this name, by a pattern."""
    request = Request(action="sts:AssumeRole", resource=str(names.role))
    for name, document in left.items():
        if document is not None and explain([document], request).is_allowed is not Truth.FALSE:
            text = (
                f"the policy {name} of {names.kind} {names.holder} stays, and allows it to assume a role of this name"
            )
            yield Notice("wildcard-role", Severity.WARNING, text)


def _without(document: Document, role_arn: str) -> Document | None:
    """Return a policy without the right to assume one role, None where nothing else is in it."""
    left = tuple(one for statement in document.statements if (one := _without_role(statement, role_arn)) is not None)
    return replace(document, statements=left) if left else None


def _without_role(statement: Statement, role_arn: str) -> Statement | None:
    is_assuming = all(action.lower().startswith("sts:") for action in statement.actions)
    if statement.effect != "Allow" or not is_assuming or statement.is_not_action or statement.is_not_resource:
        return statement
    resources = tuple(one for one in statement.resources or () if one != role_arn)
    return replace(statement, resources=resources) if resources else None


def _of_role(names: Names, found: FoundRole) -> Half:
    refusals = list(_refused(names, found))
    if refusals:
        return Half(refusals=refusals)
    used = f"last used {found.last_used}" if found.last_used else "never used, as far as IAM knows"
    steps = [role_side.detached(names.role_name, one) for one in found.attached]
    owner = Owner("role", names.role_name, names.role.partition)
    steps.append(Step(Stage.LAST, _deleted_role(names.role_name)))
    slots = [policy(owner, name, document, None) for name, document in found.inline.items()]
    if role_side.unknown(steps) > 1:
        slots.append(role_side.trust(names.role_name, found.trust, order.DENY_ALL, names.role.partition))
    return Half(
        steps=steps,
        slots=slots,
        notices=[Notice("last-used", Severity.NOTE, f"the role {names.role_name} was {used}")],
        unknown=role_side.unknown(steps),
    )


def _refused(names: Names, found: FoundRole) -> Iterator[str]:
    tag = found.tags.get(TAG)
    if found.arn != str(names.role):
        yield f"the role {names.role_name} is {found.arn}, not the one of this grant"
    elif tag is None:
        yield (
            f"the role {names.role_name} was not made by a grant: it has no tag {TAG}; credhelper grant apply --adopt "
            "takes it over, or delete it by hand"
        )
    elif tag != names.tag:
        yield f"the role {names.role_name} is of another grant, {tag}"
    if found.instance_profiles:
        yield f"the role {names.role_name} is in the instance profile {', '.join(found.instance_profiles)}"
    others = sorted(set(_others(names, found)))
    if others:
        yield f"the role {names.role_name} also trusts {', '.join(others)}"


def _others(names: Names, found: FoundRole) -> Iterator[str]:
    """Yield whom the role trusts and this grant does not."""
    wanted = {arn.account_named(one) or one for one in names.trusted}
    for statement in found.trust.statements:
        if statement.effect != "Allow":
            continue
        if statement.is_not_principal:
            yield "all but some"
        for kind, name in statement.principals or ():
            named = arn.parse(name)
            account = arn.account_named(name) or (named.account if named else "")
            is_wanted = (arn.account_named(name) or name) in wanted or account == names.account
            if kind != "AWS" or not (is_wanted or arn.UNIQUE_ID.fullmatch(name)):
                yield name


def _left(group: str, user: str) -> Change:
    return Change(
        side=Side.CALLER,
        verb=Verb.REMOVE,
        title=f"member {user} of {group}",
        operation="RemoveUserFromGroup",
        parameters={"GroupName": group, "UserName": user},
    )


def _deleted_group(name: str) -> Change:
    return Change(
        side=Side.CALLER,
        verb=Verb.REMOVE,
        title=f"group {name}",
        operation="DeleteGroup",
        parameters={"GroupName": name},
    )


def _deleted_role(name: str) -> Change:
    return Change(
        side=Side.ROLE, verb=Verb.REMOVE, title=f"role {name}", operation="DeleteRole", parameters={"RoleName": name}
    )
