"""Names for new profiles: safe, unique, and never one that is there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.awsconfig.document.splices import is_name
from credhelper.model.profile_names import Wanted, fields_of, filled, safe, unique

ACCOUNTS = ("111111111111", "222222222222")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Data Lab/eu-Read Only/x", "Data-Lab-eu-Read-Only-x"),
        ("a  -- b", "a-b"),
        ("--force", "force"),
        ("$(touch x)", "touch-x"),
        ("Größe", "Gr-e"),
        ("日本", ""),
        ("a\n[profile b]", "a-profile-b"),
        ("x" * 200, "x" * 128),
        ("me@corp.example+x", "me@corp.example+x"),
    ],
)
def test_name_is_what_every_sdk_and_shell_takes(text: str, expected: str) -> None:
    assert safe(text) == expected


def test_template_is_filled_in_once_and_with_known_fields_only() -> None:
    fields = {"role": "{account}", "account": ACCOUNTS[0]}
    assert filled("{role}-{account}", fields) == f"account-{ACCOUNTS[0]}"
    assert filled("{role.__class__}x", fields) == "x"
    assert fields_of("{account_name}-{role}") == ["account_name", "role"]


@pytest.mark.parametrize(
    ("names", "taken", "expected"),
    [
        (["a", "b"], [], ["a", "b"]),
        (["a", "a"], [], [f"a-{ACCOUNTS[0]}", f"a-{ACCOUNTS[1]}"]),
        (["a", "A"], [], [f"a-{ACCOUNTS[0]}", f"A-{ACCOUNTS[1]}"]),
        (["a", "b"], ["a"], [f"a-{ACCOUNTS[0]}", "b"]),
        (["a"], ["a", f"a-{ACCOUNTS[0]}"], [f"a-{ACCOUNTS[0]}-2"]),
        (["default"], [], [f"default-{ACCOUNTS[0]}"]),
        (["default", "Default"], [], [f"default-{ACCOUNTS[0]}", f"Default-{ACCOUNTS[1]}"]),
        (["", ""], [], [ACCOUNTS[0], ACCOUNTS[1]]),
        ([f"x-{ACCOUNTS[0]}"], [f"x-{ACCOUNTS[0]}"], [f"x-{ACCOUNTS[0]}-2"]),
    ],
)
def test_equal_and_taken_names_get_the_account_and_then_a_number(
    names: list[str], taken: list[str], expected: list[str]
) -> None:
    wanted = [Wanted(name, ACCOUNTS[place % 2]) for place, name in enumerate(names)]
    assert unique(wanted, taken.__contains__) == expected


@given(
    st.lists(st.tuples(st.text(max_size=8), st.sampled_from(ACCOUNTS) | st.text(max_size=4))),
    st.sets(st.sampled_from("abc")),
)
def test_names_are_safe_unique_and_free(texts: list[tuple[str, str]], taken: set[str]) -> None:
    wanted = [Wanted(safe(text), account) for text, account in texts]
    names = unique(wanted, taken.__contains__)
    assert len({name.lower() for name in names}) == len(texts)
    assert all(is_name(name) and name not in taken and name.lower() != "default" for name in names)
