"""The notes about tokens that a refresh has made of each other: whose sign-in is whose."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credhelper.awsconfig.profiles import token
from credhelper.provider.sign_ins import SignIns

PATH = "/home/david/.aws/sso/cache/7505d64a54e061b7acd54ccd58b49dc43500b635.json"
NAME = os.path.basename(PATH)


def content(refresh: str) -> bytes:
    return json.dumps({"accessToken": f"access-{refresh}", "refreshToken": refresh}).encode()


def first_of(notes: SignIns, refresh: str, path: str = PATH) -> str:
    return notes.first_of(path, token.digest(content(refresh)))


def note_in(directory: Path) -> Path:
    (found,) = directory.glob("*.sign-in")
    return found


def test_token_that_was_made_of_another_is_of_its_sign_in(tmp_path: Path) -> None:
    notes = SignIns(str(tmp_path / "cache"))
    assert first_of(notes, "a") == token.digest(content("a"))
    for before, after in ("ab", "bc", "cd"):
        notes.refreshed(NAME, content(before), content(after))
    assert {first_of(notes, one) for one in "abcd"} == {token.digest(content("a"))}
    # In whichever process, and with what another refresh has left as it was.
    assert SignIns(str(tmp_path / "cache")).first_of(PATH, token.digest(content("d"))) == token.digest(content("a"))
    assert first_of(notes, "e") == token.digest(content("e"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["refresh", "sign-in", "another tool's refresh"]), min_size=1, max_size=12))
def test_sign_ins_are_never_one(tmp_path: Path, steps: list[str]) -> None:
    """However they follow each other; one that another tool has refreshed is another, as far as the file tells."""
    notes = SignIns(str(tmp_path))
    for note in tmp_path.glob("*.sign-in"):
        note.unlink()
    seen: dict[int, set[str]] = {0: {first_of(notes, "none")}}
    sign_in, now = 0, "none"
    for number, step in enumerate(steps):
        if step == "refresh":
            notes.refreshed(NAME, content(now), content(f"{number}"))
        else:
            sign_in += 1
        now = f"{number}"
        seen.setdefault(sign_in, set()).add(first_of(notes, now))
    assert {len(firsts) for firsts in seen.values()} == {1}
    assert len(set.union(*seen.values())) == len(seen)


def test_many_refreshes_leave_the_first_one_and_the_latest(tmp_path: Path) -> None:
    notes = SignIns(str(tmp_path))
    for number in range(200):
        notes.refreshed(NAME, content(f"{number}"), content(f"{number + 1}"))
    first = token.digest(content("0"))
    assert {first_of(notes, f"{number}") for number in range(140, 201)} == {first}
    assert first_of(notes, "1") != first
    assert note_in(tmp_path).stat().st_size < 5000


def spoiled(note: Path) -> None:
    note.write_bytes(note.read_bytes()[:-1])


def beheaded(note: Path) -> None:
    note.write_text(note.read_text()[64:])


def open_to_others(note: Path) -> None:
    note.chmod(0o644)


def binary(note: Path) -> None:
    note.write_bytes(b"\xff" * 64)


def longer(note: Path) -> None:
    note.write_text("\n".join(["0" * 64] * 100 + note.read_text().split("\n")))


def linked(note: Path) -> None:
    note.rename(note.with_name("elsewhere"))
    note.symlink_to("elsewhere")


@pytest.mark.skipif(os.name == "nt", reason="modes and links")
@pytest.mark.parametrize("damage", [spoiled, beheaded, open_to_others, binary, longer, linked, Path.unlink])
def test_note_that_is_none_tells_nothing(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    notes = SignIns(str(tmp_path))
    notes.refreshed(NAME, content("a"), content("b"))
    damage(note_in(tmp_path))
    assert first_of(notes, "b") == token.digest(content("b"))


@pytest.mark.parametrize(
    "path",
    [
        "/home/david/policy.json",
        "/home/david/.aws/login/cache/" + "a" * 64 + ".json",
        f"/home/david/.aws/login/cache/{NAME}",
        f"/tmp/{NAME}",
        PATH.removesuffix(".json"),
    ],
)
def test_only_a_token_of_sso_has_a_note(tmp_path: Path, path: str) -> None:
    notes = SignIns(str(tmp_path))
    notes.refreshed(NAME, content("a"), content("b"))
    assert first_of(notes, "b", path) == token.digest(content("b"))
    other = SignIns(str(tmp_path / "other"))
    other.refreshed(path, content("a"), content("b"))
    assert not (tmp_path / "other").exists()


def test_token_of_which_nothing_changed_that_counts_leaves_no_note(tmp_path: Path) -> None:
    notes = SignIns(str(tmp_path / "cache"))
    kept = json.dumps({"accessToken": "another", "refreshToken": "a"}).encode()
    notes.refreshed(NAME, content("a"), kept)
    assert not (tmp_path / "cache").exists()


def test_directory_that_cannot_be_written_to_costs_no_answer(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    notes = SignIns(str(tmp_path / "file"))
    notes.refreshed(NAME, content("a"), content("b"))
    assert first_of(notes, "b") == token.digest(content("b"))


def test_use_is_noted_after_what_it_was_made_of(tmp_path: Path) -> None:
    notes = SignIns(str(tmp_path))
    seen: list[tuple[str, str]] = []
    note = notes.noting(lambda name, new: seen.append((name, notes.first_of(name, token.digest(new)))))
    note(NAME, content("a"), None)
    note(NAME, content("b"), content("a"))
    assert seen == [(NAME, token.digest(content("a")))] * 2
