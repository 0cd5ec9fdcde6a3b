"""What a request costs: hit against bare interpreter, miss against plain script, the CLI against static keys."""

import configparser
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import credhelper
from benchmarks.timing import Command, clean_environment, medians_ms
from fakes.sts import FakeSts

ROLE_ARN = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
MANY = 10_000
# The same call and nothing else: no cache, no checks, no advice.
PLAIN_SCRIPT = f"""
import botocore.session, json
session = botocore.session.Session(profile="default")
sts = session.create_client("sts", region_name="us-east-1")
answer = sts.assume_role(RoleArn={ROLE_ARN!r}, RoleSessionName="plain", DurationSeconds=3600)
keys = answer["Credentials"]
print(json.dumps({{
    "Version": 1, "AccessKeyId": keys["AccessKeyId"], "SecretAccessKey": keys["SecretAccessKey"],
    "SessionToken": keys["SessionToken"], "Expiration": keys["Expiration"].isoformat(),
}}))
"""


class World:
    """A throwaway HOME with one profile, made by the program itself, against a small STS on loopback."""

    def __init__(self, directory: str, sts: FakeSts) -> None:
        self.home = Path(directory, "home")
        aws = self.home / ".aws"
        aws.mkdir(parents=True, mode=0o700)
        (aws / "config").write_text("[default]\nregion = us-east-1\n")
        (aws / "credentials").write_text("[default]\naws_access_key_id = AKIABENCH\naws_secret_access_key = secret\n")
        (aws / "credentials").chmod(0o600)
        self.environ = clean_environment(
            str(self.home), AWS_ENDPOINT_URL_STS=sts.url, XDG_RUNTIME_DIR=self._runtime(), CREDHELPER_KEY_STORE="auto"
        )
        program = Path(sys.executable).with_name("credhelper")
        subprocess.run(
            [program, "profile", "add", "prod-s3", "--role-arn", ROLE_ARN, "--source-profile", "default"],
            env=self.environ,
            check=True,
            capture_output=True,
        )
        self.line = shlex.split(self._setting("prod-s3", "credential_process"))

    def _runtime(self) -> str:
        runtime = self.home.parent / "run"
        runtime.mkdir(mode=0o700)
        return str(runtime)

    def _setting(self, profile: str, key: str) -> str:
        parser = configparser.RawConfigParser()
        parser.read(self.home / ".aws" / "config")
        return parser[f"profile {profile}"][key]

    def forget(self) -> None:
        """Empty the cache, key and all entries: the next request is a miss."""
        shutil.rmtree(self.home / ".cache" / "credhelper", ignore_errors=True)

    def fill(self) -> None:
        """Put MANY more profiles into the config and as many entries into the cache."""
        with (self.home / ".aws" / "config").open("a") as file:
            for number in range(MANY):
                file.write(f"\n[profile many-{number}]\nregion = us-east-1\noutput = json\n")
        cache = self.home / ".cache" / "credhelper"
        entry = next(cache.glob("*.entry")).read_bytes()
        for number in range(MANY):
            (cache / f"{number:064x}.entry").write_bytes(entry)


def table(runs: int) -> str:
    """Return the table of the request's figures."""
    with FakeSts() as sts, tempfile.TemporaryDirectory() as directory:
        world = World(directory, sts)
        return "\n".join(
            [
                "| what | time | against | ratio |",
                "|---|---|---|---|",
                *_hit_rows(world, runs),
                *_miss_rows(world, max(10, runs // 2)),
                *_waiter_rows(world, sts, max(5, runs // 4)),
                *_cli_rows(world, runs),
                *_crowded_rows(world, runs),
                "",
            ]
        )


def _row(what: str, time_ms: float, against: str, base_ms: float) -> str:
    return f"| {what} | {time_ms:.1f} ms | {against}, {base_ms:.1f} ms | **{time_ms / base_ms:.2f} x** |"


def _bare(world: World) -> Command:
    return Command("bare", [world.line[0], "-I", "-c", "pass"], world.environ)


def _warm(world: World) -> None:
    subprocess.run(world.line, env=world.environ, check=True, capture_output=True)


def _hit_rows(world: World, runs: int) -> list[str]:
    _warm(world)
    silent = {**world.environ, "CREDHELPER_LOG": "off"}
    found = medians_ms(
        [_bare(world), Command("hit", world.line, world.environ), Command("silent", world.line, silent)], runs
    )
    versioned = [*world.line[:3], str(Path(credhelper.__file__).with_name("__main__.py")), *world.line[4:]]
    pairs = medians_ms(
        [Command("line", world.line, world.environ), Command("script", versioned, world.environ)], max(40, runs)
    )
    return [
        _row("hit, by the line in the config", found["hit"], "`python -I -c pass`", found["bare"]),
        _row("the same", pairs["line"], "by the script below the version of Python", pairs["script"]),
        _row("hit with the audit trail", found["hit"], "the same without it", found["silent"]),
    ]


def _crowded_rows(world: World, runs: int) -> list[str]:
    _warm(world)
    alone = medians_ms([_bare(world), Command("hit", world.line, world.environ)], runs)
    world.fill()
    _warm(world)
    crowded = medians_ms([_bare(world), Command("hit", world.line, world.environ)], runs)
    return [
        _row(
            f"hit among {MANY:,} profiles and entries",
            crowded["hit"] * alone["bare"] / crowded["bare"],
            "the hit alone",
            alone["hit"],
        )
    ]


def _miss_rows(world: World, runs: int) -> list[str]:
    miss = Command("miss", world.line, world.environ, prepare=world.forget)
    script = Command("script", [world.line[0], "-I", "-c", PLAIN_SCRIPT], world.environ)
    found = medians_ms([miss, script], runs)
    used: dict[str, list[float]] = {"miss": [], "script": []}
    for _ in range(runs):
        world.forget()
        used["miss"].append(_cpu_ms(world.line, world))
        used["script"].append(_cpu_ms(list(script.argv), world))
    against = "a ten-line botocore script that assumes the role"
    return [
        _row("miss", found["miss"], against, found["script"]),
        _row("miss, processor time", median(used["miss"]), f"{against}, processor time", median(used["script"])),
    ]


def _waiter_rows(world: World, sts: FakeSts, runs: int) -> list[str]:
    """Measure the processor time of one that waits a second for the process that asks."""
    bare, waiters = [], []
    sts.behaviour.delay_s = 1.0
    for _ in range(runs):
        world.forget()
        calls = sts.count()
        with subprocess.Popen(world.line, env=world.environ, stdout=subprocess.DEVNULL):
            while sts.count() == calls:
                time.sleep(0.01)
            waiters.append(_cpu_ms(world.line, world))
        bare.append(_cpu_ms([world.line[0], "-I", "-c", "pass"], world))
    sts.behaviour.delay_s = 0.0
    base = "`python -I -c pass`, processor time"
    return [
        _row("waiting behind a call of one second, processor time", median(waiters), base, median(bare)),
    ]


def _cpu_ms(argv: list[str], world: World) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, env=world.environ, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def _cli_rows(world: World, runs: int) -> list[str]:
    _warm(world)
    document = json.loads(subprocess.run(world.line, env=world.environ, check=True, capture_output=True).stdout)
    static = {
        **world.environ,
        "AWS_ACCESS_KEY_ID": document["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": document["SecretAccessKey"],
        "AWS_SESSION_TOKEN": document["SessionToken"],
        "AWS_REGION": "us-east-1",
    }
    aws = str(Path(sys.executable).with_name("aws"))
    call = [sys.executable, aws, "sts", "get-caller-identity"]
    found = medians_ms(
        [
            Command("profile", [*call, "--profile", "prod-s3"], world.environ),
            Command("static", call, static),
        ],
        runs,
    )
    what = "`aws sts get-caller-identity --profile prod-s3`, warm"
    return [_row(what, found["profile"], "the same with static keys in the environment", found["static"])]


if __name__ == "__main__":
    print(table(int(os.environ.get("RUNS", "40"))))
