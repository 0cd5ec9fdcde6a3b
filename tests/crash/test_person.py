"""A person's command starts afresh: their failures are their own, a wrong code is asked for again, login renews."""

import subprocess
import time
from pathlib import Path

import pytest

from credhelper.cache import store
from fakes.home import PROGRAM, Home, error, key_id
from fakes.sts import FakeSts
from fakes.typist import Typist

pytestmark = pytest.mark.usefixtures("device")
SERIAL = "arn:aws:iam::111111111111:mfa/David"
PROMPT = "(profile prod-s3): "


@pytest.fixture
def home(tmp_path: Path, sts: FakeSts) -> Home:
    home = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
    home.add_user()
    home.add_role(mfa_serial=SERIAL)
    return home


def editor(home: Home) -> "subprocess.CompletedProcess[bytes]":
    """Ask as an editor does, which has no terminal."""
    return subprocess.run(
        home.line(),
        env=home.environ,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [
        (*PROGRAM, "login", "prod-s3"),
        (*PROGRAM, "exec", "prod-s3", "--", "true"),
        (*PROGRAM, "env", "prod-s3", "--format", "json"),
        None,
    ],
    ids=["login", "exec", "env", "get"],
)
def test_who_has_a_terminal_is_asked_although_an_editor_has_none(home: Home, command: tuple[str, ...] | None) -> None:
    error(editor(home), 6)
    with Typist(home, command=command or home.line()) as person:
        person.wait_for(PROMPT)
        person.type("123456")
        assert person.result()[0] == 0


@pytest.mark.parametrize(
    "command",
    [(*PROGRAM, "login", "prod-s3"), (*PROGRAM, "exec", "prod-s3", "--", "true")],
    ids=["login", "exec"],
)
def test_time_that_a_person_takes_to_type_is_not_counted(home: Home, command: tuple[str, ...]) -> None:
    """Two prompts that are each longer than the whole request may take."""
    with Typist(home, command=command, CREDHELPER_TIMEOUT="3") as person:
        person.wait_for(PROMPT)
        time.sleep(3.5)
        person.type("12345")
        person.wait_for(PROMPT, 2)
        time.sleep(3.5)
        person.type("123456")
        assert person.result()[0] == 0


def test_program_that_waits_for_the_answer_has_its_time_all_the_same(home: Home) -> None:
    began_s = time.monotonic()
    with Typist(home, command=home.line(), CREDHELPER_TIMEOUT="3") as person:
        person.wait_for(PROMPT)
        code, _, said = person.result()
    assert (code, "no one-time code was given in time" in said) == (6, True)
    assert time.monotonic() - began_s < 10


def test_editors_without_a_terminal_share_that_they_have_none(home: Home) -> None:
    error(editor(home), 6)
    note = Path(store.failure_path(home.settings(), store.entry_name(str(home.config), "prod-s3")))
    left = note.stat().st_mtime_ns
    error(editor(home), 6)
    assert note.stat().st_mtime_ns == left


@pytest.mark.parametrize("first", ["", "12345", "654321"], ids=["cancelled", "too short", "refused"])
def test_login_after_a_failed_login_asks_again(home: Home, first: str) -> None:
    for _ in range(2):
        with Typist(home, ["login", "prod-s3"]) as person:
            person.wait_for(PROMPT)
            person.type(first)
            if first:
                person.wait_for(PROMPT, 2)
                person.type("")
            code, _, said = person.result()
            assert code == 6
            assert "cancelled" in said


def test_wrong_codes_are_asked_for_again_and_only_codes_are_sent(home: Home, sts: FakeSts) -> None:
    with Typist(home, ["login", "prod-s3"]) as person:
        for number, typed in enumerate(["12345", "654321", "123 456"], start=1):
            person.wait_for(PROMPT, number)
            person.type(typed)
        assert person.result()[0] == 0
    assert "nothing was sent" in person.seen
    assert "the next comes in about" in person.seen
    assert not {"12345", "654321", "123 456"} & set(person.seen.split("\n"))
    assert [request["TokenCode"] for request in sts.requests] == ["654321", "123456"]


def test_third_wrong_code_is_the_last(home: Home, sts: FakeSts) -> None:
    with Typist(home, ["login", "prod-s3"]) as person:
        for number in range(1, 4):
            person.wait_for(PROMPT, number)
            person.type(f"65432{number}")
        code, _, said = person.result()
    assert code == 6
    assert "AWS refused the one-time code" in said
    assert person.seen.count(PROMPT) == 3
    assert sts.count() == 3


def test_code_that_was_sent_is_not_sent_twice_unless_the_person_insists(home: Home, sts: FakeSts) -> None:
    home.add_role("other", mfa_serial=SERIAL)
    wait_for_a_new_step()
    with Typist(home, ["login", "prod-s3"]) as person:
        person.wait_for(PROMPT)
        person.type("123456")
        assert person.result()[0] == 0
    with Typist(home, ["login", "other"]) as person:
        person.wait_for("(profile other): ")
        person.type("123456")
        person.wait_for("(profile other): ", 2)
        assert sts.count() == 1
        assert "was used already" in person.seen
        person.type("123456")
        assert person.result()[0] == 0


def wait_for_a_new_step() -> None:
    """Wait until enough is left of the thirty seconds for which the devices show a code."""
    if time.time() % 30 > 20:
        time.sleep(30 - time.time() % 30)


def test_login_refresh_renews_what_is_fresh(home: Home, sts: FakeSts) -> None:
    for arguments, calls in ((["login"], 1), (["login"], 1), (["login", "--refresh"], 2)):
        with Typist(home, [*arguments, "prod-s3"]) as person:
            if calls > sts.count():
                person.wait_for(PROMPT)
                person.type("123456")
                if sts.count() and calls == 2:
                    answer_if_asked_again(person)
            assert person.result()[0] == 0
        assert sts.count() == calls


def answer_if_asked_again(person: Typist) -> None:
    """Type the code once more where it is told that it was used: a fake device has one code for ever."""
    end_s = time.monotonic() + 20
    while person.process.poll() is None and time.monotonic() < end_s:
        if "was used already" in person.seen:
            person.wait_for(PROMPT, 2)
            person.type("123456")
            return
        person.look()


def test_login_of_a_due_entry_renews_it_beside_an_editor_that_polls(home: Home, sts: FakeSts) -> None:
    with Typist(home, ["login", "prod-s3"]) as person:
        person.wait_for(PROMPT)
        person.type("123456")
        assert person.result()[0] == 0
    served = set()
    poller = subprocess.Popen(
        ["/bin/sh", "-c", f"while :; do {' '.join(home.line())}; sleep 0.5; done"],
        env=home.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        for calls in range(2, 8):
            home.make_due()
            time.sleep(1.2)
            with Typist(home, ["login", "prod-s3"]) as person:
                person.wait_for(PROMPT)
                person.type("123456")
                answer_if_asked_again(person)
                assert person.result()[0] == 0
            assert sts.count() == calls
            served.add(key_id(editor(home)))
    finally:
        poller.kill()
        said, _ = poller.communicate()
    assert len(served) == 6
    assert b"error" not in said
