"""Whether an administrator may make all the changes of one side, asked before the first of them is made."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from credhelper.aws.explain.call import RefusedError
from credhelper.aws.identity import Identity
from credhelper.aws.service import Service
from credhelper.grant.change import Change
from credhelper.policy.arn import Arn

_ALLOWED = "allowed"
# The condition keys that these calls have, and where their values are.
_KEYS = {"iam:PolicyARN": "PolicyArn", "iam:PermissionsBoundary": "PermissionsBoundary"}


@dataclass(frozen=True, slots=True)
class Answer:
    """`missing` are the actions that are certainly refused; `note` is why something is not known, "" where all is."""

    missing: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Question:
    resource: str
    context: tuple[tuple[str, str], ...]


def ask(iam: Service, identity: Identity, changes: Iterable[Change], arns: Mapping[str, str]) -> Answer:
    """Return what the administrator may not do of these changes, by IAM's own simulation of their policies.

    Root may do all, and cannot be simulated. What depends on a key that is not simulated (MFA, an address) is not
    certain and holds nothing up; nor does a simulation that is itself refused. `arns` are those of the "Role", "Group"
    and "User" that the changes are about, with their paths, which a name has not.
    """
    questions: dict[_Question, list[str]] = {}
    for change in changes:
        for action in _actions(change):
            asked = questions.setdefault(_question(change, identity.arn, arns), [])
            asked += [action] if action not in asked else []
    if identity.is_root or not questions:
        return Answer()
    missing: list[str] = []
    is_open = False
    try:
        source = _source(iam, identity)
        for question, actions in questions.items():
            for one in _results(iam, source, question, actions):
                is_allowed, is_certain = one.get("EvalDecision") == _ALLOWED, not one.get("MissingContextValues")
                is_open |= not is_allowed and not is_certain
                if not is_allowed and is_certain:
                    missing.append(str(one.get("EvalActionName")))
    except RefusedError as error:
        return Answer(note=f"whether {identity} may make these changes is not known before: {error.unquoted}")
    note = (
        f"what {identity} may do depends on conditions (MFA, an address) that are not known before" if is_open else ""
    )
    return Answer(tuple(dict.fromkeys(missing)), note)


def _results(iam: Service, source: str, question: _Question, actions: list[str]) -> Iterator[Mapping[str, object]]:
    context = [
        {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
        for key, value in question.context
    ]
    yield from iam.pages(
        "SimulatePrincipalPolicy",
        "EvaluationResults",
        PolicySourceArn=source,
        ActionNames=actions,
        ResourceArns=[question.resource],
        ContextEntries=context,
    )


def _source(iam: Service, identity: Identity) -> str:
    """Return the ARN whose policies count: of a session that of its role, with the path that the session's has not."""
    if not identity.arn.role_name:
        return str(identity)
    role = iam.call("GetRole", RoleName=identity.arn.role_name).get("Role") or {}
    return str(role.get("Arn") or "")


def _actions(change: Change) -> Iterator[str]:
    if not change.operation:
        return
    yield f"iam:{change.operation}"
    if change.operation == "CreateRole" and change.parameters.get("Tags"):
        yield "iam:TagRole"


def _question(change: Change, caller: Arn, arns: Mapping[str, str]) -> _Question:
    """Return the resource that a change is about, and the condition keys of the call."""
    # Of a membership it is the group.
    kind = next((kind for kind in ("Group", "Role", "User") if f"{kind}Name" in change.parameters), "")
    named = f"arn:{caller.partition}:iam::{caller.account}:{kind.lower()}/{change.parameters.get(f'{kind}Name', '')}"
    context = tuple((key, str(change.parameters[name])) for key, name in _KEYS.items() if name in change.parameters)
    return _Question(arns.get(kind) or (named if kind else "*"), context)
