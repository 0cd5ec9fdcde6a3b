"""Servers that stand in for AWS's STS and S3, named by the config file, and what each is put through."""

import contextlib
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import botocore.config
import botocore.exceptions
import botocore.session

from conformance import recipes
from credhelper.errors import AwsError
from fakes import canary
from fakes.home import ROLE_ARN, Home

NAMES = ("add", "cold", "warm", "refresh", "variable", "wrong key")
_BUCKET, _REGION = "list-prod-bkt-details-01", "us-east-1"
# With the endpoint in the config file, with the endpoint in a variable, and with the wrong secret key.
_PROFILE, _BY_VARIABLE, _WRONG, _STRANGER = "local", "by-variable", "wrong", "stranger"
_START_S = 60
_NO_START = (
    OSError,
    RuntimeError,
    subprocess.TimeoutExpired,
    botocore.exceptions.BotoCoreError,
    botocore.exceptions.ClientError,
)


@dataclass(frozen=True, slots=True)
class Server:
    """One server; `command` returns the argv for a port and a directory, `build` raises MissingError or BrokenError."""

    name: str
    version: str
    build: Callable[[], None]
    command: Callable[[int, Path], list[str]]
    access_key_id: str
    secret_access_key: str
    # Whether its answer says which role it gave.
    is_naming: bool
    environ: Mapping[str, str] = field(default_factory=dict)
    # Why `wrong key` is not tried with it; "" if it is.
    no_wrong_key: str = ""
    limits: str = ""


@dataclass(slots=True)
class ServerResult:
    """What came of one server: a scenario's outcome by name; "" is a pass."""

    server: Server
    outcomes: dict[str, str] = field(default_factory=dict)

    def judge(self, name: str, problem: str) -> None:
        """Note an outcome and print it."""
        self.outcomes[name] = problem
        print(f"{'FAIL' if problem else 'ok':4} {self.server.name}: {name} {problem}".rstrip(), flush=True)

    @property
    def failures(self) -> int:
        """How many scenarios failed."""
        return sum(problem != "" for problem in self.outcomes.values())


def run(server: Server) -> ServerResult:
    """Put one server through every scenario that it allows."""
    result = ServerResult(server)
    with tempfile.TemporaryDirectory() as directory:
        try:
            with _started(server, Path(directory)) as url:
                _create_bucket(server, url)
                _run(server, _Stage(url, _home(server, Path(directory))), result)
        except _NO_START as error:
            result.judge("start", str(error))
    return result


def _run(server: Server, stage: "_Stage", result: ServerResult) -> None:
    result.judge("add", stage.adds())
    result.judge("cold", stage.lists("miss"))
    result.judge("warm", stage.lists("hit"))
    result.judge("refresh", stage.refreshes())
    result.judge("variable", stage.is_served_by_variable() if server.is_naming else stage.is_refused_by_variable())
    if not server.no_wrong_key:
        result.judge("wrong key", stage.is_refused(_WRONG, "the secret access key does not belong"))


@dataclass(frozen=True, slots=True)
class _Stage:
    url: str
    home: Home

    def adds(self) -> str:
        """Write the profiles; the one with the endpoint in the file is all that the next scenarios have."""
        named = ("--endpoint-url", self.url)
        for name, source, more in (
            (_PROFILE, "default", named),
            (_BY_VARIABLE, "default", ()),
            (_WRONG, _STRANGER, named),
        ):
            options = ("--role-arn", ROLE_ARN, "--source-profile", source, "--region", _REGION, *more)
            if problem := _problem(self.home.run("profile", "add", name, *options)):
                return problem
        return _problem(self.home.run("profile", "check"))

    def lists(self, outcome: str) -> str:
        """List the bucket by the AWS CLI; `outcome` is what the audit trail says of our start."""
        ask = ("s3api", "list-objects-v2", "--bucket", _BUCKET, "--query", "Contents[].Key", "--output", "text")
        done = self.home.start([*recipes.inside(recipes.NEWEST, "aws"), *ask], {"AWS_PROFILE": _PROFILE})
        if problem := _problem(done):
            return problem
        if b"readme.txt" not in done.stdout:
            return f"it listed {done.stdout!r}"
        outcomes = self._outcomes()
        return "" if outcomes[-1:] == [outcome] else f"our starts were {outcomes}, the last of them no {outcome}"

    def refreshes(self) -> str:
        """Renew the session before its time: another one, which works as well."""
        before = self._key_id()
        if problem := _problem(self.home.run("login", "--refresh", _PROFILE)):
            return problem
        return self.lists("hit") or ("the session is the old one" if self._key_id() == before else "")

    def is_served_by_variable(self) -> str:
        """Tell what is wrong where the server is named by a variable alone and names the role."""
        return _problem(self.home.get(_BY_VARIABLE, AWS_ENDPOINT_URL=self.url))

    def is_refused_by_variable(self) -> str:
        """Tell what is wrong where the server is named by a variable alone and does not name the role."""
        return self.is_refused(_BY_VARIABLE, "it does not say which role it is for", AWS_ENDPOINT_URL=self.url)

    def is_refused(self, profile: str, cause: str, **environ: str) -> str:
        """Tell what is wrong unless the profile gets a refusal with a cause and a hint."""
        done = self.home.get(profile, **environ)
        text = done.stderr.decode("utf-8", "replace")
        is_ours = text.startswith("credhelper: error:") and cause in text and "\nhint:" in text
        is_right = done.returncode == AwsError.exit_code and not done.stdout and is_ours
        return "" if is_right else f"exit status {done.returncode}: {text[-300:]!r}"

    def _key_id(self) -> str:
        return str(json.loads(self.home.get(_PROFILE).stdout)["AccessKeyId"])

    def _outcomes(self) -> list[str]:
        log = self.home.path / ".local/state/credhelper/handouts.jsonl"
        return [json.loads(line)["outcome"] for line in log.read_text().splitlines()] if log.exists() else []


def _home(server: Server, directory: Path) -> Home:
    home = Home(directory / "david", AWS_EC2_METADATA_DISABLED="true")
    home.add_user(server.access_key_id, server.secret_access_key)
    home.add_user(server.access_key_id, canary.secret_key("wrong"), _STRANGER)
    return home


def _problem(done: "subprocess.CompletedProcess[bytes]") -> str:
    if done.returncode == 0:
        return ""
    return f"exit status {done.returncode}: {(done.stdout + done.stderr).decode('utf-8', 'replace')[-300:]!r}"


@contextlib.contextmanager
def _started(server: Server, directory: Path) -> Iterator[str]:
    """Yield the address of the server, which runs until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(directory), **server.environ}
    with (directory / "log").open("wb") as log:
        running = subprocess.Popen(
            server.command(port, directory), cwd=directory, env=environ,
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        _wait(running, port, directory / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        running.kill()
        running.wait()


def _wait(running: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end_s = time.monotonic() + _START_S
    while running.poll() is None and time.monotonic() < end_s:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"it does not listen: {log.read_text('utf-8', 'replace')[-300:]!r}")


def _create_bucket(server: Server, url: str) -> None:
    """Create the bucket as the server's own user, who may do everything."""
    s3: Any = botocore.session.Session().create_client(
        "s3", region_name=_REGION, endpoint_url=url,
        aws_access_key_id=server.access_key_id, aws_secret_access_key=server.secret_access_key,
        config=botocore.config.Config(retries={"total_max_attempts": 5, "mode": "standard"}),
    )  # fmt: skip
    s3.create_bucket(Bucket=_BUCKET)
    s3.put_object(Bucket=_BUCKET, Key="readme.txt", Body=b"production\n")
