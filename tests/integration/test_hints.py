"""A hint that a person copies runs what it says, with any name in the files: real refusals, read by real shells."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from fakes.home import Home

NAMES = ["$(touch${IFS}ran)`touch${IFS}ran`", "a;touch${IFS}ran", "a'b\"c", "-x", "a&touch ran|c>ran", "a\u202eb\\"]
# Programs that hints name, each of which does nothing here, and the one that a hostile name would start.
PROGRAMS = ("credhelper", "aws", "ls", "chmod", "sudo", "cp", "mv", "getent", "curl", "env", "touch")


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    directory = tmp_path / "stubs"
    directory.mkdir()
    for name in PROGRAMS:
        stub = directory / name
        stub.write_text("#!/bin/sh\necho touched > ran\n" if name == "touch" else "#!/bin/sh\n")
        stub.chmod(0o755)
    return directory


def shown(name: str) -> str:
    return name.replace("\u202e", "\\u202e")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "arguments",
    [
        ["profile", "remove", "--dry-run", "--", "NAME"],
        ["profile", "adopt", "--", "NAME"],
        ["profile", "add", "--role-arn", "arn:aws:iam::222222222222:role/x", "--source-profile", "d", "--", "NAME"],
        ["login", "--", "NAME"],
        ["get", "--", "NAME"],
        ["exec", "--", "NAME", "true"],
        ["profile", "release", "--", "NAME"],
        ["profile", "set", "--external-id", "ab", "--", "NAME"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_hint_of_a_refusal_runs_nothing_of_a_hostile_name(
    bare_home: Home, tmp_path: Path, stubs: Path, name: str, arguments: list[str]
) -> None:
    bare_home.config.write_text(
        f"[profile {shlex.quote(name)}]\nregion = eu-west-1\n[profile user]\nsource_profile = {name}\n", "utf-8"
    )
    done = bare_home.run(*(name if argument == "NAME" else argument for argument in arguments))
    text = done.stderr.decode()
    lines = text.splitlines()
    assert done.returncode
    hints = [line.removeprefix("hint: ") for line in lines if line.startswith("hint: ")]
    assert len(hints) == 1
    assert all(line.startswith(("credhelper: error: ", "hint: ", "note: ")) for line in lines), text
    for hint in hints:
        command = hint.rpartition(": ")[2] if ": " in hint else hint
        words = shlex.split(command)
        if shown(name) in hint or shlex.quote(shown(name)) in hint:
            assert any(shown(name) in word for word in words)
        away = tmp_path / "away"
        away.mkdir(exist_ok=True)
        environ = {"PATH": f"{stubs}{os.pathsep}/bin", "HOME": str(away)}
        subprocess.run(["/bin/sh", "-c", command], cwd=away, env=environ, capture_output=True, timeout=20, check=False)
        assert not (away / "ran").exists()


ROLE = "arn:aws:iam::222222222222:role/x"
STRANGERS = {
    "role": (f"role_arn = {ROLE}\nsource_profile = default\n", "profile adopt NAME"),
    "role and process": (
        f"role_arn = {ROLE}\nsource_profile = default\ncredential_process = /bin/true\n",
        f"profile add NAME-role --role-arn {ROLE} --source-profile NAME",
    ),
    "own keys": (
        f"role_arn = {ROLE}\nsource_profile = NAME\naws_access_key_id = A\naws_secret_access_key = B\n",
        f"profile add NAME-role --role-arn {ROLE} --source-profile NAME",
    ),
    "sso": ("sso_session = corp\n", "profile add NAME-role --role-arn ARN --source-profile NAME"),
    "static": ("aws_access_key_id = A\naws_secret_access_key = B\n", "profile add NAME-role --role-arn ARN"),
    "process": ("credential_process = /bin/true\n", "profile add NAME-role --role-arn ARN --source-profile NAME"),
    "region": ("region = eu-west-1\n", "profile add NAME-role --role-arn ARN --source-profile NAME"),
}


@pytest.mark.parametrize("kind", STRANGERS)
def test_hint_for_a_profile_that_is_not_credhelpers_is_a_command_that_works(bare_home: Home, kind: str) -> None:
    section, command = STRANGERS[kind]
    bare_home.add_user()
    bare_home.config.write_text(f"[profile dev]\n{section}".replace("NAME", "dev"))
    text = bare_home.get("dev").stderr.decode()
    assert "profile dev is not one of credhelper's" in text
    words = shlex.split(text.rpartition("credhelper ")[2])
    assert " ".join(words).startswith(command.replace("NAME", "dev"))
    done = bare_home.run(*(ROLE if word == "ARN" else word for word in words))
    assert done.returncode == 0, done.stderr
    assert b"is not one of credhelper's" not in bare_home.get(words[2]).stderr


@pytest.mark.parametrize("command", ["get", "login", "logout", "profile show"])
def test_name_with_a_line_break_stays_in_its_line(bare_home: Home, command: str) -> None:
    bare_home.config.write_text("[profile x]\nregion = eu-west-1\n")
    done = bare_home.run(*command.split(), "a\nb")
    lines = (done.stdout + done.stderr).decode().splitlines()
    assert len(lines) <= 2
    assert "a\\x0ab" in lines[0]


PASSWORDS = [
    "/usr/bin/vault --password hunt3r2 get",
    "/usr/bin/env VAULT_TOKEN=hunt3r2 vault get",
    "/usr/bin/vault --secret='hunt3r2' get",
    "/usr/bin/curl https://david:hunt3r2@vault.example/",
]


@pytest.mark.parametrize("key", ["credential_process", "credhelper_mfa_process", "# credential_process"])
@pytest.mark.parametrize("line", PASSWORDS)
def test_password_of_a_command_line_is_not_shown(bare_home: Home, key: str, line: str) -> None:
    role = f"credhelper_role_arn = {ROLE}\ncredhelper_source_profile = default\ncredhelper_mfa_serial = GAHT12345678\n"
    bare_home.add_user()
    bare_home.config.write_text(f"[profile legacy]\n{role * ('mfa' in key)}{key} = {line}\nregion = us-east-1\n")
    shown = [
        bare_home.run("profile", *arguments)
        for arguments in (
            ["show", "legacy"],
            ["show", "legacy", "--json"],
            ["set", "legacy", "region=eu-west-1", "--dry-run"],
            ["add", "new", "--role-arn", ROLE, "--source-profile", "legacy", "--dry-run"],
        )
    ]
    assert not any(b"hunt3r2" in done.stdout + done.stderr for done in shown)
    assert b"***" in shown[2].stdout


def test_own_line_is_shown_whole(bare_home: Home) -> None:
    bare_home.add_user()
    done = bare_home.run("profile", "add", "new", "--role-arn", ROLE, "--source-profile", "default", "--dry-run")
    assert b"***" not in done.stdout
    assert b"credhelper/get.py get new" in done.stdout


def test_policy_of_nested_json_is_explained(bare_home: Home) -> None:
    bare_home.add_user()
    bare_home.add_role()
    with bare_home.config.open("a") as file:
        file.write("credhelper_policy = " + "[" * 2000 + "\n")
    done = bare_home.get()
    assert done.returncode == 2
    assert b"neither JSON nor file://" in done.stderr


def test_chain_without_an_end_in_sight_is_explained(bare_home: Home) -> None:
    bare_home.add_user()
    for number in range(150):
        bare_home.add_role(f"link{number}", source=f"link{number + 1}" if number < 149 else "default")
    done = bare_home.get("link0")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"the chain of source profiles is longer than 50" in done.stderr
    assert bare_home.run("profile", "list").returncode == 0
    assert b"Traceback" not in bare_home.run("profile", "check").stderr


def test_failing_source_is_quoted_to_the_one_who_met_it_and_not_on_disk(bare_home: Home, tmp_path: Path) -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    program = tmp_path / "source"
    program.write_text(
        f'#!/bin/sh\necho \'no luck with hunt3r2, {secret} and {{"SecretAccessKey" : "x1y2"}}\' >&2; exit 1\n'
    )
    program.chmod(0o755)
    bare_home.add_role(source="vault")
    with bare_home.config.open("a") as file:
        file.write(f"[profile vault]\ncredential_process = {program}\n")
    done = bare_home.get()
    assert done.returncode
    assert b"no luck with hunt3r2, *** and" in done.stderr
    assert secret.encode() not in done.stderr
    assert b"x1y2" not in done.stderr
    for path in bare_home.path.rglob("*"):
        assert not path.is_file() or b"hunt3r2" not in path.read_bytes(), path


def test_dry_run_shows_no_secret_of_a_neighbour(bare_home: Home) -> None:
    bare_home.config.write_text("[profile legacy]\naws_access_key_id = AKIA\naws_secret_access_key = hunt3r2\n")
    for arguments in (
        ["add", "new", "--role-arn", "arn:aws:iam::222222222222:role/x", "--source-profile", "legacy"],
        ["set", "legacy", "region=eu-west-1"],
        ["remove", "legacy"],
    ):
        done = bare_home.run("profile", *arguments, "--dry-run")
        assert b"aws_secret_access_key = (hidden)" in done.stdout
        assert b"hunt3r2" not in done.stdout + done.stderr
    assert b"hunt3r2" not in bare_home.run("profile", "show", "legacy").stdout
