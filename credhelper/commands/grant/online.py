"""What IAM Access Analyzer says of the documents of a grant: more to know, and never a reason to fail."""

from collections.abc import Iterator, Mapping

from credhelper.commands.grant.access import Administrator
from credhelper.errors import CredhelperError
from credhelper.grant.change import Side
from credhelper.grant.wanted import Wanted
from credhelper.model.printable import clause
from credhelper.policy.document import Document
from credhelper.policy.lint import Notice, Severity
from credhelper.policy.render import to_text

_SUGGESTION = "SUGGESTION"
_TRUST = {"policyType": "RESOURCE_POLICY", "validatePolicyResourceType": "AWS::IAM::AssumeRolePolicyDocument"}
_IDENTITY = {"policyType": "IDENTITY_POLICY"}


def findings(wanted: Wanted, administrators: Mapping[Side, Administrator]) -> tuple[Notice, ...]:
    """Return a notice for each finding, and one for each side where there was no answer."""
    found: list[Notice] = []
    for side, administrator in administrators.items():
        try:
            found += _of_side(wanted, side, administrator)
        except CredhelperError as error:
            text = f"IAM Access Analyzer was not asked as {administrator.profile}: {error.unquoted}"
            found.append(Notice("not-linted-online", Severity.NOTE, text))
    return tuple(dict.fromkeys(found))


def _of_side(wanted: Wanted, side: Side, administrator: Administrator) -> Iterator[Notice]:
    analyzer = administrator.iam.sibling("accessanalyzer")
    for name, document, kind in _documents(wanted, side):
        for one in analyzer.call("ValidatePolicy", policyDocument=to_text(document), **kind).get("findings") or ():
            is_note = one.get("findingType") == _SUGGESTION
            code = clause(str(one.get("issueCode") or ""), 64).lower().replace("_", "-")
            text = f"{name}: {clause(str(one.get('findingDetails') or ''), 400)}"
            yield Notice(f"online-{code}", Severity.NOTE if is_note else Severity.WARNING, text)


def _documents(wanted: Wanted, side: Side) -> Iterator[tuple[str, Document, Mapping[str, str]]]:
    if side is Side.ROLE:
        yield "the trust policy", wanted.role.trust, _TRUST
    inline = wanted.role.inline if side is Side.ROLE else wanted.holder.inline
    for name, document in inline.items():
        yield f"the policy {name}", document, _IDENTITY
