"""What IAM has of a grant, read as the roots of the two accounts, as the program's own values."""

import json
from collections.abc import Iterator
from typing import Any

import botocore.exceptions

from credhelper.grant.found import Found, FoundHolder, FoundRole
from credhelper.grant.wanted import Wanted
from credhelper.policy.document import Document, load
from fakes.front.two_accounts import TwoAccounts


def found(it: TwoAccounts, wanted: Wanted) -> Found:
    """Return both sides."""
    prod, acc = it.client("iam", it.prod), it.client("iam", it.acc)
    return Found(
        is_role_side_read=True,
        is_caller_side_read=True,
        role=_role(prod, wanted.role.name),
        holder=_holder(acc, wanted.holder.kind, wanted.holder.name),
        users=tuple(_users(acc, wanted.holder.members)),
    )


def _users(iam: Any, names: tuple[str, ...]) -> Iterator[str]:
    for one in names:
        if (answer := _answer(iam.get_user, UserName=one)) is not None:
            yield answer["User"]["Arn"]


def _answer(call: Any, **parameters: str) -> Any:
    """Return what a call answers, None for what is not there."""
    try:
        return call(**parameters)
    except botocore.exceptions.ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            return None
        raise


def _role(iam: Any, name: str) -> FoundRole | None:
    if (answer := _answer(iam.get_role, RoleName=name)) is None:
        return None
    role = answer["Role"]
    return FoundRole(
        arn=role["Arn"],
        trust=_document(role["AssumeRolePolicyDocument"]),
        max_session_s=role["MaxSessionDuration"],
        boundary=role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        description=role.get("Description", ""),
        inline=_inline(iam, "role", name),
        attached=tuple(one["PolicyArn"] for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]),
        tags={one["Key"]: one["Value"] for one in iam.list_role_tags(RoleName=name)["Tags"]},
    )


def _holder(iam: Any, kind: str, name: str) -> FoundHolder | None:
    answer = _answer(getattr(iam, f"get_{kind}"), **{f"{kind.title()}Name": name})
    if answer is None:
        return None
    members = tuple(one["UserName"] for one in answer.get("Users", ()))
    arn = answer[kind.title()]["Arn"]
    return FoundHolder(kind=kind, name=name, arn=arn, inline=_inline(iam, kind, name), members=members)


def _inline(iam: Any, kind: str, name: str) -> dict[str, Document]:
    whose = {f"{kind.title()}Name": name}
    names = getattr(iam, f"list_{kind}_policies")(**whose)["PolicyNames"]
    get = getattr(iam, f"get_{kind}_policy")
    return {one: _document(get(**whose, PolicyName=one)["PolicyDocument"]) for one in names}


def _document(value: object) -> Document:
    """Return a document that botocore has decoded."""
    return load(json.dumps(value))
