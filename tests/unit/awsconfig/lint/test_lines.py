"""What `check` finds beyond the matrix: meaning, not spelling. Each rule by a file that breaks it."""

import pytest

from credhelper.awsconfig.document.finding import Finding
from credhelper.awsconfig.lint.lines import check
from credhelper.awsconfig.lint.rules import RULES, rule_of
from fakes import canary

OURS = "credhelper_role_arn = arn:aws:iam::222222222222:role/x\ncredhelper_source_profile = default\n"
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
        (f"[profile a]\n{LINE}aws_access_key_id = AKIA\n", "mixed-credentials", 1),
        (f"[profile a]\n{LINE}role_arn = x\nsource_profile = b\n", "mixed-credentials", 1),
        ("[profile a]\nsso_session = s\naws_access_key_id = AKIA\n", "mixed-credentials", 1),
        (f"[profile x]\n{OURS}", "credhelper-command", 1),
        (f"[profile x]\n{LINE}{OURS}credhelper_duration_seconds = 5\n", "credhelper-setting", 1),
        (f"[profile x]\n{LINE}credhelper_tags = a=b\n", "credhelper-setting", 1),
        (f"[profile x]\n{LINE}{OURS}region = cn-north-1\n", "region-partition", 1),
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
    ],
)
def test_rule_is_broken_in_its_line(text: str, rule: str, line: int) -> None:
    assert (line, rule) in [(finding.line, finding.name) for finding in check(text.encode())]


def test_profile_of_ours_has_nothing_to_mend() -> None:
    assert check(f"[default]\nregion = x\n\n[profile x]\n{LINE}{OURS}region = us-east-1\n".encode()) == []


def test_profiles_as_aws_documents_them_have_nothing_to_mend() -> None:
    text = f"""
[profile role]
role_arn = arn:aws:iam::222222222222:role/x
source_profile = base
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
sso_region = us-east-1
[services local]
sts =
  endpoint_url = https://localhost
"""
    assert check(text.encode()) == []


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
        ("[profile prod-s3]\ncredhelper_tags = x\n", "credhelper profile show prod-s3"),
    ],
)
def test_fix_names_the_profile_concerned(text: str, fix: str) -> None:
    assert fix in [rule_of(finding).fix for finding in check(text.encode())]
