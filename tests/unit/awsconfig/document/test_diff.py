"""A diff shows what changes, and no secret, wherever in the file it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.awsconfig.document.diff import unified_diff
from credhelper.awsconfig.document.secret_keys import MASK, is_secret_key, masked_lines, shown_value
from fakes import canary

SECRET = canary.secret_key("diff")
KEYS = [
    *("aws_secret_access_key", "aws_session_token", "aws_security_token", "AWS_SECRET_ACCESS_KEY", "db_password"),
    *("clientSecret", "client-secret", "refresh_token", "my secret", "passphrase", "api_key", "private_key", "pwd"),
]


@pytest.mark.parametrize("key", KEYS)
def test_key_that_holds_a_secret_is_known(key: str) -> None:
    assert is_secret_key(key)


@pytest.mark.parametrize(
    "key",
    [
        *("aws_access_key_id", "role_arn", "web_identity_token_file", "secretsmanager", "credential_process", "region"),
        *("credhelper_mfa_serial", "sso_registration_scopes", "sso_start_url", "credential_source", "endpoint_url"),
    ],
)
def test_key_that_holds_none_is_shown(key: str) -> None:
    assert not is_secret_key(key)


SHAPES = [
    "{key} = {secret}",
    "{key}={secret}",
    "{key}: {secret}",
    "  {key}  =  {secret}",
    "{key} =\n  {secret}",
    "{key} = a\n  b\n\n  {secret}",
    "{key} = a\n# a comment ends no value\n  {secret}",
    "{key} =\n  # {secret}",
    "{key} = a\x85{secret}\u2028{secret}",
    "{key} = a\r\n\t{secret}\r",
    "s3 =\n  {key} = {secret}",
    "# {key} = {secret}",
    ";{key}={secret}",
    "{key} {secret}",
]


@pytest.mark.parametrize("key", KEYS[:6])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("change", ["context", "removed", "added"])
def test_value_of_a_secret_key_is_never_shown(key: str, shape: str, change: str) -> None:
    lines = shape.format(key=key, secret=SECRET)
    with_it = f"[profile legacy]\n{lines}\n".encode()
    before, after = {
        "context": (with_it, with_it + b"[profile new]\nregion = x\n"),
        "removed": (with_it, b"[profile legacy]\n"),
        "added": (b"[profile legacy]\n", with_it),
    }[change]
    shown = unified_diff(before, after, "config")
    assert shown
    assert SECRET not in shown
    assert MASK in shown


@pytest.mark.parametrize(
    "line",
    [
        *("# previous pair: {}", "# previous pair AKIAIOSFODNN7EXAMPLE {}", ";old={}", "  # region = {}", "#{}", "{}"),
        *("region = us-east-1 # was {}", "region = us-east-1 ; {}", "region = # {}", "region =\n  us-east-1\n  # {}"),
        "[b] # {}",
    ],
)
def test_secret_in_a_remark_is_known_by_its_shape(line: str) -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    shown = unified_diff(f"[profile a]\n{line.format(secret)}\n".encode(), b"", "config")
    assert shown.count("\n-") == line.count("\n") + 2
    assert secret not in shown


def test_remark_without_a_secret_is_shown() -> None:
    text = (
        "# role of arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket, see https://wiki.example.com/aws\n"
        "# region = us-east-1\n[profile a] # the account of the team\nregion = us-east-1 # near\n  s3 ="
    )
    assert "\n".join(masked_lines(text)) == text


def test_secret_that_changes_is_a_change() -> None:
    shown = unified_diff(b"[a]\naws_session_token = x\n", b"[a]\naws_session_token = y\n", "config")
    assert shown.splitlines()[2:] == [
        "@@ -1,2 +1,2 @@",
        " [a]",
        f"-aws_session_token = {MASK}",
        f"+aws_session_token = {MASK}",
    ]


def test_line_after_a_secret_is_shown() -> None:
    text = "[a]\naws_session_token = x\n  y\nregion = z\n[profile token]\nsource_profile = token\n"
    assert "\n".join(masked_lines(text)) == text.replace("= x\n  y", f"= {MASK}\n  {MASK}")


@given(st.text(st.characters(exclude_characters="\0"), max_size=80), st.text(max_size=80))
def test_any_text_has_as_many_lines_as_before(before: str, after: str) -> None:
    assert len(list(masked_lines(before))) == before.count("\n") + 1
    unified_diff(before.encode("utf-8", "replace"), after.encode("utf-8", "replace"), "config")


def test_diff_of_a_long_file_has_the_right_line_numbers() -> None:
    before = "".join(f"line {number}\n" for number in range(100_000)).encode()
    diff = unified_diff(before, before.replace(b"line 70000\n", b"changed\n"), "config").splitlines()
    assert diff[2] == "@@ -69998,7 +69998,7 @@"
    assert diff[6:8] == ["-line 70000", "+changed"]


_STORE = "/nix/store/0c9dxcvdh6s4qpm7xalfzrv4c6vn7jfs-python3-3.11.7/bin/python3"
_SCRIPT = "/lib/python3.11/site-packages/credhelper/__main__.py"


@pytest.mark.parametrize(
    ("line", "is_whole"),
    [
        (f"{_STORE} -I -S {_SCRIPT} get prod-s3", True),
        (f"'/Users/David R{_STORE}' -I -S '/Users/David R{_SCRIPT}' get prod-s3", True),
        (f"{_STORE} -I -S {_SCRIPT} get 'prod s3' --", True),
        (f"{_STORE} --password x -I -S {_SCRIPT} get prod-s3", False),
        (f"{_STORE} -I -S /nix/store/0123456789abcdfghijklmnpqrsvwxyz-credhelper/share/credhelper/get.py get x", True),
        (f"{_STORE} -I -S /other/__main__.py get prod-s3", False),
        (f"{_STORE} -I -S /other/get.py get prod-s3", False),
    ],
)
def test_line_that_credhelper_writes_is_shown_whole(line: str, *, is_whole: bool) -> None:
    assert (shown_value("credential_process", line) == line) == is_whole
