"""IAM in memory, as far as a grant needs it: applies one write to what was found, and refuses what IAM would."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from credhelper.grant.change import Change
from credhelper.grant.found import Found, FoundHolder, FoundRole
from credhelper.policy.document import Document, load


class RefusedError(Exception):
    """IAM would refuse the write."""


def apply(found: Found, change: Change, *, role_account: str, caller_account: str) -> Found:
    """Return what is there after one write."""
    given: Mapping[str, Any] = change.parameters
    match change.operation:
        case "CreateGroup":
            arn = f"arn:aws:iam::{caller_account}:group/{given['GroupName']}"
            return replace(found, holder=FoundHolder(kind="group", name=given["GroupName"], arn=arn))
        case "CreateRole":
            return replace(found, role=_created(given, role_account))
    if found.role is not None and given.get("RoleName") == found.role.arn.rpartition("/")[2]:
        return replace(found, role=_on_role(found.role, change.operation, given))
    if found.holder is not None and found.holder.name in (given.get("GroupName"), given.get("UserName")):
        return replace(found, holder=_on_holder(found.holder, change.operation, given))
    raise RefusedError(change.operation)


def _created(given: Mapping[str, Any], account: str) -> FoundRole:
    return FoundRole(
        arn=f"arn:aws:iam::{account}:role{given['Path']}{given['RoleName']}",
        trust=load(given["AssumeRolePolicyDocument"]),
        max_session_s=given["MaxSessionDuration"],
        boundary=given.get("PermissionsBoundary", ""),
        description=given.get("Description", ""),
        tags={one["Key"]: one["Value"] for one in given["Tags"]},
    )


def _on_role(role: FoundRole, operation: str, given: Mapping[str, Any]) -> FoundRole | None:
    match operation:
        case "UpdateAssumeRolePolicy":
            return replace(role, trust=load(given["PolicyDocument"]))
        case "UpdateRole":
            return replace(
                role,
                max_session_s=given.get("MaxSessionDuration", 3600),
                description=given.get("Description", role.description),
            )
        case "PutRolePolicy" | "DeleteRolePolicy":
            return replace(role, inline=_policies(role.inline, given))
        case "AttachRolePolicy":
            return replace(role, attached=tuple(dict.fromkeys([*role.attached, given["PolicyArn"]])))
        case "DetachRolePolicy":
            return replace(role, attached=tuple(one for one in role.attached if one != given["PolicyArn"]))
        case "PutRolePermissionsBoundary":
            return replace(role, boundary=given["PermissionsBoundary"])
        case "DeleteRolePermissionsBoundary":
            return replace(role, boundary="")
        case "TagRole":
            return replace(role, tags={**role.tags, **{one["Key"]: one["Value"] for one in given["Tags"]}})
        case "DeleteRole" if not role.inline and not role.attached and not role.instance_profiles:
            return None
    raise RefusedError(operation)


def _on_holder(holder: FoundHolder, operation: str, given: Mapping[str, Any]) -> FoundHolder | None:
    match operation:
        case "PutGroupPolicy" | "DeleteGroupPolicy" | "PutUserPolicy" | "DeleteUserPolicy":
            return replace(holder, inline=_policies(holder.inline, given))
        case "AddUserToGroup":
            return replace(holder, members=tuple(dict.fromkeys([*holder.members, given["UserName"]])))
        case "RemoveUserFromGroup":
            return replace(holder, members=tuple(one for one in holder.members if one != given["UserName"]))
        case "DeleteGroup" if not holder.inline and not holder.attached and not holder.members:
            return None
    raise RefusedError(operation)


def _policies(there: Mapping[str, Document], given: Mapping[str, Any]) -> dict[str, Document]:
    name = given["PolicyName"]
    others = {key: one for key, one in there.items() if key != name}
    if "PolicyDocument" not in given:
        if name not in there:
            raise RefusedError(f"NoSuchEntity {name}")
        return others
    json.loads(given["PolicyDocument"])
    return {**others, name: load(given["PolicyDocument"])}
