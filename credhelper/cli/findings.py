"""How the findings of `profile check` are shown: as two lines, or as JSON."""

from credhelper import settings
from credhelper.awsconfig.document.finding import Finding
from credhelper.awsconfig.lint.rules import rule_of


def _file_of(finding: Finding, own: settings.Settings) -> str:
    return own.credentials_file if finding.is_in_credentials else own.config_file


def lines(finding: Finding, own: settings.Settings) -> tuple[str, str]:
    """Return a finding as a line that editors can jump to, and its fix."""
    rule = rule_of(finding)
    # A finding about a whole file or a directory has no line.
    place = f"{_file_of(finding, own)}:{finding.line}" if finding.line else finding.about
    about = f" {finding.about}:" if finding.about and finding.line else ""
    sdks = f" ({', '.join(rule.sdks)})" if rule.sdks else ""
    return f"{place}:{about} {rule.effect}{sdks} [{rule.name}]", f"    fix: {rule.fix}"


def as_json(finding: Finding, own: settings.Settings) -> dict[str, object]:
    """Return a finding for programs."""
    where = {"file": _file_of(finding, own), "line": finding.line, "about": finding.about}
    return {**where, **rule_of(finding)._asdict()}
