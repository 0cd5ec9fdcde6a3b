"""Another spelling of the same meaning is no change, on either side."""

import os
import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from credhelper.grant.found import Found
from credhelper.grant.plan import plan
from credhelper.grant.wanted import wanted
from credhelper.policy.document import Document, parse
from credhelper.policy.render import to_object
from fakes import grant_story, grants
from fakes.spellings import respell

EXAMPLES = int(os.environ.get("GRANT_EXAMPLES", "100"))
CHANCES = st.integers(0, 2**48).map(random.Random)


def respelled(chance: random.Random, document: Document) -> Document:
    return parse(respell(chance, to_object(document), may_split=True))


def in_other_words(chance: random.Random, state: Found) -> Found:
    """Return the same accounts with every document respelled, and every list in another order."""
    role, holder = state.role, state.holder
    assert role is not None
    assert holder is not None
    role = replace(
        role,
        trust=respelled(chance, role.trust),
        inline={name: respelled(chance, one) for name, one in reversed(list(role.inline.items()))},
        attached=role.attached[::-1],
    )
    inline = {name: respelled(chance, one) for name, one in reversed(list(holder.inline.items()))}
    return replace(state, role=role, holder=replace(holder, inline=inline, members=holder.members[::-1]))


@settings(max_examples=EXAMPLES, deadline=None)
@given(CHANCES)
def test_other_spelling_of_what_is_wanted_is_no_change(chance: random.Random) -> None:
    options = grants.options(chance)
    state, target = grants.found(chance, options), wanted(options)
    made = plan(target, state, adopt=True, prune=True)
    if made.refusals:
        return
    state = grant_story.written(state, made.writes)
    for adopt in (False, True):
        again = plan(target, in_other_words(chance, state), adopt=adopt, prune=True)
        assert (again.changes, again.refusals) == ((), ())
