"""A finding of a forked child is a finding."""

import os

from fakes import canary
from leak_check.findings import Findings

SECRET = canary.secret_key("planted")


def test_forked_child_reports_too(findings: Findings) -> None:
    child = os.fork()
    if child == 0:
        findings.look("stderr", "child", SECRET.encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert findings.take() == ["a secret in stderr: child (raw)"]
    assert findings.take() == []
