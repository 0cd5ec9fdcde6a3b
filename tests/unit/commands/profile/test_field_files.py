"""Files as people have them, after public reports: what `check` finds in each, and what `adopt --all` makes of it.

Names, accounts and keys are made up; the shapes are those of the reports. Each edit is taken back byte for byte.
"""

import os
import re
from pathlib import Path
from typing import NamedTuple

import botocore.exceptions
import botocore.session
import pytest

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.commands.profile import adopt, check, release, rename, show
from credhelper.commands.profile import list as profile_list
from credhelper.errors import InputError
from credhelper.settings import Settings
from fakes.home import ROLE_ARN

HOW = EditOptions(linger_s=0)
KEYS = "aws_access_key_id = AKIACANARY\naws_secret_access_key = made-up\n"
USER = f"[default]\n{KEYS}"
ROLE = f"role_arn = {ROLE_ARN}\nsource_profile = default\n"
SSO = "sso_session = s\nsso_account_id = 222222222222\nsso_role_name = x\n"
SESSION = "[sso-session s]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\n"
LEGACY = "sso_start_url = https://x\nsso_region = us-east-1\nsso_account_id = 222222222222\nsso_role_name = x\n"
DEFAULT = "[default]\nregion = us-east-1\n"


class Field(NamedTuple):
    """Both files, what is wrong with them, and which profiles are adopted and which are named as staying.

    A finding is RULE:LINE, with a K before the line for the credentials file.
    """

    config: str
    credentials: str = USER
    found: str = ""
    adopted: str = ""
    stays: str = ""


FILES = {
    # F1
    "keys under the role's name": Field(f"{DEFAULT}[profile prod]\n{ROLE}", f"{USER}[prod]\n{KEYS}", stays="prod"),
    "a program under the role's name":
        Field(f"{DEFAULT}[profile prod]\n{ROLE}", f"{USER}[prod]\ncredential_process = /opt/saml2aws\n", stays="prod",
              found="role-and-process:K5"),
    # F2
    "names that no command can have": Field(
        "".join(f"[profile {name}]\n{ROLE}" for name in ("plain", "r&d", "\u00fc", "a!", "(b)")),
        adopted="plain", stays="r&d \u00fc a! (b)",
        found="profile-name:4 profile-name:7 profile-name:10 profile-name:13"),
    "indented keys": Field(
        f"[profile uat]\n    role_arn = {ROLE_ARN}\n    source_profile = default\n[profile ok]\n{ROLE}",
        adopted="ok", stays="uat", found="key-indented:2 key-indented:3"),
    # F3
    "keys in the other file":
        Field(f"[profile dev]\nregion = us-east-1\n[profile prod]\nrole_arn = {ROLE_ARN}\nsource_profile = dev\n",
              f"[dev]\n{KEYS}", adopted="prod"),
    # F4
    "a role in the credentials file": Field("", f"{USER}[prod]\n{ROLE}", stays="prod"),
    "the default's role in the credentials file":
        Field(DEFAULT, f"[src]\n{KEYS}[default]\nrole_arn = {ROLE_ARN}\nsource_profile = src\n", stays="default"),
    # F5
    "a section twice": Field(f"[profile p]\n{ROLE}", f"{USER}{USER}", adopted="p", found="section-twice:K4"),
    "a key twice": Field(f"[profile p]\n{ROLE}", f"{USER}{KEYS}", adopted="p", found="key-twice:K4 key-twice:K5"),
    "no header": Field(f"[profile p]\n{ROLE}", KEYS, adopted="p",
                       found="missing-source:3 no-section:K1 no-section:K2"),
    "a byte order mark": Field(f"[profile p]\n{ROLE}", f"\ufeff{USER}", adopted="p", found="byte-order-mark:K1"),
    "a header glued to a value":
        Field(f"[profile p]\n{ROLE}", f"[default]\naws_access_key_id = x\naws_secret_access_key = y[p]\n{KEYS}",
              adopted="p", found="brackets:K3 key-twice:K4 key-twice:K5"),
    "a value glued to a header": Field(f"[profile p]\n{ROLE}", f"[default]{KEYS}", adopted="p",
                                       found="empty-source:3 half-keys:K2 header-text:K1"),
    # F6
    "its own source, keys in the other file":
        Field(f"[profile dev]\nrole_arn = {ROLE_ARN}\nsource_profile = dev\n", f"[dev]\n{KEYS}", stays="dev"),
    "its own source, keys beside":
        Field(f"[profile dev]\nrole_arn = {ROLE_ARN}\nsource_profile = dev\n{KEYS}", stays="dev"),
    "its own source, no keys":
        Field(f"[profile dev]\nrole_arn = {ROLE_ARN}\nsource_profile = dev\n", stays="dev", found="source-loop:3"),
    # F7
    "a token for a role":
        Field(f"[profile irsa]\nrole_arn = {ROLE_ARN}\nweb_identity_token_file = /var/run/token\n", stays="irsa"),
    "a role with a source, and single sign-on": Field(f"{SESSION}[profile p]\n{ROLE}{SSO}", stays="p"),
    "a role with a source, and keys": Field(f"[profile p]\n{ROLE}{KEYS}", stays="p"),
    "single sign-on and a program": Field(f"{SESSION}[profile p]\n{SSO}credential_process = /opt/aws-sso-util\n"),
    "older single sign-on and a program": Field(f"[profile p]\n{LEGACY}credential_process = /opt/aws-sso-util\n"),
    "keys and a program": Field(f"[profile p]\n{KEYS}credential_process = /opt/p\n", found="keys-and-process:4"),
    "a role with a source, and a program":
        Field(f"[profile p]\n{ROLE}credential_process = /opt/p\n", stays="p", found="role-and-process:4"),
    "a role on single sign-on, without a source":
        Field(f"{SESSION}[profile p]\nrole_arn = {ROLE_ARN}\n{SSO}", stays="p", found="role-without-source:5"),
    # F8
    "a role alone": Field(f"[profile p]\nrole_arn = {ROLE_ARN}\n", stays="p", found="role-without-source:2"),
    "two sources":
        Field(f"[profile p]\n{ROLE}credential_source = Environment\n", stays="p", found="two-sources:4"),
    "a token alone": Field("[profile p]\nweb_identity_token_file = /token\n", found="token-without-role:2"),
    "a colon short":
        Field("[profile p]\nrole_arn = arn:aws:iam:222222222222:role/x\nsource_profile = default\n", stays="p",
              found="role-arn:2"),
    "a source without a role": Field("[profile p]\nsource_profile = default\n", found="source-without-role:2"),
    "a source, keys and no role":
        Field(f"[profile p]\nsource_profile = default\n{KEYS}", found="source-without-role:2"),
    "an empty block": Field("[profile p]\ns3 =\n", found="block-expected:2"),
    "a block that is a word": Field("[profile p]\ns3 = max\n", found="block-expected:2"),
    "a source that AWS does not know":
        Field(f"[profile p]\nrole_arn = {ROLE_ARN}\ncredential_source = Ec2\n", stays="p", found="credential-source:3"),
    # F9
    "a shell of its own": Field("[profile p]\ncredential_process = /bin/sh -c 'tool export home | jq -c .'\n"),
    "env before the program": Field("[profile p]\ncredential_process = /usr/bin/env OP_ACCOUNT=me /path/op-creds\n"),
    "an address": Field("[profile p]\ncredential_process = /path/p --url https://x.example.com/app?id=1\n"),
    # F10
    "an empty region": Field(f"[profile e]\nregion =\n[profile p]\n{ROLE}region =\n", adopted="p"),
    "a comment behind a region":
        Field(f"[profile p]\n{ROLE}region = us-west-1  # mine\n", stays="p",
              found="comment-in-value:4 value-refused:4"),
    "a region in quotes": Field(f'[profile p]\n{ROLE}region = "us-east-1"\n', stays="p",
                                found="outer-quotes:4 value-refused:4"),
    # F13
    "no pager": Field(f"[profile p]\n{ROLE}cli_pager =\n", adopted="p"),
    "a source that is not there":
        Field(f"[profile p]\nrole_arn = {ROLE_ARN}\nsource_profile = nope\n", adopted="p", found="missing-source:3"),
    "a source that is a session":
        Field(f"{SESSION}[profile p]\nrole_arn = {ROLE_ARN}\nsource_profile = s\n", adopted="p",
              found="missing-source:6"),
    "headers that no SDK reads":
        Field(f"[Profile x]\n{ROLE}[y]\n{ROLE}", found="header-capitals:1 header-without-profile:4"),
    # What holds up
    "single sign-on as a source":
        Field(f"{SESSION}[profile sso]\n{SSO}[profile old]\n{LEGACY}[profile p]\nrole_arn = {ROLE_ARN}\n"
              f"source_profile = sso\n[profile q]\nrole_arn = {ROLE_ARN}\nsource_profile = old\n", adopted="p q"),
    "a chain of three": Field(
        f"[profile a]\n{ROLE}[profile b]\nrole_arn = {ROLE_ARN}\nsource_profile = a\n"
        f"[profile c]\nrole_arn = {ROLE_ARN}\nsource_profile = b\n", adopted="a b c"),
    "a chain that starts with a program":
        Field(f"[profile a]\n{ROLE}", "[default]\ncredential_process = /opt/p\n", adopted="a"),
    "every key of a role": Field(
        f"[profile p]\nrole_arn = {ROLE_ARN}\ncredential_source = Environment\nexternal_id = ab:/1\n"
        "duration_seconds = 900\nrole_session_name = david\nmfa_serial = arn:aws:iam::111111111111:mfa/david\n",
        adopted="p"),
    "Windows' line ends, and no last one":
        Field(f"{DEFAULT}\n[profile p]\n{ROLE}\n".replace("\n", "\r\n").rstrip(), adopted="p"),
    "every way to write a line": Field(
        f"; mine\n[default]# me\nregion=us-east-1\n\n/* mine = 1 */\n[profile p]  ; the role\nRole_ARN={ROLE_ARN}\n"
        "source_profile   =   default\nexternal_id : ab\n# \u043c\u043e\u0439\n",
        adopted="p", found="header-comment-tight:2 key-name:5 header-comment:6 key-capitals:7 colon:9"),
    "sections of other kinds": Field(
        f"[plugins]\ncli_legacy_plugin_path = /x\n[preview]\ncloudfront = true\n[services x]\ns3 =\n"
        f"  endpoint_url = https://localhost\n{SESSION}[profile p]\n{ROLE}services = x\ns3 =\n"
        "  max_concurrent_requests = 20\ns3api =\n  addressing_style = path\n", adopted="p"),
    "both defaults":
        Field(f"{DEFAULT}[profile default]\noutput = json\n[profile p]\n{ROLE}", adopted="p", found="both-defaults:3"),
    "a profile twice": Field(f"[profile p]\n{ROLE}[profile p]\n{ROLE}", found="section-twice:4", stays="every profile"),
}  # fmt: skip


@pytest.fixture
def credentials(own: Settings) -> Path:
    return Path(own.credentials_file)


def written(field: Field, config: Path, credentials: Path) -> Field:
    for path, text in ((config, field.config), (credentials, field.credentials)):
        path.write_bytes(text.encode())
        path.chmod(0o600)
        os.utime(path, (1, 1))
    return field


@pytest.mark.parametrize("name", FILES)
def test_check_finds_what_is_wrong_and_nothing_else(own: Settings, config: Path, credentials: Path, name: str) -> None:
    field = written(FILES[name], config, credentials)
    findings = check.check_file(own, exists=lambda _path: True)
    found = [f"{one.name}:{'K' * one.is_in_credentials}{one.line}" for one in findings]
    assert sorted(found) == sorted(field.found.split())


@pytest.mark.parametrize("name", FILES)
def test_adopt_all_takes_all_that_can_names_the_others_and_is_taken_back(
    own: Settings, config: Path, credentials: Path, name: str
) -> None:
    field = written(FILES[name], config, credentials)
    before = config.read_bytes(), credentials.read_bytes()
    try:
        edited = adopt.adopt(own, [], HOW, is_all=True)
    except InputError:
        assert field.stays == "every profile"
    else:
        assert edited.names == tuple(field.adopted.split())
        staying = [remark.partition(" stays as it is: ")[0] for remark in edited.remarks if " stays as " in remark]
        assert staying == field.stays.split()
        release.release(own, [], HOW, is_all=True)
    assert (config.read_bytes(), credentials.read_bytes()) == before


@pytest.mark.parametrize("name", FILES)
def test_list_has_the_profiles_that_botocore_has(own: Settings, config: Path, credentials: Path, name: str) -> None:
    written(FILES[name], config, credentials)
    names = {row.name for row in profile_list.list_profiles(profile_list.open_sections(own))}
    try:
        theirs = set(botocore.session.Session(include_builtin_handlers=False).full_config["profiles"])
    except botocore.exceptions.ConfigParseError:
        assert profile_list.open_sections(own).faults
    else:
        # It lists the headers of the credentials file, the config file's where they say "profile".
        assert names == theirs


@pytest.mark.parametrize(
    "name", ["a section twice", "a key twice", "no header", "a byte order mark", "a profile twice"]
)
def test_show_says_that_a_file_is_broken(own: Settings, config: Path, credentials: Path, name: str) -> None:
    written(FILES[name], config, credentials)
    problem = show.show(own, "p").problem
    assert problem is not None
    assert re.search(r"line [0-9]+", problem.message)
    assert problem.hint == "credhelper profile check"


def test_rename_leaves_no_keys_behind(own: Settings, config: Path, credentials: Path) -> None:
    written(FILES["keys in the other file"], config, credentials)
    with pytest.raises(InputError, match=r"line 1 of .* has a part of profile dev") as caught:
        rename.rename(own, "dev", "development", HOW)
    assert caught.value.hint.endswith("credhelper profile rename dev development --with-credentials")


@pytest.mark.parametrize("is_all", [True, False])
def test_adopting_says_that_a_source_is_not_there(
    own: Settings, config: Path, credentials: Path, *, is_all: bool
) -> None:
    written(FILES["a source that is not there"], config, credentials)
    edited = adopt.adopt(own, [] if is_all else ["p"], HOW, is_all=is_all)
    assert edited.names == ("p",)
    assert edited.remarks[0].startswith("there is no profile nope, the source of p, so that it cannot be used yet")
