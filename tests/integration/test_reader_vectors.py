"""Every vector about what is around the sealed bytes has its outcome, for the program and for a second reader.

Files, keys, due entries, streams, the audit trail and settings: tests/vectors/reader.
"""

import ast
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from credhelper import settings
from credhelper.keystores import kernel, stores
from credhelper.keystores.kernel import KernelKeyring, KernelKeyringError
from credhelper.provider import inputs
from credhelper.system import clock, hardening
from fakes import forked_requests, second_reader, second_settings
from fakes.forked_requests import MISS, Outcome, Requests
from fakes.reader_world import Built, World, built, changed, needs_root

DIRECTORY = Path(__file__).parents[1] / "vectors" / "reader"
PAGE = Path(__file__).parents[2] / "docs" / "entry-format.md"
VECTORS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(DIRECTORY.glob("*.json"))}
Expected = dict[str, Any]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the second reader is one for Linux")


@pytest.fixture(scope="module")
def requests() -> Iterator[Requests]:
    with Requests() as server:
        yield server


def each(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", VECTORS[kind], ids=lambda vector: vector["name"])


def outcomes(requests: Requests, vector: dict[str, Any], top: Path) -> Iterator[tuple[Built, Outcome]]:
    """Yield the world and the outcome for the program and for the second reader, each in a world of its own."""
    world = changed(World(), vector["world"])
    if os.geteuid() and (needs_root(world) or vector["expect"].get("needs") == "root"):
        pytest.skip("only root can give a file to another user, or open what it may not read")
    for ask in (requests.program, requests.second):
        with built(world, str(top / "world")) as one:
            yield one, ask(one)


def check_answer(expected: Expected, world: Built, outcome: Outcome) -> None:
    answer, _, code = expected["answer"].partition(" ")
    if answer == "hit":
        document = expected["document"].encode() if "document" in expected else world.document
        assert outcome == Outcome(0, document, "")
    else:
        assert outcome.code == {"miss": MISS, "fails": 3, "refused": int(code or 0)}[answer], outcome.stderr
        assert outcome.stdout == b""


def is_claimed(world: Built) -> bool:
    return any(text.endswith(" touched") for path, text in world.left().items() if path.endswith(".lock"))


@each("files")
def test_file_is_taken_or_refused(requests: Requests, vector: dict[str, Any], tmp_path: Path) -> None:
    for world, outcome in outcomes(requests, vector, tmp_path):
        check_answer(vector["expect"], world, outcome)


@each("settings")
def test_setting_is_understood_or_refused(requests: Requests, vector: dict[str, Any], tmp_path: Path) -> None:
    for world, outcome in outcomes(requests, vector, tmp_path):
        check_answer(vector["expect"], world, outcome)


@each("due")
def test_due_entry_is_served_or_claimed(requests: Requests, vector: dict[str, Any], tmp_path: Path) -> None:
    for world, outcome in outcomes(requests, vector, tmp_path):
        check_answer(vector["expect"], world, outcome)
        assert is_claimed(world) == vector["expect"]["claims"]


@each("streams")
def test_stream_takes_the_document_or_fails(requests: Requests, vector: dict[str, Any], tmp_path: Path) -> None:
    expected = vector["expect"]
    for world, outcome in outcomes(requests, vector, tmp_path):
        document = world.document if expected["stdout"] == "document" else expected["stdout"].encode()
        # The message ends in the system's own words for the reason; where none is expected there is none.
        first_line = outcome.stderr[: len(expected["stderr"]) or None]
        assert Outcome(outcome.code, outcome.stdout, first_line) == Outcome(
            expected["code"], document, expected["stderr"]
        )
        assert outcome.code != 3 or outcome.stderr.count("\n") == expected["stderr"].count("\n")


@each("log")
def test_line_on_the_audit_trail(requests: Requests, vector: dict[str, Any], tmp_path: Path) -> None:
    expected = vector["expect"]
    pid = str(requests.pid)
    caller = Path(f"/proc/{pid}/comm").read_text().rstrip("\n")
    for world, outcome in outcomes(requests, vector, tmp_path):
        check_answer(expected, world, outcome)
        line = expected["lines"].replace("PID", pid).replace("CALLER", caller)
        files = {Path(path).name: text for path, text in world.left().items() if text.endswith("}\n")}
        name = "handouts.jsonl.1" if expected["is_rotated"] else "handouts.jsonl"
        assert {path: text.rpartition("{")[2] for path, text in files.items()} == ({name: line[1:]} if line else {})


@pytest.mark.parametrize(("left", "is_rotated"), [(0, True), (-1, False), (1, True)])
def test_trail_that_this_line_fills_becomes_the_previous_one(
    requests: Requests, tmp_path: Path, left: int, is_rotated: bool
) -> None:
    for ask in (requests.program, requests.second):
        with built(World(), str(tmp_path / "world")) as one:
            ask(one)
            length = os.stat(os.fsdecode(one.top) + "/home/.local/state/credhelper/handouts.jsonl").st_size
        log = {"kind": "file", "directory": "there", "size": 1_048_576 - length + left}
        with built(changed(World(), {"log": log}), str(tmp_path / "world")) as one:
            ask(one)
            names = {Path(path).name for path in one.left() if "handouts" in path}
        assert names == {"handouts.jsonl.1" if is_rotated else "handouts.jsonl"}


@each("keys")
def test_key_is_found_or_none_is(requests: Requests, vector: dict[str, Any], tmp_path: Path) -> None:
    for world, outcome in outcomes(requests, vector, tmp_path):
        check_answer(vector["expect"], world, outcome)


@each("keys")
def test_stores_are_looked_in_in_their_order(
    vector: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = changed(World(), vector["world"])
    if os.geteuid() and needs_root(world):
        pytest.skip("only root can give a file to another user")
    with built(world, str(tmp_path / "world")) as one:
        forked_requests.move(monkeypatch.setattr, str(tmp_path / "world"), world.kernel)
        own = settings.from_environment({os.fsdecode(name): os.fsdecode(text) for name, text in one.environ.items()})
        of_the_program = [(store.name, key) for store in stores.chosen(own) if (key := store.load())]
        of_the_second = list(second_settings.keys(second_settings.settings(one.variables, one.system), one.system))
    expected = [(name, bytes.fromhex(key)) for name, key in vector["expect"]["keys"]]
    assert of_the_program == expected
    assert of_the_second == expected


def test_key_in_the_kernel_is_where_the_page_says() -> None:
    assert kernel._DESCRIPTION == second_settings.KERNEL_DESCRIPTION
    description = b"credhelper:test:second-reader:%d" % os.getpid()
    keyring = KernelKeyring(description)
    assert second_settings.kernel_key(description) is None
    try:
        keyring.write(bytes(range(32)))
    except KernelKeyringError:
        pytest.skip("this kernel or container has no keyring")
    try:
        assert second_settings.kernel_key(description) == keyring.read(32) == bytes(range(32))
        for size in (31, 33):
            keyring.write(bytes(size))
            assert second_settings.kernel_key(description) == bytes(size)
            with pytest.raises(KernelKeyringError):
                keyring.read(32)
    finally:
        keyring.delete()


def test_clocks_and_boot_are_those_of_the_page() -> None:
    now = clock.now()
    assert abs(now.up_s - time.clock_gettime(time.CLOCK_BOOTTIME)) < 5
    assert abs(now.wall_s - time.clock_gettime(time.CLOCK_REALTIME)) < 5
    assert now.boot == Path("/proc/sys/kernel/random/boot_id").read_bytes()[:36]


def test_page_lists_the_variables_that_count_and_those_that_are_neutral() -> None:
    assert {name.decode() for name in second_settings.KNOWN} == set(hardening.VARIABLES)
    assert {name.decode() for name in second_settings.PREFIXES} == set(hardening.PREFIXES)
    assert {name.decode() for name in second_settings.NEUTRAL} == set(inputs.NEUTRAL)
    page = PAGE.read_text("utf-8")
    assert [name for name in (*hardening.VARIABLES, *inputs.NEUTRAL) if f"`{name}`" not in page] == []


def test_second_reader_has_nothing_of_the_program() -> None:
    for module in (second_reader, second_settings):
        nodes = list(ast.walk(ast.parse(Path(module.__file__ or "").read_text("utf-8"))))
        names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
        assert {name.partition(".")[0] for name in names} <= {*sys.stdlib_module_names, "cryptography", "fakes"}
        assert {name for name in names if name.startswith("fakes")} <= {"fakes.second_settings"}


def test_there_are_vectors_of_every_kind() -> None:
    assert {kind: len(vectors) for kind, vectors in VECTORS.items()} == {
        "due": 47, "files": 88, "keys": 52, "log": 45, "settings": 94, "streams": 21,
    }  # fmt: skip
