"""One change of a grant as a call of IAM. What another administrator did meanwhile is told apart from a refusal."""

import time
from collections.abc import Callable

from credhelper.aws.explain.call import RefusedError
from credhelper.aws.service import Service
from credhelper.errors import CredhelperError
from credhelper.grant.change import Change

# All that a grant ever asks IAM to do: no user, no bucket and no managed policy is among it.
OPERATIONS = frozenset(
    {
        "CreateRole",
        "UpdateRole",
        "UpdateAssumeRolePolicy",
        "TagRole",
        "UntagRole",
        "DeleteRole",
    }
    | {"PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "DetachRolePolicy"}
    | {"PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary"}
    | {"CreateGroup", "DeleteGroup", "PutGroupPolicy", "DeleteGroupPolicy", "AddUserToGroup", "RemoveUserFromGroup"}
    | {"PutUserPolicy", "DeleteUserPolicy"}
)
# What was planned for is no longer so: another one has made or removed it, or is about to.
_STALE = frozenset({"EntityAlreadyExists", "NoSuchEntity", "ConcurrentModification", "ConcurrentModificationException"})
# A user or role that was made a moment ago is known to all of IAM after some seconds.
_MALFORMED, _NEW_PRINCIPAL = "MalformedPolicyDocument", "Invalid principal"
_PATIENCE_S, _PAUSE_S = 30.0, 2.0


class StaleError(CredhelperError):
    """Another administrator was faster: plan again. `explained` is what to say where that does not help."""

    def __init__(self, explained: CredhelperError) -> None:
        super().__init__(explained.unquoted, hint=explained.hint, quoted=explained.quoted)
        self.explained = explained


def execute(
    iam: Service,
    change: Change,
    *,
    waiting: Callable[[float], object] = lambda _seconds: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Make one change; raises StaleError or what AWS refuses.

    A principal that IAM does not know yet is tried again for 30 s, and nothing else is; `waiting` is told how many
    seconds have gone by each time.
    """
    if change.operation not in OPERATIONS:
        raise CredhelperError(f"{change.operation or 'nothing'} is no call of a grant")
    started_s = clock()
    while True:
        try:
            iam.call(change.operation, **change.parameters)
        except RefusedError as error:
            if error.code in _STALE:
                raise StaleError(error) from None
            spent_s = clock() - started_s
            if error.code != _MALFORMED or _NEW_PRINCIPAL not in error.said or spent_s >= _PATIENCE_S:
                raise
            waiting(spent_s)
            sleep(_PAUSE_S)
        else:
            return
