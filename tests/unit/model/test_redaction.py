"""What another program says is quoted without its secrets, and still says why it failed."""

import base64
import hashlib
import string
import time
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credhelper.model.printable import one_line
from credhelper.model.redaction import is_secret_run

BARE = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
PASSWORD = "hunt3r!2"

FORMS = [
    '{ "SecretAccessKey" : "%s"}',
    '{"SecretAccessKey":  "%s"}',
    "SecretAccessKey=%s",
    "secret_access_key: %s",
    "aws_secret_access_key = %s",
    "aws_security_token\t=\t%s",
    "export AWS_SESSION_TOKEN=%s",
    "set -gx AWS_SESSION_TOKEN '%s'",
    "set AWS_SESSION_TOKEN %s",
    '$env:AWS_SESSION_TOKEN="%s"',
    "SecretAccessKey : %s",
    "<SecretAccessKey>%s</SecretAccessKey>",
    '{\\"clientSecret\\":\\"%s\\"}',
    '"refresh_token": "%s",',
    "{'token': '%s'}",
    '"token":["%s"]',
    "token=%s&x=1",
    "token := %s",
    "client-secret => %s",
    "SESSION_TOKEN|%s",
    "api key: %s",
    "accessKey: %s",
    "password is %s",
    "--password %s",
    "--password=%s",
    "password: >- %s",
    'DB_PASSWORD: "%s and more"',
    "passcode: %s",
    "Authorization: Bearer %s",
    "https://user:%s@example.com/",
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", [BARE, PASSWORD, "abcdEFGH1", "x9"])
@pytest.mark.parametrize("is_shouted", [False, True])
def test_labelled_value_is_dropped_in_every_notation(form: str, value: str, *, is_shouted: bool) -> None:
    before, after = form.split("%s")
    said = one_line(f"{before.upper() if is_shouted else before}{value}{after}")
    assert value not in said
    assert "***" in said


@pytest.mark.parametrize("blank", [" ", "  ", "\t", "\r\n", "\n    "])
def test_blanks_between_label_and_value_do_not_matter(blank: str) -> None:
    assert BARE[:13] not in one_line(f'{{"SecretAccessKey"{blank}:{blank}"{BARE}"}}')
    assert PASSWORD not in one_line(f'"password"{blank}={blank}"{PASSWORD}"')


@pytest.mark.parametrize(
    "said",
    [
        "totp 123456",
        "code: 123 456",
        "MFA code is 123456.",
        "token_code=123456",
        "passcode 654321",
        '"otp": "12345678"',
    ],
)
def test_one_time_code_is_dropped(said: str) -> None:
    assert not any(character.isdigit() for character in one_line(said))


# The same drawings in every run: of millions, one will look like a name.
@settings(derandomize=True)
@given(st.binary(min_size=30, max_size=300), st.sampled_from(["", "AKIAIOSFODNN7EXAMPLE ", "a=", "/home/david/"]))
def test_run_drawn_by_chance_is_dropped_in_every_alphabet(data: bytes, before: str) -> None:
    # What is drawn by chance: hypothesis would shrink to zeroes, which are no secret.
    drawn = b"".join(hashlib.sha256(data + bytes([place])).digest() for place in range(3))
    for run in (
        base64.b64encode(drawn[:30]).decode(),
        base64.b64encode(drawn).decode(),
        base64.urlsafe_b64encode(drawn).decode(),
        base64.b64encode(drawn[:30]).decode().replace("/", "\\/"),
        base64.b64encode(drawn[:30]).decode().replace("/", "%2F").replace("+", "%2B"),
        base64.b32encode(drawn[:40]).decode(),
        drawn[:16].hex(),
        drawn.hex().upper(),
    ):
        said = one_line(f"{before}{run} rejected", 1000)
        assert run not in said
        assert "***" in said


def test_character_that_is_not_shown_does_not_divide_a_secret() -> None:
    assert one_line(f"{BARE[:11]}\u200b{BARE[11:]} rejected") == "*** rejected"


READABLE = [
    "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_a1b2c3d4e5f60718",
    "AWSReservedSSO_AdministratorAccess_a1b2c3d4e5f60718",
    "arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-AbCdEf",
    "User: arn:aws:sts::111111111111:assumed-role/OrganizationAccountAccessRole/botocore-session-1700000000 may not",
    "not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket",
    "bearer authentication failed",
    "request id 01234567-89ab-cdef-0123-456789abcdef",
    "ExpiredToken: The security token included in the request is invalid",
    "/home/user/Projects/MyApplication2/node_modules/some-package/lib/index",
    "/usr/lib/python3/dist-packages/botocore/data/endpoints",
    "C:\\Users\\David\\AppData\\Local\\Programs\\Python\\Python311\\python.exe",
    "sts.us-east-1.amazonaws.com",
    "vpce-0a1b2c3d4e5f67890-abcdefgh.sts.us-east-1.vpce.amazonaws.com",
    "my-company-production-data-bucket-2024-us-east-1",
    "OrganizationAccountAccessRoleForProduction2024",
    "Error loading SSO Token: Token for default does not exist",
    "AWS_SESSION_TOKEN is not set",
    "the password is wrong",
    "status code 403",
    "TokenRefreshRequired: refresh it",
    "web_identity_token_file=/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
    "Credential should be scoped to a valid region. 20151229/us-east-1/sts/aws4_request",
    "Signature expired: 20270115T080000Z is now earlier than 20270115T080140Z (20270115T081640Z - 15 min.)",
]


@pytest.mark.parametrize("said", READABLE)
def test_what_says_why_it_failed_stays_readable(said: str) -> None:
    assert one_line(said, 1000) == said


words = st.lists(st.text(string.ascii_lowercase, min_size=4, max_size=12), min_size=1, max_size=12)


@given(words, st.sampled_from(["/", "-", ".", "_"]), st.uuids())
def test_names_paths_hosts_and_request_ids_stay_readable(parts: list[str], sign: str, request_id: uuid.UUID) -> None:
    name = sign.join(parts)
    assert not is_secret_run(name)
    assert not is_secret_run(sign.join(part.capitalize() for part in parts))
    assert str(request_id) in one_line(f"see {request_id}")


@pytest.mark.parametrize(
    "part",
    [
        *("a", "token ", "token", "password='", "-", "eyJ", "a:", "x@", "://", "arn:aws:", "$", "code ", "access key "),
        *("-a", "otp-", "arn:aws-", "wJalr/", "'\\", "secret\\'", "token[", "\u200b", "bearer ", "https://u:"),
    ],
)
def test_no_text_takes_long(part: str) -> None:
    started = time.process_time()
    one_line(part * (400_000 // len(part)))
    assert time.process_time() - started < 1.0


def test_secret_at_the_place_where_a_long_text_is_cut_is_dropped_whole() -> None:
    for shift in range(0, 40, 5):
        assert BARE[:8] not in one_line("# " * ((4096 - shift) // 2) + BARE, 10_000)
