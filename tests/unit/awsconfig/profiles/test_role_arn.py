"""What is said of a text that is not the ARN of a role: which part is wrong, and never a secret."""

import pytest

from credhelper.awsconfig.profiles import role_arn
from fakes import canary

ROLE = "arn:aws:iam::222222222222:role/path/reader"


@pytest.mark.parametrize("arn", [ROLE, "arn:aws-cn:iam::222222222222:role/x", f"{ROLE}_+=,.@-"])
def test_role_is_taken_as_it_is(arn: str) -> None:
    assert role_arn.parse(arn) == arn


def test_parts_of_a_role() -> None:
    assert (role_arn.account_of(ROLE), role_arn.name_of(ROLE)) == ("222222222222", "reader")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("arn:aws:iam::22222222222:role/x", "the account 22222222222 has 11 digits and not 12"),
        ("arn:aws:iam::2222222222222:role/x", "the account 2222222222222 has 13 digits and not 12"),
        ("arn:aws:iam::2222-2222-2222:role/x", "the account 2222-2222-2222 is not 12 digits"),
        ("arn:aws:iam:::role/x", "the account in it is not 12 digits"),
        ("arn:aws:iam::222222222222:user/x", "it is one of the kind user"),
        ("arn:aws:iam::222222222222:group/x", "it is one of the kind group"),
        ("arn:aws:iam::222222222222:instance-profile/x", "it is one of the kind instance-profile"),
        ("arn:aws:iam::222222222222:root", "it is one of the kind root"),
        ("arn:aws:iam::222222222222:role", "it does not say role/ and a name"),
        ("arn:aws:iam::222222222222:reader", "it does not say role/ and a name"),
        ("arn:aws:iam::222222222222:role/", "the name of the role is missing"),
        ("arn:aws:iam::222222222222:role/a b", "a role's name cannot have a blank"),
        ("arn:aws:iam::222222222222:role/a'", "a role's name cannot have the character '"),
        ("arn:aws:iam::222222222222:role/a\u202e", "a role's name cannot have U+202E"),
        ("arn:aws:iam::222222222222:role/" + "x" * 2048, "it is longer than 2048 characters"),
        ("arn:aws:s3:::bucket", "it is of the service s3 and not of iam"),
        ("arn:aws:sts::222222222222:assumed-role/x/David",
         "it is a session of one; the role is arn:aws:iam::222222222222:role/x"),
        ("arn:amazon:iam::222222222222:role/x", "there is no partition amazon, as in arn:aws:"),
        ("arn:aws:iam:us-east-1:222222222222:role/x", "it has us-east-1 where a role has nothing"),
        ("arn:aws:iam:222222222222:role/x", "it has 5 parts between colons, and needs 6"),
        ("https://signin.aws.amazon.com/switchrole?account=2&roleName=x", "it is the address of a page"),
        ("reader", "(arn:aws:iam::ACCOUNT:role/NAME), 20 to 2048 characters"),
        ("", "(arn:aws:iam::ACCOUNT:role/NAME), 20 to 2048 characters"),
    ],
)  # fmt: skip
def test_part_that_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"^not the ARN of a role") as caught:
        role_arn.parse(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "shape", ["{}", "arn:{}", "arn:aws:{}::222222222222:role/x", "arn:aws:iam::{}:role/x", "arn:aws:iam::1:{}/x",
              "arn:aws:iam:{}:222222222222:role/x", "arn:{}:iam::222222222222:role/x",
              "arn:aws:sts::222222222222:assumed-role/{}/x"],
)  # fmt: skip
def test_secret_that_was_pasted_is_not_shown(shape: str) -> None:
    secret = canary.secret_key("pasted")
    with pytest.raises(ValueError, match=r"^not the ARN of a role") as caught:
        role_arn.parse(shape.format(secret))
    assert secret not in str(caught.value)
