"""David's home before a run: the embedded AWS, its roles, and the profiles that `profile add` wrote."""

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from conformance import client as clients
from conformance import margin, spaced, wiring
from conformance.client import Client
from credhelper.demo import world
from credhelper.demo.emulator import Emulator
from fakes.aws_names import AwsNames
from fakes.home import Home

PROFILE, SPACED, CHAIN, DENIED = "prod-s3", "spaced", "sdk-chain", "denied"
# Every kind of character that a profile's name may have.
ODD_NAME = "aZ09_.%@:+/-"
SECOND_ROLE = "second"
TIMEOUT_S = 120
_KILLED = -9
# Nothing listens there: a client that overlooks the endpoint is refused on loopback instead of leaving the machine.
_NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Stage:
    """A home and an AWS, in which clients are started."""

    endpoint: str
    home: Home

    def start(self, client: Client, action: str, argument: str, profile: str) -> "subprocess.CompletedProcess[bytes]":
        """Start an action of a client and wait for it; one that does not end is killed, and says so in its stderr."""
        command = self.command(client, action, argument, profile)
        try:
            return subprocess.run(
                command, env=self.environ(client, profile), cwd=self.home.path,
                stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, _KILLED, b"", f"still running after {TIMEOUT_S} s".encode())

    def popen(self, client: Client, action: str, argument: str, profile: str) -> "subprocess.Popen[bytes]":
        """Start an action of a client and leave it running."""
        return subprocess.Popen(
            self.command(client, action, argument, profile), env=self.environ(client, profile), cwd=self.home.path,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def crowd(self, client: Client, argument: str, size: int) -> int:
        """Start a client so many times at once and return how many failed, or had to be killed."""
        started = [self.popen(client, client.first, argument, PROFILE) for _ in range(size)]
        end_s = time.monotonic() + TIMEOUT_S
        for one in started:
            try:
                one.wait(max(end_s - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
        return sum(one.returncode != 0 for one in started)

    def command(self, client: Client, action: str, argument: str, profile: str) -> list[str]:
        """Return an action's argv for this AWS and this profile."""
        return [self._fill(part, profile) for part in client.command(action, argument)]

    def environ(self, client: Client, profile: str) -> dict[str, str]:
        """Return what a client is started with: where AWS is, and the profile."""
        own = {name: self._fill(value, profile) for name, value in client.environ().items()}
        return {**self.home.environ, **own, "AWS_PROFILE": profile}

    def _fill(self, text: str, profile: str) -> str:
        return text.replace(clients.ENDPOINT, self.endpoint).replace(clients.PROFILE, profile)

    def count_starts(self) -> int:
        """Return how often the helper was started so far, from its audit trail."""
        log = self.home.path / ".local/state/credhelper/handouts.jsonl"
        return len(log.read_bytes().splitlines()) if log.exists() else 0

    def forget_what_clients_keep(self) -> None:
        """Empty the AWS CLI's own cache of roles, which both of its versions share."""
        shutil.rmtree(self.home.aws / "cli", ignore_errors=True)

    def forget(self) -> None:
        """Empty the cache."""
        for entry in self.home.entries:
            entry.unlink()


def home_at(directory: Path, endpoint: str, **environ: str) -> Home:
    """Return a home for which AWS is at an endpoint on loopback and nowhere else."""
    own = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_STS": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HTTPS_PROXY": _NOWHERE,
    }
    return Home(directory, **(own | environ))


def build(aws: Emulator, names: AwsNames, directory: Path) -> tuple[Stage, str]:
    """Return the stage, where AWS's own host names lead to `aws` as well, and the ARN of the role that refuses."""
    world.create_bucket(aws)
    key = world.create_user(aws)
    role = world.create_role(aws)
    denied = world.create_role(aws, "denied", f"arn:aws:iam::{world.PROD}:root")
    second = world.create_role(aws, SECOND_ROLE, role)
    world.allow_assume_role(aws)
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": second}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    world.client(aws, "iam", world.PROD).put_role_policy(
        RoleName=world.ROLE, PolicyName="chain", PolicyDocument=document
    )
    home = home_at(directory, aws.endpoint_url, HTTPS_PROXY=names.proxy_url)
    # Not AWS_CA_BUNDLE: with it, rclone starts no request at all.
    home.environ |= dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), str(names.ca_bundle))
    home.add_user(key.access_key_id, key.secret_access_key)
    home.config.write_text(f"[default]\nca_bundle = {names.ca_bundle}\n\n")
    for name, arn in {PROFILE: role, ODD_NAME: role, DENIED: denied}.items():
        _require(home.run("profile", "add", *_options(name, arn)))
    python = str(spaced.install(directory))
    _require(home.start([python, "-I", "-m", "credhelper", "profile", "add", *_options(SPACED, role)], {}))
    if " '" not in home.config.read_text():
        raise RuntimeError("the path with a space is not quoted")
    with home.config.open("a") as file:
        file.write(f"\n[profile {CHAIN}]\nrole_arn = {second}\nsource_profile = {PROFILE}\nregion = {world.REGION}\n")
    wiring.install(home)
    margin.install(home)
    return Stage(aws.endpoint_url, home), denied


def _options(name: str, role_arn: str) -> list[str]:
    return [name, "--role-arn", role_arn, "--source-profile", "default", "--region", world.REGION]


def _require(done: "subprocess.CompletedProcess[bytes]") -> None:
    if done.returncode != os.EX_OK:
        raise RuntimeError(done.stderr.decode())
