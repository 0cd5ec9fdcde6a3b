"""`profile check` looks at both files."""

from pathlib import Path

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.awsconfig.lint.rules import rule_of
from credhelper.commands.profile import add, check
from credhelper.settings import Settings
from fakes.profiles import VALUES

HOW = EditOptions()
KEYS = "aws_access_key_id = AKIACANARY\naws_secret_access_key = made-up\n"


def test_check_warns_of_credentials_that_win(own: Settings) -> None:
    add.add(own, "prod-s3", VALUES, HOW)
    Path(own.credentials_file).write_text("".join(f"[{name}]\n{KEYS}" for name in ("prod-s3", "default")))
    findings = check.check_file(own)
    assert [finding.name for finding in findings] == ["credentials-file"]
    assert rule_of(findings[0]).fix.endswith("credhelper profile rename prod-s3 prod-s3-role")


def test_credentials_file_that_cannot_be_read_is_a_finding(own: Settings) -> None:
    add.add(own, "prod-s3", VALUES, HOW)
    Path(own.credentials_file).mkdir()
    found = [finding for finding in check.check_file(own) if finding.name == "unreadable"]
    assert [finding.is_in_credentials for finding in found] == [True]
