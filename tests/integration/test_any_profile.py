"""`exec` and `env` for any profile: who botocore says it is, within the time, on the trail, and no key for good.

botocore is the oracle: for each kind of profile and each mixture it is asked first, in a process of its own.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes import canary
from fakes.home import PROGRAM, ROLE_ARN, USER_SECRET, Home, error
from fakes.sso import FakeSso
from fakes.sts import FakeSts
from fakes.typist import Typist

SERIAL = "arn:aws:iam::111111111111:mfa/David"
WEB_ROLE = "arn:aws:iam::333333333333:role/web"
SHOW = ("sh", "-c", "echo $CREDHELPER_PROFILE $AWS_ACCESS_KEY_ID $AWS_REGION $AWS_PROFILE $AWS_CREDENTIAL_EXPIRATION")
ORACLE = """
import sys, botocore.session
session = botocore.session.Session(profile=sys.argv[1])
print(session.get_credentials().get_frozen_credentials().access_key)
"""


@pytest.fixture
def sso() -> Iterator[FakeSso]:
    with FakeSso() as server:
        yield server


def vault(home: Home, name: str, **fields: str) -> str:
    """Make a credential_process that prints these fields, and return its path."""
    program = home.path / f"vault-{name}.sh"
    document = {"Version": 1, "SecretAccessKey": canary.secret_key("vault"), **fields}
    program.write_text(f"#!/bin/sh\necho '{json.dumps(document)}'\n")
    program.chmod(0o700)
    return str(program)


@pytest.fixture
def home(tmp_path: Path, sts: FakeSts, sso: FakeSso) -> Home:
    """A home with a profile of each kind, and with mixtures, as other tools write them."""
    made = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
    token = made.path / "token"
    token.write_text(canary.session_token("web"))
    token.chmod(0o600)
    temporary = {"AccessKeyId": "ASIAVAULT", "SessionToken": canary.session_token("vault")}
    role = f"region = us-east-1\nrole_arn = {ROLE_ARN}\n"
    named = f"region = us-east-1\nendpoint_url = {sts.url}\n"
    made.config.write_text(
        sso.sections("corp")
        + f"[profile native]\nrole_arn = {ROLE_ARN}\nsource_profile = default\nregion = eu-west-1\n"
        + f"[profile deeper]\nregion = us-east-1\nrole_arn = {ROLE_ARN}-2\nsource_profile = native\n"
        + f"[profile of-keys]\n{role}source_profile = of-keys\n"
        + f"[profile with-keys]\n{role}source_profile = default\n"
        + f"[profile with-code]\n{role}source_profile = default\nmfa_serial = {SERIAL}\n"
        + f"[profile of-ours]\n{role}source_profile = prod-s3\n"
        + f"[profile web]\nrole_arn = {WEB_ROLE}\nweb_identity_token_file = {token}\n{named}"
        + f"[profile of-web]\n{role}source_profile = web\nendpoint_url = {sts.url}\n"
        + f"[profile vault]\ncredential_process = {vault(made, 'temporary', **temporary)}\n"
        + f"[profile vault-and-role]\n{role}source_profile = default\ncredential_process = /nowhere\n"
        + f"[profile vault-keys]\ncredential_process = {vault(made, 'keys', AccessKeyId='AKIAVAULT')}\n"
        + f"[profile empty]\nregion = us-east-1\n[profile lost]\n{role}source_profile = nowhere\n"
        + f"[profile circle]\n{role}source_profile = ring\n[profile ring]\n{role}source_profile = circle\n"
    )
    made.add_role()
    made.add_user()
    for name in ("of-keys", "with-keys", "pasted", "left-over"):
        made.add_user(f"{'ASIA' if name == 'pasted' else 'AKIA'}{name.upper()}", profile=name)
        if name in ("pasted", "left-over"):
            with (made.aws / "credentials").open("a") as file:
                file.write(f"aws_session_token = {canary.session_token(name)}\n")
    made.config.chmod(0o600)
    sso.write_token(made.path, left_s=3600)
    return made


TEMPORARY = (
    "native",
    "deeper",
    "of-keys",
    "with-keys",
    "of-ours",
    "web",
    "of-web",
    "vault",
    "vault-and-role",
    "corp",
    "pasted",
)
LONG_LIVED = {"default": "AKIAACC", "left-over": "AKIALEFT-OVER", "vault-keys": "AKIAVAULT"}


def asked(sts: FakeSts) -> list[tuple[str, str, str]]:
    """Return who asked STS for what since this was last looked at."""
    found = [
        (request.get("Action", ""), request.get("RoleArn", ""), signer if signer.startswith("AKIA") else "")
        for request, signer in zip(sts.requests, sts.signers, strict=True)
    ]
    sts.requests.clear()
    sts.signers.clear()
    return found


@pytest.mark.parametrize("profile", TEMPORARY)
def test_child_is_who_botocore_says(home: Home, sts: FakeSts, profile: str) -> None:
    expected = home.start([sys.executable, "-c", ORACLE, profile], {})
    assert expected.returncode == 0, expected.stderr
    way = asked(sts)
    for entry in home.entries:
        entry.unlink()
    done = home.run("exec", profile, "--", *SHOW)
    assert (done.returncode, done.stderr) == (0, b"")
    assert asked(sts) == way
    name, key, *_ = done.stdout.decode().split()
    assert name == profile
    assert key.rstrip("0123456789") == expected.stdout.decode().strip().rstrip("0123456789")


def test_region_is_the_profiles_and_no_other_profile_is_named(home: Home) -> None:
    done = home.run("exec", "native", "--", *SHOW, AWS_PROFILE="corp", AWS_ACCESS_KEY_ID="AKIAOTHER")
    name, key, region, expiration = done.stdout.decode().split()
    assert (name, region, key[:8], expiration[-1]) == ("native", "eu-west-1", "ASIAFAKE", "Z")


@pytest.mark.parametrize("arguments", [("exec", "--", *SHOW), ("env", "--format", "json")])
def test_profile_of_the_variable_may_be_any(home: Home, arguments: tuple[str, ...]) -> None:
    done = home.run(*arguments, AWS_PROFILE="vault")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"ASIAVAULT" in done.stdout


def test_nothing_is_cached_and_each_hand_out_is_on_the_trail(home: Home, sts: FakeSts) -> None:
    for _ in range(2):
        assert home.run("exec", "native", "--", "true").returncode == 0
    assert sts.count() == 2
    assert home.entries == []
    home.run("exec", "default", "--", "true")
    lines = [json.loads(line) for line in home.run("log", "--json").stdout.splitlines()]
    assert [(line["profile"], line["outcome"], line["role_arn"]) for line in lines] == [
        ("native", "passed", ROLE_ARN),
        ("native", "passed", ROLE_ARN),
        ("default", "failed", ""),
    ]
    assert [line.get("access_key_id", "") for line in lines] == ["ASIAFAKE00000001", "ASIAFAKE00000002", ""]
    assert lines[0]["expiration"].endswith("Z")


@pytest.mark.parametrize("profile", LONG_LIVED)
@pytest.mark.parametrize("command", ["exec", "env"])
def test_long_lived_key_is_refused_with_what_to_type(home: Home, profile: str, command: str) -> None:
    line = ["exec", profile, "--", "sh", "-c", "echo $HOME"] if command == "exec" else ["env", profile]
    said = error(home.run(*line), 2)
    assert f"profile {profile} has a long-lived key" in said
    whole = {
        "exec": f"credhelper exec --long-lived {profile} -- sh -c 'echo $HOME'",
        "env": f'eval "$(credhelper env --long-lived {profile})"',
    }
    assert said.splitlines()[1].endswith(f": {whole[command]}")


@pytest.mark.parametrize(
    "arguments", [("exec", "--long-lived", "default", "--", *SHOW), ("env", "--long-lived", "default")]
)
def test_option_without_a_terminal_is_refused(home: Home, arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [*PROGRAM, *arguments], env=home.environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        check=False, start_new_session=True,
    )  # fmt: skip
    assert "only at a terminal" in error(done, 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ("exec", "--long-lived", "{}", "--", *SHOW),
        ("exec", "{}", "--long-lived", "--", *SHOW),
        ("exec", "--long-lived", "--", *SHOW),
    ],
)
@pytest.mark.parametrize("profile", LONG_LIVED)
def test_person_at_a_terminal_may_hand_out_a_long_lived_key(
    home: Home, profile: str, arguments: tuple[str, ...]
) -> None:
    with Typist(home, [word.format(profile) for word in arguments], AWS_PROFILE=profile) as person:
        code, output, said = person.result()
    assert (code, said, output.split()[:2]) == (0, "", [profile, LONG_LIVED[profile]])


def test_hint_for_a_shell_hands_out_the_key_when_it_is_typed(home: Home) -> None:
    hint = error(home.run("env", "default", "--format", "bash"), 2).splitlines()[1].partition("terminal: ")[2]
    path = f"{Path(PROGRAM[0]).parent}{os.pathsep}{home.environ['PATH']}"
    with Typist(home, command=["/bin/bash", "-c", f"{hint}; echo $AWS_ACCESS_KEY_ID"], PATH=path) as person:
        assert person.result() == (0, "AKIAACC\n", "")


@pytest.mark.parametrize("name", ["r&d; echo $HOME", "it's", "a b", "\u043f"])
def test_hint_is_typed_as_it_is_for_every_name(home: Home, name: str) -> None:
    home.add_user("AKIAODD", profile=name)
    path = f"{Path(PROGRAM[0]).parent}{os.pathsep}{home.environ['PATH']}"
    command = ["sh", "-c", 'echo "$AWS_ACCESS_KEY_ID" "$1"', "-", "$(a) 'b'"]
    hint = error(home.run("exec", name, "--", *command), 2).splitlines()[1].partition("terminal: ")[2]
    with Typist(home, command=["/bin/sh", "-c", hint], PATH=path) as person:
        assert person.result() == (0, "AKIAODD $(a) 'b'\n", "")


def test_option_is_not_needed_for_what_expires(home: Home) -> None:
    assert home.run("exec", "--long-lived", "native", "--", "true").returncode == 0


@pytest.mark.parametrize("words", [["curl", "-H", "token: hunter2-and-some-more"], ["echo", *["word"] * 60]])
def test_hint_shows_no_secret_and_no_page_of_a_command(home: Home, words: list[str]) -> None:
    said = error(home.run("exec", "default", "--", *words), 2)
    assert said.endswith(": credhelper exec --long-lived default -- COMMAND\n")


@pytest.mark.parametrize(
    ("profile", "code", "text"),
    [
        ("empty", 2, "profile empty has no credentials: no keys"),
        ("lost", 2, "the configuration of lost cannot be used"),
        ("circle", 2, "the configuration of circle cannot be used"),
        ("vault-gone", 3, "the credentials of vault-gone need"),
        ("nearly", 2, "there is no profile nearly"),
        ("corpp", 2, "did you mean corp"),
    ],
)
def test_what_has_no_credentials_is_one_cause_and_a_hint(home: Home, profile: str, code: int, text: str) -> None:
    with home.config.open("a") as file:
        file.write("[profile vault-gone]\ncredential_process = /nowhere/at-all\n")
    assert text in error(home.run("exec", profile, "--", "true"), code)


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_role_without_a_region_takes_the_shells(home: Home, variable: str) -> None:
    with home.config.open("a") as file:
        file.write(f"[profile anywhere]\nrole_arn = {ROLE_ARN}\nsource_profile = default\n")
    done = home.run("exec", "anywhere", "--", "true", **{variable: "eu-west-3"})
    assert (done.returncode, done.stderr) == (0, b"")


def test_half_a_key_is_that_of_the_source(home: Home) -> None:
    with home.config.open("a") as file:
        file.write(f"[profile half]\naws_access_key_id = AKIAHALF\n[profile sub]\nrole_arn = {ROLE_ARN}\n")
        file.write("region = us-east-1\nsource_profile = half\n")
    said = error(home.run("exec", "sub", "--", "true"), 2)
    assert "the credentials of half are incomplete" in said
    assert "aws configure --profile half" in said


def test_session_that_has_ended_says_how_to_begin_one(home: Home, sso: FakeSso) -> None:
    sso.write_token(home.path, left_s=-60)
    sso._valid = canary.secret_key("another")  # the refresh token is no longer taken
    assert "hint: aws sso login --profile corp" in error(home.run("exec", "corp", "--", "true"), 4)


# What a rule of the source profiles refuses, is refused here, too.


@pytest.mark.parametrize("profile", ["web", "of-web"])
def test_token_file_that_others_may_write_to_is_not_read(home: Home, profile: str) -> None:
    (home.path / "token").chmod(0o666)
    assert "token is not read" in error(home.run("exec", profile, "--", "true"), 3)


@pytest.mark.parametrize("name", ["config", "credentials"])
def test_files_that_others_may_write_to_are_not_read(home: Home, name: str) -> None:
    (home.aws / name).chmod(0o666)
    assert f"{name} is not read" in error(home.run("exec", "native", "--", "true"), 3)


def test_token_file_with_a_relative_path_is_refused(home: Home) -> None:
    home.config.write_text(home.config.read_text().replace(str(home.path / "token"), "token"))
    assert "decides who profile web is" in error(home.run("exec", "web", "--", "true"), 2)


def test_program_with_a_relative_path_is_refused(home: Home) -> None:
    with home.config.open("a") as file:
        file.write("[profile here]\ncredential_process = ./vault\n")
    assert "./vault decides who profile here is" in error(home.run("exec", "here", "--", "true"), 2)


def test_token_of_a_session_goes_where_no_variable_points(home: Home, sts: FakeSts) -> None:
    home.config.write_text(home.config.read_text().replace(f"endpoint_url = {sts.url}\n", ""))
    home.run("exec", "web", "--", "true", AWS_ENDPOINT_URL=sts.url, CREDHELPER_TIMEOUT="5", AWS_MAX_ATTEMPTS="1")
    assert asked(sts) == []


def test_program_of_the_configuration_gets_the_whole_environment_and_no_stdin(home: Home) -> None:
    program = home.path / "vault-env.sh"
    document = {"Version": 1, "AccessKeyId": "ASIAX", "SecretAccessKey": "x" * 40, "SessionToken": "t" * 40}
    program.write_text(f"#!/bin/sh\nread line; env > {home.path}/seen\necho '{json.dumps(document)}'\n")
    program.chmod(0o700)
    with home.config.open("a") as file:
        file.write(f"[profile sees]\ncredential_process = {program}\n")
    assert home.run("exec", "sees", "--", "true", VAULT_ADDR="https://vault.example").returncode == 0
    seen = (home.path / "seen").read_text().splitlines()
    assert {"VAULT_ADDR=https://vault.example", "CREDHELPER_CHAIN=sees"} <= set(seen)


def test_profile_that_starts_us_for_itself_is_a_loop(home: Home) -> None:
    with home.config.open("a") as file:
        file.write(f"[profile again]\ncredential_process = {PROGRAM[0]} exec again -- true\n")
    began_s = time.monotonic()
    assert "the source profiles form a loop: again -> again" in error(home.run("exec", "again", "--", "true"), 3)
    assert time.monotonic() - began_s < 10


# A one-time code: asked for at the terminal, each sent once, whichever command and profile asks.


@pytest.fixture
def device(sts: FakeSts) -> None:
    sts.behaviour.token_code = "123456"


def test_code_is_asked_for_and_shared_with_credhelpers_own_profiles(home: Home, sts: FakeSts, device: None) -> None:
    home.add_role("ours-with-code", mfa_serial=SERIAL)
    while time.time() % 30 > 20:  # in one step of the device
        time.sleep(0.5)
    with Typist(home, ["login", "ours-with-code"]) as person:
        person.wait_for("): ")
        person.type("123456")
        assert person.result()[0] == 0
    with Typist(home, ["exec", "with-code", "--", *SHOW]) as person:
        person.wait_for("Enter MFA code")
        person.type("123456")
        person.wait_for("was used already")
        person.wait_for("Enter MFA code", 2)
        person.type("123456")  # who insists has it sent
        code, output, said = person.result()
    assert (code, said, output.split()[0]) == (0, "", "with-code")
    assert [request.get("TokenCode") for request in sts.requests] == ["123456", "123456"]


@pytest.mark.parametrize("typed", [["12345", "654321", "111111"], [""]], ids=["wrong", "cancelled"])
def test_hint_after_wrong_codes_is_the_command_that_was_typed(home: Home, device: None, typed: list[str]) -> None:
    with Typist(home, ["exec", "with-code", "--", "true"]) as person:
        for number, text in enumerate(typed, 1):
            person.wait_for("Enter MFA code", number)
            person.type(text)
        code, _, said = person.result()
    assert (code, said.splitlines()[1]) == (6, "hint: try again: credhelper exec with-code -- true")
    assert json.loads(home.run("log", "--json").stdout.splitlines()[-1])["outcome"] == "denied"


def test_code_without_a_terminal_is_one_line(home: Home) -> None:
    done = subprocess.run(
        [*PROGRAM, "env", "with-code", "--format", "json"], env=home.environ, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=60, check=False, start_new_session=True,
    )  # fmt: skip
    assert "hint: run it in a terminal: credhelper env --format json with-code" in error(done, 6)


# What hangs or has no end.


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("sleep 60", "did not end in time"),
        ("trap '' TERM HUP INT; while :; do sleep 1; done", "did not end in time"),
        ("yes", "writes without end"),
        ("yes >&2", "writes without end"),
        ("echo '{'; sleep 60", "did not end in time"),
        ("printf '\\033[2Jsecret_key=%s' " + USER_SECRET + " >&2; exit 9", "failed"),
    ],
    ids=["hangs", "ignores signals", "endless", "endless errors", "half", "says a secret"],
)
def test_program_that_misbehaves_is_bounded(home: Home, body: str, text: str) -> None:
    program = home.path / "vault-bad.sh"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o700)
    with home.config.open("a") as file:
        file.write(f"[profile bad]\ncredential_process = {program}\n")
    began_s = time.monotonic()
    done = home.run("exec", "bad", "--", "true", CREDHELPER_TIMEOUT="3")
    assert time.monotonic() - began_s < 9
    assert text in error(done, done.returncode)
    assert done.returncode in (3, 5)
    assert b"\x1b" not in done.stderr


@pytest.mark.parametrize("answer", ["slow-loris", "huge", "html"])
def test_sts_that_misbehaves_is_bounded(home: Home, sts: FakeSts, answer: str) -> None:
    sts.behaviour.answer = answer
    began_s = time.monotonic()
    done = home.run("exec", "native", "--", "true", CREDHELPER_TIMEOUT="3")
    assert time.monotonic() - began_s < 9
    error(done, done.returncode)
    assert done.returncode in (4, 5)


def test_sts_that_never_answers_is_bounded_and_on_the_trail(home: Home, sts: FakeSts) -> None:
    sts.behaviour.delay_s = 30
    began_s = time.monotonic()
    error(home.run("exec", "native", "--", "true", CREDHELPER_TIMEOUT="3"), 5)
    assert time.monotonic() - began_s < 9
    assert json.loads(home.run("log", "--json").stdout.splitlines()[-1])["outcome"] == "failed"


HANGS = {
    "a name that nothing resolves": "import socket, time; socket.getaddrinfo = lambda *a, **k: time.sleep(60)",
    "a file system": "import time, credhelper.commands.profile.list as m; m.open_sections = lambda own: time.sleep(60)",
}


@pytest.mark.parametrize("what", HANGS)
def test_call_that_never_returns_is_ended_from_outside(home: Home, what: str) -> None:
    line = home.line_with(HANGS[what], "exec", "native", "--", "true")
    began_s = time.monotonic()
    done = home.start(line, {"CREDHELPER_TIMEOUT": "3", "AWS_ENDPOINT_URL_STS": "http://localhost:9"})
    assert time.monotonic() - began_s < 9
    error(done, done.returncode)
    assert done.returncode in (3, 5, 7)
