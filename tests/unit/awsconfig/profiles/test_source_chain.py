"""Where a chain of source profiles ends."""

import pytest

from credhelper.awsconfig.profiles.source_chain import credential_source_of, last_link

ROLE = {"role_arn": "arn:aws:iam::222222222222:role/r"}
SECTIONS = {
    "env": {**ROLE, "credential_source": "Environment"},
    "above": {**ROLE, "source_profile": "env"},
    "twice": {**ROLE, "source_profile": "above"},
    "keys": {**ROLE, "credential_source": "Environment", "aws_access_key_id": "AKIA", "aws_secret_access_key": "x"},
    "on keys": {**ROLE, "source_profile": "keys"},
    "no role": {"credential_source": "Environment"},
    "itself": {**ROLE, "source_profile": "itself"},
    "circle": {**ROLE, "source_profile": "back"},
    "back": {**ROLE, "source_profile": "circle"},
    "nowhere": {**ROLE, "source_profile": "missing"},
}
ENDS = {name: "Environment" if name in ("env", "above", "twice") else "" for name in SECTIONS}


@pytest.mark.parametrize("name", [*SECTIONS, "missing"])
def test_credential_source_is_that_of_the_last_native_role(name: str) -> None:
    assert credential_source_of(name, SECTIONS) == ENDS.get(name, "")


@pytest.mark.parametrize(
    ("name", "last"),
    [
        *(
            ("env", "env"),
            ("above", "env"),
            ("twice", "env"),
            ("keys", "keys"),
            ("on keys", "keys"),
            ("no role", "no role"),
        ),
        *(("itself", "itself"), ("circle", "circle"), ("nowhere", "missing"), ("missing", "missing")),
    ],
)
def test_last_link_is_where_native_roles_end(name: str, last: str) -> None:
    assert last_link(name, SECTIONS) == last


def test_profile_that_is_wanted_for_itself_is_its_role() -> None:
    sections = {**SECTIONS, "both": {**SECTIONS["keys"], "source_profile": "keys"}}
    assert (last_link("both", sections), last_link("both", sections, is_source=False)) == ("both", "keys")
