"""What was removed and what was added, by meaning, in as few statements as say it."""

from typing import Any

import pytest

from credhelper.policy import difference
from credhelper.policy.difference import Difference, differences, same
from credhelper.policy.document import Document, Statement, parse


def of(*statements: dict[str, Any]) -> Document:
    return parse({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: str, resources: str = "", **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"Effect": "Allow", "Action": actions.split(), **changes}
    return {**fields, "Resource": resources.split()} if resources else fields


def shown(found: tuple[Difference, ...]) -> list[str]:
    return [f"{'+' if one.is_added else '-'} {said(one.statement)}" for one in found]


def said(statement: Statement) -> str:
    return f"{' '.join(statement.actions)} / {' '.join(statement.resources or ('none',))}"


IF: dict[str, Any] = {"Condition": {"Bool": {"k": "true"}}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([allow("a:x a:y", "r")], [allow("a:y", "r"), allow("A:X", "r")]),
        ([allow("a:x a:y", "r s")], [allow("a:x", "r s"), allow("a:y", "s"), allow("a:y a:x", "r")]),
        ([allow("a:x", "r"), allow("a:x", "r s")], [allow("a:x", "s r")]),
        ([allow("a:x a:y")], [allow("a:y"), allow("a:x")]),
        ([allow("a:x a:y", "r", **IF)], [allow("a:x", "r", **IF), allow("a:y", "r", **IF)]),
        (
            [allow("a:x", Principal={"AWS": ["111111111111", "222222222222"]})],
            [allow("a:x", Principal={"AWS": "222222222222"}), allow("a:x", Principal={"AWS": "111111111111"})],
        ),
    ],
)
def test_statement_that_is_split_means_the_same(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    assert same(of(*one), of(*other))
    assert same(of(*other), of(*one))


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ([allow("a:x", "r")], [allow("a:x a:y", "r")], ["+ a:y / r"]),
        ([allow("a:x a:y", "r s")], [allow("a:x a:y", "r")], ["- a:x a:y / s"]),
        ([allow("a:x a:y", "r s")], [allow("a:x", "r s"), allow("a:y", "r")], ["- a:y / s"]),
        ([allow("a:x a:y", "r")], [allow("a:z a:x", "r")], ["- a:y / r", "+ a:z / r"]),
        ([allow("a:x", "r")], [allow("a:x", "r", **IF)], ["- a:x / r", "+ a:x / r"]),
        ([allow("a:x a:y", "r s")], [allow("a:z", "t")], ["- a:x a:y / r s", "+ a:z / t"]),
        ([allow("a:x")], [allow("a:x", "r")], ["- a:x / none", "+ a:x / r"]),
        ([{"Effect": "Allow", "NotAction": ["a:x", "a:y"], "Resource": "r"}],
         [{"Effect": "Allow", "NotAction": ["a:x"], "Resource": "r"}], ["- a:x a:y / r", "+ a:x / r"]),
        ([{"Effect": "Allow", "Action": ["a:x", "a:y"], "NotResource": ["r", "s"]}],
         [{"Effect": "Allow", "Action": ["a:x"], "NotResource": ["r", "s"]}], ["- a:y / r s"]),
        ([allow("a:z", "t")],
         [allow("a:z", "t"), *({"Effect": "Allow", "Action": "a:x", "NotResource": one} for one in "rs")],
         ["+ a:x / r", "+ a:x / s"]),
        ([allow("a:z", "t")],
         [allow("a:z", "t"), *({"Effect": "Allow", "NotAction": one, "Resource": "t"} for one in "rs")],
         ["+ r / t", "+ s / t"]),
        ([{"Effect": "Deny", "Action": ["a:x"], "Resource": "r"}], [allow("a:x", "r")], ["- a:x / r", "+ a:x / r"]),
    ],
)  # fmt: skip
def test_difference_leaves_out_what_both_say(
    before: list[dict[str, Any]], after: list[dict[str, Any]], lines: list[str]
) -> None:
    assert shown(differences(of(*before), of(*after))) == lines


def test_principal_that_was_added() -> None:
    one = allow("sts:AssumeRole", Principal={"AWS": "111111111111"})
    both = allow("sts:AssumeRole", Principal={"AWS": ["arn:aws:iam::111111111111:root", "*"]})
    statement = Statement(effect="Allow", actions=("sts:assumerole",), principals=(("AWS", "*"),))
    assert differences(of(one), of(both)) == (Difference(statement, is_added=True),)


@pytest.mark.parametrize("name", ["NotPrincipal", "NotAction", "NotResource"])
def test_values_of_a_not_element_are_not_divided(name: str) -> None:
    base: dict[str, Any] = {"Effect": "Deny", "Principal": {"AWS": "1"}, "Action": "a:x", "Resource": "r"}
    del base[name.removeprefix("Not")]
    values: Any = {"AWS": ["1", "2"]} if name == "NotPrincipal" else ["1", "2"]
    parts = [{"AWS": one} for one in "12"] if name == "NotPrincipal" else list("12")
    assert not same(of({**base, name: values}), of(*({**base, name: part} for part in parts)))


@pytest.mark.parametrize(
    "large",
    [
        allow("a:x", Principal={"AWS": [str(number) for number in range(20)]}),
        allow(" ".join(f"a:{number}" for number in range(20))),
        allow("a:x", " ".join(map(str, range(20)))),
    ],
)
def test_every_element_counts_for_what_is_large(large: dict[str, Any]) -> None:
    small = {name: value[:19] if isinstance(value, list) else value for name, value in large.items()}
    if "Principal" in large:
        small["Principal"] = {"AWS": large["Principal"]["AWS"][:19]}
    for limit, added in ((10, [False, True]), (20, [True])):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(difference, "_MOST", limit)
            assert [one.is_added for one in differences(of(small), of(large))] == added


def test_large_documents_are_compared_by_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [allow(" ".join(f"a:x{number}" for number in range(300)), " ".join(f"r{number}" for number in range(300)))]
    found = differences(of(*many), of(*many, allow("b:y", "r")))
    assert shown(found) == ["+ b:y / r"]
    more = [allow(" ".join(f"a:x{number}" for number in range(301)), " ".join(f"r{number}" for number in range(300)))]
    removed, added = differences(of(*many), of(*more))
    assert (len(removed.statement.actions), len(added.statement.actions)) == (300, 301)
    monkeypatch.setattr(difference, "_MOST", 1_000_000)
    (one,) = differences(of(*many), of(*more))
    assert (one.is_added, one.statement.actions, len(one.statement.resources or ())) == (True, ("a:x300",), 300)
