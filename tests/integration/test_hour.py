"""What a person reads in the first hour, and what the programs that they start are given."""

import json
import subprocess

import pytest

from fakes.home import PROGRAM, Home
from fakes.sts import FakeSts


def put(home: Home, *times: str) -> None:
    state = home.path / ".local" / "state" / "credhelper"
    state.mkdir(parents=True, mode=0o700)
    lines = [json.dumps({"time": time, "profile": f"p{place}", "outcome": "hit"}) for place, time in enumerate(times)]
    (state / "handouts.jsonl").write_text("\n".join([*lines, ""]))
    (state / "handouts.jsonl").chmod(0o600)


@pytest.mark.parametrize(
    ("arguments", "shown", "said"),
    [
        ((), ["p0", "p1", "p2"], b""),
        (("-n", "2"), ["p1", "p2"], b""),
        (("-n", "0"), [], b""),
        (("--since", "2020-02-01T00:00", "-n", "9"), ["p1", "p2"], b""),
        (("--since", "1h"), [], b"nothing is recorded since 1h\n"),
    ],
)
def test_log_shows_the_lines_that_are_asked_for(
    bare_home: Home, arguments: tuple[str, ...], shown: list[str], said: bytes
) -> None:
    put(bare_home, "2020-01-01T00:00:00Z", "2020-03-01T00:00:00Z", "2020-04-01T00:00:00Z")
    done = bare_home.run("log", *arguments)
    assert [line.split("\t")[1] for line in done.stdout.decode().splitlines()] == shown
    assert done.stderr == said


@pytest.mark.parametrize("when", ["", "yesterday", "2x", "-1h", "2026-99-01"])
def test_since_that_is_no_time_is_refused(bare_home: Home, when: str) -> None:
    assert bare_home.run("log", "--since", when).returncode == 2


def test_nothing_that_matched_is_said(bare_home: Home) -> None:
    assert b"there are no profiles" in bare_home.run("profile", "list").stderr
    bare_home.add_role()
    done = bare_home.run("profile", "list", "zzz")
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"no profile matches zzz" in done.stderr


SHOW = ("sh", "-c", "echo $CREDHELPER_PROFILE $AWS_ACCESS_KEY_ID $AWS_PROFILE")


@pytest.mark.parametrize("arguments", [("exec", "prod-s3", "--", *SHOW), ("exec", "--", *SHOW)])
def test_child_knows_whose_credentials_it_has(bare_home: Home, arguments: tuple[str, ...]) -> None:
    with FakeSts() as sts:
        bare_home.add_user()
        bare_home.add_role()
        done = bare_home.run(*arguments, AWS_ENDPOINT_URL_STS=sts.url, AWS_PROFILE="prod-s3")
    assert done.stdout.split()[0] == b"prod-s3", done.stderr
    assert len(done.stdout.split()) == 2


@pytest.mark.parametrize(("command", "code"), [("/nowhere/at-all", 127), ("no-such-command", 127), ("/etc", 126)])
def test_exit_code_of_what_cannot_be_started_is_a_shells(bare_home: Home, command: str, code: int) -> None:
    with FakeSts() as sts:
        bare_home.add_user()
        bare_home.add_role()
        assert bare_home.run("exec", "prod-s3", "--", command, AWS_ENDPOINT_URL_STS=sts.url).returncode == code


@pytest.mark.parametrize("arguments", [("exec", "--", "true"), ("env",), ("login",)])
def test_profile_that_is_missing_is_said(bare_home: Home, arguments: tuple[str, ...]) -> None:
    done = bare_home.run(*arguments)
    assert done.returncode == 2
    assert b"no profile is given" in done.stderr


@pytest.mark.parametrize(("mode", "is_said"), [(0o644, True), (0o640, True), (0o600, False)])
def test_file_that_others_can_read_is_said(bare_home: Home, mode: int, *, is_said: bool) -> None:
    target = bare_home.path / "vars"
    target.touch()
    target.chmod(mode)
    with FakeSts() as sts, target.open("w") as file:
        bare_home.add_user()
        bare_home.add_role()
        environ = {**bare_home.environ, "AWS_ENDPOINT_URL_STS": sts.url}
        done = subprocess.run(
            [*PROGRAM, "env", "prod-s3"], env=environ, stdout=file, stderr=subprocess.PIPE, timeout=60, check=True
        )
    target.unlink()  # the leak check would find it, rightly
    assert (b"other users can read" in done.stderr) == is_said


def test_unset_removes_all_that_env_sets(bare_home: Home) -> None:
    with FakeSts() as sts:
        bare_home.add_user()
        bare_home.add_role()
        script = (
            f'eval "$({PROGRAM[0]} env prod-s3 --format bash)"; test "$CREDHELPER_PROFILE" = prod-s3 || exit 9; '
            f'eval "$({PROGRAM[0]} env --unset --format bash)"; env | grep -E "^(AWS_[A-Z_]*|CREDHELPER_PROFILE)="'
        )
        done = bare_home.start(["bash", "-c", script], {"AWS_ENDPOINT_URL_STS": sts.url})
    assert done.stdout.splitlines() == [f"AWS_ENDPOINT_URL_STS={sts.url}".encode()]
