"""What an edit breaks: what `profile check` says of the two files after it and did not say before."""

from credhelper.awsconfig.document.finding import Finding
from credhelper.awsconfig.lint.profiles import check_profile
from credhelper.awsconfig.lint.readers import sessions_of
from credhelper.awsconfig.lint.rules import rule_of
from credhelper.awsconfig.profiles import principal
from credhelper.awsconfig.profiles.catalogue import Catalogue

# Of the profiles that an edit is about, and of those that take their credentials from them.
_MAXIMUM_NAMES = 20
# Said by the command itself, or refused.
_SAID = frozenset(("shadowed", "credentials-file", "credhelper-setting", "source-loop"))


def note_new_findings(before: Catalogue, after: Catalogue, remarks: list[str], *, but_not: str = "") -> None:
    """Add a remark for each new finding, with its fix; `but_not` is whose missing source is said already."""
    touched = after.touched
    names = principal.dependents(touched, before) | principal.dependents(touched, after)
    sessions = sessions_of(before), sessions_of(after)
    for name in sorted(name for name in names if name in after)[:_MAXIMUM_NAMES]:
        old = {_text(one) for one in check_profile(name, before, sessions[0])} if name in before else set()
        for finding in check_profile(name, after, sessions[1]):
            is_said = finding.name in _SAID or (finding.name == "missing-source" and name == but_not)
            if not is_said and _text(finding) not in old:
                rule = rule_of(finding)
                remarks.append(f"profile {name}: {rule.effect}; fix: {rule.fix}")


def _text(finding: Finding) -> tuple[str, str]:
    """Return what a finding says; its line may be another one after the edit."""
    return finding.name, finding.effect
