"""What IAM refuses and MiniStack does not: principals that do not exist, a trust too long, a group with members.

A user or role that is deleted leaves its AIDA… or AROA… in every trust that named it, as on AWS: a new one of that name
is not let in. A new one can be named only after `new_after_s` seconds.
"""

import re
import threading
from collections.abc import Collection

from fakes.front import trust
from fakes.front.exchange import Answer, Onward, Request, refuse
from fakes.front.sentences import Refusal, denial, refusal
from fakes.front.world import Caller, World

_TRUST_LIMIT = 2048
_ACCOUNT = re.compile(r"\d{12}|arn:aws[\w-]*:iam::(\d{12}):root")
_ENTITY = re.compile(r"arn:aws[\w-]*:iam::\d{12}:(?:user|role)/[\w+=,.@/-]+", re.ASCII)
_SESSION = re.compile(r"arn:(aws[\w-]*):sts::(\d{12}):assumed-role/([\w+=,.@-]+)/[\w+=,.@-]+", re.ASCII)
_FEDERATED = re.compile(r"arn:aws[\w-]*:sts::\d{12}:federated-user/[\w+=,.@-]+", re.ASCII)
_DOCUMENTS = {"CreateRole": "AssumeRolePolicyDocument", "UpdateAssumeRolePolicy": "PolicyDocument"}


class IamRules:
    """A rule for the calls about roles, users and groups. Without `accounts` every account exists."""

    def __init__(self, *, new_after_s: float = 0.0, accounts: Collection[str] | None = None) -> None:
        self.new_after_s = new_after_s
        self._accounts = accounts
        self._made_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Refuse what AWS would refuse."""
        caller = world.caller(request)
        if request.service != "iam" or caller is None:
            return onward(request)
        with world.trusts:
            return self._answer(world, request, onward, caller)

    def _answer(self, world: World, request: Request, onward: Onward, caller: Caller) -> Answer:
        if request.operation in _DOCUMENTS:
            return self._trust(world, request, onward, caller.account)
        if request.operation == "DeleteGroup" and world.behind.group(caller.account, request.form.get("GroupName", "")):
            group = f"arn:aws:iam::{caller.account}:group/{request.form['GroupName']}"
            return _refused_if_allowed(world, request, refusal("group-has-members"), group)
        if request.operation in ("DeleteUser", "DeleteRole"):
            return _delete(world, request, onward, caller.account)
        return self._noted(world, request, onward(request)) if request.operation == "CreateUser" else onward(request)

    def _trust(self, world: World, request: Request, onward: Onward, account: str) -> Answer:
        refused = self._refusal(world, request.form.get(_DOCUMENTS[request.operation], ""))
        if refused is not None:
            role = f"arn:aws:iam::{account}:role{request.form.get('Path', '/')}{request.form.get('RoleName', '')}"
            found = world.behind.entity(role)
            return _refused_if_allowed(world, request, refused, role if found is None else found["Arn"])
        return self._noted(world, request, onward(request))

    def _refusal(self, world: World, text: str) -> Refusal | None:
        document = trust.parsed(text)
        if document is None:
            return refusal("invalid-json")
        for principal in trust.principals(document):
            if not self._exists(world, principal):
                return refusal("invalid-principal", principal=principal)
        # White space does not count.
        return refusal("trust-size") if len("".join(text.split())) > _TRUST_LIMIT else None

    def _exists(self, world: World, principal: str) -> bool:
        if principal == "*":
            return True
        if account := _ACCOUNT.fullmatch(principal):
            return self._accounts is None or (account[1] or principal) in self._accounts
        if session := _SESSION.fullmatch(principal):
            # The session names the role without its path.
            return world.behind.entity(f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}") is not None
        if _FEDERATED.fullmatch(principal):
            return True
        found = world.behind.entity(principal) if _ENTITY.fullmatch(principal) else None
        if found is None or found["Arn"] != principal:
            return False
        with self._lock:
            made_at = self._made_at.get(principal)
        return made_at is None or world.now() - made_at >= self.new_after_s

    def _noted(self, world: World, request: Request, answer: Answer) -> Answer:
        if answer.status == 200 and request.operation in ("CreateUser", "CreateRole"):
            with self._lock:
                self._made_at[answer.text("Arn")] = world.now()
        return answer


def _delete(world: World, request: Request, onward: Onward, account: str) -> Answer:
    kind = request.operation.removeprefix("Delete")
    arn = f"arn:aws:iam::{account}:{kind.lower()}/{request.form.get(f'{kind}Name', '')}"
    found = world.behind.entity(arn)
    answer = onward(request)
    if answer.status == 200 and found is not None:
        for other in {*world.accounts, account}:
            for role in world.behind.roles(other):
                before = role["AssumeRolePolicyDocument"]
                if isinstance(before, dict) and found["Arn"] in trust.principals(before):
                    after = trust.renamed(before, found["Arn"], found[f"{kind}Id"])
                    world.behind.set_trust(other, role["RoleName"], after)
    return answer


def _refused_if_allowed(world: World, request: Request, why: Refusal, resource: str) -> Answer:
    """Refuse; a caller who may not make the call at all is told that instead. Nothing is passed on."""
    caller = world.caller(request)
    if caller is not None and not world.behind.allows(caller.principal_arn, request.action, resource):
        layer = denial("identity-based policy", "implicit", user=caller.arn, action=request.action, resource=resource)
        why = Refusal(403, "AccessDenied", layer)
    return refuse(request, why)
