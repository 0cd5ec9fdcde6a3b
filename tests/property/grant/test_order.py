"""No stop leaves more access than there was or than there will be, and from every stop the same end is reached."""

import os
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from credhelper.grant import removal
from credhelper.grant.change import Change
from credhelper.grant.found import Found
from credhelper.grant.names import names
from credhelper.grant.plan import Plan, plan
from credhelper.grant.wanted import wanted
from fakes import grants, iam_world
from fakes.grants import Deed

EXAMPLES = int(os.environ.get("GRANT_EXAMPLES", "100"))
CHANCES = st.integers(0, 2**48).map(random.Random)


def written(state: Found, change: Change) -> Found:
    return iam_world.apply(state, change, role_account=grants.PROD, caller_account=grants.ACC)


def states(start: Found, made: Plan) -> list[Found]:
    """Return what is there before the first write and after each."""
    found = [start]
    for change in made.writes:
        found.append(written(found[-1], change))
    return found


def is_within(some: set[Deed], before: set[Deed], after: set[Deed]) -> bool:
    return some <= before or some <= after


@settings(max_examples=EXAMPLES, deadline=None)
@given(CHANCES)
def test_no_stop_opens_more_than_either_end_and_each_is_continued(chance: random.Random) -> None:
    options = grants.options(chance)
    start, target, prune = grants.found(chance, options), wanted(options), chance.random() < 0.5
    made = plan(target, start, adopt=True, prune=prune)
    if made.refusals:
        return
    stops = states(start, made)
    opened = [grants.deeds(one) for one in stops]
    for deeds in opened:
        assert is_within(deeds, opened[0], opened[-1])
    for stop, deeds in zip(stops, opened, strict=True):
        rest = plan(target, stop, adopt=True, prune=prune)
        assert rest.refusals == ()
        later = [grants.deeds(one) for one in states(stop, rest)]
        assert later[-1] == opened[-1]
        for one in later:
            assert is_within(one, deeds, opened[-1])
    assert plan(target, stops[-1], prune=prune).writes == ()


@settings(max_examples=EXAMPLES, deadline=None)
@given(CHANCES)
def test_no_stop_of_a_removal_opens_anything(chance: random.Random) -> None:
    options = grants.options(chance)
    start = grants.found(chance, options)
    made = removal.plan(names(options), start, members=chance.random() < 0.5)
    if made.refusals:
        return
    stops = states(start, made)
    before = grants.deeds(start)
    for stop in stops:
        assert grants.deeds(stop) <= before
    assert stops[-1].role is None
    assert removal.plan(names(options), stops[-1], members=True).refusals == ()
