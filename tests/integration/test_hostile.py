"""Whatever surrounds a request, it ends with the whole document or with one cause and one hint; nothing is lost."""

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes import canary
from fakes.home import HELPER, PROGRAM, Home, error, key_id
from fakes.sts import FakeSts

NEVER_ON_A_HIT = (
    "ctypes",
    "argparse",
    "botocore",
    "click",
    "collections",
    "dataclasses",
    "enum",
    "filelock",
    "hashlib",
    "json",
    "logging",
    "platformdirs",
    "re",
    "rich",
    "site",
    "subprocess",
    "tempfile",
    "typing",
)


def test_hit_loads_nothing_heavy(home: Home) -> None:
    key_id(home.get())
    python, *rest = home.line()
    done = home.start([python, "-X", "importtime", *rest], {})
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}
    assert "credhelper.provider.hit" in loaded
    assert not [name for name in loaded if name.partition(".")[0] in NEVER_ON_A_HIT]


TRAP = "import os\nopen(os.environ['WITNESS'], 'w').write('ran')\nraise SystemExit(99)\n"


@pytest.mark.parametrize("module", ["json", "sitecustomize", "usercustomize", "os", "credhelper", "botocore", "struct"])
@pytest.mark.parametrize("is_warm", [False, True])
def test_project_on_pythonpath_changes_nothing(home: Home, tmp_path: Path, module: str, is_warm: bool) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / f"{module}.py").write_text(TRAP)
    if is_warm:
        key_id(home.get())
    witness = tmp_path / "witness"
    hostile = {"PYTHONPATH": str(project), "PYTHONSTARTUP": str(project / f"{module}.py"), "WITNESS": str(witness)}
    key_id(home.start(home.line(), hostile, cwd=project))
    assert not witness.exists()


def test_console_script_ignores_a_json_module_on_pythonpath(home: Home, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text(TRAP)
    script = Path(sys.executable).with_name("credhelper")
    hostile = {"PYTHONPATH": str(tmp_path), "WITNESS": str(tmp_path / "witness")}
    done = home.start([str(script), "status", "--json"], hostile, cwd=tmp_path)
    assert json.loads(done.stdout)["entries"] == []
    assert not (tmp_path / "witness").exists()


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1", "PYTHONINSPECT": "1"},
        {"LC_ALL": "C", "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"},
        {"TZ": "Pacific/Kiritimati"},
        {"TMPDIR": "/nonexistent"},
        {"XDG_RUNTIME_DIR": "relative", "XDG_CACHE_HOME": "relative", "XDG_STATE_HOME": ""},
        {"PYTHON_KEYRING_BACKEND": "evil.Backend", "AWS_DATA_PATH": "/nonexistent"},
        {"FILLER": "x" * 120_000},
    ],
)
def test_strange_variables_change_nothing(home: Home, variables: dict[str, str]) -> None:
    first = key_id(home.get(**variables))
    assert key_id(home.get(**variables)) == first


@pytest.mark.parametrize(
    "url", ["http://sts.example.com", "ftp://127.0.0.1", "http://127.0.0.1.example.com", "http://user:pw@127.0.0.1"]
)
def test_endpoint_that_could_leak_is_refused(home: Home, sts: FakeSts, url: str) -> None:
    text = error(home.get(AWS_ENDPOINT_URL_STS=url), 2)
    assert "AWS_ENDPOINT_URL_STS" in text
    assert "pw" not in text


def break_missing(home: Home) -> None:
    home.config.unlink()


def break_empty(home: Home) -> None:
    home.config.write_bytes(b"")


def break_directory(home: Home) -> None:
    home.config.unlink()
    home.config.mkdir()


def break_latin1(home: Home) -> None:
    home.config.write_bytes(home.config.read_bytes() + b"# caf\xe9\n")


def break_duplicate(home: Home) -> None:
    home.config.write_bytes(home.config.read_bytes() * 2)


def break_garbage(home: Home) -> None:
    home.config.write_bytes(b"garbage\n" + home.config.read_bytes())


def break_role(home: Home) -> None:
    home.config.write_text(home.config.read_text().replace("arn:aws:iam", "arn:aws"))


def break_duration(home: Home) -> None:
    with home.config.open("a") as file:
        file.write("credhelper_duration_seconds = 60\n")


def break_unknown_key(home: Home) -> None:
    with home.config.open("a") as file:
        file.write("credhelper_durations = 3600\n")


def break_source(home: Home) -> None:
    home.config.write_text(home.config.read_text().replace("= default", "= nobody"))


def break_no_source_keys(home: Home) -> None:
    (home.aws / "credentials").unlink()


@pytest.mark.parametrize(
    "break_",
    [
        break_missing,
        break_empty,
        break_directory,
        break_latin1,
        break_duplicate,
        break_garbage,
        break_role,
        break_duration,
        break_unknown_key,
        break_source,
        break_no_source_keys,
    ],
)
def test_broken_configuration_is_explained_and_left_alone(
    home: Home, sts: FakeSts, break_: Callable[[Home], None]
) -> None:
    break_(home)
    before = home.config.read_bytes() if home.config.is_file() else b""
    done = home.get()
    assert done.returncode in (2, 3)
    error(done, done.returncode)
    assert sts.count() == 0
    assert before == (home.config.read_bytes() if home.config.is_file() else b"")


def test_unknown_profile_suggests_the_nearest(home: Home) -> None:
    assert "prod-s3" in error(home.get("prod-s4"), 2)


@pytest.mark.parametrize(
    "arguments",
    [["get"], ["get", "a", "b"], ["get", "--", "-x"], ["get", ""], ["get", "-x"], ["--profile", "x"], ["gte", "x"]],
)
def test_wrong_arguments_never_hand_out_anything(home: Home, arguments: list[str]) -> None:
    error(home.start([*HELPER, *arguments], {}), 2)


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\r", "\x7f", "\x9b", "\u2028"], ids=ascii)
def test_control_characters_reach_stderr_as_their_escapes(home: Home, character: str) -> None:
    text = error(home.get(f"a{character}[2Jb"), 2)
    assert character not in text
    code = ord(character)
    escape = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    assert f"there is no profile a{escape}[2Jb" in text


def test_no_arguments_at_all_print_the_help_and_fail(home: Home) -> None:
    done = home.start([*HELPER], {})
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"profile add prod-s3" in done.stderr


@pytest.mark.parametrize("is_warm", [False, True])
@pytest.mark.parametrize("closed", [[0], [2], [0, 2]])
def test_closed_stdin_or_stderr_do_not_matter(home: Home, is_warm: bool, closed: list[int]) -> None:
    if is_warm:
        key_id(home.get())
    script = f"exec {' '.join(home.line())} {' '.join(f'{fd}<&-' for fd in closed)}"
    done = home.start(["sh", "-c", script], {})
    assert done.returncode == 0
    assert json.loads(done.stdout)["Version"] == 1


@pytest.mark.parametrize("is_warm", [False, True])
@pytest.mark.parametrize("redirection", ["1>&-", ">/dev/full"])
def test_stdout_that_takes_nothing_is_a_failure(home: Home, is_warm: bool, redirection: str) -> None:
    if is_warm:
        key_id(home.get())
    done = home.start(["sh", "-c", f"exec {' '.join(home.line())} {redirection}"], {})
    assert done.returncode == 3
    assert done.stderr.startswith(b"credhelper: error: ")


@pytest.mark.parametrize("redirection", [">/dev/full 2>/dev/full", "1>&- 2>&-", "> document"])
def test_nothing_that_stdout_or_stderr_does_is_more_than_an_exit_code(home: Home, redirection: str) -> None:
    key_id(home.get())
    limit = "ulimit -f 0; " if redirection.endswith("document") else ""  # SIGXFSZ
    done = home.start(["sh", "-c", f"{limit}exec {' '.join(home.line())} {redirection}"], {})
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("is_warm", [False, True])
def test_reader_that_has_gone_is_a_quiet_failure(home: Home, is_warm: bool) -> None:
    if is_warm:
        key_id(home.get())
    process = home.popen()
    assert process.stdout is not None
    process.stdout.close()
    _, text = process.communicate(timeout=20)
    assert process.returncode == 3
    assert b"Traceback" not in text


def test_state_that_cannot_be_written_is_only_a_miss(home: Home, sts: FakeSts) -> None:
    for name in (".cache", ".local"):
        (home.path / name).write_text("a file where a directory should be")
    key_id(home.get())
    key_id(home.get())
    assert sts.count() == 2


def test_full_disk_is_only_a_miss(home: Home, sts: FakeSts) -> None:
    def no_space() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    done = subprocess.run(
        home.line(),
        env=home.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        preexec_fn=no_space,
        check=False,
    )
    key_id(done)
    assert home.entries == []


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_everything_we_make_is_private_whatever_the_umask(home: Home, umask: int) -> None:
    done = subprocess.run(
        home.line(), env=home.environ, stdin=subprocess.DEVNULL, capture_output=True, umask=umask, check=False
    )
    first = key_id(done)
    for top in (home.path / ".cache" / "credhelper", home.path / ".local" / "state" / "credhelper"):
        for path in [top, *top.rglob("*")]:
            expected = 0o700 if path.is_dir() else 0o600
            assert path.stat().st_mode & 0o777 == expected, path
    assert key_id(home.get()) == first


def test_secrets_are_nowhere_but_in_the_document(home: Home) -> None:
    document = json.loads(home.get().stdout)
    secrets = [document["SecretAccessKey"].encode(), document["SessionToken"].encode()]
    for path in home.path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [secret for secret in secrets if secret in content], path


def test_person_at_a_terminal_gets_a_hint_instead_of_secrets(home: Home) -> None:
    import pexpect

    shown = pexpect.run(" ".join(home.line()), env=home.environ, timeout=20).decode()
    assert "stdout is a terminal" in shown
    assert "credhelper exec prod-s3" in shown
    assert "AccessKeyId" not in shown
    assert not canary.find(shown.encode())


def test_one_time_code_is_asked_at_the_terminal_and_not_shown(home: Home, sts: FakeSts) -> None:
    import pexpect

    home.add_role("mfa", mfa_serial="arn:aws:iam::111111111111:mfa/David")
    sts.behaviour.token_code = "123456"
    child = pexpect.spawn(PROGRAM[0], [*PROGRAM[1:], "login", "mfa"], env=home.environ, timeout=20, encoding="utf-8")
    child.expect("MFA code for arn:aws:iam::111111111111:mfa/David")
    child.sendline("123456")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "123456" not in child.before
    assert not canary.find(child.before.encode())
    assert "acc-to-read-prod-s3-bucket" in child.before
    assert sts.count() == 1


def test_program_exec_runs_has_the_credentials_and_no_profile(home: Home) -> None:
    script = 'printf "%s %s" "$AWS_ACCESS_KEY_ID" "${AWS_PROFILE-none}"'
    done = home.run("exec", "prod-s3", "--", "sh", "-c", script, AWS_PROFILE="prod-s3")
    assert done.stdout == f"{key_id(home.get())} none".encode()


def test_exit_code_of_the_executed_program_is_ours(home: Home) -> None:
    assert home.run("exec", "prod-s3", "--", "sh", "-c", "exit 42").returncode == 42
    error(home.run("exec", "prod-s3", "--", "no-such-program"), 127)
