"""What `check` finds beyond the matrix: meaning, not spelling. Each rule by a file that breaks it."""

import pytest

from credhelper.awsconfig.document.finding import Finding
from credhelper.awsconfig.lint.both import check
from credhelper.awsconfig.lint.rules import RULES, rule_of
from fakes import canary

OURS = "credhelper_role_arn = arn:aws:iam::222222222222:role/x\ncredhelper_source_profile = default\n"
KEYS = f"[default]\naws_access_key_id = AKIA\naws_secret_access_key = {canary.secret_key()}\n".encode()
SELF = "role_arn = ROLE\nsource_profile = default\n"
PAIR = f"aws_access_key_id = AKIA\naws_secret_access_key = {canary.secret_key()}\n"
LEGACY = "sso_start_url = https://x\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = x\n"
LINE = "credential_process = /opt/credhelper/python get x\n"


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("[services s]\nx = 1\n[services s]\n", "section-twice", 3),
        ("[profile a]\nx = 1\n[profile  a]\ny = 2\n", "profile-twice", 3),
        ("[profile a]\ns3 =\n  broken\n", "broken-block", 2),
        ("[profile a]\nx = [1]\ny = 2\n", "brackets", 2),
        ("[profile a]\ncredential_process = helper --x\n", "command-relative", 2),
        ("[profile a]\ncredential_process = ./helper --x\n", "command-relative", 2),
        ("[profile a]\ncredential_process = /x/h | jq .\n", "command-shell", 2),
        ("[profile a]\ncredential_process = /x/h --role $ROLE\n", "command-shell", 2),
        (f"[profile a]\n{PAIR}{LINE}", "keys-and-process", 4),
        (f"[profile a]\nrole_arn = x\nsource_profile = b\n{LINE}", "role-and-process", 4),
        (f"[profile a]\n{PAIR}{LEGACY}", "keys-and-sso", 2),
        ("[profile a]\nrole_arn = x\n", "role-without-source", 2),
        ("[profile a]\nrole_arn = x\nsource_profile = b\ncredential_source = Environment\n", "two-sources", 4),
        ("[profile a]\nrole_arn = x\ncredential_source = Elsewhere\n", "credential-source", 3),
        ("[profile a]\nrole_arn = arn:aws:iam:222222222222:role/x\nsource_profile = b\n", "role-arn", 2),
        ("[profile a]\nweb_identity_token_file = /token\n", "token-without-role", 2),
        ("[profile a]\nsource_profile = b\n", "source-without-role", 2),
        ("[profile a]\nrole_arn = x\nsource_profile = b\n[profile b]\nregion = x\n", "empty-source", 3),
        ("[profile a]\nrole_arn = x\nsource_profile = none\n", "missing-source", 3),
        ("[profile a]\ns3 =\nregion = x\n", "block-expected", 2),
        ("[profile a]\ns3 = max\n", "block-expected", 2),
        ("[profile a]\ns3 =\n  = x\n", "block-key", 2),
        ("[profile a]\nin valid = x\n", "key-name", 2),
        ("[p]\noutput = json\n", "header-without-profile", 1),
        ("[p]\nduration_seconds = 900\n", "header-without-profile", 1),
        ("[gin]\ncli_pager =\n", "header-without-profile", 1),
        ("[s]\nca_bundle = /x\n", "header-without-profile", 1),
        (f"[profile x]\n{LINE}{OURS}sso_account_id = 1\n", "shadowed", 5),
        (f"[profile x]\n{LINE}{OURS}role_arn = x\n", "shadowed", 5),
        (f"[profile x]\n{OURS}", "credhelper-command", 1),
        (f"[profile x]\n{LINE}{OURS}credhelper_duration_seconds = 5\n", "credhelper-setting", 5),
        (f"[profile x]\n{LINE}credhelper_tags = a=b\n", "credhelper-setting", 1),
        (f"[profile x]\n{LINE}{OURS}region = cn-north-1\n", "region-partition", 1),
        (f"[profile x]\n{LINE}{OURS}endpoint_url = http://sts.corp.example\n", "credhelper-endpoint", 5),
        (f"[profile x]\n{LINE}{OURS}endpoint_url = https://david:pw1@sts.corp.example\n", "credhelper-endpoint", 5),
        (
            "[profile x]\nrole_arn = arn:aws-cn:iam::1:role/x\nsource_profile = y\nregion = us-east-1\n",
            "region-partition",
            1,
        ),
        (
            "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = a\n",
            "source-loop",
            3,
        ),
        (
            (
                "[profile b]\nrole_arn = arn:aws:iam::1:role/b\nsource_profile = a\n"
                "[profile a]\nrole_arn = arn:aws-cn:iam::1:role/a\nsource_profile = keys\n"
                "[profile keys]\naws_access_key_id = A\naws_secret_access_key = s\n"
            ),
            "source-partition",
            3,
        ),
    ],
)
def test_rule_is_broken_in_its_line(text: str, rule: str, line: int) -> None:
    assert (line, rule) in [(finding.line, finding.name) for finding in check(text.encode())]


def test_profile_of_ours_has_nothing_to_mend() -> None:
    assert check(f"[default]\nregion = x\n\n[profile x]\n{LINE}{OURS}region = us-east-1\n".encode(), KEYS) == []


def test_profiles_as_aws_documents_them_have_nothing_to_mend() -> None:
    text = f"""
[profile role]
role_arn = arn:aws:iam::222222222222:role/x
source_profile = default
[profile web]
role_arn = arn:aws:iam::222222222222:role/x
web_identity_token_file = /token
[profile self]
role_arn = arn:aws:iam::222222222222:role/x
source_profile = self
aws_access_key_id = AKIA
aws_secret_access_key = {canary.secret_key()}
[profile sso]
sso_session = s
sso_account_id = 222222222222
sso_role_name = x
[sso-session s]
sso_start_url = https://x
sso_region = us-east-1
[services local]
sts =
  endpoint_url = https://localhost
"""
    assert check(text.encode(), KEYS) == []


@pytest.mark.parametrize(
    ("config", "credentials"),
    [
        ("[profile dev]\nrole_arn = ROLE\nsource_profile = dev\n", "[dev]\nKEYS"),
        (f"[default]\n{SELF}[profile p]\n{SELF}",
         "[default]\nKEYS"),
        ("[profile a]\ncredential_process = /bin/sh -c 'tool export home | jq -c .'\n", ""),
        ("[profile a]\ncredential_process = /usr/bin/env OP_ACCOUNT=me /path/op-creds\n", ""),
        ("[profile a]\ncredential_process = /path/p --url https://x.example.com/app?id=1\n", ""),
        ("[profile a]\ncredential_process = /path/p 'a|b' \"c;d\"\n", ""),
        (f"[profile a]\n{LEGACY}credential_process = /path/p\n", ""),
        ("[profile a]\nregion = x\n", "[a]\nKEYS"),
    ],
)  # fmt: skip
def test_file_that_works_everywhere_has_no_finding(config: str, credentials: str) -> None:
    keys = KEYS.partition(b"\n")[2].decode()
    config = config.replace("ROLE", "arn:aws:iam::222222222222:role/x")
    found = {finding.name for finding in check(config.encode(), credentials.replace("KEYS", keys).encode())}
    assert found - {"semicolon"} == set()


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ("/x/h | jq .", "command-shell"),
        ("/x/h --role $ROLE", "command-shell"),
        ('/x/h --role "$ROLE"', "command-shell"),
        ("/x/h > /dev/null", "command-shell"),
        ("/x/h && /x/i", "command-shell"),
        ("/x/h ~/file", "command-shell"),
        ("A=b /x/h", "command-shell"),
        ("/x/h --url https://x.example.com/app?id=1&y=2", "command-other-shell"),
        ("/x/h (a)", "command-other-shell"),
        ("/x/h it's", "command-unclosed"),
        ('/x/h "a b', "command-unclosed"),
        ("/x/h *.txt", "command-other-shell"),
    ],
)
def test_what_a_shell_would_act_on_is_found(command: str, rule: str) -> None:
    found = {finding.name for finding in check(f"[profile a]\ncredential_process = {command}\n".encode())}
    assert rule in found


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("[default]\nx = 1\n[default]\n", "section-twice", 3),
        ("[default]\nx = 1\nx = 2\n", "key-twice", 3),
        ("aws_access_key_id = x\n", "no-section", 1),
        ("\ufeff[default]\nx = 1\n", "byte-order-mark", 1),
        ("[ default ]\nx = 1\n", "name-blanks", 1),
        ("[profile x]\nx = 1\n", "profile-in-credentials", 1),
    ],
)
def test_credentials_file_is_looked_at_as_well(text: str, rule: str, line: int) -> None:
    found = check(b"", text.encode())
    assert (line, rule, True) in [(finding.line, finding.name, finding.is_in_credentials) for finding in found]


def test_everything_wrong_is_found_in_one_look() -> None:
    text = b"\xef\xbb\xbfx = 1\n[profile a]\ngarbage\nx = caf\xe9\nX: \0\n[profile a]\n"
    names = {finding.name for finding in check(text)}
    assert names >= {
        "byte-order-mark",
        "no-section",
        "garbage",
        "not-utf-8",
        "nul",
        "key-twice",
        "section-twice",
        "colon",
    }


@pytest.mark.parametrize("name", RULES)
def test_finding_says_what_happens_and_how_to_fix_it(name: str) -> None:
    rule = rule_of(Finding(1, name, "prod-s3"))
    assert rule.effect
    assert rule.fix
    assert "{" not in rule.fix


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("[profile  prod-s3]\nx = 1\n", "write it as [profile prod-s3]"),
        ("[prod-s3]\nregion = x\n", "write it as [profile prod-s3]"),
        (
            "[profile prod-s3]\ncredhelper_tags = x\n",
            "credhelper profile set prod-s3 --role-arn ARN --source-profile default",
        ),
    ],
)
def test_fix_names_the_profile_concerned(text: str, fix: str) -> None:
    assert fix in [rule_of(finding).fix for finding in check(text.encode())]
