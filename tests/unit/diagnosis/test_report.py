"""A report ends with the code of its first cause."""

from credhelper.diagnosis import local
from credhelper.diagnosis.finding import Certainty, Check, Finding, State, first_cause
from credhelper.diagnosis.report import Report


def test_report_ends_with_the_code_of_its_first_cause() -> None:
    ok = local.passed("helper-path", "helper-path", "fine")
    clock = local.failed("clock", "clock", "wrong", "set it")
    key = local.failed("key", "key-unknown", "unknown", "aws configure")
    warning = local.warned("cache", "cache", "nothing is kept", "chmod")
    skipped = Check(id="sdk-limit", state=State.SKIPPED)
    for checks, code, verdict in (
        ((ok,), 0, "healthy"),
        ((ok, warning), 0, "healthy"),
        ((ok, skipped), 0, "incomplete"),
        ((ok, clock, key, skipped), 3, "faulty"),
        ((key, clock), 4, "faulty"),
    ):
        report = Report(profile="prod-s3", checks=checks)
        assert (report.exit_code, report.verdict) == (code, verdict)


def test_excluded_cause_is_never_the_first() -> None:
    found = Finding(cause="clock", certainty=Certainty.EXCLUDED, text="fine")
    assert first_cause([Check(id="clock", state=State.FAIL, findings=(found,))]) is None
