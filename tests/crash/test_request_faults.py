"""Every call of a request on its own files fails once, and from there on: if STS answers, credentials come out.

FAULT_ERRNOS is the knob: how many of the five errnos each call fails with.
"""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from credhelper.audit import trail
from credhelper.errors import AwsError
from credhelper.model import process_document
from credhelper.model.credentials import Credentials
from credhelper.provider import hit
from credhelper.provider.effects import Effects
from credhelper.provider.get import get
from credhelper.provider.hit import Unanswered
from credhelper.system import clock
from credhelper.system.deadline import Deadline
from fakes import canary
from fakes.home import Home
from stress.request_faults import ERRNOS, Faults

FAULT_ERRNOS = int(os.environ.get("FAULT_ERRNOS", "2"))


def assume_role(*_request: object) -> Credentials:
    return Credentials("ASIANEW", canary.secret_key(), canary.session_token(), int(time.time()) + 3600)


def deny(*_request: object) -> Credentials:
    raise AwsError("the role does not trust you", hint="ask its owner")


def ask(home: Home, answer: Callable[..., Credentials] = assume_role) -> str:
    """One request: the cache, else AWS, then the audit trail; returns the access key id."""
    own = home.settings()
    effects = Effects(
        source_credentials=lambda *_: Credentials("AKIAACC", canary.secret_key("user")), assume_role=answer
    )
    seen = hit.answer(own, "prod-s3", home.environ, clock.now())
    if isinstance(seen, Unanswered):
        entry = get("prod-s3", own, home.environ, (), Deadline(5), effects=effects, unanswered=seen)
    else:
        entry = seen
        hit.record(own, entry, trail.HIT)
    return process_document.decode(entry.document).access_key_id


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "david", CREDHELPER_LOG="on")
    made.add_role()
    return made.settle()


def cold(home: Home) -> None:
    """Nothing is there yet."""


def warm(home: Home) -> None:
    ask(home)


def due(home: Home) -> None:
    ask(home)
    home.make_due()


def touched(home: Home) -> None:
    ask(home)
    home.config.write_text(home.config.read_text() + "\n# edited\n")
    os.utime(home.config, (2, 2))
    time.sleep(0.15)


def restore(home: Home, kept: Path) -> None:
    for name in (".cache", ".local"):
        shutil.rmtree(home.path / name, ignore_errors=True)
        if (kept / name).exists():
            shutil.copytree(kept / name, home.path / name)


def keep(home: Home, kept: Path) -> None:
    for name in (".cache", ".local"):
        if (home.path / name).exists():
            shutil.copytree(home.path / name, kept / name)


def trees(home: Home) -> tuple[str, ...]:
    return (str(home.path / ".cache"), str(home.path / ".local"))


@pytest.mark.parametrize("is_lasting", [False, True])
@pytest.mark.parametrize("prepare", [cold, warm, due, touched])
def test_whatever_fails_credentials_come_out(
    home: Home, tmp_path: Path, prepare: Callable[[Home], None], is_lasting: bool
) -> None:
    prepare(home)
    kept = tmp_path / "kept"
    keep(home, kept)
    number, has_bitten = 0, True
    while has_bitten:
        number += 1
        for code in ERRNOS[:FAULT_ERRNOS]:
            restore(home, kept)
            with Faults(trees(home), number, code, is_lasting) as faults:
                found = ask(home)
            has_bitten = faults.has_bitten
            assert found.startswith("ASIA"), (number, faults.calls[-3:], code)
    assert number > 5


@pytest.mark.parametrize("is_lasting", [False, True])
def test_whatever_fails_a_refusal_keeps_its_reason(home: Home, is_lasting: bool) -> None:
    number, has_bitten = 0, True
    while has_bitten:
        number += 1
        for code in ERRNOS[:FAULT_ERRNOS]:
            restore(home, home.path / "nothing")
            with Faults(trees(home), number, code, is_lasting) as faults, pytest.raises(AwsError):
                ask(home, deny)
            has_bitten = faults.has_bitten
    assert number > 5
