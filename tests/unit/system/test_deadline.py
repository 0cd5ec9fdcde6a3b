"""A deadline that a person may move, a watchdog that sees it, and a call that passes on what it got."""

import threading
import time

import pytest

from credhelper.system import deadline
from credhelper.system.deadline import Deadline


def test_call_passes_on_answers_and_errors() -> None:
    assert deadline.call("works", lambda: "answer", 5) == "answer"
    with pytest.raises(ZeroDivisionError):
        deadline.call("works", lambda: 1 // 0, 5)
    assert not deadline.is_silent("works")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    def type_for(self, seconds: float) -> float:
        self.now_s += seconds
        return self.now_s


def test_what_a_person_takes_to_type_moves_their_deadline() -> None:
    clock = Clock()
    limit = Deadline(20, clock, patience_s=120)
    clock.type_for(5)
    limit.ask(lambda _: clock.type_for(60))
    assert (limit.left_s(), limit.moved_s()) == (15, 60)
    with pytest.raises(ZeroDivisionError):
        limit.ask(lambda _: clock.type_for(30) / 0)
    assert limit.left_s() == 15
    clock.type_for(15)
    assert limit.has_passed()


def test_question_waits_as_long_as_a_person_may_take_and_no_program_waits_for_it() -> None:
    clock = Clock()
    assert Deadline(20, clock, patience_s=120).ask(lambda seconds: seconds) == 120
    background = Deadline(20, clock)
    assert background.ask(lambda seconds: seconds) == 20
    background.ask(lambda _: clock.type_for(20))
    assert background.has_passed()


def test_deadline_does_not_pass_while_a_person_is_asked() -> None:
    clock = Clock()
    limit = Deadline(20, clock, patience_s=120)

    def typed(_seconds: float) -> float:
        clock.type_for(100)
        return limit.left_s()

    assert limit.ask(typed) == 20


def test_watchdog_waits_for_what_was_moved_and_no_longer() -> None:
    expired = threading.Event()
    moved_s = [0.0]
    began_s = time.monotonic()
    with deadline.watchdog(0.2, expired.set, lambda: moved_s[0]):
        moved_s[0] = 0.4
        assert expired.wait(20)
    assert time.monotonic() - began_s >= 0.6
