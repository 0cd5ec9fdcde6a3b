"""The master key: made once, found again, and never made in a weaker place than one that may hold it."""

import pytest

from credhelper.keystores import master_key, stores
from credhelper.settings import Settings

KEY = bytes(range(32))


def test_key_is_made_once_and_found_again(own: Settings) -> None:
    first = master_key.find_or_create(own)
    again = master_key.find_or_create(own)
    assert first is not None
    assert again is not None
    assert first[1] == again[1]
    assert len(first[1]) == 32


def test_key_comes_from_the_random_source(own: Settings) -> None:
    found = master_key.find_or_create(own, random=lambda size: b"r" * size)
    assert found is not None
    assert found[1] == b"r" * 32


class FakeStore:
    """A store that answers, or not."""

    def __init__(self, name: str, *, silent: bool = False) -> None:
        self.name = name
        self.key: bytes | None = None
        self._is_silent = silent

    def describe(self) -> str:
        return self.name

    def load(self) -> bytes | None:
        return self.key

    def save(self, key: bytes) -> bool:
        self.key = None if self._is_silent else key
        return not self._is_silent

    def delete(self) -> None:
        self.key = None

    def is_silent(self) -> bool:
        return self._is_silent

    def is_possible(self) -> bool:
        return True


def test_no_key_is_made_in_a_weaker_place_while_a_better_one_is_silent(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    weaker = FakeStore("file")
    monkeypatch.setattr(stores, "chosen", lambda _own: iter([FakeStore("keychain", silent=True), weaker]))
    assert master_key.find_or_create(own) is None
    assert weaker.key is None
    weaker.key = KEY
    assert master_key.find_or_create(own) == (weaker, KEY)
