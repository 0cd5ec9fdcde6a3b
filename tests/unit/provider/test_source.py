"""Who has answered, where that is another one than who was there when the source was looked at."""

import pytest

from credhelper.provider.source import Source

SEEN = Source(facts=(("profile", "dev"),), variables="00", files=(("/a/one.json", "1"), ("/a/two.json", "2")))


def itself(_path: str, digest: str) -> str:
    return digest


def same(path: str) -> str:
    return dict(SEEN.files)[path]


def test_token_that_was_used_is_the_one_that_counts() -> None:
    assert SEEN.as_it_answered(None, {}, same) == SEEN
    answered = SEEN.as_it_answered(None, {"one.json": "9"}, same)
    assert answered.files == (("/a/one.json", "9"), ("/a/two.json", "2"))
    assert answered.text(itself) != SEEN.text(itself)


def test_tokens_of_one_sign_in_are_one_source() -> None:
    first = {("/a/one.json", "9"): "1"}
    answered = SEEN.as_it_answered(None, {"one.json": "9"}, same)
    assert answered.text(lambda path, digest: first.get((path, digest), digest)) == SEEN.text(itself)
    assert answered.text(lambda path, digest: first.get((path[:1], digest), digest)) != SEEN.text(itself)


def test_token_that_was_used_counts_whatever_has_come_into_its_place() -> None:
    assert SEEN.as_it_answered(None, {"one.json": "1", "two.json": "2"}, lambda _path: "9") == SEEN


@pytest.mark.parametrize("now", ["9", ""])
def test_file_that_changed_while_it_was_asked_is_neither_of_both(now: str) -> None:
    answered = SEEN.as_it_answered(None, {"one.json": "1"}, lambda _path: now)
    assert dict(answered.files)["/a/two.json"] not in ("2", now)


def test_parent_is_who_gave_the_session() -> None:
    child = Source(b"before", user="david")
    assert child.as_it_answered(b"after", {}, same) == Source(b"after", user="david")
    assert child.as_it_answered(None, {}, same) == child
    assert len({Source(b"before").text(itself), Source(b"after").text(itself), child.text(itself)}) == 3
