"""One half of a grant as a CloudFormation template. Pure.

Policies are in it as they are: without Fn::Sub, `${aws:username}` is plain text. What CloudFormation would read
anywhere is refused: dynamic references, for which it has no escape, and objects that look like functions.
"""

import json
from collections.abc import Mapping

from credhelper.errors import InputError
from credhelper.grant import papers
from credhelper.grant.change import Side
from credhelper.grant.names import TAG
from credhelper.grant.wanted import Wanted
from credhelper.policy.document import Document
from credhelper.policy.render import to_object

_IN_ACCOUNT = "InItsAccount"
# Of a template that is not in a bucket, in bytes; the blanks of the longest policies would be more.
_LARGEST = 51_200


def files(wanted: Wanted, side: Side) -> Mapping[str, str]:
    """Return the template by the name of its file."""
    resources = _role(wanted) if side is Side.ROLE else _holder(wanted)
    _refuse_references(_given(wanted, side))
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"credhelper grant {wanted.name}: {papers.what(wanted, side)}"[:1024],
        # In another account nothing is made.
        "Conditions": {_IN_ACCOUNT: {"Fn::Equals": [{"Ref": "AWS::AccountId"}, papers.account(wanted, side)]}},
        "Resources": {name: {**fields, "Condition": _IN_ACCOUNT} for name, fields in resources.items()},
    }
    text = json.dumps(template, indent=2)
    if len(text) >= _LARGEST:
        text = json.dumps(template, separators=(",", ":"))
    return {f"{papers.stem(wanted, side)}.cloudformation.json": f"{text}\n"}


def _role(wanted: Wanted) -> dict[str, dict[str, object]]:
    role = wanted.role
    properties: dict[str, object] = {
        "RoleName": role.name,
        "Path": role.path,
        "Description": role.description,
        "MaxSessionDuration": role.max_session_s,
        "PermissionsBoundary": role.boundary,
        "AssumeRolePolicyDocument": to_object(role.trust),
        "ManagedPolicyArns": list(role.attached),
        "Policies": [_policy(name, document) for name, document in role.inline.items()],
        "Tags": [{"Key": TAG, "Value": wanted.name}],
    }
    given = {name: value for name, value in properties.items() if value not in ("", [])}
    return {"Role": {"Type": "AWS::IAM::Role", "Properties": given}}


def _holder(wanted: Wanted) -> dict[str, dict[str, object]]:
    holder = wanted.holder
    made: dict[str, dict[str, object]] = {}
    name: object = holder.name
    if holder.kind == "group" and holder.may_create:
        made["Group"] = {"Type": "AWS::IAM::Group", "Properties": {"GroupName": holder.name}}
        name = {"Ref": "Group"}
    for number, (policy, document) in enumerate(holder.inline.items(), 1):
        of = {"Groups" if holder.kind == "group" else "Users": [name]}
        made[f"Policy{number}"] = {"Type": "AWS::IAM::Policy", "Properties": {**_policy(policy, document), **of}}
    if holder.members:
        fields = {"GroupName": name, "Users": list(holder.members)}
        # The order of the other forms, too: the policy, then who has it.
        after = [name for name in made if name.startswith("Policy")]
        made["Members"] = {"Type": "AWS::IAM::UserToGroupAddition", "Properties": fields, "DependsOn": after}
    return made


def _policy(name: str, document: Document) -> dict[str, object]:
    return {"PolicyName": name, "PolicyDocument": to_object(document)}


def _given(wanted: Wanted, side: Side) -> list[object]:
    """Return what of a half is free text: all other values are names that IAM takes."""
    if side is Side.CALLER:
        return [to_object(one) for one in wanted.holder.inline.values()]
    role = wanted.role
    return [role.description, *(to_object(one) for one in (role.trust, *role.inline.values()))]


def _refuse_references(value: object) -> None:
    if isinstance(value, str) and "{{resolve:" in value:
        raise _refused("a text with {{resolve:, which CloudFormation would replace")
    if isinstance(value, list):
        for one in value:
            _refuse_references(one)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            if name.startswith("Fn::") or name == "Ref" or (name == "Condition" and isinstance(one, str | list)):
                raise _refused(f"a key {name[:64]!r}, which is a function of CloudFormation")
            _refuse_references(name)
            _refuse_references(one)


def _refused(what: str) -> InputError:
    return InputError(f"the grant has {what}", hint="credhelper grant export --format cli")
