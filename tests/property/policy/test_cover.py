"""What is called narrower allows no more, and what is common to two documents is allowed by both."""

import os
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from credhelper.policy.cover import common, narrows
from credhelper.policy.document import Document, parse
from credhelper.policy.explain import explain
from credhelper.policy.request import Request
from credhelper.policy.truth import Truth
from fakes import grants, policies

EXAMPLES = int(os.environ.get("POLICY_EXAMPLES", "150"))
CHANCES = st.integers(0, 2**48).map(random.Random)


def pair(chance: random.Random) -> tuple[Document, Document]:
    """Return two policies of one kind, which have statements in common or not."""
    if chance.random() < 0.5:
        make = chance.choice((grants.permissions, grants.trusts, grants.rights))
        one, other = make(chance), make(chance)
    else:
        has_principal = chance.random() < 0.5
        one, other = (
            parse(policies.policy(chance, has_principal=has_principal, has_resource=not has_principal, is_wide=True))
            for _ in range(2)
        )
    if chance.random() < 0.5:
        kept = chance.sample(one.statements, chance.randint(0, len(one.statements)))
        other = Document((*kept, *chance.sample(other.statements, chance.randint(0, 1))), one.version)
    return one, other


def is_allowed(document: Document, request: Request) -> Truth:
    return explain([document], request).is_allowed


@settings(max_examples=EXAMPLES, deadline=None)
@given(CHANCES)
def test_narrower_document_allows_no_more(chance: random.Random) -> None:
    before, after = pair(chance)
    requests = [*map(policies.request, [chance] * 20), *grants.requests()]
    if not narrows(before, after):
        return
    for request in requests:
        assert is_allowed(after, request) is not Truth.TRUE or is_allowed(before, request) is Truth.TRUE


@settings(max_examples=EXAMPLES, deadline=None)
@given(CHANCES)
def test_what_is_common_is_allowed_by_both(chance: random.Random) -> None:
    one, other = pair(chance)
    both = common(one, other)
    for request in [*map(policies.request, [chance] * 20), *grants.requests()]:
        if is_allowed(both, request) is Truth.TRUE:
            assert is_allowed(one, request) is Truth.TRUE
            assert is_allowed(other, request) is Truth.TRUE
    assert narrows(one, both)
    assert narrows(other, both)
