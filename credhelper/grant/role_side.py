"""The role account's half of a plan: the role, its trust, its permissions. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from credhelper.grant import words
from credhelper.grant.change import Change, Side, Verb
from credhelper.grant.found import FoundRole
from credhelper.grant.half import Half, Owner, found_names, policy, too_long
from credhelper.grant.names import BUCKETS_POLICY, TAG
from credhelper.grant.order import DENY_ALL, Slot, Stage, Step, Write, is_denying, is_unknown
from credhelper.grant.wanted import Wanted, WantedRole
from credhelper.policy import arn, lint
from credhelper.policy.difference import differences, same
from credhelper.policy.document import Document
from credhelper.policy.lint import Notice, Severity
from credhelper.policy.render import to_text


def half(wanted: Wanted, found: FoundRole | None, *, prune: bool) -> Half:
    """Return what the role account contributes."""
    role, partition = wanted.role, wanted.role.arn.partition
    owner = Owner("role", role.name, partition)
    if found is None:
        attached = _attached(role, ())
        is_closed = unknown(attached) > 1
        slots = [policy(owner, name, None, one) for name, one in role.inline.items()]
        slots += [trust(role.name, DENY_ALL, role.trust, partition)] if is_closed else []
        made = _created(wanted, DENY_ALL if is_closed else role.trust)
        return Half(steps=[Step(Stage.FIRST, made), *attached], slots=slots, unknown=unknown(attached))
    if found.arn != str(role.arn):
        text = f"the role {role.name} is {found.arn}: IAM has one role of a name, and does not change its path: "
        text += "give --role that ARN, or another name"
        return Half(refusals=[text])
    names = found_names(role.inline, found.inline, partition=partition)
    foreign = [name for name in found.inline if name not in names.values() and name != BUCKETS_POLICY]
    dropped = [one for one in found.attached if one not in role.attached]
    loses_boundary = bool(found.boundary) and not role.boundary
    slots = [
        *_slots(role, found, names),
        *(policy(owner, name, found.inline[name], None) for name in foreign if prune),
    ]
    steps = [*_attached(role, found.attached), *_properties(role, found)]
    if prune:
        steps += [detached(role.name, one) for one in dropped]
        steps += [Step(Stage.PERMISSION, _unbound(role, found))] if loses_boundary else []
        shown = []
    else:
        shown = [_foreign(f"inline policy {name}", *words.lines(found.inline[name])) for name in foreign]
        shown += [_foreign(f"managed policy {_short(one)}") for one in dropped]
        shown += [_foreign(f"permissions boundary {_short(found.boundary)}")] if loses_boundary else []
    kept = {} if prune else {name: found.inline[name] for name in foreign}
    refusals = too_long("role", kept, role.inline, f"the role {role.name}")
    return Half(
        steps=steps,
        slots=slots,
        foreign=shown,
        notices=_notices(wanted, found),
        refusals=[f"{one}: --prune removes those of another origin" if kept else one for one in refusals],
        unknown=unknown(steps),
    )


def tagged(wanted: Wanted, found: FoundRole) -> Change:
    """Return the write that makes a role one of this grant."""
    was = found.tags.get(TAG)
    return Change(
        side=Side.ROLE,
        verb=Verb.CHANGE if was else Verb.ADD,
        title=f"tag {TAG} of role {wanted.role.name}",
        lines=(f"{was} -> {wanted.name}" if was else wanted.name,),
        operation="TagRole",
        parameters={"RoleName": wanted.role.name, "Tags": [{"Key": TAG, "Value": wanted.name}]},
    )


def _created(wanted: Wanted, trusting: Document) -> Change:
    role = wanted.role
    parameters: dict[str, object] = {
        "RoleName": role.name,
        "Path": role.path,
        "AssumeRolePolicyDocument": to_text(trusting),
        "MaxSessionDuration": role.max_session_s,
        "Tags": [{"Key": TAG, "Value": wanted.name}],
    }
    lines = [f"trusted: {one}" for one in words.lines(trusting)]
    lines.append(f"session at most {role.max_session_s} s")
    if role.description:
        parameters["Description"] = role.description
    if role.boundary:
        parameters["PermissionsBoundary"] = role.boundary
        lines.append(f"permissions boundary {_short(role.boundary)}")
    return Change(
        side=Side.ROLE,
        verb=Verb.ADD,
        title=f"role {role.name}",
        lines=tuple(lines),
        operation="CreateRole",
        parameters=parameters,
        widens=True,
    )


def _slots(role: WantedRole, found: FoundRole, names: Mapping[str, str | None]) -> Iterator[Slot]:
    owner = Owner("role", role.name, role.arn.partition)
    yield trust(role.name, found.trust, role.trust, role.arn.partition)
    for name, document in role.inline.items():
        there = names[name]
        yield policy(owner, there or name, None if there is None else found.inline[there], document)
    if BUCKETS_POLICY in found.inline and BUCKETS_POLICY not in names.values():
        yield policy(owner, BUCKETS_POLICY, found.inline[BUCKETS_POLICY], None)


def trust(role: str, before: Document, after: Document, partition: str) -> Slot:
    """Return the place of a role's trust."""

    def change(write: Write) -> Change:
        document = write.document or DENY_ALL
        changed = words.changed_lines(differences(before, document, partition=partition))
        return Change(
            side=Side.ROLE,
            verb=Verb.CHANGE,
            title=f"trust of role {role}{', narrowed first' if write.is_first else ''}",
            lines=changed or words.lines(document),
            operation="UpdateAssumeRolePolicy",
            parameters={"RoleName": role, "PolicyDocument": to_text(document)},
            widens=write.widens,
        )

    return Slot(
        before=before,
        after=after,
        narrow=Stage.NARROW_TRUST,
        widen=Stage.TRUST,
        change=change,
        closed=DENY_ALL,
    )


def _attached(role: WantedRole, there: tuple[str, ...]) -> list[Step]:
    return [
        Step(
            _stage(one, Stage.ATTACH, Stage.NARROW),
            Change(
                side=Side.ROLE,
                verb=Verb.ADD,
                title=f"managed policy {_short(one)}",
                operation="AttachRolePolicy",
                parameters={"RoleName": role.name, "PolicyArn": one},
                widens=not is_denying(one),
            ),
        )
        for one in role.attached
        if one not in there
    ]


def detached(role: str, policy_arn: str) -> Step:
    """Return the write that takes a managed policy off a role."""
    change = Change(
        side=Side.ROLE,
        verb=Verb.REMOVE,
        title=f"managed policy {_short(policy_arn)}",
        operation="DetachRolePolicy",
        parameters={"RoleName": role, "PolicyArn": policy_arn},
        widens=is_denying(policy_arn),
    )
    return Step(_stage(policy_arn, Stage.DETACH, Stage.PERMISSION), change)


def _stage(policy_arn: str, allowing: Stage, denying: Stage) -> Stage:
    return Stage.SWAP if is_unknown(policy_arn) else denying if is_denying(policy_arn) else allowing


def unknown(steps: Iterable[Step]) -> int:
    """Return how many writes change what is allowed in a way that their parameters do not say."""
    return sum(one.stage is Stage.SWAP for one in steps)


def _properties(role: WantedRole, found: FoundRole) -> Iterator[Step]:
    if role.boundary and role.boundary != found.boundary:
        yield Step(
            Stage.SWAP if found.boundary else Stage.NARROW,
            Change(
                side=Side.ROLE,
                verb=Verb.CHANGE if found.boundary else Verb.ADD,
                title=f"permissions boundary {_short(role.boundary)}",
                lines=(f"before: {_short(found.boundary)}",) if found.boundary else (),
                operation="PutRolePermissionsBoundary",
                parameters={"RoleName": role.name, "PermissionsBoundary": role.boundary},
                widens=bool(found.boundary),
            ),
        )
    description = role.description or found.description
    is_longer = role.max_session_s > found.max_session_s
    if (role.max_session_s, description) == (found.max_session_s, found.description):
        return
    lines = []
    if role.max_session_s != found.max_session_s:
        lines.append(f"session at most {found.max_session_s} -> {role.max_session_s} s")
    if description != found.description:
        lines.append(f"description: {description}")
    # What UpdateRole is not given, it sets to its default.
    yield Step(
        Stage.PERMISSION if is_longer else Stage.NARROW,
        Change(
            side=Side.ROLE,
            verb=Verb.CHANGE,
            title=f"role {role.name}",
            lines=tuple(lines),
            operation="UpdateRole",
            parameters={
                "RoleName": role.name,
                "Description": description,
                "MaxSessionDuration": role.max_session_s,
            },
            widens=is_longer,
        ),
    )


def _unbound(role: WantedRole, found: FoundRole) -> Change:
    return Change(
        side=Side.ROLE,
        verb=Verb.REMOVE,
        title=f"permissions boundary {_short(found.boundary)}",
        operation="DeleteRolePermissionsBoundary",
        parameters={"RoleName": role.name},
        widens=True,
    )


def _foreign(title: str, *lines: str) -> Change:
    return Change(side=Side.ROLE, verb=Verb.FOREIGN, title=title, lines=lines, parameters={})


def _notices(wanted: Wanted, found: FoundRole) -> list[Notice]:
    """Return what there is to know of the role as it is, beyond what is to be known of it as wanted."""
    known = {one.code for one in wanted.notices}
    accounts = {wanted.role.arn.account, wanted.holder.account}
    notices = []
    if not same(found.trust, wanted.role.trust, partition=wanted.role.arn.partition):
        notices += lint.trust(found.trust, known_accounts=accounts)
    notices += lint.managed(one for one in found.attached if one not in wanted.role.attached)
    return [
        Notice(one.code, Severity.WARNING, f"as it is: {one.text}")
        for one in notices
        if one.severity is not Severity.NOTE and one.code not in known
    ]


def _short(policy_arn: str) -> str:
    """Return the name of a policy of AWS's, and the ARN of any other."""
    found = arn.parse(policy_arn)
    return found.name if found is not None and found.account == "aws" else policy_arn
