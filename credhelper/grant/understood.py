"""What exists, made by hand or by a grant, as the options of a grant: planning them then finds nothing to do. Pure.

What no option says is left out and told in a notice: each reading is checked by making the documents from it again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from credhelper.errors import InputError
from credhelper.grant import caller_side, words
from credhelper.grant.found import FoundHolder, FoundRole
from credhelper.grant.names import BUCKETS_POLICY, SELF_READ_POLICY
from credhelper.grant.options import Options
from credhelper.grant.wanted import Wanted, wanted
from credhelper.policy import arn, build
from credhelper.policy.condition import operator_of
from credhelper.policy.difference import differences, same
from credhelper.policy.document import Document, Statement
from credhelper.policy.lint import Notice, Severity
from credhelper.policy.render import to_text

_TAG = "aws:principaltag/"
_EQUAL = ("stringequals", "stringlike", "arnequals", "arnlike", "ipaddress")


@dataclass(frozen=True, slots=True)
class Understood:
    """The options, and what there is beside them."""

    options: Options
    notices: tuple[Notice, ...] = ()


def options(role: FoundRole, holder: FoundHolder | None, *, given: Options | None = None) -> Understood:
    """Return what is there as options; `given` has what is known beside it: account, group or user, profiles."""
    start = given or Options()
    found = replace(
        start,
        role=role.arn,
        acc=start.acc or _account_of(holder) or _trusted_account(role.trust),
        max_session=role.max_session_s,
        boundary=role.boundary,
        description=role.description,
        policy_arns=role.attached,
    )
    account = arn.parse(role.arn)
    found = replace(found, same_account=account is not None and account.account == found.acc)
    found = _with_holder(found, holder)
    found = _with_permissions(found, role, account.partition if account else "aws")
    found = _with_trust(found, role.trust, account.partition if account else "aws")
    found = _with_rights(found, holder)
    return Understood(found, tuple(_beside(found, role, holder)))


def _account_of(holder: FoundHolder | None) -> str:
    named = arn.parse(holder.arn) if holder is not None else None
    return named.account if named else ""


def _trusted_account(trust: Document) -> str:
    """Return the account that a trust lets in, the first one where there are several."""
    for statement in trust.statements:
        for kind, name in statement.principals or ():
            named = arn.parse(name)
            account = arn.account_named(name) or (named.account if named else "")
            if kind == "AWS" and statement.effect == "Allow" and arn.ACCOUNT.fullmatch(account):
                return account
    return ""


def _with_holder(found: Options, holder: FoundHolder | None) -> Options:
    if holder is None:
        return found
    if holder.kind == "user":
        found = replace(found, user=_user(holder.arn) or holder.name, group="")
    else:
        found = replace(found, group=holder.name, user="", members=holder.members)
    return found


def _user(user_arn: str) -> str:
    """Return a user as an option has it: with its path, where it has one."""
    return user_arn.partition(":user/")[2]


def _with_permissions(found: Options, role: FoundRole, partition: str) -> Options:
    """Return the options with the role's inline policies: one as buckets, if one is that, the others as they are."""
    policies = dict(role.inline)
    for name in sorted(policies, key=lambda name: name != BUCKETS_POLICY):
        if buckets := _as_buckets(policies[name], partition):
            del policies[name]
            found = replace(found, buckets=buckets.places, access=buckets.access, kms_keys=buckets.keys)
            break
    return replace(found, policies=tuple((name, to_text(one, indent=2)) for name, one in policies.items()))


@dataclass(frozen=True, slots=True)
class _Buckets:
    places: tuple[str, ...]
    access: str
    keys: tuple[str, ...]


def _as_buckets(document: Document, partition: str) -> _Buckets | None:
    """Return the options that make this document, None where no buckets do."""
    places = tuple(dict.fromkeys(place for one in document.statements for place in _listed(one, partition)))
    resources = [one for statement in document.statements for one in statement.resources or ()]
    keys = tuple(dict.fromkeys(one for one in resources if ":kms:" in one))
    for access in build.ACCESS:
        try:
            made = build.bucket([build.Place.of(one) for one in places], access, partition=partition, kms_keys=keys)
        except InputError:
            return None
        if places and same(made, document, partition=partition):
            return _Buckets(places, access, keys)
    return None


def _listed(statement: Statement, partition: str) -> Iterator[str]:
    """Yield the places whose content a statement allows to list."""
    if not any(action.lower() == "s3:listbucket" for action in statement.actions):
        return
    conditions = [one for one in statement.conditions if one.key.lower() == "s3:prefix"]
    prefixes = [value.removesuffix("*") for one in conditions for value in one.values] or [""]
    for resource in statement.resources or ():
        yield from (f"{resource.removeprefix(f'arn:{partition}:s3:::')}/{one}".rstrip("/") for one in prefixes)


def _with_trust(found: Options, trust: Document, partition: str) -> Options:
    """Return the options with what the Allow statements of a trust say."""
    allows = [one for one in trust.statements if one.effect == "Allow"]
    names = [_principal(name) for one in allows for kind, name in one.principals or () if kind == "AWS"]
    conditions = [one for statement in allows for one in statement.conditions]
    root = f"arn:{partition}:iam::{found.acc}:user/"
    is_pinned = False
    for one in conditions:
        operator, key, value = operator_of(one.operator), one.key.lower(), one.values[0]
        name = operator.name if operator else ""
        if key == "aws:principalarn" and name in _EQUAL and all(user.startswith(root) for user in one.values):
            is_pinned = True
            if found.group:
                found = replace(found, pin_members=True, members=tuple(map(_user, one.values)))
        elif key == "aws:multifactorauthpresent" and name == "bool":
            found = replace(found, require_mfa=value.lower() == "true")
        elif name in _EQUAL and key.startswith(_TAG):
            tag = f"{one.key[len(_TAG) :]}={value}"
            found = replace(found, principal_tags=(*found.principal_tags, tag))
        elif name in _EQUAL and key == "aws:sourceip":
            found = replace(found, source_ips=one.values)
        elif name in _EQUAL and key == "sts:externalid":
            found = replace(found, external_id=value)
        elif name in _EQUAL and key == "sts:sourceidentity":
            found = replace(found, source_identity=value)
        elif name in _EQUAL and key == "aws:principalorgid":
            found = replace(found, org_id=value)
    is_default = set(names) == {found.acc} and bool(is_pinned or found.group)
    return found if is_default else replace(found, trust=tuple(dict.fromkeys(names)))


def _with_rights(found: Options, holder: FoundHolder | None) -> Options:
    """Return the options with the names of the holder's policies, where these mean what a grant would give."""
    if holder is None:
        return found
    found = replace(found, self_read=True)
    try:
        made = wanted(found)
    except InputError:
        return replace(found, self_read=False)
    meant = {name: _meaning(document, made, holder) for name, document in made.holder.inline.items()}
    return replace(found, policy_name=meant[made.names.policy_name], self_read=bool(meant[SELF_READ_POLICY]))


def _meaning(document: Document, made: Wanted, holder: FoundHolder) -> str:
    """Return the name of the holder's policy that means what a document does, "" if there is none."""
    partition = made.holder.partition
    return next((name for name, one in holder.inline.items() if same(one, document, partition=partition)), "")


def _principal(name: str) -> str:
    return arn.account_named(name) or name


def _beside(found: Options, role: FoundRole, holder: FoundHolder | None) -> Iterator[Notice]:
    """Yield what the options do not say."""
    try:
        made = wanted(found)
    except InputError as error:
        yield Notice("not-a-grant", Severity.WARNING, f"a grant cannot be like this: {error.message}")
        return
    partition = made.role.arn.partition
    if left := differences(made.role.trust, role.trust, partition=partition):
        text = f"of the trust the file says something else: {'; '.join(words.changed_lines(left))}"
        yield Notice("trust-not-understood", Severity.WARNING, text)
    if holder is None:
        return
    name = caller_side.standing(made, holder.inline)[made.names.policy_name]
    if name is None:
        text = f"no policy of {holder.kind} {holder.name} names the role: planning adds one"
        yield Notice("no-right", Severity.WARNING, text)
    elif name == made.names.policy_name and not _meaning(made.holder.inline[name], made, holder):
        text = f"the policy {name} of {holder.kind} {holder.name} says something else: planning changes it"
        yield Notice("right-not-understood", Severity.WARNING, text)
