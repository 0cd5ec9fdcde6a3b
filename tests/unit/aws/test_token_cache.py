"""Each token that botocore reads or makes is noted, as its file has it."""

import hashlib
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore.utils
import pytest

from credhelper.aws import token_cache
from credhelper.awsconfig.profiles import token

HAS_LOGIN = hasattr(botocore.utils, "LoginTokenLoader")
SSO = {"startUrl": "https://x", "accessToken": "access", "expiresAt": "2026-01-01T00:00:00Z", "refreshToken": "r"}
LOGIN = {"accessToken": {"accountId": "1", "accessKeyId": "ASIA"}, "dpopKey": "key", "refreshToken": "r"}


class Notes(list[tuple[str, str]]):
    """What was noted; `made_of` has for each token that was made the one that it was made of."""

    def __init__(self) -> None:
        super().__init__()
        self.made_of: list[bytes | None] = []

    def note(self, name: str, content: bytes, before: bytes | None) -> None:
        self.append((name, token.digest(content)))
        self.made_of.append(before)


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path / ".aws"


def digest_of(path: Path) -> tuple[str, str]:
    return path.name, token.digest(path.read_bytes())


def test_token_of_sso_is_noted_when_it_is_read_and_when_it_is_made(directory: Path) -> None:
    notes = Notes()
    loader = botocore.utils.SSOTokenLoader(cache=token_cache.of_sso(notes.note))
    path = directory / "sso" / "cache" / f"{hashlib.sha1(b'corp', usedforsecurity=False).hexdigest()}.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(SSO, indent=1))
    assert loader("https://x", session_name="corp") == SSO
    assert notes == [digest_of(path)]
    made: dict[str, Any] = {**SSO, "refreshToken": "another", "expiresAt": datetime(2026, 1, 1, 1, tzinfo=UTC)}
    loader.save_token("https://x", made, session_name="corp")
    assert json.loads(path.read_bytes())["expiresAt"] == "2026-01-01T01:00:00Z"
    assert notes[1:] == [digest_of(path)] != notes[:1]
    assert notes.made_of == [None, json.dumps(SSO, indent=1).encode()]


def test_token_is_noted_before_it_is_written(directory: Path) -> None:
    """Another process that reads the new one then knows of what it was made."""
    path = directory / "sso" / "cache" / f"{hashlib.sha1(b'corp', usedforsecurity=False).hexdigest()}.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(SSO))
    seen: list[bytes] = []
    loader = botocore.utils.SSOTokenLoader(
        cache=token_cache.of_sso(lambda _name, _content, _before: seen.append(path.read_bytes()))
    )
    loader("https://x", session_name="corp")
    loader.save_token("https://x", {**SSO, "refreshToken": "another"}, session_name="corp")
    assert seen == [json.dumps(SSO).encode()] * 2


@pytest.mark.skipif(not HAS_LOGIN, reason="a botocore that knows no `aws login`")
@pytest.mark.parametrize("is_moved", [False, True])
def test_token_of_a_login_is_noted_where_the_variable_says(
    directory: Path, monkeypatch: pytest.MonkeyPatch, *, is_moved: bool
) -> None:
    place = directory / "login" / "cache"
    if is_moved:
        place = directory / "elsewhere"
        monkeypatch.setenv("AWS_LOGIN_CACHE_DIRECTORY", "~/.aws/elsewhere")
    notes = Notes()
    cache = token_cache.of_login(notes.note)
    assert cache is not None
    loader = botocore.utils.LoginTokenLoader(cache)
    loader.save_token("arn:aws:iam::111111111111:user/David", LOGIN)
    assert loader.load_token("arn:aws:iam::111111111111:user/David") == LOGIN
    (path,) = place.iterdir()
    assert notes == [digest_of(path)] * 2


def test_token_is_read_as_it_is_noted_under_any_locale(directory: Path) -> None:
    notes, path = Notes(), directory / "sso" / "cache" / "0.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(json.dumps({**SSO, "startUrl": "https://ü"}, ensure_ascii=False, indent=2).encode())
    assert token_cache.of_sso(notes.note)["0"]["startUrl"] == "https://ü"
    assert notes == [digest_of(path)]


NO_TOKEN: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _path: None,
    "a directory": lambda path: path.mkdir(),
    "half a token": lambda path: path.write_text('{"accessToken": "a'),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\xff"),
    "too long": lambda path: path.write_text(" " * 70_000 + "{}"),
    "too deep": lambda path: path.write_text("[" * 50_000),
    "a FIFO": getattr(os, "mkfifo", Path.touch),
}


@pytest.mark.parametrize("kind", NO_TOKEN)
def test_token_that_is_none_is_not_noted(directory: Path, kind: str) -> None:
    if kind == "a FIFO" and not hasattr(os, "mkfifo"):
        pytest.skip("a system without FIFOs")
    notes, path = Notes(), directory / "sso" / "cache" / "0.json"
    path.parent.mkdir(parents=True)
    NO_TOKEN[kind](path)
    with pytest.raises(KeyError):
        token_cache.of_sso(notes.note)["0"]
    assert notes == []
