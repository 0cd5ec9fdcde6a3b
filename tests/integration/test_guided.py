"""The guided `profile add` at a real terminal: what it shows and writes; an end at any question leaves all as it was.

What it makes of each answer is in tests/unit/commands/profile/test_guide.py.
"""

import os
from pathlib import Path

import pytest

from fakes.home import PROGRAM, ROLE_ARN, Home
from fakes.sts import Behaviour, FakeSts
from fakes.typist import Typist

NAME = "acc-to-read-prod-s3-bucket-222222222222"
SESSION = "arn:aws:sts::222222222222:assumed-role/acc-to-read-prod-s3-bucket/"
DEVICE = "arn:aws:iam::111111111111:mfa/david"
QUESTIONS = [("Source profile [default]: ", ""), ("Role ARN: ", ROLE_ARN), (f"Profile name [{NAME}]: ", "")]
LAST = ("config? [yes]: ", "")


@pytest.fixture
def home(tmp_path: Path, sts: FakeSts) -> Home:
    made = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
    made.add_user()
    return made.settle()


def guided(home: Home, *options: str, **environ: str) -> Typist:
    return Typist(home, ["profile", "add", *options], is_standard=True, **environ)


def answer(person: Typist, *questions: tuple[str, str]) -> None:
    for question, text in questions:
        person.wait_for(question)
        person.type(text)


def test_four_answers_make_a_profile_and_say_who_one_is(home: Home, sts: FakeSts) -> None:
    with guided(home) as person:
        answer(person, *QUESTIONS, LAST)
        code, _, _ = person.result()
    assert code == 0, person.seen
    assert f"added profile {NAME}" in person.seen
    assert f"+credhelper_role_arn = {ROLE_ARN}" in person.seen
    assert f"you are now {SESSION}" in person.seen
    assert sts.count() == 1
    assert sts.requests[0]["RoleSessionName"] in person.seen
    assert home.get(NAME).returncode == 0
    assert sts.count() == 1


@pytest.mark.parametrize("count", range(4))
@pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("\x04", 2)])
def test_end_at_any_question_leaves_the_files_as_they_were(
    home: Home, sts: FakeSts, count: int, key: str, code: int
) -> None:
    before = {path: path.read_bytes() for path in home.aws.iterdir()}
    questions = [*QUESTIONS, LAST]
    with guided(home) as person:
        answer(person, *questions[:count])
        person.wait_for(questions[count][0])
        person.press(key)
        found, _, _ = person.result()
    after = person.seen.rpartition(questions[count][0])[2].replace("^C", "").replace("^D", "").split("\r\n")
    lines = [line for line in after if line.strip("\b ")]
    hints = ["hint: to answer again: credhelper profile add"] if code == 2 else []
    assert (found, lines[1:]) == (code, hints)
    assert "nothing is written" in lines[0]
    assert {path: path.read_bytes() for path in home.aws.iterdir()} == before
    assert sts.count() == 0


def test_what_is_no_text_is_refused_as_an_answer(home: Home) -> None:
    with guided(home) as person:
        answer(person, ("Source profile [default]: ", ""))
        person.wait_for("Role ARN: ")
        person.press("arn:aws:iam::222222222222:role/\udcff\x1b[A\n")
        person.wait_for("That is not the ARN of a role")
        person.press("\x03")
        assert person.result()[0] == 130


def test_no_to_the_change_writes_nothing(home: Home) -> None:
    with guided(home) as person:
        answer(person, *QUESTIONS, ("config? [yes]: ", "perhaps"))
        person.wait_for("config? [yes]: ", 2)
        person.type("n")
        assert person.result()[0] == 2
    assert "hint: to answer again: credhelper profile add" in person.seen
    assert "nothing is written: as you said" in person.seen
    assert not home.config.exists()


def test_dry_run_asks_and_shows_and_writes_nothing(home: Home, sts: FakeSts) -> None:
    with guided(home, "--dry-run", "--external-id", "abc") as person:
        answer(person, *QUESTIONS)
        assert person.result()[0] == 0
    assert "+credhelper_external_id = abc" in person.seen
    assert not home.config.exists()
    assert sts.count() == 0


def test_refusal_of_aws_is_the_true_one_and_the_profile_stays(home: Home, sts: FakeSts) -> None:
    sts.behaviour = Behaviour(error=(403, "AccessDenied", "not authorized to perform: sts:AssumeRole"))
    with guided(home) as person:
        answer(person, *QUESTIONS, LAST)
        assert person.result()[0] == 4
    assert f"try it again: credhelper login {NAME}" in person.seen
    assert "hint: does the role exist?" in person.seen
    assert "you are now" not in person.seen
    assert f"[profile {NAME}]" in home.config.read_text()


def test_device_is_proposed_and_its_code_is_asked_for(home: Home, sts: FakeSts) -> None:
    home.config.write_text(f"[profile other]\nrole_arn = {ROLE_ARN}\nsource_profile = default\nmfa_serial = {DEVICE}\n")
    home.settle()
    sts.behaviour = Behaviour(token_code="123456")
    with guided(home) as person:
        answer(person, *QUESTIONS, (f"MFA device [{DEVICE}]: ", ""), LAST)
        person.wait_for("MFA code")
        person.type("123456")
        assert person.result()[0] == 0, person.seen
    assert f"you are now {SESSION}" in person.seen
    assert sts.requests[-1]["SerialNumber"] == DEVICE


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"NO_COLOR": "1", "TERM": "xterm-256color"}])
def test_plain_terminal_gets_no_colour(home: Home, environ: dict[str, str]) -> None:
    with guided(home, **environ) as person:
        answer(person, *QUESTIONS, LAST)
        assert person.result()[0] == 0
    assert "\x1b" not in person.seen


def test_questions_and_the_change_are_on_stderr(home: Home, tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", f"{PROGRAM[0]} profile add > {tmp_path}/out"]
    with Typist(home, command=command, is_standard=True) as person:
        answer(person, *QUESTIONS, LAST)
        assert person.result()[0] == 0
    lines = (tmp_path / "out").read_text().splitlines()
    assert [line.partition(" ")[0] for line in lines] == [f"{NAME}:", "you"]
    assert f"+credhelper_role_arn = {ROLE_ARN}" in person.seen


@pytest.mark.parametrize("redirection", ["< /dev/null", "2> /dev/null"])
def test_without_a_terminal_it_is_a_usage_error(home: Home, redirection: str) -> None:
    with Typist(home, command=["/bin/sh", "-c", f"{PROGRAM[0]} profile add {redirection}"], is_standard=True) as person:
        assert person.result()[0] == 2
    assert "Source profile" not in person.seen
    if "2>" not in redirection:
        assert "missing argument 'NAME'" in person.seen
        assert "hint: credhelper profile add --help" in person.seen


def test_file_that_cannot_be_written_is_said_instead_of_a_question(home: Home) -> None:
    home.config.write_text("[default]\n")
    home.config.chmod(0o400)
    with guided(home.settle()) as person:
        assert person.result()[0] == 3
    assert "is read-only" in person.seen
    assert f"hint: chmod u+w {home.config}" in person.seen
    assert "Whose credentials" not in person.seen


def test_source_that_is_not_there_is_said_before_the_role_is_asked_for(home: Home) -> None:
    with guided(home, "--source-profile", "defalt") as person:
        answer(person, QUESTIONS[0])
        person.wait_for("Role ARN: ")
        person.press("\x03")
        assert person.result()[0] == 130
    assert "There is no profile defalt; did you mean default?" in person.seen


def test_login_at_once_is_an_option(home: Home) -> None:
    typed = ["profile", "add", "p", "--role-arn", ROLE_ARN, "--source-profile", "default", "--login"]
    done = home.run(*typed)
    assert done.returncode == 0, done.stderr
    assert f"you are now {SESSION}".encode() in done.stdout
    assert os.listdir(home.cache)
