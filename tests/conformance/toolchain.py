"""Compilers and package managers: what they fetch and build goes into one directory that git ignores.

A toolchain or a package that is not to be had makes a client missing. A program of ours that does not compile although
everything is there is broken, and that is a failure.
"""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from conformance.client import BrokenError, MissingError

SOURCES = Path(__file__).with_name("clients")
CACHE = Path(os.environ.get("CONFORMANCE_CACHE") or Path(__file__).parents[2] / ".conformance").resolve()
# A machine on which everything together takes longer runs what it has got by then.
_ALL_BUILDS_S = 18 * 60
_started_s = time.monotonic()


def need(program: str, *minimum: int) -> None:
    """Raise MissingError unless the program is there, runs, and its version is at least `minimum`."""
    if shutil.which(program) is None:
        raise MissingError(f"{program} is not installed")
    if minimum:
        # It may fail: rustup's cargo does in a HOME without a toolchain.
        found = re.findall(r"\d+", fetch([program, "--version"]))
        if tuple(map(int, found[: len(minimum)])) < minimum:
            raise MissingError(f"{program} is older than version {'.'.join(map(str, minimum))}")


def fetch(command: list[str], directory: Path = SOURCES, **environ: str) -> str:
    """Run a step that takes things from a registry and return its output; a failure means: not to be had."""
    done = _run(command, directory, environ)
    if done.returncode != 0:
        raise MissingError(f"{_title(command)} failed (exit status {done.returncode})")
    return done.stdout


def build(command: list[str], directory: Path = SOURCES, **environ: str) -> None:
    """Run a step that needs nothing but what was fetched; a failure is ours."""
    done = _run(command, directory, environ)
    if done.returncode != 0:
        raise BrokenError(f"{_title(command)}: {(done.stdout + done.stderr)[-600:]}")


def _title(command: list[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:2]])


def _run(command: list[str], directory: Path, environ: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    left_s = _ALL_BUILDS_S - (time.monotonic() - _started_s)
    try:
        return subprocess.run(
            command, cwd=directory, env={**os.environ, **_own(), **environ}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace", timeout=max(left_s, 1), check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise MissingError(f"{_title(command)}: no time left for it") from None
    except OSError as error:
        raise MissingError(f"{_title(command)}: {error.strerror}") from None


def _own() -> dict[str, str]:
    return {
        "GOPATH": str(CACHE / "go"),
        "GOCACHE": str(CACHE / "go-build"),
        "GOFLAGS": "-modcacherw",  # `make clean` removes it without being root
        "GOTOOLCHAIN": "local",
        "CARGO_HOME": str(CACHE / "cargo"),
        "npm_config_cache": str(CACHE / "npm"),
        "PIP_CACHE_DIR": str(CACHE / "pip"),
    }
