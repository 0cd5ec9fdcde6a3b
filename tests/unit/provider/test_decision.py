"""The reader's table: what is done about an entry, whatever its state, its inputs and what others have done."""

import itertools
from pathlib import Path

import pytest

from credhelper.model.freshness import DEAD, DUE, FRESH
from credhelper.provider.decision import FAIL, HIT, MISS, REFRESH, RENEW_INPUTS, SERVE, decide

DOCUMENT = Path(__file__).parents[3] / "docs" / "entry-format.md"
ANY = None

# state, inputs unchanged, failed a moment ago, another refreshes it -> decision, and what is done.
TABLE: tuple[tuple[str, bool | None, bool | None, bool | None, str, str], ...] = (
    (DEAD, ANY, False, ANY, MISS, "ask AWS; also where no entry can be opened"),
    (DEAD, ANY, True, ANY, FAIL, "report that failure"),
    (FRESH, True, ANY, ANY, HIT, "write `document` to stdout"),
    (DUE, True, False, False, REFRESH, "ask AWS; write the entry's `document` if that fails"),
    (DUE, True, True, ANY, SERVE, "write `document` to stdout"),
    (DUE, True, False, True, SERVE, "write `document` to stdout"),
    (FRESH, False, False, ANY, RENEW_INPUTS, "resolve again; the same identity: keep the entry, with the new inputs"),
    (
        DUE,
        False,
        False,
        ANY,
        RENEW_INPUTS,
        "resolve again and ask AWS; the same identity: keep the entry if that fails",
    ),
    (FRESH, False, True, ANY, FAIL, "report that failure"),
    (DUE, False, True, ANY, FAIL, "report that failure"),
)


def matching(state: str, *facts: bool) -> list[str]:
    """Return the decisions of all rows that fit."""
    return [
        row[4]
        for row in TABLE
        if row[0] == state and all(want in (ANY, is_so) for want, is_so in zip(row[1:4], facts, strict=True))
    ]


@pytest.mark.parametrize("state", [FRESH, DUE, DEAD])
@pytest.mark.parametrize("facts", list(itertools.product([False, True], repeat=3)), ids=str)
def test_decision_is_the_tables(state: str, facts: tuple[bool, bool, bool]) -> None:
    (expected,) = matching(state, *facts)
    has_same_inputs, has_failed, is_refresh_taken = facts
    decided = decide(state, has_same_inputs=has_same_inputs, has_failed=has_failed, is_refresh_taken=is_refresh_taken)
    assert decided == expected


def test_nothing_dead_or_from_other_inputs_is_handed_out_unasked() -> None:
    served = [row for row in TABLE if row[4] in (HIT, SERVE)]
    assert all(row[0] != DEAD and row[1] is True for row in served)


def table() -> str:
    """Return the table as it stands in docs/entry-format.md."""
    words = {ANY: "", True: "yes", False: "no"}
    lines = [
        "| entry | inputs unchanged | failed a moment ago | another refreshes it | decision | what is done |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {state} | {' | '.join(words[fact] for fact in facts)} | {decision.upper().replace('-', '_')} | {done} |"
        for state, *facts, decision, done in TABLE
    ]
    return "\n".join(lines)


def test_page_on_the_entry_format_has_this_table() -> None:
    assert table() in DOCUMENT.read_text("utf-8")


if __name__ == "__main__":
    print(table())
