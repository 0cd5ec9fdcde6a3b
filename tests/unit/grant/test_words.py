"""Documents in the words of a plan."""

import json

import pytest

from credhelper.grant.words import changed_lines, lines
from credhelper.policy.difference import differences
from credhelper.policy.document import Document, load


def document(*statements: dict[str, object]) -> Document:
    return load(json.dumps({"Version": "2012-10-17", "Statement": statements}))


ROOT = "arn:aws:iam::111111111111:root"


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ({"Effect": "Allow", "Action": ["a:B", "a:C"], "Resource": "r"}, "a:B, a:C on r"),
        ({"Effect": "Deny", "NotAction": "a:B", "NotResource": "r"}, "denied: all but a:B on all but r"),
        ({"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "a:B"}, "account 111111111111: a:B"),
        ({"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "a:B"}, "account 111111111111: a:B"),
        ({"Effect": "Allow", "Principal": "*", "Action": "a:B"}, "everybody: a:B"),
        ({"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "a:B"}, "x.amazonaws.com: a:B"),
        (
            {"Effect": "Deny", "NotPrincipal": {"AWS": ROOT}, "Action": "a:B"},
            "denied: all but account 111111111111: a:B",
        ),
        (
            {"Effect": "Allow", "Action": "a:B", "Resource": "r", "Condition": {"Bool": {"k": "true", "l": "false"}}},
            "a:B on r if k Bool true and l Bool false",
        ),
        (
            {"Effect": "Allow", "Action": "a:B", "Resource": [f"r{number}" for number in range(14)]},
            f"a:B on {', '.join(f'r{number}' for number in range(12))} and 2 more",
        ),
    ],
)
def test_statement_is_one_line(statement: dict[str, object], line: str) -> None:
    assert lines(document(statement)) == (line,)


def test_difference_has_the_sign_of_what_is_done() -> None:
    before = document({"Effect": "Allow", "Action": "a:B", "Resource": "r"})
    after = document({"Effect": "Allow", "Action": "a:C", "Resource": "r"})
    assert changed_lines(differences(before, after)) == ("- a:b on r", "+ a:c on r")
