"""Reading the audit trail back: whole, in order, and without a gap when the file is full."""

import os
from collections.abc import Iterator
from pathlib import Path

from credhelper.audit import reader, trail
from credhelper.settings import Settings


def put(own: Settings, name: str) -> None:
    trail.record(own, {"profile": name, "outcome": trail.HIT})


def put_last(own: Settings, name: str) -> None:
    """Put a line that finds the file full."""
    with open(trail.log_path(own), "ab") as file:
        file.write(b" " * trail.MAXIMUM_SIZE + b"\n")
    put(own, name)


def names(lines: Iterator[reader.Line]) -> list[object]:
    return [line["profile"] for line in lines]


def test_both_files_are_read_oldest_first(own: Settings) -> None:
    put(own, "first")
    put_last(own, "second")
    put(own, "third")
    assert names(reader.read(own)) == ["first", "second", "third"]
    assert names(reader.read(own, "third")) == ["third"]


def test_lines_that_are_no_record_are_left_out(own: Settings) -> None:
    put(own, "first")
    with open(trail.log_path(own), "ab") as file:
        file.write(b"not json\n[1]\n\xff\n")
    put(own, "second")
    assert names(reader.read(own)) == ["first", "second"]


def test_following_misses_nothing_when_the_file_is_full(own: Settings) -> None:
    put(own, "before")
    looks: list[None] = []

    def sleep(_seconds: float) -> None:
        """Between two looks: a line, then the last line of a full file and the first of the next."""
        looks.append(None)
        if len(looks) == 1:
            put(own, "one")
        if len(looks) == 2:
            put_last(own, "two")
            put(own, "three")
        if len(looks) == 4:
            put(own, "four")

    lines = reader.follow(own, sleep)
    assert [next(lines)["profile"] for _ in range(4)] == ["one", "two", "three", "four"]


def test_following_waits_for_a_file_that_is_not_there_yet(own: Settings) -> None:
    looks: list[None] = []

    def sleep(_seconds: float) -> None:
        looks.append(None)
        if len(looks) == 3:
            put(own, "first")

    assert next(reader.follow(own, sleep))["profile"] == "first"


def test_trail_that_others_may_write_is_not_shown(own: Settings) -> None:
    put(own, "first")
    Path(trail.log_path(own)).chmod(0o666)
    assert names(reader.read(own)) == []
    assert os.path.exists(trail.log_path(own))
