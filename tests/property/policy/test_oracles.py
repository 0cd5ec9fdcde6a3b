"""Every document that is written, for parliament, cfn-lint and MiniStack's own check."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

from ministack.core.iam_evaluator import validate_policy_document

from credhelper.policy import build, lint
from credhelper.policy.build import ACCESS, Narrowing, Place
from credhelper.policy.document import Document
from credhelper.policy.render import to_object, to_text
from fakes import linters

KEY = "arn:aws:kms:eu-west-1:222222222222:key/01234567-89ab-cdef-0123-456789abcdef"
ROLE = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
ACC = "111111111111"
WIDE = Narrowing(
    external_id="id-0123",
    requires_mfa=True,
    source_identities=("david",),
    source_ips=("203.0.113.0/24",),
    org_id="o-abcdefghij",
    principal_tags=(("team", "data"),),
    principal_arns=(f"arn:aws:iam::{ACC}:user/David",),
)


def identities() -> Iterator[Document]:
    """Yield every kind of document for a role, a group or a user."""
    places = ([Place("bucket-01")], [Place("bucket-01", "data/"), Place("other-01")])
    for place, access, keys in itertools.product(places, ACCESS, ([], [KEY])):
        yield build.bucket(place, access, kms_keys=keys)
    for place, key in itertools.product(places, ("", KEY)):
        yield build.encrypted_only(place, kms_key=key)
    yield build.assume([ROLE])
    yield build.assume([ROLE, f"{ROLE}-2"], actions=["sts:AssumeRole", "sts:TagSession"], requires_mfa=True)
    yield build.self_read(ACC)
    yield build.self_read(ACC, groups=["DevGroup"])
    yield build.role_self_read(ACC, "ops")


def trusts() -> Iterator[Document]:
    """Yield every kind of trust."""
    principals = (
        [ACC],
        [f"arn:aws:iam::{ACC}:root"],
        [f"arn:aws:iam::{ACC}:user/David", f"arn:aws:iam::{ACC}:role/ops"],
    )
    for names, narrowing, has_tags in itertools.product(principals, (None, WIDE), (False, True)):
        yield build.trust(names, narrowing, has_session_tags=has_tags)


def template(roles: list[object], policies: list[object]) -> object:
    resources: dict[str, object] = {
        f"Role{number}": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": one}}
        for number, one in enumerate(roles)
    }
    resources |= {
        f"Policy{number}": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": one}}
        for number, one in enumerate(policies)
    }
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


def test_parliament_finds_nothing_in_what_is_written() -> None:
    assert linters.parliament(map(to_text, identities())) == ""


def test_parliament_would_find_a_mistake() -> None:
    wrong = build.assume([ROLE], actions=["sts:AssumeRoles"])
    assert "UNKNOWN_ACTION" in linters.parliament([to_text(wrong)])


def test_cfn_lint_finds_nothing_in_what_is_written(tmp_path: Path) -> None:
    made = template([to_object(one) for one in trusts()], [to_object(one) for one in identities()])
    (tmp_path / "made.json").write_text(json.dumps(made), "utf-8")
    assert linters.cfn_lint(tmp_path / "made.json") == (0, "")


def test_cfn_lint_would_find_a_mistake(tmp_path: Path) -> None:
    wrong = {**to_object(build.assume([ROLE])), "Versions": "x"}
    (tmp_path / "wrong.json").write_text(json.dumps(template([], [wrong])), "utf-8")
    code, found = linters.cfn_lint(tmp_path / "wrong.json")
    assert code
    assert "Versions" in found


def test_ministack_takes_what_is_written_and_nothing_of_it_is_refused() -> None:
    for one in identities():
        assert validate_policy_document(to_object(one)) is None
        assert [notice for notice in lint.identity(one) if notice.severity is not lint.Severity.NOTE] == []
    for one in trusts():
        assert [
            notice for notice in lint.trust(one, known_accounts=[ACC]) if notice.severity is not lint.Severity.NOTE
        ] == []
