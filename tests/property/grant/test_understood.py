"""What any accounts have is a file that plans to no changes, unless a notice says what the file leaves out."""

import os
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from credhelper.grant import understood
from credhelper.grant.change import Side
from credhelper.grant.grant_file import parse, render
from credhelper.grant.plan import plan
from credhelper.grant.wanted import wanted
from fakes import grant_story, grants

EXAMPLES = int(os.environ.get("GRANT_EXAMPLES", "100"))
CHANCES = st.integers(0, 2**48).map(random.Random)


@settings(max_examples=EXAMPLES, deadline=None)
@given(CHANCES)
def test_what_a_grant_made_is_a_file_that_plans_to_no_changes(chance: random.Random) -> None:
    options = grants.options(chance)
    state, target = grants.found(chance, options), wanted(options)
    made = plan(target, state, adopt=True, prune=True)
    if made.refusals:
        return
    state = grant_story.written(state, made.writes)
    assert state.role is not None
    shown = understood.options(state.role, state.holder)
    again = plan(wanted(parse(render(shown.options))), state, prune=True)
    if [one.code for one in shown.notices] == ["right-not-understood"]:
        # Another policy gives the right, and one of the name that a grant takes is there, with something else in it.
        assert [one.side for one in again.changes] == [Side.CALLER]
        return
    assert shown.notices == ()
    assert (again.changes, again.refusals) == ((), ())


@settings(max_examples=EXAMPLES, deadline=None)
@given(CHANCES)
def test_what_is_there_by_hand_is_a_file_or_told(chance: random.Random) -> None:
    options = grants.options(chance)
    state = grants.found(chance, options)
    if state.role is None:
        return
    shown = understood.options(state.role, state.holder)
    codes = {one.code for one in shown.notices}
    if "not-a-grant" in codes:
        return
    again = plan(wanted(parse(render(shown.options))), state)
    for one in again.changes:
        if one.side is Side.ROLE:
            assert (one.operation, codes) == ("UpdateAssumeRolePolicy", codes | {"trust-not-understood"})
        else:
            assert codes & {"no-right", "right-not-understood"}
