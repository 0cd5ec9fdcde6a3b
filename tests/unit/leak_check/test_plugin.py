"""A run of pytest in which tests pass, leave a secret behind, and fail for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
# Not the mark, and known to the inner run alone: to the leak check over this test it is no secret.
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
PLANTED = f"""
import logging, os, subprocess, sys
import pytest
import credhelper
from fakes import canary

SECRET = {SECRET!r}
PACKAGE = os.path.dirname(credhelper.__file__)


@pytest.fixture(autouse=True)
def secret():
    canary.register(SECRET)


def test_clean(tmp_path):
    (tmp_path / "x").write_text("nothing")


def test_file(tmp_path):
    (tmp_path / "left").write_text(SECRET)


def test_log():
    scope = {{}}
    exec(compile("def call(work): work()", PACKAGE + "/planted.py", "exec"), scope)
    scope["call"](lambda: logging.getLogger("some.library").debug(SECRET))


def test_own_log():
    logging.getLogger("some.library").debug(SECRET)


def test_output():
    print(SECRET)


def test_stderr():
    subprocess.run([sys.executable, "-c", "import sys; sys.stderr.write(input())"], input=SECRET,
                   text=True, capture_output=True)


def test_argv():
    subprocess.run([sys.executable, "-c", "pass", SECRET])


def test_grandchild():
    words = {{**os.environ, "PROGRAM": sys.executable, "WORD": SECRET}}
    subprocess.run(["sh", "-c", "$PROGRAM -c 'import time; time.sleep(2)' $WORD; true"], env=words)


def test_after():
    pass
"""
EXPECTED = {
    "test_file": "a secret in file: left (raw)",
    "test_log": "a secret in log record: some.library (raw)",
    "test_output": "a secret in output: Captured stdout call (raw)",
    "test_stderr": f"a secret in stderr: {Path(sys.executable).name} (raw)",
    "test_argv": f"a secret in argv: {Path(sys.executable).name} (raw)",
    "test_grandchild": f"a secret in argv: {Path(sys.executable).name} (raw)",
}


@pytest.mark.parametrize("distribution", [[], ["-n", "1", "--dist", "loadfile"]], ids=["alone", "workers"])
def test_test_that_leaves_a_secret_fails_with_the_place_and_without_the_secret(
    tmp_path: Path, distribution: list[str]
) -> None:
    file = tmp_path / "test_planted.py"
    file.write_text(PLANTED)
    # -rN: where CI is set, pytest's closing summary would show each finding a second time, in full.
    options = ["-p", "leak_check.plugin", "-p", "no:cacheprovider", "-q", "-rN", "--tb=short", f"--rootdir={tmp_path}"]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", *options, *distribution, file],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    shown = done.stdout + done.stderr
    assert f"9 passed, {len(EXPECTED)} errors" in shown
    for test, finding in EXPECTED.items():
        assert f"the leak check after test_planted.py::{test}:\n{finding}\n" in shown
    assert shown.count("a secret in ") == len(EXPECTED)
    assert "leak check: argv " in shown
    assert SECRET not in shown
