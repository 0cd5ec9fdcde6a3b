"""Random grants and random accounts, and who may do what in them by the project's own evaluator."""

import functools
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from credhelper.grant.found import Found, FoundHolder, FoundRole
from credhelper.grant.names import BUCKETS_POLICY, TAG
from credhelper.grant.options import Options
from credhelper.policy.document import Document, load
from credhelper.policy.explain import explain
from credhelper.policy.request import Caller, Context, Missing, Request
from credhelper.policy.truth import Truth

ACC, PROD, THIRD = "111111111111", "222222222222", "333333333333"
ROLE = f"arn:aws:iam::{PROD}:role/app/reader"
ROOT = f"arn:aws:iam::{ACC}:root"
USERS = ("David", "Eve")
CALLERS = (*(f"arn:aws:iam::{ACC}:user/{name}" for name in USERS), f"arn:aws:iam::{THIRD}:user/Mallory")
BUCKETS = ("bucket-one", "bucket-two")
DEFAULT_NAME = f"credhelper-assume-{PROD}-reader"
MANAGED: dict[str, list[dict[str, Any]]] = {
    "arn:aws:iam::aws:policy/AmazonS3FullAccess": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
    "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess": [
        {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"}
    ],
    f"arn:aws:iam::{PROD}:policy/mixed": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "*/b.txt"},
    ],
    f"arn:aws:iam::{PROD}:policy/other-mixed": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*/team/*"},
    ],
    "arn:aws:iam::aws:policy/AWSDenyAll": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
}
BOUNDARIES: dict[str, list[dict[str, Any]]] = {
    f"arn:aws:iam::{PROD}:policy/only-reading": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}],
    f"arn:aws:iam::{PROD}:policy/all-of-s3": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}
_ACTIONS = ("s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:*", "s3:Get*", "S3:PUTOBJECT")
_RESOURCES = (
    *(f"arn:aws:s3:::{name}{rest}" for name in BUCKETS for rest in ("", "/*", "/team/*", "/team/a.txt")),
    *("arn:aws:s3:::bucket-*", "*"),
)
_CONDITIONS: tuple[Mapping[str, Any], ...] = (
    {},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"StringEquals": {"aws:PrincipalTag/team": "data"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": ["data", "ops"]}},
)


def document(*statements: Mapping[str, Any], version: str = "2012-10-17") -> Document:
    """Return a policy of these statements."""
    return load(json.dumps({"Version": version, "Statement": list(statements)}))


def _some(chance: random.Random, values: Sequence[Any], most: int) -> list[Any]:
    return chance.sample(values, chance.randint(1, min(most, len(values))))


def _permission(chance: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Effect": "Deny" if chance.random() < 0.25 else "Allow",
        "Action": _some(chance, _ACTIONS, 2),
        "Resource": _some(chance, _RESOURCES, 3),
    }
    condition = chance.choice(_CONDITIONS) if chance.random() < 0.5 else {}
    return {**found, "Condition": condition} if condition else found


def permissions(chance: random.Random) -> Document:
    """Return a policy of a role."""
    version = "2012-10-17" if chance.random() < 0.9 else "2008-10-17"
    return document(*(_permission(chance) for _ in range(chance.randint(1, 3))), version=version)


def _trusting(chance: random.Random) -> dict[str, Any]:
    principals = ["*", ROOT, ACC, *CALLERS, f"arn:aws:iam::{THIRD}:root"]
    found: dict[str, Any] = {
        "Effect": "Deny" if chance.random() < 0.2 else "Allow",
        "Principal": {"AWS": _some(chance, principals, 2)},
        "Action": "sts:AssumeRole",
    }
    conditions = (*_CONDITIONS, {"StringEquals": {"sts:ExternalId": "blue"}})
    condition = chance.choice(conditions) if chance.random() < 0.5 else {}
    return {**found, "Condition": condition} if condition else found


def trusts(chance: random.Random) -> Document:
    """Return a trust policy."""
    return document(*(_trusting(chance) for _ in range(chance.randint(1, 2))))


def rights(chance: random.Random) -> Document:
    """Return a policy of a group that says something of the role, perhaps of others, too."""
    resources = [ROLE, f"arn:aws:iam::{PROD}:role/*", f"arn:aws:iam::{PROD}:role/other", "*"]
    return document(
        *(
            {
                "Effect": "Deny" if chance.random() < 0.15 else "Allow",
                "Action": chance.choice(["sts:AssumeRole", "sts:*", "iam:GetRole"]),
                "Resource": _some(chance, resources, 2),
            }
            for _ in range(chance.randint(1, 2))
        )
    )


def found(chance: random.Random, options: Options) -> Found:
    """Return two accounts in any state."""
    kind, name = ("group", options.group) if options.group else ("user", options.user)
    holder = None
    if kind == "user" or not options.create_group or chance.random() < 0.7:
        names = _some(chance, (DEFAULT_NAME, "by-hand", "more"), 3) if chance.random() < 0.7 else []
        holder = FoundHolder(
            kind=kind,
            name=name,
            arn=f"arn:aws:iam::{ACC}:{kind}/{name}",
            inline={one: rights(chance) for one in names},
            members=tuple(_some(chance, USERS, 2)) if kind == "group" and chance.random() < 0.7 else (),
        )
    role = _role(chance, options) if chance.random() < 0.8 else None
    return Found(
        is_role_side_read=True, is_caller_side_read=True, role=role, holder=holder, users=CALLERS[: len(USERS)]
    )


def _role(chance: random.Random, options: Options) -> FoundRole:
    names = _some(chance, (BUCKETS_POLICY, "own", "by-hand", "more"), 4) if chance.random() < 0.8 else []
    kind = f"group/{options.group}" if options.group else f"user/{options.user}"
    return FoundRole(
        arn=ROLE,
        trust=trusts(chance),
        max_session_s=chance.choice((3600, 7200, 43200)),
        boundary=chance.choice(("", *BOUNDARIES)) if chance.random() < 0.3 else "",
        description=chance.choice(("", "by hand")),
        inline={one: permissions(chance) for one in names},
        attached=tuple(_some(chance, list(MANAGED), 3)) if chance.random() < 0.4 else (),
        tags={TAG: f"{ACC}/{kind}"} if chance.random() < 0.7 else {},
    )


def options(chance: random.Random) -> Options:
    """Return a grant that is not refused."""
    is_group = chance.random() < 0.8
    members = tuple(_some(chance, USERS, 2)) if is_group and chance.random() < 0.8 else ()
    trust = tuple(_some(chance, (ACC, CALLERS[0], f"arn:aws:iam::{THIRD}:root"), 2)) if chance.random() < 0.3 else ()
    own = [("own", chance), ("second", chance)]
    return Options(
        role=ROLE,
        acc=ACC,
        group="DevGroup" if is_group else "",
        user="" if is_group else "David",
        create_group=is_group and chance.random() < 0.5,
        members=members,
        pin_members=bool(members) and chance.random() < 0.3,
        buckets=tuple(_some(chance, (*BUCKETS, "bucket-one/team"), 2)) if chance.random() < 0.8 else (),
        access=chance.choice(("list", "read", "write")),
        policies=tuple((name, _own(one)) for name, one in own if chance.random() < 0.4),
        policy_arns=tuple(_some(chance, list(MANAGED), 2)) if chance.random() < 0.3 else (),
        boundary=chance.choice(list(BOUNDARIES)) if chance.random() < 0.2 else "",
        max_session=chance.choice((3600, 7200, 43200)),
        require_mfa=chance.random() < 0.3,
        external_id="blue" if chance.random() < 0.3 else "",
        principal_tags=("team=data",) if chance.random() < 0.2 else (),
        trust=trust,
        policy_name="by-hand" if chance.random() < 0.3 else "",
        description=chance.choice(("", "for the team")),
    )


def _own(chance: random.Random) -> str:
    statements = [_permission(chance) for _ in range(chance.randint(1, 3))]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that one caller may do through the role."""

    caller: str
    session: tuple[tuple[str, str], ...]
    action: str
    resource: str


_SESSIONS: tuple[dict[str, str], ...] = (
    {},
    {"aws:MultiFactorAuthPresent": "true", "sts:ExternalId": "blue"},
    {"aws:PrincipalTag/team": "data", "aws:MultiFactorAuthPresent": "false", "sts:ExternalId": "blue"},
    {"aws:PrincipalTag/team": "other", "aws:MultiFactorAuthPresent": "true"},
)
_ASKED = tuple(
    (action, f"arn:aws:s3:::{name}{rest}")
    for name in (*BUCKETS, "elsewhere")
    for action, rest in (
        *(("s3:ListBucket", ""), ("s3:GetObject", "/team/a.txt"), ("s3:GetObject", "/b.txt")),
        *(("s3:PutObject", "/team/a.txt"), ("s3:PutObject", "/b.txt"), ("s3:GetBucketPolicy", "")),
    )
)


def deeds(state: Found) -> set[Deed]:
    """Return what each caller may do through the role."""
    return set(_deeds(state))


def _deeds(state: Found) -> Iterator[Deed]:
    role = state.role
    if role is None:
        return
    managed = [document(*MANAGED[one]) for one in role.attached]
    limit = document(*BOUNDARIES[role.boundary]) if role.boundary else None
    for number, keys in enumerate(_SESSIONS):
        callers = [one for one in CALLERS if _may_assume(state, role, one, number)]
        if callers:
            allowed = _allowed((*role.inline.values(), *managed), number)
            if limit is not None:
                allowed &= _allowed((limit,), number)
            session = tuple(sorted(keys.items()))
            yield from (Deed(one, session, action, resource) for one in callers for action, resource in allowed)


def _may_assume(state: Found, role: FoundRole, caller: str, session: int) -> bool:
    holder, name = state.holder, caller.rpartition("/")[2]
    if not _lets_in(role.trust, caller, session):
        return False
    if THIRD in caller:
        return True  # its own account decides, which is neither of the two
    is_member = holder is not None and (name in holder.members or (holder.kind, holder.name) == ("user", name))
    return holder is not None and is_member and _has_right(tuple(holder.inline.values()), caller, session)


def _request(caller: str, session: int) -> Request:
    context = Context(_SESSIONS[session], others=Missing.ABSENT)
    return Request(action="sts:AssumeRole", resource=ROLE, caller=Caller(name=caller), context=context)


def requests() -> Iterator[Request]:
    """Yield every request that is asked here: to assume the role, and what is done with it."""
    for number, keys in enumerate(_SESSIONS):
        yield from (_request(caller, number) for caller in CALLERS)
        context = Context(keys, others=Missing.ABSENT)
        yield from (Request(action=action, resource=resource, context=context) for action, resource in _ASKED)


@functools.lru_cache(maxsize=10_000)
def _lets_in(trust: Document, caller: str, session: int) -> bool:
    return explain([trust], _request(caller, session)).is_allowed is Truth.TRUE


@functools.lru_cache(maxsize=10_000)
def _has_right(documents: tuple[Document, ...], caller: str, session: int) -> bool:
    return explain(documents, _request(caller, session)).is_allowed is Truth.TRUE


@functools.lru_cache(maxsize=10_000)
def _allowed(documents: tuple[Document, ...], session: int) -> frozenset[tuple[str, str]]:
    context = Context(_SESSIONS[session], others=Missing.ABSENT)
    return frozenset(
        (action, resource)
        for action, resource in _ASKED
        if explain(documents, Request(action=action, resource=resource, context=context)).is_allowed is Truth.TRUE
    )
