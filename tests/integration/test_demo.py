"""The demo plays to its end and leaves nothing behind, also when it is interrupted."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

DEMO = [sys.executable, "-I", "-m", "credhelper", "demo"]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    temporary.mkdir()
    return {"HOME": str(home), "TMPDIR": str(temporary), "XDG_RUNTIME_DIR": str(temporary), "PATH": os.environ["PATH"]}


def left_behind(environ: dict[str, str]) -> list[str]:
    return [str(path) for top in ("HOME", "TMPDIR") for path in Path(environ[top]).rglob("*")]


def running(mark: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark in (entry / "environ").read_text("utf-8", "replace"):
                    found.append((entry / "cmdline").read_text("utf-8", "replace"))
            except OSError:
                continue
    return found


def test_demo_keeps_its_promises_and_leaves_nothing_behind(environ: dict[str, str]) -> None:
    before = set(left_behind(environ))
    done = subprocess.run(DEMO, env=environ, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "planned again: no changes" in done.stdout
    assert "two calls, one AssumeRole" in done.stdout
    assert done.stdout.count("✔ refused") == 3
    assert re.search(r"hit +\d+ ms", done.stdout)
    assert "no secret in the clear" in done.stdout
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert set(left_behind(environ)) == before
    assert running(environ["TMPDIR"]) == []


MOMENTS = ("starting an embedded AWS", "tries the role before", "the real AWS CLI, twice")
SIGNALS = (signal.SIGINT, signal.SIGTERM)
# Each moment and each signal once; with DEMO_INTERRUPTS=all each with each.
IS_WHOLE = os.environ.get("DEMO_INTERRUPTS") == "all"


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (words, one)
        for place, words in enumerate(MOMENTS)
        for one in (SIGNALS if IS_WHOLE else SIGNALS[place % 2 :][:1])
    ],
)
def test_interrupted_demo_leaves_nothing_behind(environ: dict[str, str], number: signal.Signals, words: str) -> None:
    before = set(left_behind(environ))
    process = subprocess.Popen(DEMO, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert any(words in line for line in process.stdout)
    time.sleep(0.2)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert set(left_behind(environ)) == before
    assert running(environ["TMPDIR"]) == []


def test_demo_without_its_extra_says_how_to_get_it(environ: dict[str, str], tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "class Blocker:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'ministack': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Blocker())\n"
        "import importlib.util\n"
        "found = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'ministack' else found(name, *rest)\n"
        "from credhelper.cli import app\n"
        "app.run(['demo'])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "credhelper[demo]" in done.stderr
