"""Why a profile's role is refused: reads what may be read of both sides, and has it put together. Changes nothing."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from credhelper.aws import iam_read, own_policies
from credhelper.aws.explain.call import RefusedError
from credhelper.aws.explain.facts import Refusal, caller_arn
from credhelper.aws.own_policies import OwnPolicies
from credhelper.aws.service import Service
from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.role_profile import key_of
from credhelper.commands.doctor.subject import Admin, Admins, Subject
from credhelper.diagnosis.assume.check import ID, diagnose
from credhelper.diagnosis.assume.evidence import Ask, CallerSide, Evidence, Held, RoleSide
from credhelper.diagnosis.finding import Check, State
from credhelper.errors import CredhelperError
from credhelper.model import nearest
from credhelper.policy.arn import Arn, parse
from credhelper.system.side_by_side import Task

T = TypeVar("T")
_ALIKE = 0.6
# Of the deadline, for what is put together in the end.
_RESERVE_S = 2.0
# How `own_policies` speaks of it.
_BOUNDARY = "the permissions boundary"


def check(subject: Subject, *, denied: Refusal | None, admins: Admins) -> list[Check]:
    """Return what is known of the role being refused; `denied` is AWS's answer, None where it gave the session.

    Nothing for an answer that is about no policy and no limit of a session: such as a key, or a Region.
    """
    role = parse(subject.request.role_arn)
    if denied is None or role is None:
        return [Check(id=ID, state=State.OK, text="AWS gives the role's session")]
    if denied.denial is None:
        return []
    known = evidence(subject, role, denied, admins)
    return [diagnose(known), *_unseen(known)]


def evidence(subject: Subject, role: Arn, denied: Refusal, admins: Admins) -> Evidence:
    """Return all that may be known of the refusal."""
    unseen: list[str] = []
    ask = _ask(subject, role, denied)
    own = Task(lambda: _caller_side(subject, ask.caller, admins.caller, unseen))
    other = Task(lambda: _role_side(role, admins.role, unseen))
    with subject.deadline:
        caller_side = _in_time(own, subject, "the caller's policies", unseen)
        role_side = _in_time(other, subject, "the role", unseen)
    return Evidence(
        ask=ask,
        said=denied.denial,
        sentence=": ".join(text for text in (denied.code, denied.message) if text),
        caller_side=caller_side,
        role_side=role_side,
        caller_admin=admins.caller.profile if admins.caller else "",
        role_admin=admins.role.profile if admins.role else "",
        admins=tuple(subject.possible_admins()),
        neighbours=_neighbours(subject, caller_side),
        device=_device(subject),
        unseen=tuple(unseen),
        shows_values=subject.shows_values,
    )


def _in_time(task: Task[T], subject: Subject, what: str, unseen: list[str]) -> T | None:
    """Return what a task reads, None where no time is left for it: the sentence says something without it, too."""
    try:
        return task.result(max(0.0, subject.deadline.left_s() - _RESERVE_S))
    except TimeoutError:
        unseen.append(f"{what}: AWS did not answer in time")
        return None


def _ask(subject: Subject, role: Arn, denied: Refusal) -> Ask:
    request = subject.request
    told = parse(caller_arn(denied.denial.caller)) if denied.denial is not None else None
    return Ask(
        profile=subject.profile,
        role=role,
        caller=subject.caller or told,
        session_name=subject.session_name,
        duration_s=request.duration_seconds,
        now_s=subject.now_s,
        region=request.region,
        endpoint_url=request.endpoint_url or "",
        external_id=request.external_id or "",
        source_identity=request.source_identity or "",
        tags=request.tags,
        transitive_tag_keys=request.transitive_tag_keys,
        mfa_serial=request.mfa_serial or "",
        has_code=subject.has_token_code,
        is_temporary=subject.source is not None and subject.source.session_token is not None,
        source=subject.source_profile,
    )


def _unseen(known: Evidence) -> Iterator[Check]:
    """Yield one line for each side that was to be read and was not."""
    for number, text in enumerate(known.unseen, 1):
        yield Check(id=f"unread-{number}" if number > 1 else "unread", state=State.UNKNOWN, text=text)


def _caller_side(subject: Subject, caller: Arn | None, admin: Admin | None, unseen: list[str]) -> CallerSide | None:
    """Return the caller's own policies, by an administrator of its account or by itself; None where nothing is read."""
    if caller is None or not (caller.role_name or caller.kind == "user") or subject.source is None:
        return None
    if admin is not None and admin.identity.account != caller.account:
        unseen.append(f"--acc-admin {admin.profile} is {admin.identity}, and the caller is of account {caller.account}")
        admin = None
    try:
        own = own_policies.read(admin.service("iam") if admin else subject.service("iam"), caller)
    except CredhelperError as error:
        unseen.append(f"the caller's policies could not be read: {error.message}")
        return None
    if not own.has_lists:
        if admin is not None:
            unseen.append(f"--acc-admin {admin.profile} may not read the caller's policies ({own.unread[0].action})")
        return None
    return _side(own, admin.profile if admin else "")


def _side(own: OwnPolicies, admin: str) -> CallerSide:
    bounds = [one.about for one in own.unread if one.about.startswith(_BOUNDARY) or one.about == own.boundary_arn]
    return CallerSide(
        origin=f"the caller's policies, read by {admin}" if admin else "the caller's policies, read by the caller",
        policies=tuple(Held(one.holder, one.name, one.document, one.arn) for one in own.policies),
        boundary=own.boundary,
        boundary_name=own.boundary_arn.rpartition("/")[2],
        unread=tuple(one.about for one in own.unread if one.about not in bounds),
        unread_boundary=next(iter(bounds), ""),
        groups=own.groups,
        tags=own.tags,
        role_arn=own.role_arn,
        unique_id=own.unique_id,
    )


def _role_side(role: Arn, admin: Admin | None, unseen: list[str]) -> RoleSide | None:
    """Return the role as an administrator of its account sees it, None where there is no view of it."""
    if admin is None:
        return None
    if admin.identity.account != role.account:
        unseen.append(f"--prod-admin {admin.profile} is {admin.identity}, and the role is of account {role.account}")
        return None
    origin = f"the role, read by {admin.profile}"
    try:
        iam = admin.service("iam")
        found = iam_read.role_alone(iam, role.name)
        if found is None:
            return RoleSide(origin=origin, nearest=_nearest(role, iam))
    except RefusedError as error:
        unseen.append(f"--prod-admin {admin.profile} may not read the role: {error.message}")
        return None
    except CredhelperError as error:
        unseen.append(f"the role could not be read: {error.message}")
        return None
    return RoleSide(origin=origin, arn=found.arn, trust=found.trust, max_session_s=found.max_session_s, tags=found.tags)


def _nearest(role: Arn, iam: Service) -> tuple[str, ...]:
    """Return the roles whose names are the most alike, none where they cannot be listed."""
    try:
        names = {arn.rpartition("/")[2]: arn for arn in iam_read.roles(iam)}
    except RefusedError:
        return ()
    return tuple(names[name] for name in nearest.nearest(role.name, names, limit=2, cutoff=_ALIKE))


def _neighbours(subject: Subject, side: CallerSide | None) -> Mapping[str, str]:
    """Return the roles that the caller's policies and other profiles name, each with who does."""
    found: dict[str, str] = {}
    for name in subject.catalogue:
        arn = kinds.role_arn_of(subject.catalogue[name])
        if arn and name != subject.profile:
            found.setdefault(arn, f"profile {name}")
    for held in side.policies if side else ():
        for statement in held.document.statements:
            texts = () if statement.is_not_resource else statement.resources or ()
            for arn in (one for one in texts if ":role/" in one and not any(sign in one for sign in "*?$")):
                found.setdefault(arn, str(held))
    return found


def _device(subject: Subject) -> str:
    """Return the MFA device that the source, or a profile with the same source, has; "" where these differ."""
    source, sections = subject.source_profile, subject.catalogue
    users = [name for name in sections if source and source in (name, kinds.source_of(sections[name]))]
    keys = (key_of("mfa_serial"), "mfa_serial")
    found = {sections[name][key] for name in users for key in keys if sections[name].get(key)}
    return found.pop() if len(found) == 1 else ""
