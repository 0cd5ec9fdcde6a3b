"""One half of a grant as Terraform in its JSON syntax. Pure.

A string there is a template: `${aws:username}` would be looked up, so what is text is escaped.
"""

import json
import re
from collections.abc import Mapping

from credhelper.grant import papers
from credhelper.grant.change import Side
from credhelper.grant.names import TAG
from credhelper.grant.quoting import terraform
from credhelper.grant.wanted import Wanted
from credhelper.policy.document import Document
from credhelper.policy.render import to_text

_Resources = dict[str, dict[str, dict[str, object]]]


def files(wanted: Wanted, side: Side) -> Mapping[str, str]:
    """Return the configuration by the name of its file, which may be beside that of the other half and of other grants.

    So it names no provider, and each resource checks the account or depends on one that does.
    """
    own = _label(wanted.role.name)
    account, whose = papers.account(wanted, side), f"{side.value}_{own}"
    check = {
        "condition": f'${{data.aws_caller_identity.{whose}.account_id == "{account}"}}',
        "error_message": f"This half of the grant belongs into account {account}.",
    }
    checked = {"lifecycle": {"precondition": check}}
    configuration = {
        "//": f"credhelper grant {wanted.name}: {papers.what(wanted, side)}",
        "terraform": {"required_version": ">= 1.2"},  # the first with preconditions
        "data": {"aws_caller_identity": {whose: {}}},
        "resource": _role(wanted, own, checked) if side is Side.ROLE else _holder(wanted, own, checked),
    }
    return {f"{papers.stem(wanted, side)}.tf.json": json.dumps(configuration, indent=2) + "\n"}


def _role(wanted: Wanted, own: str, checked: Mapping[str, object]) -> _Resources:
    role = wanted.role
    fields: dict[str, object] = {
        "name": terraform(role.name),
        "path": terraform(role.path),
        "description": terraform(role.description),
        "max_session_duration": role.max_session_s,
        "permissions_boundary": terraform(role.boundary),
        "assume_role_policy": _document(role.trust),
        "tags": {TAG: terraform(wanted.name)},
    }
    name = f"${{aws_iam_role.{own}.name}}"
    given = {key: value for key, value in fields.items() if value != ""}
    made: _Resources = {"aws_iam_role": {own: {**given, **checked}}}
    for policy, document in role.inline.items():
        _place(made, "aws_iam_role_policy", f"{own}_{policy}", {**_policy(policy, document), "role": name})
    for arn in role.attached:
        attachment: dict[str, object] = {"role": name, "policy_arn": terraform(arn)}
        _place(made, "aws_iam_role_policy_attachment", f"{own}_{arn.rpartition('/')[2]}", attachment)
    return made


def _holder(wanted: Wanted, own: str, checked: Mapping[str, object]) -> _Resources:
    holder = wanted.holder
    made: _Resources = {}
    name = terraform(holder.name)
    if holder.kind == "group" and holder.may_create:
        made["aws_iam_group"] = {own: {"name": name, **checked}}
        name = f"${{aws_iam_group.{own}.name}}"
    kind = f"aws_iam_{holder.kind}_policy"
    for policy, document in holder.inline.items():
        _place(made, kind, f"{own}_{policy}", {**_policy(policy, document), holder.kind: name, **checked})
    after = [f"{kind}.{label}" for label in made.get(kind, {})]
    for member in holder.members:
        fields: dict[str, object] = {"user": terraform(member), "groups": [name], "depends_on": after}
        _place(made, "aws_iam_user_group_membership", f"{own}_{member}", fields)
    return made


def _policy(name: str, document: Document) -> dict[str, object]:
    return {"name": terraform(name), "policy": _document(document)}


def _document(document: Document) -> str:
    return terraform(to_text(document))


def _place(made: _Resources, kind: str, name: str, fields: dict[str, object]) -> None:
    """Add a resource under a label of its own: two names may differ in a sign that no label has."""
    of_kind = made.setdefault(kind, {})
    label, number = _label(name), 1
    while label in of_kind:
        number += 1
        label = f"{_label(name)}_{number}"
    of_kind[label] = fields


def _label(name: str) -> str:
    """Return a name as an identifier of Terraform: letters, digits, _ and -, and no digit or hyphen first."""
    text = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    return text if text[:1].isalpha() else f"_{text}"
