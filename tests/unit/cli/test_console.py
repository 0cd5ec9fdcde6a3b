"""What the options of `console` refuse before anything is read or asked; `--print` and `--json` of a role switch."""

import json
import shlex

import pytest
from click.testing import CliRunner

from credhelper.cli.app import main as program
from credhelper.errors import CredhelperError, InputError, MachineError
from fakes.home import Home


def refused(*arguments: str) -> CredhelperError:
    error = CliRunner().invoke(program, ["console", "prod-s3", *arguments]).exception
    assert isinstance(error, CredhelperError), error
    return error


@pytest.mark.parametrize(
    ("arguments", "said", "hint"),
    [
        (("--service", "s3", "--destination", "https://x"), "two pages", "credhelper console prod-s3 --service s3"),
        (
            ("--region", "eu-west-1", "--destination", "https://x/?a&b"),
            "--region is not for --destination",
            "credhelper console prod-s3 --destination 'https://x/?a&b'",
        ),
        (
            ("--switch-role", "--service", "s3", "--duration", "900"),
            "--switch-role is no sign-in, so there is no --service and no --duration",
            "credhelper console prod-s3 --switch-role",
        ),
        (("--switch-role", "--logout-first"), "there is no --logout-first", "credhelper console prod-s3 --switch-role"),
        (("--container", "a\x1b[31m", "--print"), "--container is not a name", "--container prod-s3"),
        (("--container-extension", "granted", "--print"), "about the container of --container", "--container Prod"),
        (("--browser", "firefox", "--print"), "--browser opens the link", "credhelper console prod-s3"),
        (("--browser", "firefox", "--json"), "--browser opens the link", "credhelper console prod-s3"),
    ],
    ids=str,
)
def test_options_that_do_not_go_together_are_refused(arguments: tuple[str, ...], said: str, hint: str) -> None:
    told = refused(*arguments)
    assert isinstance(told, InputError)
    assert said in told.message
    assert hint in told.hint


@pytest.mark.parametrize("name", ["service", "destination", "region", "container", "browser"])
def test_empty_option_is_refused(name: str) -> None:
    assert f"--{name} is given without a value" in refused(f"--{name}", "", "--print").message


@pytest.mark.parametrize("duration", ["899", "43201", "-1", "1h", "9e3", ""])
def test_duration_is_900_to_43200_seconds(duration: str) -> None:
    done = CliRunner().invoke(program, ["console", "prod-s3", "--duration", duration])
    assert done.exit_code == 2


@pytest.fixture
def made(bare_home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    bare_home.add_user()
    bare_home.add_role()
    bare_home.add_role("-odd", external_id="abcd")
    bare_home.config.chmod(0o600)
    monkeypatch.setenv("HOME", str(bare_home.path))
    return bare_home


SWITCH = (
    "https://signin.aws.amazon.com/switchrole?account=222222222222&roleName=acc-to-read-prod-s3-bucket&displayName="
)


@pytest.mark.usefixtures("made")
def test_switch_is_printed_with_what_it_leaves_out_beside_it() -> None:
    done = CliRunner().invoke(program, ["console", "--switch-role", "--print", "--", "-odd"])
    assert (done.exit_code, done.stdout) == (0, f"{SWITCH}-odd\n")
    assert done.stderr == "note: the console cannot send the external ID of profile -odd\n"
    done = CliRunner().invoke(program, ["console", "prod-s3", "--switch-role", "--json"])
    assert json.loads(done.stdout) == {
        "profile": "prod-s3",
        "url": f"{SWITCH}prod-s3",
        "is_secret": False,
        "partition": "aws",
        "account_id": "222222222222",
        "arn": "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket",
        "valid_until": None,
    }


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(("extension", "scheme"), [("", "ext+container"), ("granted", "ext+granted-containers")])
def test_container_is_around_the_link(extension: str, scheme: str) -> None:
    more = ["--container-extension", extension] if extension else []
    done = CliRunner().invoke(
        program, ["console", "prod-s3", "--switch-role", "--print", "--container", "a b&c", *more]
    )
    assert done.stdout.startswith(f"{scheme}:name=a%20b%26c&url=https%3A%2F%2Fsignin.aws.amazon.com%2Fswitchrole%3F")
    assert done.stdout.count("\n") == 1


@pytest.mark.usefixtures("made")
def test_browser_that_is_not_there_is_named_before_anything_is_asked() -> None:
    told = refused("--browser", "/nowhere/browser")
    assert isinstance(told, MachineError)
    assert told.hint == "credhelper console prod-s3 --print"


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    "options",
    [
        ["--switch-role"],
        ["--service", "s3", "--region", "eu-west-1", "--logout-first"],
        ["--duration", "900", "--container", "a b"],
        [
            "--destination",
            "https://console.aws.amazon.com/s3/?a&b",
            "--container",
            "c",
            "--container-extension",
            "granted",
        ],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("profile", ["prod-s3", "-odd"])
def test_link_to_print_instead_is_the_one_that_was_asked_for(options: list[str], profile: str) -> None:
    done = CliRunner().invoke(program, ["console", *options, "--browser", "/nowhere/browser", "--", profile])
    assert isinstance(done.exception, MachineError)
    _, _, *words = shlex.split(done.exception.hint)
    assert sorted(words) == sorted(["--print", *options, *(["--"] if profile[0] == "-" else []), profile])


@pytest.mark.usefixtures("made")
def test_switch_that_the_files_speak_against_is_refused_before_a_browser_is_looked_for() -> None:
    done = CliRunner().invoke(program, ["console", "default", "--switch-role", "--browser", "/nowhere/browser"])
    assert isinstance(done.exception, InputError)
    assert done.exception.message == "profile default has no role to switch to"
