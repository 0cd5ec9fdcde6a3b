"""The real clients: what each is, what it needs, how it is built and how an action is started.

A client that cannot be had says so by its reason; nothing here runs a scenario.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

SOURCES = Path(__file__).with_name("clients")
CACHE = Path(os.environ.get("CONFORMANCE_CACHE") or Path.home() / ".cache" / "credhelper-conformance")
BUCKET = "list-prod-bkt-details-01"
_BUILD_TIMEOUT_S = 900
IDENTITY, LIST, CREDENTIALS, LOOP = "identity", "list", "credentials", "loop"
CAN_LOOP = frozenset({"boto3", "botocore", "aws-sdk-js-v3", "aws-sdk-go-v2", "aws-sdk-java-v2"})
ALL = (IDENTITY, LIST, CREDENTIALS)


@dataclass(frozen=True, slots=True)
class Client:
    """One client; `command` returns the argv of an action, `build` raises MissingError when it cannot be had."""

    name: str
    version: str
    starts_us: str
    command: Callable[[str], list[str]]
    build: Callable[[], None]
    actions: tuple[str, ...] = ALL
    does_show_stderr: bool = True
    # False: its STS call for a chain cannot be pointed at loopback, and no test may leave this machine.
    does_chain: bool = True
    limits: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)


class MissingError(Exception):
    """This client cannot be had here; the text is the reason."""


def _need(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            raise MissingError(f"{program} is not installed")


def _build(command: list[str], directory: Path, **environ: str) -> None:
    done = subprocess.run(
        command,
        cwd=directory,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_BUILD_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise MissingError(f"{command[0]} {command[1]} failed (exit status {done.returncode})")


def _build_go() -> None:
    _need("go")
    _build(["go", "build", "-o", str(CACHE / "build/go_v2/client"), "."], SOURCES / "go_v2")


def _build_js() -> None:
    _need("node", "npm")
    directory = CACHE / "build/js_v3"
    shutil.copytree(SOURCES / "js_v3", directory, dirs_exist_ok=True)
    if not (directory / "node_modules/@aws-sdk/client-sts").is_dir():
        _build(["npm", "ci", "--no-audit", "--no-fund"], directory)


def _build_java() -> None:
    _need("java", "mvn")
    directory = CACHE / "build/java_v2"
    shutil.copytree(SOURCES / "java_v2", directory, dirs_exist_ok=True)
    if not (directory / "lib").is_dir():
        _build(["mvn", "-q", "-B", "compile", "dependency:copy-dependencies", "-DoutputDirectory=lib"], directory)


def _java(action: str) -> list[str]:
    directory = CACHE / "build/java_v2"
    return ["java", "-cp", f"{directory}/target/classes:{directory}/lib/*", "Client", action, BUCKET]


def _build_python() -> None:
    wanted = SOURCES / "python/requirements.txt"
    stamp = CACHE / "py/requirements.txt"
    if stamp.exists() and stamp.read_text() == wanted.read_text():
        return
    _build([sys.executable, "-m", "venv", str(CACHE / "py")], SOURCES)
    _build([str(CACHE / "py/bin/python"), "-m", "pip", "install", "--quiet", "-r", str(wanted)], SOURCES)
    shutil.copy(wanted, stamp)


def _script(python: str, name: str) -> Callable[[str], list[str]]:
    return lambda action: [python, str(SOURCES / "python" / name), action, BUCKET]


def _cli(action: str) -> list[str]:
    aws = [sys.executable, str(Path(sys.executable).with_name("aws"))]
    if action == IDENTITY:
        return [*aws, "sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
    return [*aws, "s3api", "list-objects-v2", "--bucket", BUCKET, "--query", "Contents[].Key", "--output", "text"]


def _nothing() -> None:
    """Come with the test dependencies."""


def _installed(package: str) -> str:
    return metadata.version(package)


def all_clients() -> list[Client]:
    """Return every client in the order of the table."""
    own, cached = sys.executable, str(CACHE / "py/bin/python")
    node = str(CACHE / "build/js_v3/client.mjs")
    shlex = "shlex, no shell"
    return [
        Client("AWS CLI v1", _installed("awscli"), shlex, _cli, _nothing, (IDENTITY, LIST)),
        Client("boto3", _installed("boto3"), shlex, _script(own, "boto3_client.py"), _nothing),
        Client("botocore", _installed("botocore"), shlex, _script(own, "botocore_client.py"), _nothing),
        Client(
            "aws-sdk-js-v3", _js_version(), "sh -c", lambda action: ["node", node, action, BUCKET], _build_js,
            does_show_stderr=False,
            limits="the default chain hides our message; run `credhelper get NAME` to see it",
        ),
        Client(
            "aws-sdk-go-v2", "config 1.31.12", "sh -c",
            lambda action: [str(CACHE / "build/go_v2/client"), action, BUCKET], _build_go, does_chain=False,
        ),
        Client(
            "aws-sdk-java-v2", "2.34.0", "sh -c", _java, _build_java, does_show_stderr=False,
            limits="its default chain does not show our message; run `credhelper get NAME` to see it",
        ),
        Client(
            "AWS CRT (awscrt)", "0.38.1", "popen, stderr thrown away", _script(cached, "awscrt_client.py"),
            _build_python, (CREDENTIALS,), does_show_stderr=False, does_chain=False,
            limits="throws our message away; run `credhelper get NAME` to see it",
        ),
        Client(
            "aws-sdk-cpp (pyarrow)", "26.0.1", "popen, stderr thrown away", _script(cached, "pyarrow_client.py"),
            _build_python, (LIST,), does_show_stderr=False, does_chain=False,
            limits="after a failure it sends an unsigned request; run `credhelper get NAME` to see why",
        ),
    ]  # fmt: skip


def _js_version() -> str:
    import json

    manifest = json.loads((SOURCES / "js_v3/package.json").read_text())
    return str(manifest["dependencies"]["@aws-sdk/client-sts"])


NOT_RUN = {
    "aws-sdk-rust": "no client program written yet",
    "aws-sdk-ruby, aws-sdk-php": "no client program written yet",
    "aws-sdk-cpp with its own parser (pyarrow 15)": "no client program written yet",
    "s5cmd 2.3.0 (aws-sdk-go v1)": "the Go module registry does not serve it here",
    "aws-sdk-go v1 by itself": "no client program written yet",
    "Terraform (aws-sdk-go-base)": "no client program written yet",
}
