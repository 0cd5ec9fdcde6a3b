"""The leak check as a pytest plugin: each test ends with a look at everything it left, and a secret fails it.

Files, log records, what was printed, what processes print and show. A failure says where and how encoded, not what.
"""

import logging
import time
from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

from fakes import canary
from leak_check import files
from leak_check.findings import Findings
from leak_check.logs import LogCheck
from leak_check.processes import Processes
from leak_check.record_processes import PAUSE_S

_WORKER_OUTPUT = "canary_looks"


class Totals:
    """How often the leak check has looked, over all workers; said at the end, so that one that saw nothing is seen."""

    def __init__(self) -> None:
        self._looks: Counter[str] = Counter()

    def add(self, looks: dict[str, int]) -> None:
        """Add what one process has looked at."""
        self._looks.update(looks)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker of xdist has counted."""
        self.add(getattr(node, "workeroutput", {}).get(_WORKER_OUTPUT, {}))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was looked at."""
        if self._looks:
            parts = ", ".join(f"{kind} {count}" for kind, count in sorted(self._looks.items()))
            terminalreporter.write_line(f"leak check: {parts}")


class LeakCheck:
    """Looks where tests run: in a worker of xdist, or in the one process there is."""

    def __init__(self, config: pytest.Config, totals: Totals) -> None:
        self._config = config
        self._totals = totals
        self._findings = Findings()
        self._processes = Processes(self._findings)
        self._logs = LogCheck(self._findings)
        self._root_level = logging.root.level
        logging.root.addHandler(self._logs)
        # pytest's own handlers stay at the level that log_level in pyproject.toml gives them.
        logging.root.setLevel(logging.DEBUG)

    def pytest_sessionstart(self) -> None:
        """Look at processes from here on; asking for --help starts none."""
        self._processes.start()

    def pytest_runtest_teardown(self, nextitem: pytest.Item | None) -> None:
        """After the last test, wait until the recorder has looked once more."""
        if nextitem is None:
            time.sleep(2 * PAUSE_S)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Fail a test that has left a secret behind, once its fixtures are torn down."""
        report = yield
        if call.when == "teardown":
            self._look(item, report)
            if found := self._findings.take():
                _fail(report, "\n".join([f"the leak check after {canary.redact(item.nodeid)}:", *found]))
            canary.forget()
        return report

    def _look(self, item: pytest.Item, report: pytest.TestReport) -> None:
        directory = getattr(item, "funcargs", {}).get("tmp_path")
        if directory is not None:
            files.check(str(directory), item.nodeid, self._findings)
        for name, text in report.sections:
            if not name.startswith("Captured log"):  # the handler knows whose records they are
                self._findings.look("output", name, text.encode("utf-8", "surrogateescape"))
        self._processes.read_recording()

    def pytest_sessionfinish(self) -> None:
        """Hand the counts on and let go of everything."""
        self._processes.close()
        logging.root.removeHandler(self._logs)
        logging.root.setLevel(self._root_level)
        self._findings.close()
        looks = dict(self._findings.looks)
        self._totals.add(looks)
        getattr(self._config, "workeroutput", {})[_WORKER_OUTPUT] = looks


def _fail(report: pytest.TestReport, message: str) -> None:
    """Fail the test, beside what its tear-down may have failed with itself."""
    report.sections = [(name, canary.redact(text)) for name, text in report.sections]
    if report.passed:
        report.outcome, report.longrepr = "failed", message
    else:
        report.sections.append(("leak check", message))


def pytest_configure(config: pytest.Config) -> None:
    """Check in every process that runs tests; the one that only hands them to workers adds up."""
    totals = Totals()
    config.pluginmanager.register(totals)
    is_handing_out = config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput")
    if not is_handing_out:
        config.pluginmanager.register(LeakCheck(config, totals))
