"""Whose duration may be chosen: a role assumed with long-lived keys, and what is not known to be another."""

import pytest

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.session_origin import why_fixed

ROLE = "arn:aws:iam::222222222222:role/r"
CONFIG = f"""\
[profile ours]
credential_process = /p -I -S /x/credhelper/get.py get ours
credhelper_role_arn = {ROLE}
credhelper_source_profile = default
[profile by-code]
credhelper_role_arn = {ROLE}
credhelper_source_profile = default
credhelper_mfa_serial = arn:aws:iam::111111111111:mfa/d
[profile native]
role_arn = {ROLE}
source_profile = default
[profile of-itself]
role_arn = {ROLE}
source_profile = of-itself
aws_access_key_id = AKIAITSELF
aws_secret_access_key = x
[profile of-environment]
credhelper_role_arn = {ROLE}
credhelper_credential_source = Environment
[profile of-machine]
role_arn = {ROLE}
credential_source = Ec2InstanceMetadata
[profile ours-of-machine]
credhelper_role_arn = {ROLE}
credhelper_credential_source = EcsContainer
[profile ours-of-ours]
credhelper_role_arn = {ROLE}
credhelper_source_profile = ours
[profile native-of-ours]
role_arn = {ROLE}
source_profile = ours
[profile ours-of-native]
credhelper_role_arn = {ROLE}
credhelper_source_profile = native
[profile ours-of-sso]
credhelper_role_arn = {ROLE}
credhelper_source_profile = sso
[profile ours-of-login]
credhelper_role_arn = {ROLE}
credhelper_source_profile = login
[profile ours-of-web]
credhelper_role_arn = {ROLE}
credhelper_source_profile = web
[profile ours-of-vault]
credhelper_role_arn = {ROLE}
credhelper_source_profile = vault
[profile ours-of-session]
credhelper_role_arn = {ROLE}
credhelper_source_profile = session
[profile native-of-asia]
role_arn = {ROLE}
source_profile = asia
[profile ours-of-nothing]
credhelper_role_arn = {ROLE}
credhelper_source_profile = nowhere
[profile alias]
credential_process = /p -I -S /x/credhelper/get.py get ours
[profile alias-of-chain]
credential_process = /p -I -S /x/credhelper/get.py get ours-of-ours
[profile of-alias]
credhelper_role_arn = {ROLE}
credhelper_source_profile = alias
[profile sso]
sso_session = corp
sso_account_id = 111111111111
sso_role_name = Admin
[profile login]
login_session = arn:aws:iam::111111111111:user/d
[profile web]
role_arn = {ROLE}
web_identity_token_file = /token
[profile vault]
credential_process = /usr/bin/vault
[profile empty]
region = us-east-1
"""
CREDENTIALS = """\
[default]
aws_access_key_id = AKIAACC
aws_secret_access_key = x
[session]
aws_access_key_id = AKIALEFT
aws_secret_access_key = x
aws_session_token = t
[asia]
aws_access_key_id = ASIAX
aws_secret_access_key = x
"""
CATALOGUE = Catalogue(Document.parse(CONFIG.encode()), Document.parse(CREDENTIALS.encode()))
FREE = ("ours", "by-code", "native", "of-itself", "of-environment", "alias")
# What another program or file holds is not known here: AWS says so where it is a chained session.
UNKNOWN = ("ours-of-vault", "vault", "session", "default", "empty", "ours-of-nothing")
CHAINED = (
    *("of-machine", "ours-of-machine", "ours-of-ours", "native-of-ours", "ours-of-native", "ours-of-sso"),
    *("ours-of-login", "ours-of-web", "ours-of-session", "native-of-asia", "alias-of-chain", "of-alias"),
)


@pytest.mark.parametrize("name", [*FREE, *UNKNOWN])
def test_duration_of_a_role_of_long_lived_keys_may_be_chosen(name: str) -> None:
    assert why_fixed(name, CATALOGUE, {}) == ""


@pytest.mark.parametrize("name", CHAINED)
def test_duration_of_a_chained_session_may_not(name: str) -> None:
    assert why_fixed(name, CATALOGUE, {}).startswith("a chained session: ")


def test_session_that_is_no_role_of_keys_may_not() -> None:
    assert "IAM Identity Center" in why_fixed("sso", CATALOGUE, {})
    assert "aws login" in why_fixed("login", CATALOGUE, {})
    assert "web identity" in why_fixed("web", CATALOGUE, {})


def test_keys_of_the_environment_are_a_session_with_a_token() -> None:
    assert "chained" in why_fixed("of-environment", CATALOGUE, {"AWS_SESSION_TOKEN": "t"})


def test_every_profile_is_in_one_of_the_lists() -> None:
    assert set(CATALOGUE) == {*FREE, *UNKNOWN, *CHAINED, "sso", "login", "web", "asia"}
