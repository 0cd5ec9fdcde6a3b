"""Whether the Principal of a statement names a caller. Pure.

A principal is compared as a whole; AWS refuses wildcards in one. A role is known by account and name: within an account
no two have the same name, so a path tells nothing more, unless the caller's own is known.
"""

from credhelper.policy import arn, match
from credhelper.policy.arn import Arn
from credhelper.policy.document import Statement
from credhelper.policy.request import Caller
from credhelper.policy.truth import Truth, negated, some, truth


def fits_principal(statement: Statement, caller: Caller | None) -> Truth:
    """Return whether a statement is about a caller; one of an identity's own policy always is."""
    if statement.principals is None:
        return Truth.TRUE
    if caller is None:
        is_for_all = ("AWS", "*") in statement.principals and not statement.is_not_principal
        return Truth.TRUE if is_for_all else Truth.UNKNOWN
    if statement.is_not_principal:
        return _is_not_exempt(statement.principals, caller)
    return some(_names(kind, name, caller) for kind, name in statement.principals)


def _is_not_exempt(principals: tuple[tuple[str, str], ...], caller: Caller) -> Truth:
    """Return whether a NotPrincipal leaves the statement standing for the caller.

    For an exemption AWS wants the account, and for a session also the role, listed beside the ARN itself. Where only
    some of these are there, its page says that the statement may apply.
    """
    direct = some(_names(kind, name, caller) for kind, name in principals if not arn.account_named(name))
    account = some(_names(kind, name, caller) for kind, name in principals if arn.account_named(name))
    if some((direct, account)) is Truth.FALSE:
        return Truth.TRUE
    needed = {name for kind, name in principals if kind == "AWS"}
    is_session = ":assumed-role/" in caller.name
    is_listed = account is Truth.TRUE and (caller.name in needed or arn.account_named(caller.name))
    if is_listed and (not is_session or caller.role_arn in needed):
        return Truth.FALSE
    return negated(direct) if caller.kind != "AWS" else Truth.UNKNOWN


def _names(kind: str, name: str, caller: Caller) -> Truth:
    """Return whether one principal of a statement is the caller or its account."""
    if (kind, name) == ("AWS", "*"):
        return Truth.TRUE
    if kind != caller.kind:
        return Truth.FALSE
    if kind == "Service":
        return truth(name.lower() == caller.name.lower())
    if kind != "AWS":
        return truth(name == caller.name)
    if arn.UNIQUE_ID.fullmatch(name):
        return truth(name == caller.unique_id) if caller.unique_id else Truth.UNKNOWN
    if account := arn.account_named(name):
        return _is_of_account(name, account, caller)
    return _is_identity(name, caller)


def _is_of_account(name: str, account: str, caller: Caller) -> Truth:
    wanted, found = arn.parse(name), arn.parse(caller.name)
    if found is None or found.account != account:
        return Truth.FALSE
    return truth(wanted is None or wanted.partition == found.partition)


def _is_identity(name: str, caller: Caller) -> Truth:
    wanted, found = arn.parse(name), arn.parse(caller.name)
    if wanted is None or found is None:
        return Truth.FALSE
    if name in (caller.name, caller.role_arn):
        return Truth.TRUE
    shape = match.pattern(name.lower(), None).characters
    if any(match.glob(shape, one.lower()) for one in (caller.name, caller.role_arn)):
        return Truth.UNKNOWN  # by a wildcard or in another case: AWS takes neither, so what it would do is not known
    if (wanted.service, wanted.kind) != ("iam", "role") or caller.role_arn:
        return Truth.FALSE
    return _is_role(wanted, found)


def _is_role(wanted: Arn, session: Arn) -> Truth:
    """Return whether a session is one of a role, whose path it has not."""
    if (wanted.partition, wanted.account) != (session.partition, session.account):
        return Truth.FALSE
    if wanted.name == session.role_name:
        return Truth.TRUE
    return Truth.UNKNOWN if wanted.name.lower() == session.role_name.lower() else Truth.FALSE
