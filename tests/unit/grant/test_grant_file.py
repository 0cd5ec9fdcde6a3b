"""The grant file: what is written is read as the same, and what does not belong there is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credhelper.errors import InputError
from credhelper.grant.grant_file import LIMIT, parse, render
from credhelper.grant.options import Options

FILE = """\
role = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
acc = "111111111111"
group = "DevGroup"
member = "David"
bucket = ["list-prod-bkt-details-01", "s3://other/prefix"]
access = "read"
max_session = 7200
require_mfa = true
prod_admin = "prod-admin"

[policy]
own = '''
{"Version": "2012-10-17"}'''
"""
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MANY = st.lists(TEXTS, max_size=3).map(tuple)
OPTIONS = st.builds(
    Options,
    role=TEXTS,
    members=MANY,
    create_group=st.booleans(),
    buckets=MANY,
    policies=st.dictionaries(TEXTS, TEXTS | st.just('{\n  "a": 1\n}')).map(lambda one: tuple(one.items())),
    max_session=st.integers(0, 10**6),
    external_id=TEXTS,
    trust=MANY,
    description=TEXTS,
    acc_admin=TEXTS,
)


def test_file_says_what_the_options_say() -> None:
    assert parse(FILE) == Options(
        role="arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket",
        acc="111111111111",
        group="DevGroup",
        members=("David",),
        buckets=("list-prod-bkt-details-01", "s3://other/prefix"),
        max_session=7200,
        require_mfa=True,
        prod_admin="prod-admin",
        policies=(("own", '{"Version": "2012-10-17"}'),),
    )


def test_file_is_written_in_the_order_of_the_options_without_what_is_the_default() -> None:
    text = render(Options(role="arn:role", group="DevGroup", members=("David", "Eve"), policies=(("own", "{\n}"),)))
    assert text == (
        'role = "arn:role"\ngroup = "DevGroup"\nmember = ["David", "Eve"]\n\n[policy]\n"own" = \'\'\'\n{\n}\'\'\'\n'
    )
    assert render(Options()) == ""


@settings(deadline=None)
@given(OPTIONS)
def test_what_is_written_is_read_as_the_same_and_shows_nothing_that_steers_a_terminal(options: Options) -> None:
    text = render(options)
    assert parse(text) == options
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("bukcet = 'x'", "no key of a grant file"),
        ("[grant]\nrole = 'x'", "no key of a grant file"),
        ("adopt = true", "for one run"),
        ("prune = true", "for one run"),
        ("yes = true", "for one run"),
        ("profile = 'prod-s3'", "for one run"),
        ("role = 1", "a text"),
        ("role = ['x']", "a text"),
        *((f"{key} = ''", "is empty") for key in ("external_id", "boundary", "org_id", "source_identity", "acc_admin")),
        ("max_session = '3600'", "a number"),
        ("max_session = true", "a number"),
        ("max_session = 3600.0", "a number"),
        ("require_mfa = 1", "true or false"),
        ("member = ['David', 1]", "a text"),
        ("member = {name = 'David'}", "a text"),
        ("policy = 'file://x'", "a table"),
        ("[policy]\nown = {Version = '2012-10-17'}", "a text"),
        ("role = ", "not TOML"),
        ("role = 'a'\nrole = 'b'", "not TOML"),
        ("role = 'a", "not TOML"),
        ("a = " + "[" * 5000, "TOML"),
        ("#" * (LIMIT + 1), "longer than"),
        ("aws_access_key_id = 'x'", "a credential"),
        ("secret = 'x'", "a credential"),
        ("[prod_admin]\naws_secret_access_key = 'x'", "a credential"),
        ("session_token = 'x'", "a credential"),
        ("description = 'AKIA" + "ABCDEFGHIJKLMNOP'", "a credential"),
        ("# ASIA" + "ABCDEFGHIJKLMNOP", "a credential"),
    ],
)
def test_what_does_not_belong_in_a_file_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    assert reason in caught.value.message or (reason == "TOML" and "nested too deeply" in caught.value.message)
    assert "ABCDEFGH" not in caught.value.shown()


def test_refusal_says_which_key_was_meant() -> None:
    with pytest.raises(InputError) as caught:
        parse("buckets = 'x'")
    assert caught.value.hint == "did you mean bucket?"


def test_value_that_could_be_secret_is_not_quoted_where_a_file_is_no_toml() -> None:
    with pytest.raises(InputError) as caught:
        parse("external_id = 'blue' 'green'")
    assert "green" not in caught.value.shown()
    assert "line 1" in caught.value.message


def test_own_policy_may_have_the_name_of_what_is_a_credential_elsewhere() -> None:
    assert parse("[policy]\nsecrets-reader = '{}'").policies == (("secrets-reader", "{}"),)
