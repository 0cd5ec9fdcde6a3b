"""Names of files: one for each document, also where a file system takes two names for one."""

import json

from credhelper.grant import papers
from credhelper.grant.change import Side
from fakes.story_grant import ROLE, grant

OWN = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
    }
)


def test_names_that_differ_in_case_are_two_files() -> None:
    many = grant(policies=tuple((name, OWN) for name in ("own", "OWN", "Own", "own.2")))
    found = dict(papers.policies(many, Side.ROLE))
    assert list(found) == ["credhelper-buckets", "own", "OWN", "Own", "own.2"]
    names = [paper.name.casefold() for paper in found.values()]
    assert len(set(names)) == len(names)
    assert found["own"].name == f"prod-{ROLE}.policy.own.json"


def test_halves_and_grants_share_a_directory() -> None:
    one, other = grant(), grant(role="arn:aws:iam::222222222222:role/other")
    stems = {papers.stem(wanted, side) for wanted in (one, other) for side in Side}
    assert len(stems) == 4


def test_longest_names_are_names_of_files() -> None:
    longest = grant(role=f"arn:aws:iam::222222222222:role/{'r' * 64}", policy_name="p" * 128)
    for side in Side:
        for _, paper in papers.policies(longest, side):
            assert len(f"{paper.name}.1234567.tmp") <= 255
