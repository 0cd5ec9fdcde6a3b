"""The first hour, row by row: what is typed on which files, what it says, and the command that its hint gives.

Each row is a fault that a new user met; the names are those of the commands. What a hint's command does then is in
test_hint_commands.py, the guided `profile add` in test_guided.py, an upgrade in test_upgrades.py.
"""

import os
import subprocess
from dataclasses import dataclass, field

import pytest

from fakes.home import PROGRAM, ROLE_ARN, Home
from fakes.sts import CALLER_ARN, Behaviour, FakeSts

KEYS = "aws_access_key_id = AKIACANARY\naws_secret_access_key = made-up\n"
USER = f"[default]\n{KEYS}"
ROLE = f"role_arn = {ROLE_ARN}\nsource_profile = default\n"
OURS = f"credential_process = LINE\ncredhelper_role_arn = {ROLE_ARN}\ncredhelper_source_profile = default\n"
TO = ("--role-arn", ROLE_ARN)
FROM = ("--source-profile", "default")
ADD_P = f"credhelper profile add p --role-arn {ROLE_ARN} --source-profile default"
DENIED = f"User: {CALLER_ARN} is not authorized to perform: sts:AssumeRole on resource: {ROLE_ARN}"
STATEMENT = f'{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"{ROLE_ARN}"}}'
POLICY = f"""'{{"Version":"2012-10-17","Statement":[{STATEMENT}]}}'"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is typed, on which files, with which answer of STS; what is said, and the hint, "" for none."""

    typed: tuple[str, ...]
    code: int
    says: str
    hint: str = ""
    config: str = ""
    credentials: str = USER
    answer: tuple[int, str, str] | None = None
    environ: dict[str, str] = field(default_factory=dict)


ROWS = {
    "adopt: an odd name stops nothing": Row(
        config=f"[profile \u043f]\n{ROLE}[profile ok]\n{ROLE}", typed=("profile", "adopt", "--all"), code=0,
        says="adopted 1 profile (ok) in "),
    "login: a native role": Row(
        config=f"[profile p]\n{ROLE}", typed=("login", "p"), code=2,
        says="profile p is not one of credhelper's", hint="credhelper profile adopt p"),
    "login: keys of its own": Row(
        typed=("login", "default"), code=2, says="it has keys of its own, and needs no helper",
        hint="credhelper profile add default-role --role-arn ARN --source-profile default"),
    "get: single sign-on": Row(
        config="[profile corp]\nsso_session = s\nsso_account_id = 1\n", typed=("get", "corp"), code=2,
        says="SDKs sign in for it by themselves, and it needs no helper",
        hint="credhelper profile add corp-role --role-arn ARN --source-profile corp"),
    "add: its own source by force": Row(
        config=f"[profile q]\n{ROLE}", typed=("profile", "add", "default", "--force", *TO, *FROM), code=2,
        says="profile default cannot be its own source",
        hint=f"take another name: credhelper profile add default-role --role-arn {ROLE_ARN} --source-profile default"),
    "add: its own source": Row(
        typed=("profile", "add", "p", *TO, "--source-profile", "p"), code=2,
        says="profile p cannot be its own source", hint=f"take another source: {ADD_P}"),
    "add: a loop": Row(
        config=f"[profile q]\n{OURS}".replace("= default", "= p"),
        typed=("profile", "add", "p", *TO, "--source-profile", "q"), code=2,
        says="the source profiles form a loop: p -> q -> p", hint=f"take another source: {ADD_P}"),
    "add: a loop of native roles, and another source that leads into it": Row(
        config=f"[profile a]\n{ROLE}[profile q]\n{ROLE}".replace("= default", "= p"), credentials=f"[z]\n{KEYS}",
        typed=("profile", "add", "p", *TO, "--source-profile", "q"), code=2,
        says="p -> q -> p", hint=f"credhelper profile add p --role-arn {ROLE_ARN} --source-profile z"),
    "add: a loop without another source": Row(
        credentials="", typed=("profile", "add", "p", *TO, "--source-profile", "p"), code=2,
        says="cannot be its own source", hint="create a source that has keys: aws configure --profile default"),
    "add: a source that is not there": Row(
        typed=("profile", "add", "p", *TO, "--source-profile", "defalt"), code=0,
        says="there is no profile defalt, the source of p, so that it cannot be used yet; did you mean default?"),
    "login: a source that is not there": Row(
        config=f"[profile p]\n{OURS}".replace("= default", "= defalt"), typed=("login", "p"), code=2,
        says="there is no profile defalt in ",
        hint="did you mean default? take it: credhelper profile set p --source-profile default"),
    "add: there with another source": Row(
        config=f"[profile p]\n{OURS}".replace("= default", "= defalt"), typed=("profile", "add", "p", *TO, *FROM),
        code=2, says="profile p exists already", hint="credhelper profile set p --source-profile default"),
    "add: there, the very same": Row(
        config=f"[profile p]\n{OURS}", typed=("profile", "add", "p", *TO, *FROM), code=0, says="nothing to change"),
    "add: there, with keys in the other file": Row(
        config="[default]\nregion = eu-west-1\n", typed=("profile", "add", "default", *TO, "--source-profile", "x"),
        code=2, says="profile default exists already, as a profile of the kind static",
        hint="credhelper profile add default-role"),
    "check: a broken credentials file": Row(
        credentials=f"aws_access_key_id = x\n{USER}", typed=("profile", "check"), code=1,
        says="credentials:1: the whole file is rejected"),
    "login: no policy": Row(
        config=f"[profile p]\n{OURS}", typed=("login", "p"), code=4, says=f"no policy of {CALLER_ARN} allows",
        answer=(403, "AccessDenied", f"{DENIED} because no identity-based policy allows the sts:AssumeRole action"),
        hint="aws iam put-user-policy --user-name David --policy-name assume-acc-to-read-prod-s3-bucket "
        f"--policy-document {POLICY}"),
    "login: perhaps no such role": Row(
        config=f"[profile p]\n{OURS}", typed=("login", "p"), code=4, says="may not assume",
        answer=(403, "AccessDenied", DENIED), hint="does the role exist?"),
    "login: pasted keys that expired": Row(
        config=f"[profile p]\n{OURS}", credentials=f"{USER}aws_session_token = t\n", typed=("login", "p"), code=4,
        says="have expired", answer=(403, "ExpiredToken", "The security token included in the request is expired"),
        hint="replace all three keys: ${EDITOR:-vi} +2 "),
    "login: a key in quotes": Row(
        config=f"[profile p]\n{OURS}", credentials='[default]\naws_access_key_id = "A"\naws_secret_access_key = x\n',
        typed=("login", "p"), code=2, says="the access key ID of default is in quotes, and is sent with them",
        hint="aws configure --profile default"),
    "login: a secret in quotes": Row(
        config=f"[profile p]\n{OURS}", credentials="[default]\naws_access_key_id = A\naws_secret_access_key = 'x'\n",
        typed=("login", "p"), code=2, says="the secret access key of default is in quotes",
        hint="aws configure --profile default"),
    "add: eleven digits": Row(
        typed=("profile", "add", "p", "--role-arn", "arn:aws:iam::22222222222:role/x", *FROM, "--external-id", "ab"),
        code=2, says="--role-arn is not the ARN of a role: the account 22222222222 has 11 digits and not 12",
        hint="credhelper profile add p --role-arn ARN --source-profile default --external-id ab"),
    "add: a user": Row(
        typed=("profile", "add", "p", "--role-arn", "arn:aws:iam::222222222222:user/x", *FROM), code=2,
        says="it is one of the kind user", hint="credhelper profile add p --role-arn ARN --source-profile default"),
    "add: a session": Row(
        typed=("profile", "add", "p", "--role-arn", "arn:aws:sts::222222222222:assumed-role/x/y", *FROM), code=2,
        says="it is a session of one; the role is arn:aws:iam::222222222222:role/x", hint="credhelper profile add p"),
    "add: blanks around": Row(
        typed=("profile", "add", "p", "--role-arn", f" {ROLE_ARN}\n", *FROM), code=0, says="added profile p in "),
    "add: another option that is wrong": Row(
        typed=("profile", "add", "p", *TO, *FROM, "--duration-seconds", "5"), code=2,
        says="--duration-seconds is not a number of seconds from 900 to 43200",
        hint=f"{ADD_P} --duration-seconds 3600"),
    "set: an option that is wrong": Row(
        config=f"[profile p]\n{OURS}", typed=("profile", "set", "p", "--duration-seconds", "5", "--external-id", "ab"),
        code=2, says="--duration-seconds is not a number",
        hint="credhelper profile set p --duration-seconds 3600 --external-id ab"),
    "add: all is missing": Row(
        credentials=f"{USER}[work]\n{KEYS}", typed=("profile", "add", "p"), code=2,
        says="profile p needs --role-arn and --source-profile",
        hint="credhelper profile add p --role-arn ARN --source-profile default"),
    "add: all is missing, and one profile has keys": Row(
        credentials=f"[work]\n{KEYS}", typed=("profile", "add", "p", "--external-id", "ab"), code=2,
        says="profile p needs --role-arn",
        hint="credhelper profile add p --role-arn ARN --source-profile work --external-id ab"),
    "add: one profile has keys": Row(
        typed=("profile", "add", "p", *TO), code=0, says="note: the source is default, the only profile that has keys"),
    "add: no profile has keys": Row(
        config="[profile corp]\nsso_session = s\nsso_account_id = 1\n", credentials="",
        typed=("profile", "add", "p", *TO), code=2, says="profile p needs --source-profile",
        hint=f"credhelper profile add p --role-arn {ROLE_ARN} --source-profile corp"),
    "add: there is no profile": Row(
        credentials="", typed=("profile", "add", "p", *TO), code=2, says="no profile yet that has credentials",
        hint="make one with the access key of your user: aws configure"),
    "key move: a store of another system": Row(
        typed=("key", "move", "keyring:Windows"), code=2, says="there is no key store keyring:Windows on this machine",
        hint="one of: "),
    "logout: a name that no profile has": Row(
        config=f"[profile prod-s3]\n{OURS}", typed=("logout", "prod-s33"), code=2, says="there is no profile prod-s33",
        hint="did you mean prod-s3? see them: credhelper profile list"),
    "logout: nothing cached": Row(
        config=f"[profile p]\n{OURS}", typed=("logout", "p"), code=0, says="nothing was cached for p"),
    "set: nearly a key": Row(
        config=f"[profile p]\n{OURS}", typed=("profile", "set", "p", "rgion=x"), code=0, says="did you mean region?"),
    "set: a secret": Row(
        config=f"[profile p]\n{OURS}", typed=("profile", "set", "p", "aws_secret_access_key=x"), code=2,
        says="aws_secret_access_key is a secret", hint="aws configure --profile p"),
    "unset: no such key": Row(
        config=f"[profile p]\n{OURS}region = eu-west-1\n", typed=("profile", "unset", "p", "regoin"), code=0,
        says="profile p has no regoin; did you mean region?"),
    "status: keys in the environment": Row(
        typed=("status",), code=0, says="AWS_ACCESS_KEY_ID is set, and goes before AWS_PROFILE",
        environ={"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "x"}),
    "a command that is not there": Row(
        typed=("prfile",), code=2, says="there is no command prfile", hint="did you mean: credhelper profile"),
    "profile: a command that is not there": Row(
        typed=("profile", "lst"), code=2, says="there is no command lst", hint="did you mean: credhelper profile list"),
    "key: a command that is not there": Row(
        typed=("key", "xyz"), code=2, says="there is no command xyz", hint="credhelper key --help"),
    "set: an indented key": Row(
        config="[profile p]\n  region = eu-west-1\n", typed=("profile", "set", "p", "region=x"), code=2,
        says="line 2", hint="credhelper profile check"),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_row(bare_home: Home, sts: FakeSts, name: str) -> None:
    row = ROWS[name]
    sts.behaviour = Behaviour(error=row.answer)
    bare_home.config.write_text(row.config.replace("LINE", " ".join(bare_home.line("p"))), "utf-8")
    (bare_home.aws / "credentials").write_text(row.credentials)
    for path in bare_home.aws.iterdir():
        path.chmod(0o600)
        os.utime(path, (1, 1))
    done = bare_home.run(*row.typed, AWS_ENDPOINT_URL_STS=sts.url, **row.environ)
    text = (done.stdout + done.stderr).decode()
    hints = [line for line in text.splitlines() if line.startswith("hint: ")]
    assert done.returncode == row.code, text
    assert row.says in text
    assert row.hint in "\n".join(hints)
    assert len(hints) == (1 if row.hint else 0), text
    assert "this is a bug" not in text


@pytest.mark.parametrize(
    "arguments", ["list", f"add p --role-arn {ROLE_ARN}", f"add p --role-arn {ROLE_ARN} --source-profile x --dry-run",
                  "set p output=json", "remove p", "rename p q", "adopt --all", "show p"]
)  # fmt: skip
def test_file_that_is_no_text_is_named(bare_home: Home, arguments: str) -> None:
    bare_home.config.write_bytes(b"[default]\nregion = \x00\n")
    os.utime(bare_home.config, (1, 1))
    done = bare_home.run("profile", *arguments.split())
    assert done.returncode == 2
    assert done.stderr.startswith(f"credhelper: error: {bare_home.config}: line 2: there is a NUL byte\n".encode())


@pytest.mark.parametrize("place", ["/dev/full", "&-"])
@pytest.mark.parametrize(
    "command",
    ["profile list", "profile show p", "profile show p --json", "profile check", "status", "log", "key show", "--help",
     "--version", "logout p", "login p", "env p --format sts", "env --unset", "profile set p output=json --dry-run"],
)  # fmt: skip
def test_place_that_takes_no_output_is_no_bug(bare_home: Home, sts: FakeSts, command: str, place: str) -> None:
    bare_home.add_user()
    bare_home.add_role("p")
    environ = {**bare_home.environ, "AWS_ENDPOINT_URL_STS": sts.url}
    shell = ["/bin/sh", "-c", f"{PROGRAM[0]} {command} >{place}"]
    done = subprocess.run(shell, env=environ, stderr=subprocess.PIPE, timeout=60, check=False)
    said = done.stderr.decode()
    assert "bug" not in said
    if place == "&-":
        assert done.returncode == 0, said
    else:
        assert (done.returncode, "no space left on device" in said) in [(3, True), (0, False)], said
        # What there is to say of these is a remark.
        assert done.returncode == 3 or command in ("profile check", "log")


@pytest.mark.parametrize("arguments", [("profile", "list"), ("status",), ("prfile",)])
def test_closed_stderr_is_no_bug(bare_home: Home, arguments: tuple[str, ...]) -> None:
    shell = ["/bin/sh", "-c", f"{PROGRAM[0]} {' '.join(arguments)} 2>&-"]
    done = subprocess.run(shell, env=bare_home.environ, stdout=subprocess.PIPE, timeout=60, check=False)
    assert done.returncode == (2 if arguments == ("prfile",) else 0)


@pytest.mark.parametrize("opened", [".", ".local"])
def test_directory_that_others_may_write_to_is_the_one_that_is_named(bare_home: Home, opened: str) -> None:
    place = bare_home.path / opened
    place.mkdir(exist_ok=True)
    place.chmod(0o777)
    done = bare_home.run("profile", "add", "p", *TO, *FROM)
    assert done.returncode == 3
    lines = done.stderr.decode().splitlines()
    assert f"cannot lock it in {bare_home.path}/.local/state/credhelper/locks: {place}: others may" in lines[0]
    assert lines[1] == f"hint: chmod go-w {place}"
    subprocess.run(["/bin/sh", "-c", lines[1].removeprefix("hint: ")], check=True)
    assert bare_home.run("profile", "add", "p", *TO, *FROM).returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as sudo gives it")
def test_sudo_in_the_home_of_a_user_is_told_whose_the_files_are(bare_home: Home) -> None:
    bare_home.config.write_text("[default]\nregion = eu-west-1\n")
    for path in [bare_home.path, *bare_home.path.rglob("*")]:
        os.chown(path, 65534, 65534)
    done = bare_home.run("profile", "set", "default", "output=json")
    assert done.returncode == 3
    assert b"hint: these files belong to nobody: run it without sudo, as nobody\n" in done.stderr
