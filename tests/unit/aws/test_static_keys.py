"""Keys of a plain source profile are what botocore's providers find there; all else is left to them."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credhelper.aws import source_credentials
from credhelper.aws.shared_config import SharedConfig
from credhelper.aws.static_keys import plain_keys
from credhelper.errors import CredhelperError

VALUES = {
    "aws_access_key_id": ["AKIA1", "AKIA2", ""],
    "aws_secret_access_key": ["secret1", "secret2", "sec ret", ""],
    "aws_session_token": ["token", ""],
    "aws_security_token": ["token2"],
    "aws_account_id": ["111111111111"],
    "region": ["us-east-1"],
    "role_arn": ["arn:aws:iam::222222222222:role/r"],
    "source_profile": ["vault"],
    "web_identity_token_file": ["/nowhere"],
    "sso_session": ["corp"],
    "credential_process": ["/bin/false"],
}
SECTIONS = st.dictionaries(st.sampled_from(list(VALUES)), st.integers(0, 3), max_size=5).map(
    lambda chosen: {name: VALUES[name][number % len(VALUES[name])] for name, number in chosen.items()}
)
PLAIN = {"aws_access_key_id": "AKIA1", "aws_secret_access_key": "secret1"}


def write(path: Path, header: str, section: dict[str, str]) -> str:
    path.write_text(f"[{header}]\n" + "".join(f"{name} = {value}\n" for name, value in section.items()))
    return str(path)


def both_files(tmp_path: Path, config: dict[str, str], credentials: dict[str, str]) -> SharedConfig:
    return SharedConfig(
        write(tmp_path / "config", "profile vault", config), write(tmp_path / "credentials", "vault", credentials)
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(config=SECTIONS, credentials=SECTIONS)
def test_plain_keys_are_what_botocore_finds(
    tmp_path: Path, config: dict[str, str], credentials: dict[str, str]
) -> None:
    shared = both_files(tmp_path, config, credentials)
    found = plain_keys(shared, "vault")
    if found is None:
        return
    try:
        loaded = source_credentials.from_profile(shared, "vault", lambda *_: "123456", environ=os.environ)
    except CredhelperError as error:
        pytest.fail(f"botocore finds none: {error.message}")
    assert (found.access_key_id, found.secret_access_key, found.session_token) == (
        loaded.access_key_id,
        loaded.secret_access_key,
        loaded.session_token,
    )


@pytest.mark.parametrize(("config", "credentials"), [(PLAIN, {}), ({}, PLAIN), ({"region": "eu-west-1"}, PLAIN)])
def test_whole_pair_in_one_file_is_plain(tmp_path: Path, config: dict[str, str], credentials: dict[str, str]) -> None:
    assert plain_keys(both_files(tmp_path, config, credentials), "vault") is not None


@pytest.mark.parametrize("stray", ["sec ret", "sec\tret", "secr\u00e9t", "\u201csecret\u201d", "secret\u200b"])
@pytest.mark.parametrize("name", [*PLAIN, "aws_session_token"])
def test_key_with_a_character_that_no_key_has_is_left_to_the_one_who_explains_it(
    tmp_path: Path, name: str, stray: str
) -> None:
    shared = both_files(tmp_path, {}, {**PLAIN, name: stray})
    assert plain_keys(shared, "vault") is None


@pytest.mark.parametrize(
    "first",
    [
        {"credential_process": "/bin/false"},
        {"sso_session": "corp"},
        {"role_arn": "r"},
        {"web_identity_token_file": "/t"},
    ],
)
@pytest.mark.parametrize("is_in_config", [True, False])
def test_profile_with_anything_that_could_go_first_is_not_plain(
    tmp_path: Path, first: dict[str, str], is_in_config: bool
) -> None:
    config, credentials = (first, PLAIN) if is_in_config else ({}, {**PLAIN, **first})
    assert plain_keys(both_files(tmp_path, config, credentials), "vault") is None
