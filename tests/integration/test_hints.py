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
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "david")


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
    home: Home, tmp_path: Path, stubs: Path, name: str, arguments: list[str]
) -> None:
    home.config.write_text(
        f"[profile {shlex.quote(name)}]\nregion = eu-west-1\n[profile user]\nsource_profile = {name}\n", "utf-8"
    )
    done = home.run(*(name if argument == "NAME" else argument for argument in arguments))
    text = done.stderr.decode()
    lines = text.splitlines()
    assert done.returncode
    hints = [line.removeprefix("hint: ") for line in lines if line.startswith("hint: ")]
    assert len(hints) <= 1
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


def test_policy_of_nested_json_is_explained(home: Home) -> None:
    home.add_user()
    home.add_role()
    with home.config.open("a") as file:
        file.write("credhelper_policy = " + "[" * 2000 + "\n")
    done = home.get()
    assert done.returncode == 2
    assert b"neither JSON nor file://" in done.stderr


def test_chain_without_an_end_in_sight_is_explained(home: Home) -> None:
    home.add_user()
    for number in range(150):
        home.add_role(f"link{number}", source=f"link{number + 1}" if number < 149 else "default")
    done = home.get("link0")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"the chain of source profiles is longer than 50" in done.stderr
    assert home.run("profile", "list").returncode == 0
    assert b"Traceback" not in home.run("profile", "check").stderr


def test_failing_source_is_quoted_to_the_one_who_met_it_and_not_on_disk(home: Home, tmp_path: Path) -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    program = tmp_path / "source"
    program.write_text(
        f'#!/bin/sh\necho \'no luck with hunt3r2, {secret} and {{"SecretAccessKey" : "x1y2"}}\' >&2; exit 1\n'
    )
    program.chmod(0o755)
    home.add_role(source="vault")
    with home.config.open("a") as file:
        file.write(f"[profile vault]\ncredential_process = {program}\n")
    done = home.get()
    assert done.returncode
    assert b"no luck with hunt3r2, *** and" in done.stderr
    assert secret.encode() not in done.stderr
    assert b"x1y2" not in done.stderr
    for path in home.path.rglob("*"):
        assert not path.is_file() or b"hunt3r2" not in path.read_bytes(), path


def test_dry_run_shows_no_secret_of_a_neighbour(home: Home) -> None:
    home.config.write_text("[profile legacy]\naws_access_key_id = AKIA\naws_secret_access_key = hunt3r2\n")
    for arguments in (
        ["add", "new", "--role-arn", "arn:aws:iam::222222222222:role/x", "--source-profile", "legacy"],
        ["set", "legacy", "region=eu-west-1"],
        ["remove", "legacy"],
    ):
        done = home.run("profile", *arguments, "--dry-run")
        assert b"aws_secret_access_key = (hidden)" in done.stdout
        assert b"hunt3r2" not in done.stdout + done.stderr
    assert b"hunt3r2" not in home.run("profile", "show", "legacy").stdout
