"""What is logged at any level while credhelper's code runs in the test process."""

import logging
import os
import sys
from types import FrameType

import credhelper
from leak_check.findings import Findings

_PACKAGE = os.path.dirname(credhelper.__file__)
# The demo is the administrator of an AWS of its own; its clients are those of the tests, and log what tests may log.
_DEMO = os.path.join(_PACKAGE, "demo")


class LogCheck(logging.Handler):
    """On the root logger, at every level.

    A test's own client may log what it likes (botocore writes whole answers at DEBUG). A record counts if a function
    of credhelper is on the stack, whoever logged it.
    """

    def __init__(self, findings: Findings) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
        self._findings = findings

    def emit(self, record: logging.LogRecord) -> None:
        """Look at the record as a handler would write it, traceback included."""
        if is_ours_on_the_stack():
            try:
                text = self.format(record)
            except Exception:  # noqa: BLE001 - wrong arguments are no reason to fail where any other handler would not
                text = repr((record.msg, record.args))
            self._findings.look("log record", record.name, text.encode("utf-8", "surrogateescape"))


def is_ours_on_the_stack() -> bool:
    """Tell whether a function of credhelper, the demo's left out, called the caller."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(_PACKAGE) and not path.startswith(_DEMO):
            return True
        frame = frame.f_back
    return False
