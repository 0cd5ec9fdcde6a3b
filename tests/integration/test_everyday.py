"""The README's table "Everyday": each command is typed into a shell as it stands there, on a home of another tool.

EVERYDAY_HOMES=all runs every row on every home; by default each row takes the next one.
"""

import functools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from credhelper.settings import choices_dir
from fakes import canary
from fakes.fork_server import stubs
from fakes.home import PROGRAM, ROLE_ARN, USER_SECRET, Home
from fakes.loopback import LoopbackServer, QuietHandler
from fakes.sso import FakeSso
from fakes.sts import FakeSts
from fakes.typist import AT_TERMINAL, Typist

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the README's commands are for a POSIX shell")

README = Path(__file__).parents[2] / "README.md"
OLD_ROLE = "arn:aws:iam::222222222222:role/old"
# The role's own tool ignores credential_process: it knows the variables, and no file.
TOOL = '#!/bin/sh\necho "tool: $AWS_ACCESS_KEY_ID $AWS_SESSION_TOKEN"\n'
KEYS = {"AccessKeyId": "ASIAOTHER", "SecretAccessKey": canary.secret_key("vault"), "SessionToken": "t" * 40}


def section(heading: str) -> str:
    return README.read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def table() -> dict[str, list[str]]:
    """Return the commands of each row by what its reader wants."""
    cells = [line.strip("|").split(" | ", 1) for line in section("Everyday").splitlines() if line.startswith("| ")]
    return {wanted.strip(): re.findall(r"`([^`]+)`", typed) for wanted, typed in cells[1:]}


class World:
    """A home that another tool made, a shell in it, and an AWS that counts."""

    def __init__(self, home: Home, sts: FakeSts) -> None:
        self.home = home
        self.sts = sts
        programs = home.path / "programs"
        programs.mkdir()
        document = json.dumps({"Version": 1, **KEYS})
        for name in ("aws-vault", "granted"):
            (programs / name).write_text(f"#!/bin/sh\necho '{document}'\n")
        (programs / "pipx").write_text(f'#!/bin/sh\necho "$*" >> {home.path}/pipx-was-called\n')
        (home.path / "tool").write_text(TOOL)
        for path in (*programs.iterdir(), home.path / "tool"):
            path.chmod(0o755)
        found = (programs, stubs(home.path / "stubs", "credhelper"), Path(PROGRAM[0]).parent, home.environ["PATH"])
        home.environ["PATH"] = os.pathsep.join(map(str, found))

    def type(self, command: str, code: int = 0, said: str = "") -> str:
        """Type a command, with what a person puts in place of its dots, and return what it prints."""
        done = self.home.start(["/bin/bash", "-c", filled(command)], {})
        assert (done.returncode, said in done.stderr.decode()) == (code, True), (command, done.stderr.decode())
        return done.stdout.decode()

    def type_at_terminal(self, command: str, *answers: str) -> str:
        """Type a command at a terminal, and then what it asks for."""
        with Typist(self.home, command=["/bin/bash", "-c", filled(command)]) as person:
            for number, answer in enumerate(answers, 1):
                person.wait_for("): ", number)
                person.type(answer)
            code, output, said = person.result()
        assert code == 0, (command, said)
        return output

    def ask(self, profile: str = "prod-s3") -> str:
        """Ask for a profile as an SDK does, by the line in the config, and return the access key id."""
        lines = [line for line in self.home.config.read_text().splitlines() if line.endswith(f" get {profile}")]
        line = lines[0].partition("=")[2].split()
        done = self.home.start(line, {})
        assert (done.returncode, done.stderr) == (0, b"")
        return str(json.loads(done.stdout)["AccessKeyId"])


def filled(command: str) -> str:
    command = command.replace("--role-arn …", f"--role-arn {ROLE_ARN}")
    return command.replace("profile add …", f"profile add new --role-arn {ROLE_ARN} --source-profile default")


@functools.cache
def files_of_the_aws_cli() -> tuple[str, str]:
    """Return what `aws configure` and `aws configure set` leave in the config file and in the credentials file."""
    aws = str(Path(sys.executable).with_name("aws"))
    with tempfile.TemporaryDirectory() as directory:
        environ = {"HOME": directory, "PATH": os.defpath}
        typed = f"AKIAACC\n{USER_SECRET}\nus-east-1\njson\n".encode()
        subprocess.run([aws, "configure"], input=typed, env=environ, stdout=subprocess.DEVNULL, check=True)
        for key, value in (("role_arn", OLD_ROLE), ("source_profile", "default")):
            subprocess.run([aws, "configure", "set", key, value, "--profile", "old"], env=environ, check=True)
        made = Path(directory, ".aws")
        return (made / "config").read_text(), (made / "credentials").read_text()


def made_by_the_aws_cli(world: World, sso: FakeSso) -> None:
    """`aws configure`, `aws configure set` and `aws configure sso` write these."""
    config, credentials = files_of_the_aws_cli()
    world.home.config.write_text(f"{config}\n{sso.sections('my-sso')}")
    (world.home.aws / "credentials").write_text(credentials)
    (world.home.aws / "credentials").chmod(0o600)


def made_by_aws_vault(world: World, sso: FakeSso) -> None:
    """`aws-vault add` writes a header, and its README has the rest."""
    world.home.config.write_text(
        "[default]\nregion=us-east-1\noutput=json\ncredential_process=aws-vault export --format=json default\n\n"
        f"[profile old]\nrole_arn={OLD_ROLE}\nsource_profile=default\nregion=us-east-1\n# mfa_serial=\n\n"
        + sso.sections("my-sso")
    )


def made_by_granted(world: World, sso: FakeSso) -> None:
    """`granted sso populate` and `granted registry` write these: capitals, slashes, keys of their own, comments."""
    generated = (
        "granted_sso_start_url      = https://corp.awsapps.com/start\ngranted_sso_region         = us-east-1\n"
        "granted_sso_account_id     = 111111111111\ngranted_sso_role_name      = Dev\n"
        "common_fate_generated_from = aws-sso\n"
    )
    world.home.config.write_text(
        "# [granted_registry_start corp] MANAGED BY GRANTED. DO NOT EDIT.\n"
        f"[profile Dev/Admin]\n{generated}credential_process         = granted credential-process --profile Dev/Admin\n"
        "\n# [granted_registry_end corp]\n[default]\nregion = us-east-1\n"
        "credential_process = granted credential-process --profile default\n\n"
        f"[profile old]\nrole_arn       = {OLD_ROLE}\nsource_profile = default\nregion         = us-east-1\n\n"
        + sso.sections("my-sso")
    )


HOMES = {"aws cli": made_by_the_aws_cli, "aws-vault": made_by_aws_vault, "granted": made_by_granted}


def adopt(world: World, commands: list[str]) -> None:
    before = world.home.config.read_bytes()
    assert "+credhelper_role_arn" in world.type(commands[0])
    assert world.home.config.read_bytes() == before
    world.type(commands[0].removesuffix(" --dry-run"))
    assert world.ask("old") == world.ask("old")
    assert [request["RoleArn"] for request in world.sts.requests] == [OLD_ROLE]


def use_a_code(world: World, commands: list[str]) -> None:
    world.type(commands[0])
    world.sts.behaviour.token_code = "123456"
    world.type_at_terminal("credhelper login new", "123456")
    assert [request["SerialNumber"] for request in world.sts.requests] == ["arn:aws:iam::111111111111:mfa/david"]
    world.ask("new")  # programs without a terminal need none
    assert world.sts.count() == 1


def fetch_now(world: World, commands: list[str]) -> None:
    world.type(commands[0])
    first = world.ask()
    assert world.sts.count() == 1
    world.type(commands[1])
    assert world.ask() != first
    assert world.sts.count() == 2


def run_a_tool(world: World, commands: list[str]) -> None:
    key = world.ask()
    assert f"tool: {key}" in world.type(commands[0])
    assert f"tool: {key}" in world.type(f"{commands[1]}; ./tool")


def run_a_tool_with_another_kind(world: World, commands: list[str]) -> None:
    assert "tool: ASIASSO" in world.type(commands[0])
    assert re.search(r"tool: (AKIAACC|ASIAOTHER) ", world.type_at_terminal(commands[1]))


def see_whose_shell_it_is(world: World, commands: list[str]) -> None:
    prompt, file, command = commands
    (world.home.path / ".bashrc").write_text(f"PS1='$ '\n{prompt}\n")
    assert file == "~/.bashrc"
    for line, expected in ((command, "(prod-s3) $ "), ("bash", "$ ")):
        shown = at_prompt(world.home, line)
        assert expected in shown
        assert ("prod-s3" in shown) == (line == command)


def at_prompt(home: Home, command: str) -> str:
    """Return what an interactive shell shows until it has been told to end."""
    master, slave = os.openpty()
    with subprocess.Popen(
        ["/bin/bash", "-c", command], env={**home.environ, **AT_TERMINAL, "TERM": "dumb"}, cwd=home.path,
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(slave)
        os.write(master, b"exit\n")
        shown = b""
        while True:
            try:
                more = os.read(master, 4096)
            except OSError:  # the last process that had it is gone
                break
            if not more:
                break
            shown += more
        assert process.wait(timeout=60) == 0
    os.close(master)
    return shown.decode()


class _OneBucket(QuietHandler):
    """S3 with a bucket that has no object, and an IAM that allows nothing."""

    def do_GET(self) -> None:
        self.answer(200, b"<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>", "application/xml")

    def do_POST(self) -> None:
        self.answer(403, b"<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>", "text/xml")


def see_whether_it_works(world: World, commands: list[str]) -> None:
    session = ROLE_ARN.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/david"
    world.sts.behaviour.caller_arn = session
    with LoopbackServer(_OneBucket) as server:
        world.home.environ |= {"AWS_ENDPOINT_URL_S3": server.url, "AWS_ENDPOINT_URL_IAM": server.url}
        lines = world.type(commands[0]).splitlines()
        assert [line.split()[:2] for line in lines] == [
            ["ok", step] for step in ("helper", "document", "identity", "bucket")
        ]
        assert session in world.type(commands[1])
        assert "default" in world.type(commands[1].removesuffix(" prod-s3"), said="")


def take_a_role_behind_a_role(world: World, commands: list[str]) -> None:
    world.type(commands[0])
    world.ask("prod-admin")
    assert world.sts.count() == 2
    assert world.sts.signers[1].startswith("ASIAFAKE")


def forget(world: World, commands: list[str]) -> None:
    for command in commands:
        world.ask()
        assert world.home.entries
        world.type(command)
        assert world.home.entries == []


def rename_with_the_keys(world: World, commands: list[str]) -> None:
    # As `aws configure --profile dev` leaves it: the region in one file, the keys in the other.
    world.home.add_user("AKIADEV", profile="dev")
    with world.home.config.open("a") as file:
        file.write("\n[profile dev]\nregion = us-east-1\n\n")
    world.home.add_role("of-dev", source="dev")
    credentials = world.home.aws / "credentials"
    before = world.home.config.read_bytes(), credentials.read_bytes()
    world.home.settle()
    shown = world.type(commands[0])
    assert "+[work]" in shown
    assert USER_SECRET not in shown
    assert (world.home.config.read_bytes(), credentials.read_bytes()) == before
    world.type(commands[0].removesuffix(" --dry-run"))
    assert "[work]" in credentials.read_text()
    world.ask("of-dev")
    assert world.sts.signers == ["AKIADEV"]


def see_and_take_back(world: World, commands: list[str]) -> None:
    before = world.home.config.read_bytes()
    assert "+[profile new]" in world.type(commands[0])
    assert world.home.config.read_bytes() == before
    world.type(commands[0].removesuffix(" --dry-run"))
    assert world.home.config.read_bytes() != before
    world.type(commands[1])
    assert world.home.config.read_bytes() == before


def find_out_how_others_read(world: World, commands: list[str]) -> None:
    # What aws-vault and Granted write is not read the same way by all: their program has no path.
    if "credential_process" in world.home.config.read_text().partition(" prod-s3]")[0]:
        assert "[command-relative]" in world.type(commands[0], code=1)
    else:
        world.type(commands[0], said="every SDK reads")
    with world.home.config.open("a") as file:
        file.write("[profile half]\nrole_arn = arn:aws:iam::222222222222:role/half\n")
    assert re.search(rf"(?m)^{re.escape(str(world.home.config))}:\d+: .*half", world.type(commands[0], code=1))


def see_which_program(world: World, commands: list[str]) -> None:
    world.home.is_forked = False  # the program's caller is this process
    world.ask()
    follow, since = commands
    shown = world.type(since)
    assert "\tprod-s3\tmiss\tASIAFAKE" in shown
    assert f"\t{os.getpid()}\t" in shown
    with subprocess.Popen(
        ["/bin/bash", "-c", f"exec {follow}"], env=world.home.environ, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert "\tmiss\t" in process.stdout.readline()
        time.sleep(0.3)  # it looks again by now
        world.ask()
        assert "\thit\t" in process.stdout.readline()
        process.terminate()


def keep_the_key_elsewhere(world: World, commands: list[str]) -> None:
    """There is no keyring to unlock in the tests: the store is known, is asked, and without it the key stays."""
    key = world.ask()
    world.type(commands[0])
    assert (world.home.path / "pipx-was-called").read_text() == "inject credhelper keyring\n"
    world.home.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent"
    world.type(commands[1], code=3, said="keyring:SecretService")
    assert world.ask() == key
    world.type(commands[2])
    assert Path(choices_dir(str(world.home.path)), "key-store").read_text().strip() == "file"
    stored = world.home.path / ".local" / "state" / "credhelper" / "key"
    assert stored.stat().st_mode & 0o777 == 0o600
    assert world.ask() == key


ROWS: dict[str, Callable[[World, list[str]], None]] = {
    "make credhelper assume the roles you already have profiles for": adopt,
    "one-time codes (MFA)": use_a_code,
    "fetch now, so that an editor does not have to ask": fetch_now,
    "a tool that ignores `credential_process`": run_a_tool,
    "the same for a profile of another kind: SSO, a vault's program": run_a_tool_with_another_kind,
    "see in the prompt whose shell this is": see_whose_shell_it_is,
    "see whether a profile works, and who it is": see_whether_it_works,
    "a role behind a role": take_a_role_behind_a_role,
    "forget what is cached": forget,
    "give a profile another name, with its keys": rename_with_the_keys,
    "see what would be written, and take it back": see_and_take_back,
    "find out how other SDKs read your config file": find_out_how_others_read,
    "see which program was given credentials": see_which_program,
    "keep the cache's key in GNOME Keyring or KWallet, or on disk where nothing else works": keep_the_key_elsewhere,
}
CASES = [
    (row, maker)
    for number, row in enumerate(ROWS)
    for place, maker in enumerate(HOMES)
    if os.environ.get("EVERYDAY_HOMES") == "all" or place == number % len(HOMES)
]


def test_every_row_of_the_readme_is_typed_here() -> None:
    assert list(table()) == list(ROWS)


@pytest.fixture
def sso() -> Iterator[FakeSso]:
    with FakeSso() as server:
        yield server


@pytest.mark.parametrize(("row", "maker"), CASES)
def test_row_does_what_it_says(bare_home: Home, sts: FakeSts, sso: FakeSso, row: str, maker: str) -> None:
    bare_home.environ |= {"AWS_ENDPOINT_URL_STS": sts.url}
    world = World(bare_home, sts)
    HOMES[maker](world, sso)
    sso.write_token(bare_home.path, left_s=3600)
    bare_home.config.chmod(0o600)
    # "The story" comes first: its profile.
    story = section("The story").replace("\\\n", " ")
    world.type(next(line[2:] for line in story.splitlines() if line.startswith("$ credhelper profile add ")))
    bare_home.settle()
    ROWS[row](world, table()[row])
