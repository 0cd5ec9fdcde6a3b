"""Processes that our processes start are seen, too."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from leak_check.record_processes import Recorder


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_recorder_sees_grandchildren_and_what_credhelper_gives_them(tmp_path: Path) -> None:
    sleep, given = b"sleep\0" + b"20\0", b"GIVEN=word"
    script = tmp_path / "credhelper" / "__main__.py"
    script.parent.mkdir()
    script.write_text("import os, subprocess; subprocess.run(['sleep', '20'], env={**os.environ, 'GIVEN': 'word'})")
    lines: list[str] = []
    recorder = Recorder(os.getpid(), lines.append)
    with subprocess.Popen([sys.executable, script], start_new_session=True) as process:
        end = time.monotonic() + 20
        while not any(line.startswith("environ") for line in lines) and time.monotonic() < end:
            recorder.look()
            time.sleep(0.02)
        os.killpg(process.pid, 9)
    assert {f"argv {sleep.hex()}\n", f"environ {given.hex()}\n"} <= set(lines)
    assert len(lines) == len(set(lines))
