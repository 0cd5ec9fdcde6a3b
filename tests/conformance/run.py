"""Run every real client against the embedded AWS and write docs/compatibility.md.

python -m conformance.run [--check] [--only NAME]
"""

import argparse
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from conformance import catalogue, spaced, table
from conformance.catalogue import CAN_LOOP, CREDENTIALS, IDENTITY, LIST, LOOP, Client
from credhelper.demo import world
from credhelper.demo.emulator import Emulator
from fakes.home import Home
from fakes.sts import Behaviour, FakeSts

DOCUMENT = Path(__file__).parents[2] / "docs" / "compatibility.md"
CROWD = 20
# We hand out nothing with a minute or less to live, so a session has to be longer than that.
LIFETIME_S = 66
ODD_NAME = "aZ09_.%@:+/-"
_TIMEOUT_S = 120


@dataclass(slots=True)
class Result:
    """What one client did: a scenario's outcome by name; "" is a pass, text says what went wrong."""

    client: Client
    outcomes: dict[str, str] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    failure_text: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A user's home with a profile that `profile add` wrote."""

    aws: Emulator
    home: Home

    def start(self, client: Client, action: str, profile: str = "prod-s3") -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            client.command(action), env=self.environ(client, profile), cwd=self.home.path,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT_S, check=False,
        )  # fmt: skip

    def environ(self, client: Client, profile: str) -> dict[str, str]:
        own = {name: value.format(endpoint=self.aws.endpoint_url) for name, value in client.environ.items()}
        return {**self.home.environ, **own, "AWS_PROFILE": profile}

    def count_starts(self) -> int:
        log = self.home.path / ".local/state/credhelper/handouts.jsonl"
        return len(log.read_bytes().splitlines()) if log.exists() else 0

    def add(self, name: str, role_arn: str) -> None:
        done = self.home.run(
            "profile", "add", name, "--role-arn", role_arn, "--source-profile", "default", "--region", world.REGION
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr.decode())

    def forget(self) -> None:
        for entry in self.home.entries:
            entry.unlink()


def main() -> int:
    """Run, print a line per scenario and the count; return 1 after a failure or when the table is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when docs/compatibility.md is stale")
    parser.add_argument("--only", default="", help="run the clients with this in their name; write nothing")
    chosen = parser.parse_args()
    results, missing = run([one for one in catalogue.all_clients() if chosen.only in one.name])
    failed = sum(text != "" for result in results for text in result.outcomes.values())
    total = sum(len(result.outcomes) for result in results)
    is_stale = not chosen.only and _publish(results, missing, is_check=chosen.check)
    for name, reason in missing.items():
        print(f"not run: {name}: {reason}")
    print(f"conformance: {total - failed} passed, {failed} failed, {len(missing)} skipped")
    return int(failed > 0 or is_stale)


def run(wanted: list[Client]) -> tuple[list[Result], dict[str, str]]:
    """Return the results, and the clients that could not be had with the reason."""
    missing = dict(catalogue.NOT_RUN)
    with tempfile.TemporaryDirectory() as directory, Emulator(directory) as aws:
        stage, denied = _set_stage(aws, Path(directory) / "david")
        had = [client for client in wanted if _is_had(client, missing)]
        with ThreadPoolExecutor(len(CAN_LOOP)) as pool:
            loops = {one.name: pool.submit(_outlives, one) for one in had if one.name in CAN_LOOP}
            results = [_run_client(stage, denied, client) for client in had]
            for result in results:
                if result.client.name in loops:
                    _judge(result, "expiry", loops[result.client.name].result())
    return results, missing


def _is_had(client: Client, missing: dict[str, str]) -> bool:
    try:
        client.build()
    except (catalogue.MissingError, subprocess.TimeoutExpired) as error:
        missing[client.name] = str(error)
        return False
    return True


def _set_stage(aws: Emulator, directory: Path) -> tuple[Stage, str]:
    world.create_bucket(aws)
    key = world.create_user(aws)
    role = world.create_role(aws)
    denied = world.create_role(aws, "denied", f"arn:aws:iam::{world.PROD}:root")
    second = world.create_role(aws, "second", role)
    world.allow_assume_role(aws)
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": second}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    world.client(aws, "iam", world.PROD).put_role_policy(
        RoleName=world.ROLE, PolicyName="chain", PolicyDocument=document
    )
    # Nothing listens there: a client that overlooks the endpoint is refused on loopback instead of leaving the machine.
    nowhere = "http://127.0.0.1:9"
    home = Home(directory, AWS_ENDPOINT_URL=aws.endpoint_url, AWS_EC2_METADATA_DISABLED="true", HTTPS_PROXY=nowhere)
    home.add_user(key.access_key_id, key.secret_access_key)
    stage = Stage(aws, home)
    for name, arn in {"prod-s3": role, ODD_NAME: role, "denied": denied}.items():
        stage.add(name, arn)
    _add_spaced(home, spaced.install(directory), role)
    with home.config.open("a") as file:
        file.write(f"\n[profile sdk-chain]\nrole_arn = {second}\nsource_profile = prod-s3\nregion = us-east-1\n")
    return stage, denied


def _add_spaced(home: Home, python: Path, role_arn: str) -> None:
    done = home.start(
        [
            str(python), "-I", "-m", "credhelper", "profile", "add", "spaced", "--role-arn", role_arn,
            "--source-profile", "default", "--region", world.REGION,
        ],
        {},
    )  # fmt: skip
    if done.returncode != 0 or " '" not in home.config.read_text():
        raise RuntimeError(done.stderr.decode())


def _run_client(stage: Stage, denied: str, client: Client) -> Result:
    result = Result(client)
    first = client.actions[0]
    stage.forget()
    for name, action in [("cold", first), ("warm", first), *[(one, one) for one in client.actions[1:]]]:
        _count(stage, result, name, action)
    _judge(result, "odd name", _succeeds(stage, client, first, ODD_NAME))
    _judge(result, "path with a space", _succeeds(stage, client, first, "spaced"))
    if client.does_chain:
        _judge(result, "chain", _chains(stage, client, first))
    _judge(result, "crowd", _crowd(stage, client, first))
    _judge(result, "denied", _is_refused(stage, result, first, denied))
    return result


def _judge(result: Result, name: str, problem: str) -> None:
    result.outcomes[name] = problem
    print(f"{'FAIL' if problem else 'ok':4} {result.client.name}: {name} {problem}", flush=True)


def _count(stage: Stage, result: Result, name: str, action: str) -> None:
    starts, calls = stage.count_starts(), stage.aws.count_assume_role()
    problem = _succeeds(stage, result.client, action)
    starts, calls = stage.count_starts() - starts, stage.aws.count_assume_role() - calls
    result.starts[name] = starts
    if not problem and calls != (name == "cold"):
        problem = f"{calls} AssumeRole calls"
    if not problem and starts == 0:
        problem = "the helper was never started"
    _judge(result, name, problem)


def _succeeds(stage: Stage, client: Client, action: str, profile: str = "prod-s3") -> str:
    return _check(stage.start(client, action, profile), action)


def _check(done: "subprocess.CompletedProcess[bytes]", action: str, arn: str = f":assumed-role/{world.ROLE}/") -> str:
    out = done.stdout.decode("utf-8", "replace")
    wanted = {IDENTITY: arn, LIST: "readme.txt", CREDENTIALS: ""}[action]
    is_right = wanted in out and (action != CREDENTIALS or len(out.split()) == 5)
    if done.returncode == 0 and is_right:
        return ""
    return f"exit status {done.returncode}: {(out + done.stderr.decode('utf-8', 'replace'))[-300:]!r}"


def _chains(stage: Stage, client: Client, action: str) -> str:
    """Our entry is warm, so the one AssumeRole is the client's own, signed with what we handed out."""
    calls = stage.aws.count_assume_role()
    problem = _check(stage.start(client, action, "sdk-chain"), action, ":assumed-role/second/")
    calls = stage.aws.count_assume_role() - calls
    return problem or ("" if calls else "the client never assumed the second role")


def _crowd(stage: Stage, client: Client, action: str) -> str:
    stage.forget()
    calls = stage.aws.count_assume_role()
    crowd = [
        subprocess.Popen(
            client.command(action), env=stage.environ(client, "prod-s3"), cwd=stage.home.path,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for _ in range(CROWD)
    ]  # fmt: skip
    failed = sum(one.wait(_TIMEOUT_S) != 0 for one in crowd)
    calls = stage.aws.count_assume_role() - calls
    return "" if (failed, calls) == (0, 1) else f"{failed} of {CROWD} failed, {calls} AssumeRole calls"


def _outlives(client: Client) -> str:
    """Let one process call for longer than a session lasts; every call must work and sessions must be renewed."""
    with tempfile.TemporaryDirectory() as directory, FakeSts(Behaviour(lifetime_s=LIFETIME_S)) as sts:
        home = Home(Path(directory), AWS_ENDPOINT_URL=sts.url, AWS_EC2_METADATA_DISABLED="true", AWS_PROFILE="prod-s3")
        home.add_user()
        home.add_role()
        done = subprocess.run(
            [*client.command(LOOP)[:-1], str(LIFETIME_S + 10)], env=home.environ, cwd=home.path,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT_S, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            return f"exit status {done.returncode}: {done.stderr[-300:]!r}"
        return "" if sts.count() >= 2 else f"{sts.count()} AssumeRole calls in more than a lifetime"


def _is_refused(stage: Stage, result: Result, action: str, denied: str) -> str:
    starts = stage.count_starts()
    done = stage.start(result.client, action, "denied")
    result.starts["denied"] = stage.count_starts() - starts
    text = (done.stdout + done.stderr).decode("utf-8", "replace")
    result.failure_text = next((line for line in text.splitlines() if "credhelper: error:" in line), "")
    if done.returncode == 0:
        return "succeeded with a role that is denied"
    is_shown = "credhelper: error:" in text and denied in text and "hint:" in text
    return "our message did not arrive" if result.client.does_show_stderr and not is_shown else ""


def _publish(results: list[Result], missing: dict[str, str], *, is_check: bool) -> bool:
    rows = [(one.client, one.outcomes, one.starts, bool(one.failure_text)) for one in results]
    text = table.render(rows, missing)
    if is_check:
        is_stale = not DOCUMENT.exists() or DOCUMENT.read_text("utf-8") != text
        if is_stale:
            print("docs/compatibility.md is stale: make conformance writes it", file=sys.stderr)
        return is_stale
    DOCUMENT.write_text(text, "utf-8")
    return False


if __name__ == "__main__":
    sys.exit(main())
