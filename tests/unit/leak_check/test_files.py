"""A secret in a file or in its name is found, unless the test that wrote it is known to."""

import os
import tempfile
import time
from pathlib import Path

import pytest

from fakes import canary
from leak_check import files
from leak_check.findings import Findings

SECRET = canary.secret_key("planted")
TEST = "tests/unit/test_x.py::test_y"


def check(top: Path, findings: Findings, test: str = TEST) -> list[str]:
    files.check(str(top), test, findings)
    found = findings.take()
    assert not canary.find("\n".join(found).encode())
    return found


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_clean_tree_passes(top: Path, findings: Findings) -> None:
    write(top / "home" / ".aws" / "credentials", SECRET.encode())
    write(top / "home" / ".local" / "state" / "credhelper" / "key", bytes(range(32)))
    write(top / "home" / ".cache" / "credhelper" / "x.entry", os.urandom(400))
    assert check(top, findings) == []
    assert findings.looks == {"file": 1, "file name": 3}


@pytest.mark.parametrize("name", ["home/.cache/credhelper/x.entry", "home/.aws/config", "tmp", "home/credentials"])
def test_secret_in_a_file_is_found(top: Path, findings: Findings, name: str) -> None:
    write(top / name, b"\xff\xfe" + SECRET.encode("utf-16-le"))
    assert check(top, findings) == [f"a secret in file: {name} (UTF-16)"]


def test_secret_in_a_name_is_found_and_not_repeated(top: Path, findings: Findings) -> None:
    write(top / f"x{SECRET}".encode().hex(), b"")
    (found,) = check(top, findings)
    assert found.startswith("a secret in file name: ")


def test_master_key_is_allowed_in_its_own_place_alone(top: Path, findings: Findings) -> None:
    key = os.urandom(32)
    write(top / "state" / "credhelper" / "key", key)
    write(top / "cache" / "key.new", b"x" + key)
    write(top / "config.toml", key[16:].hex().encode())
    assert sorted(check(top, findings)) == [
        "a secret in file: cache/key.new (raw)",
        "a secret in file: config.toml (hex)",
    ]


def test_secret_after_a_gap_of_a_terabyte_is_found(top: Path, findings: Findings) -> None:
    with (top / "giant").open("wb") as file:
        file.seek(1 << 40)
        file.write(SECRET.encode())
    started = time.monotonic()
    assert check(top, findings) == ["a secret in file: giant (raw)"]
    assert time.monotonic() - started < 5


def test_what_is_no_file_is_passed_over(top: Path, findings: Findings) -> None:
    os.mkfifo(top / "pipe")
    (top / "loop").symlink_to(top)
    with tempfile.NamedTemporaryFile() as outside:
        outside.write(SECRET.encode())
        outside.flush()
        (top / "link").symlink_to(outside.name)
        assert check(top, findings) == []


@pytest.mark.parametrize("allowed", files.INPUTS, ids=lambda allowed: f"{allowed.test}-{allowed.path}")
def test_input_is_allowed_to_its_tests_and_under_its_name_alone(allowed: files.Input) -> None:
    test, path = f"tests{allowed.test[1:]}".replace("*", "x"), allowed.path.replace("*", "x")
    assert files.is_input(test, path)
    assert not files.is_input(test, f"{path}.tmp" if not allowed.path.endswith("*") else f"x{path}")
    assert allowed.test == "*" or not files.is_input(TEST, path)
    assert allowed.reason


def test_master_key_is_found_in_what_was_said_before_it_was_known(top: Path, findings: Findings) -> None:
    key = os.urandom(32)
    findings.look("stderr", "python", repr(key).encode())
    write(top / "credhelper" / "key", key)
    (found,) = check(top, findings)
    assert found.startswith("a secret in stderr: python (")
