"""The audit trail: one whole line per hand-out, private, bounded, and never in the way."""

import json
import os
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.audit import trail
from credhelper.settings import Settings, from_environment


def lines(own: Settings) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(trail.log_path(own)).read_text("ascii").splitlines()]


def test_line_says_what_was_handed_out_and_to_whom(own: Settings) -> None:
    trail.record(own, {"profile": "prod-s3", "outcome": trail.HIT})
    (line,) = lines(own)
    assert (line["profile"], line["outcome"], line["caller_pid"]) == ("prod-s3", "hit", os.getppid())
    assert str(line["time"]).endswith("Z")


@given(st.text())
def test_every_profile_name_comes_back_from_its_line(name: str) -> None:
    encoded = trail._value(name)
    assert encoded.isascii()
    assert json.loads(encoded) == name


def test_log_is_private_whatever_the_umask(own: Settings) -> None:
    previous = os.umask(0)
    try:
        trail.record(own, {"profile": "p"})
    finally:
        os.umask(previous)
    assert os.stat(trail.log_path(own)).st_mode & 0o777 == 0o600
    assert os.stat(own.state_dir).st_mode & 0o777 == 0o700


def test_log_that_is_full_becomes_the_previous_one(own: Settings) -> None:
    trail.record(own, {"profile": "p"})
    path = Path(trail.log_path(own))
    with path.open("ab") as file:
        file.truncate(trail.MAXIMUM_SIZE)
    trail.record(own, {"profile": "last of the old"})
    trail.record(own, {"profile": "first of the new"})
    assert [line["profile"] for line in lines(own)] == ["first of the new"]
    assert path.with_name("handouts.jsonl.1").stat().st_size > trail.MAXIMUM_SIZE


def write_from_eight_threads(own: Settings) -> None:
    def write() -> None:
        for _ in range(50):
            trail.record(own, {"profile": "p" * 200})

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_lines_of_many_writers_do_not_mix(own: Settings) -> None:
    write_from_eight_threads(own)
    assert len(lines(own)) == 400


def test_setting_turns_the_log_off(tmp_path: Path) -> None:
    own = from_environment({"HOME": str(tmp_path), "CREDHELPER_LOG": "off"})
    trail.record(own, {"profile": "p"})
    assert not Path(trail.log_path(own)).exists()


@pytest.mark.parametrize("trap", ["symlink", "directory", "shared", "fifo"])
def test_log_that_cannot_be_trusted_is_left_alone(own: Settings, tmp_path: Path, trap: str) -> None:
    path = Path(trail.log_path(own))
    path.parent.mkdir(parents=True, mode=0o700)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    if trap == "symlink":
        path.symlink_to(victim)
    elif trap == "directory":
        path.mkdir()
    elif trap == "fifo":
        os.mkfifo(path, 0o600)
    else:
        path.write_text("")
        path.chmod(0o666)
    trail.record(own, {"profile": "p"})
    assert victim.read_text() == "precious"
    assert trap != "shared" or path.read_text() == ""


def test_writers_that_find_it_full_at_once_keep_the_whole_previous_file(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "MAXIMUM_SIZE", 2000)
    kept: list[int] = []
    replace = os.replace

    def watch(source: str, target: str) -> None:
        time.sleep(0.002)  # as on a busy machine: everybody else sees a full file meanwhile
        kept.append(os.stat(source).st_size)
        replace(source, target)

    monkeypatch.setattr(os, "replace", watch)
    write_from_eight_threads(own)
    assert len(kept) > 3
    assert min(kept) >= 2000
