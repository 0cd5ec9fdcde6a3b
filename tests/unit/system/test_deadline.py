"""A call with a deadline passes on what it got."""

import pytest

from credhelper.system import deadline


def test_call_passes_on_answers_and_errors() -> None:
    assert deadline.call("works", lambda: "answer", 5) == "answer"
    with pytest.raises(ZeroDivisionError):
        deadline.call("works", lambda: 1 // 0, 5)
    assert not deadline.is_silent("works")
