"""What IAM has of a role, a group or a user, read call by call and turned into the values of `grant/found`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from credhelper.aws.explain.call import RefusedError
from credhelper.aws.service import Service
from credhelper.errors import AwsError, InputError
from credhelper.grant.found import FoundHolder, FoundRole
from credhelper.model.printable import clause
from credhelper.policy import document
from credhelper.policy.document import Document

_MISSING = "NoSuchEntity"


def role_alone(iam: Service, name: str) -> FoundRole | None:
    """Return a role with its trust policy and without its other policies, by one call; None where there is none."""
    found = _asked(iam, "GetRole", "Role", RoleName=name)
    return None if found is None else _role(found, name)


def role(iam: Service, name: str, *, has_uses: bool = False) -> FoundRole | None:
    """Return a role with its documents, None where there is none; `has_uses`: with its instance profiles, too."""
    found = _asked(iam, "GetRole", "Role", RoleName=name)
    if found is None:
        return None
    listed = iam.pages("ListInstanceProfilesForRole", "InstanceProfiles", RoleName=name) if has_uses else ()
    return replace(
        _role(found, name),
        inline=_inline(iam, "Role", name),
        attached=_attached(iam, "Role", name),
        instance_profiles=tuple(_text(one, "InstanceProfileName") for one in listed),
    )


def roles(iam: Service) -> list[str]:
    """Return the ARNs of all roles of the account."""
    return [text for one in iam.pages("ListRoles", "Roles") if (text := _text(one, "Arn"))]


def _role(found: Mapping[str, Any], name: str) -> FoundRole:
    return FoundRole(
        arn=_text(found, "Arn"),
        trust=_document(found.get("AssumeRolePolicyDocument"), f"the trust policy of {name}"),
        max_session_s=int(found.get("MaxSessionDuration") or 3600),
        boundary=_text(found.get("PermissionsBoundary"), "PermissionsBoundaryArn"),
        description=_text(found, "Description"),
        tags={_text(one, "Key"): _text(one, "Value") for one in found.get("Tags") or ()},
        last_used=_time((found.get("RoleLastUsed") or {}).get("LastUsedDate")),
    )


def group(iam: Service, name: str) -> tuple[FoundHolder | None, Mapping[str, str]]:
    """Return a group with its documents and members, None where there is none; and the members' ARNs by name."""
    members: dict[str, str] = {}
    own = ""
    try:
        for answer in iam.answers("GetGroup", GroupName=name):
            own = _text(answer.get("Group"), "Arn")
            members |= {_text(one, "UserName"): _text(one, "Arn") for one in answer.get("Users") or ()}
    except RefusedError as error:
        if error.code != _MISSING:
            raise
        return None, {}
    inline, attached = _inline(iam, "Group", name), _attached(iam, "Group", name)
    holder = FoundHolder(kind="group", name=name, arn=own, inline=inline, attached=attached, members=tuple(members))
    return holder, members


def user(iam: Service, name: str) -> FoundHolder | None:
    """Return a user with their documents, None where there is none."""
    found = _asked(iam, "GetUser", "User", UserName=name)
    if found is None:
        return None
    inline, attached = _inline(iam, "User", name), _attached(iam, "User", name)
    return FoundHolder(kind="user", name=name, arn=_text(found, "Arn"), inline=inline, attached=attached)


def users(iam: Service, names: Iterable[str]) -> Mapping[str, str]:
    """Return the ARNs by name of those that are users."""
    found = {name: _asked(iam, "GetUser", "User", UserName=name) for name in names}
    return {name: _text(one, "Arn") for name, one in found.items() if one is not None}


def _inline(iam: Service, kind: str, name: str) -> Mapping[str, Document]:
    owner = {f"{kind}Name": name}
    found: dict[str, Document] = {}
    for policy in list(iam.pages(f"List{kind}Policies", "PolicyNames", **owner)):
        try:
            answer = iam.call(f"Get{kind}Policy", PolicyName=policy, **owner)
        except RefusedError as error:
            if error.code != _MISSING:  # removed since it was listed
                raise
            continue
        found[policy] = _document(answer.get("PolicyDocument"), f"the policy {clause(policy)} of {name}")
    return found


def _attached(iam: Service, kind: str, name: str) -> tuple[str, ...]:
    listed = iam.pages(f"ListAttached{kind}Policies", "AttachedPolicies", **{f"{kind}Name": name})
    return tuple(_text(one, "PolicyArn") for one in listed)


def _asked(iam: Service, operation: str, key: str, **parameters: object) -> Mapping[str, Any] | None:
    """Return what an answer has below a key, None where there is no such entity."""
    try:
        found = iam.call(operation, **parameters).get(key)
    except RefusedError as error:
        if error.code == _MISSING:
            return None
        raise
    if not isinstance(found, Mapping):
        raise AwsError(
            f"what answered to {operation} is not IAM: the answer has no {key}", hint="try again in a moment"
        )
    return found


def _document(value: object, what: str) -> Document:
    """Return a document that botocore has decoded; raises AwsError for one that cannot be understood."""
    try:
        return document.parse(value)
    except InputError as error:
        reason = error.message.removeprefix("the policy document ")
        raise AwsError(
            f"{what} cannot be understood: it {reason}", hint="look at it in the console of IAM, and set it right there"
        ) from None


def _text(value: object, key: str) -> str:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""


def _time(value: object) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else ""
