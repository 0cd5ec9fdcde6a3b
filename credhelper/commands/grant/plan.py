"""Both sides as they are and as they should be: who the administrators are, what was read, what there is to do."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from credhelper.aws import iam_read
from credhelper.commands.grant.access import Access, Administrator
from credhelper.errors import InputError
from credhelper.grant import names as naming
from credhelper.grant import plan as planning
from credhelper.grant import wanted as wanting
from credhelper.grant.change import Side
from credhelper.grant.found import Found, FoundHolder, FoundRole
from credhelper.grant.names import Names
from credhelper.grant.options import Options
from credhelper.grant.plan import Plan
from credhelper.grant.wanted import Wanted
from credhelper.policy import arn
from credhelper.policy.lint import Notice, Severity

# `--external-id new`: so many random bytes make 22 characters.
NEW, _RANDOM_BYTES = "new", 16
# In the place of an account that only an administrator's profile tells, while everything else is looked at.
_ANY_ACCOUNT, _ANOTHER_ACCOUNT = "000000000000", "999999999999"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asks for. The profiles of administrators are "" where there is none."""

    options: Options
    prod_admin: str = ""
    acc_admin: str = ""
    adopt: bool = False
    prune: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One grant under way: `found` is what both sides had when they were read last, `plan` what follows from it."""

    asked: Asked
    wanted: Wanted
    administrators: Mapping[Side, Administrator]
    found: Found
    plan: Plan

    @property
    def names(self) -> Names:
        """What it is about."""
        return self.wanted.names

    @property
    def missing_sides(self) -> tuple[Side, ...]:
        """The sides whose administrator is not here."""
        return tuple(side for side in Side if side not in self.administrators)

    @property
    def is_done(self) -> bool:
        """Whether nothing is to do on the sides that were read."""
        return not self.plan.refusals and not any(change.operation for change in self.plan.changes)

    def again(self) -> "Grant":
        """Return the same, read and planned once more."""
        found = read(self.wanted.names, self.administrators)
        return replace(self, found=found, plan=_planned(self.asked, self.wanted, found))


def plan(asked: Asked, access: Access) -> Grant:
    """Return the plan of a grant; raises InputError for what would be refused, before AWS is asked anything."""
    is_fresh = asked.options.external_id == NEW
    if is_fresh:
        asked = with_options(asked, external_id=secrets.token_urlsafe(_RANDOM_BYTES))
    asked, administrators = prepare(asked, access, wanting.wanted)
    wanted = wanting.wanted(asked.options)
    found = read(wanted.names, administrators)
    if is_fresh and found.role is not None and (known := _external_id(found.role)):
        asked = with_options(asked, external_id=known)
        wanted = wanting.wanted(asked.options)
    return Grant(
        asked=asked,
        wanted=wanted,
        administrators=administrators,
        found=found,
        plan=_planned(asked, wanted, found),
    )


def with_options(asked: Asked, **changes: Any) -> Asked:
    """Return the same with some options changed."""
    return replace(asked, options=replace(asked.options, **changes))


def prepare(
    asked: Asked, access: Access, check: Callable[[Options], object]
) -> tuple[Asked, Mapping[Side, Administrator]]:
    """Return what is asked for, with the caller account, and the administrators who are here.

    All that `check` refuses is refused before AWS is asked; an account that only --acc-admin tells is any other then.
    """
    names = _before_accounts(asked)
    check(names.options)
    about = naming.names(names.options)
    profiles = {Side.ROLE: asked.prod_admin, Side.CALLER: asked.acc_admin}
    if about.account == about.role.account:
        # One account: one administrator is both.
        profiles = {side: profile or asked.prod_admin or asked.acc_admin for side, profile in profiles.items()}
    found: dict[Side, Administrator] = {}
    for side, profile in profiles.items():
        if profile:
            known = next((one for one in found.values() if one.profile == profile), None)
            found[side] = known or access.administrator(profile, about.role.partition)
    access.require_partition(found, about.role.partition)
    is_open = not asked.options.acc and Side.CALLER in found
    account = found[Side.CALLER].identity.account if is_open else about.account
    if is_open and account == about.role.account and not asked.options.same_account:
        access.require_accounts(found, {Side.ROLE: about.role.account, Side.CALLER: ""})
        raise InputError(
            f"--acc-admin {asked.acc_admin} is {found[Side.CALLER].identity}, of the role's own account",
            hint="name a profile of an administrator of the callers' account; for one account: --same-account",
        )
    access.require_accounts(found, {Side.ROLE: about.role.account, Side.CALLER: account})
    return with_options(asked, acc=account), found


def _before_accounts(asked: Asked) -> Asked:
    """Return what is asked for with some caller account, where only an administrator's profile will tell it."""
    if asked.options.acc or not asked.acc_admin:
        return asked
    role = arn.parse(asked.options.role)
    account = role.account if role is not None else ""
    if not asked.options.same_account:
        account = _ANOTHER_ACCOUNT if account == _ANY_ACCOUNT else _ANY_ACCOUNT
    return with_options(asked, acc=account)


def read(names: Names, administrators: Mapping[Side, Administrator], *, has_uses: bool = False) -> Found:
    """Return what IAM has of a grant on the sides that have an administrator here."""
    role, caller = administrators.get(Side.ROLE), administrators.get(Side.CALLER)
    holder: FoundHolder | None = None
    arns: Mapping[str, str] = {}
    if caller is not None and names.kind == "group":
        holder, arns = iam_read.group(caller.iam, names.holder)
        arns = {**arns, **iam_read.users(caller.iam, (name for name in names.members if name not in arns))}
    elif caller is not None:
        holder = iam_read.user(caller.iam, names.holder)
    return Found(
        is_role_side_read=role is not None,
        is_caller_side_read=caller is not None,
        role=None if role is None else iam_read.role(role.iam, names.role_name, has_uses=has_uses),
        holder=holder,
        users=tuple(arns[name] for name in names.members if name in arns),
    )


def notices_of(administrators: Mapping[Side, Administrator]) -> tuple[Notice, ...]:
    """Return a warning for each administrator that is the root of its account."""
    text = "profile {} is the root user, whose key is better deleted: use an administrator of IAM or Identity Center"
    roots = dict.fromkeys(one.profile for one in administrators.values() if one.identity.is_root)
    return tuple(Notice("root-admin", Severity.WARNING, text.format(profile)) for profile in roots)


def _planned(asked: Asked, wanted: Wanted, found: Found) -> Plan:
    return planning.plan(wanted, found, adopt=asked.adopt, prune=asked.prune)


def _external_id(role: FoundRole) -> str:
    """Return the one external ID that a trust policy asks for, "" where there is none or more than one."""
    conditions = [one for statement in role.trust.statements for one in statement.conditions]
    found = {
        value
        for one in conditions
        if (one.operator.lower(), one.key.lower()) == ("stringequals", "sts:externalid")
        for value in one.values
    }
    return found.pop() if len(found) == 1 else ""
