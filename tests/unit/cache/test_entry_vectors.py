"""Every vector of the entry format has the declared outcome, for the program and for a second, independent reader."""

import hmac
import struct
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from credhelper.cache import entry, payload, store
from credhelper.model import freshness
from credhelper.model.freshness import Moment
from credhelper.provider import inputs
from vectors import cache_entries
from vectors.cache_entries import Vector

DIRECTORY = Path(__file__).parents[2] / "vectors" / "cache"
PATHS = sorted(DIRECTORY.glob("*.txt"))


def by_the_program(vector: Vector) -> str:
    name = store.entry_name(vector.config, vector.profile)
    try:
        found = payload.unpack(entry.open_entry(vector.master, name, vector.entry))
    except entry.EntryError as error:
        return f"miss:{error.reason}"
    except payload.PayloadError:
        return "miss:payload"
    state = freshness.state_at(
        found.issued, found.expiration, found.refresh_s, Moment(vector.wall_s, vector.boot, vector.up_s)
    )
    if state == freshness.DEAD:
        return "miss:expired"
    files = dict(vector.files)
    if not inputs.are_unchanged(found, dict(vector.environ), lambda path: files.get(path, (0, 0, 0, 0))):
        return "miss:witness"
    return {freshness.FRESH: "hit", freshness.DUE: "due"}[state]


def by_the_page(vector: Vector) -> str:
    """Read an entry as docs/entry-format.md says, with nothing of the program."""
    data = vector.entry
    if not 61 <= len(data) <= 65536 or data[:4] != b"CHC1":
        return "miss:format"
    if data[4:12] != hmac.digest(vector.master, b"credhelper/v1/kid", "sha512")[:8]:
        return "miss:kid"
    derived = hmac.digest(vector.master, b"credhelper/v1/entry" + data[12:44], "sha512")
    name = sha256(vector.config.encode() + b"\0" + vector.profile.encode()).digest()
    try:
        plain = AESGCM(derived[:32]).decrypt(derived[32:44], data[44:], data[:44] + name)
    except InvalidTag:
        return "miss:auth"
    try:
        return outcome_by_the_page(plain, vector)
    except (IndexError, struct.error, ValueError):
        return "miss:payload"


def outcome_by_the_page(plain: bytes, vector: Vector) -> str:
    expiration, refresh, wall, up, boot_size = struct.unpack(">QIddH", plain[:30])
    environment = plain[62:94]
    variable_count, file_count = struct.unpack(">HH", plain[94:98])
    boot, rest = cut(plain[98:], boot_size)
    names, files = [], []
    for index in range(3 + variable_count):
        text, rest = cut_sized(rest)
        if index >= 3:
            names.append(text.decode())
    for _ in range(file_count):
        path, rest = cut_sized(rest)
        numbers, rest = cut(rest, 32)
        files.append((path.decode(), struct.unpack(">Qqqq", numbers)))
    _document, rest = cut_sized(rest)
    if rest:
        raise ValueError("bytes left over")
    left = min(expiration - vector.wall_s, (expiration - wall) - (vector.up_s - up))
    if boot != vector.boot or vector.up_s < up or left <= 60:
        return "miss:expired"
    seen = dict(vector.files)
    values = dict(vector.environ)
    digest = sha256()
    for name in names:
        value = f"={values[name]}" if name in values else "-"
        digest.update(f"{len(name)}:{name}{len(value)}:{value}".encode())
    if digest.digest() != environment or any(seen.get(path, (0, 0, 0, 0)) != stat for path, stat in files):
        return "miss:witness"
    return "hit" if left > refresh else "due"


def cut(data: bytes, size: int) -> tuple[bytes, bytes]:
    if size > len(data):
        raise ValueError("cut short")
    return data[:size], data[size:]


def cut_sized(data: bytes) -> tuple[bytes, bytes]:
    size, rest = cut(data, 4)
    return cut(rest, struct.unpack(">I", size)[0])


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_vector_has_its_declared_outcome(path: Path) -> None:
    vector = cache_entries.read(path)
    assert by_the_program(vector) == vector.expect
    assert by_the_page(vector) == vector.expect


def test_there_are_enough_vectors_and_of_every_outcome() -> None:
    expected = [cache_entries.read(path).expect for path in PATHS]
    assert len(expected) >= 143
    assert set(expected) == {
        "hit",
        "due",
        "miss:format",
        "miss:kid",
        "miss:auth",
        "miss:payload",
        "miss:expired",
        "miss:witness",
    }


def test_files_are_what_their_maker_writes() -> None:
    made = {f"{vector.name}.txt": cache_entries.write(vector) for vector in cache_entries.every()}
    assert {path.name: path.read_text("utf-8") for path in PATHS} == made
