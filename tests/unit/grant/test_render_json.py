"""Plain documents: those of the grant, under the names of their files."""

from credhelper.grant import render_json
from credhelper.grant.change import Side
from credhelper.policy.document import load
from fakes.story_grant import ROLE, grant


def test_documents_are_those_of_the_grant() -> None:
    wanted = grant(self_read=True, external_id="id-0123")
    found = {name: load(text) for name, text in render_json.files(wanted, Side.ROLE).items()}
    assert found == {
        f"prod-{ROLE}.trust.json": wanted.role.trust,
        f"prod-{ROLE}.policy.credhelper-buckets.json": wanted.role.inline["credhelper-buckets"],
    }
    found = {name: load(text) for name, text in render_json.files(wanted, Side.CALLER).items()}
    assert list(found.values()) == list(wanted.holder.inline.values())
