"""A secret that credhelper logs is found at every level; what others log is theirs."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import credhelper
from fakes import canary
from fakes.calls import called_by
from leak_check.findings import Findings
from leak_check.logs import LogCheck

SECRET = canary.secret_key("planted")
PACKAGE = Path(credhelper.__file__).parent


@pytest.fixture
def logger(findings: Findings) -> Iterator[logging.Logger]:
    made, handler = logging.getLogger("planted"), LogCheck(findings)
    made.propagate = False
    made.addHandler(handler)
    yield made
    made.removeHandler(handler)


@pytest.mark.parametrize(
    "log",
    [
        lambda logger: logger.debug("%s", SECRET),
        lambda logger: logger.critical({"key": SECRET}),
        lambda logger: logger.debug("it failed", exc_info=ValueError(SECRET)),
    ],
)
def test_secret_that_credhelper_logs_is_found_at_every_level(
    findings: Findings, logger: logging.Logger, log: Callable[[logging.Logger], None]
) -> None:
    called_by(PACKAGE / "aws", lambda: log(logger))
    assert findings.take() == ["a secret in log record: planted (raw)"]


def test_what_a_client_of_the_tests_logs_is_its_own_affair(findings: Findings, logger: logging.Logger) -> None:
    logger.debug(SECRET)
    called_by(PACKAGE / "demo", lambda: logger.debug(SECRET))
    assert findings.take() == []


def test_record_that_cannot_be_formatted_is_looked_at_as_it_is(findings: Findings, logger: logging.Logger) -> None:
    called_by(PACKAGE, lambda: logger.debug("%d and %s", SECRET, 1))
    assert findings.take() == ["a secret in log record: planted (raw)"]
