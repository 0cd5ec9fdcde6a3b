"""Two of us never refresh one SSO session at once."""

import hashlib
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from credhelper.aws import sso_session

SECTIONS = {
    "dev": {"sso_session": "corp"},
    "other": {"sso_session": "corp", "sso_role_name": "x"},
    "hop": {"role_arn": "x", "source_profile": "dev"},
    "own": {"source_profile": "own"},
    "a": {"source_profile": "b"},
    "b": {"source_profile": "a"},
}


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    path = tmp_path / ".aws" / "sso" / "cache" / f"{hashlib.sha1(b'corp', usedforsecurity=False).hexdigest()}.json"
    path.parent.mkdir(parents=True)
    write(path, 60)
    return path


def write(path: Path, left_s: int) -> None:
    expires = datetime.now(UTC) + timedelta(seconds=left_s)
    path.write_text(json.dumps({"expiresAt": expires.strftime("%Y-%m-%dT%H:%M:%SZ")}))


@pytest.mark.parametrize(
    ("profile", "session"), [("dev", "corp"), ("hop", "corp"), ("own", None), ("a", None), ("missing", None)]
)
def test_session_is_found_through_native_roles(profile: str, session: str | None) -> None:
    assert sso_session.session_of(profile, SECTIONS) == session


def test_second_one_reads_what_the_first_has_written(token: Path, tmp_path: Path) -> None:
    refreshed: list[str] = []

    def load() -> None:
        left = sso_session._is_due(token.read_bytes())
        time.sleep(0.1)
        if left:
            refreshed.append("once")
            write(token, 3600)

    def ask(profile: str) -> None:
        sso_session.one_at_a_time(profile, SECTIONS, str(tmp_path / "locks"), 10, load)

    threads = [threading.Thread(target=ask, args=(name,)) for name in ("dev", "other", "hop", "dev")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refreshed == ["once"]


def test_token_that_another_program_has_refreshed_is_read_again(token: Path, tmp_path: Path) -> None:
    tried: list[int] = []

    def load() -> str:
        tried.append(1)
        if len(tried) == 1:
            write(token, 3600)  # the AWS CLI was first
            raise RuntimeError("invalid_grant")
        return "credentials"

    assert sso_session.one_at_a_time("dev", SECTIONS, str(tmp_path / "locks"), 1, load) == "credentials"


def test_refusal_of_an_unchanged_token_is_final(token: Path, tmp_path: Path) -> None:
    tried: list[int] = []

    def load() -> str:
        tried.append(1)
        raise RuntimeError("invalid_grant")

    assert token.exists()
    with pytest.raises(RuntimeError):
        sso_session.one_at_a_time("dev", SECTIONS, str(tmp_path / "locks"), 1, load)
    assert tried == [1]


@pytest.mark.parametrize("content", [None, 3600])
def test_token_that_is_not_due_takes_no_lock(token: Path, tmp_path: Path, content: int | None) -> None:
    if content is None:
        token.unlink()
    else:
        write(token, content)
    assert sso_session.one_at_a_time("dev", SECTIONS, str(tmp_path / "locks"), 1, lambda: 7) == 7
    assert not (tmp_path / "locks").exists()


def test_lock_that_cannot_be_taken_costs_no_answer(token: Path, tmp_path: Path) -> None:
    assert token.exists()
    (tmp_path / "locks").write_text("")
    assert sso_session.one_at_a_time("dev", SECTIONS, str(tmp_path / "locks"), 1, lambda: 7) == 7
