"""`console` as a person runs it: the link in no command line, at a browser that a project does not choose, and once."""

import http.client
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from fakes import canary
from fakes.home import Home, error
from fakes.loopback import is_listening
from fakes.signin import TOKEN, FakeSignin
from fakes.sts import FakeSts
from fakes.typist import Typist

PATIENCE_S = 30.0


@pytest.fixture
def signin() -> Iterator[FakeSignin]:
    with FakeSignin() as server:
        yield server


class Desk:
    """A home whose sign-in is on loopback, and a browser that notes what it is started with."""

    def __init__(self, directory: Path, sts: FakeSts, signin: FakeSignin) -> None:
        self.programs = directory / "programs"
        self.programs.mkdir()
        self.notes = directory / "notes"
        self.notes.mkdir()
        # As at a desk of Linux; the project's browser is what a cloned .env could name.
        self.home = Home(
            directory / "david",
            AWS_ENDPOINT_URL_STS=sts.url,
            PATH=f"{self.programs}:{os.environ['PATH']}",
            DISPLAY=":0",
            BROWSER=str(self.program("evil", "touch was-run")),
            XDG_DATA_HOME="/project",
            AWS_PROFILE="prod-s3",
        )
        self.home.add_user()
        self.home.config.write_text(signin.section())
        self.home.add_role()
        with self.home.config.open("a") as file:
            file.write("services = local\n")
        self.home.config.write_text(
            self.home.config.read_text().replace("us-east-1\n\nservices", "us-east-1\nservices")
        )
        self.home.config.chmod(0o600)

    def program(self, name: str, end: str = "") -> Path:
        path = self.programs / name
        note = f"env > {self.notes}/env\nprintf '%s\\n' {name} \"$@\" > {self.notes}/new"
        path.write_text(f"#!/bin/sh\n{note}\nmv {self.notes}/new {self.notes}/words\n{end}\n")
        path.chmod(0o755)
        return path

    def words(self) -> list[str]:
        """Return what was started and its words, once it is."""
        path, end_s = self.notes / "words", time.monotonic() + PATIENCE_S
        while not path.exists():
            assert time.monotonic() < end_s
            time.sleep(0.02)
        return path.read_text().splitlines()


@pytest.fixture
def desk(tmp_path: Path, sts: FakeSts, signin: FakeSignin) -> Desk:
    return Desk(tmp_path, sts, signin)


def fetch(url: str) -> tuple[int, str]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE_S)
    try:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location", "")
    finally:
        connection.close()


def test_browser_gets_the_link_from_loopback_once(desk: Desk, signin: FakeSignin) -> None:
    desk.program("xdg-open")
    with Typist(desk.home, ["console", "prod-s3", "--service", "s3"]) as person:
        name, url = desk.words()
        assert name == "xdg-open"
        assert url.startswith("http://127.0.0.1:")
        status, location = fetch(url)
        assert status == 302
        code, out, err = person.result()
    assert (code, out) == (0, "")
    assert err == ("opened the console of 222222222222 as arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket\n")
    assert location.startswith(f"{signin.url}/federation?Action=login&")
    fields = parse_qs(urlsplit(location).query)
    assert fields["SigninToken"] == [TOKEN]
    assert fields["Destination"][0].startswith("https://us-east-1.console.aws.amazon.com/go/view?service=s3&")
    assert not is_listening(url)
    given = (desk.notes / "env").read_text()
    assert not canary.find(given.encode())
    assert not {line.partition("=")[0] for line in given.splitlines()} & {"BROWSER", "XDG_DATA_HOME", "AWS_PROFILE"}
    (line,) = [one for one in desk.home.run("log", "--json").stdout.splitlines() if b'"console"' in one]
    assert not canary.find(line)


def test_container_of_firefox_is_given_loopback_only(desk: Desk) -> None:
    desk.program("firefox")
    desk.program("xdg-open")
    with Typist(desk.home, ["console", "prod-s3", "--container", "Prod & co"]) as person:
        name, word = desk.words()
        assert name == "firefox"
        start, _, url = word.partition("&url=")
        assert start == "ext+container:name=Prod%20%26%20co"
        assert fetch(unquote(url))[0] == 302
        assert person.result()[0] == 0


def test_print_is_one_line_and_needs_neither_terminal_nor_browser(desk: Desk) -> None:
    done = desk.home.run("console", "prod-s3", "--print")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") == 1
    assert parse_qs(urlsplit(done.stdout.decode().strip()).query)["SigninToken"] == [TOKEN]
    shown = json.loads(desk.home.run("console", "prod-s3", "--json").stdout)
    assert (shown["is_secret"], shown["account_id"]) == (True, "222222222222")
    assert shown["url"] == done.stdout.decode().strip()
    assert not (desk.notes / "words").exists()


def test_without_a_terminal_print_is_the_hint_and_nothing_is_asked(desk: Desk, signin: FakeSignin) -> None:
    desk.program("xdg-open")
    text = error(desk.home.run("console", "prod-s3"), 3)
    assert "there is no terminal" in text
    assert "hint: credhelper console prod-s3 --print" in text
    # Not a way that ends at the next refusal.
    assert "has a long-lived key" in error(desk.home.run("console", "default"), 2)
    with Typist(desk.home, ["console", "prod-s3"], DISPLAY="", SSH_CONNECTION="10.0.0.1 1 10.0.0.2 22") as person:
        code, _, err = person.result()
    assert code == 3
    assert "this is a session over ssh without a display" in err
    assert "hint: credhelper console prod-s3 --print" in err
    assert signin.asked == []


def test_browser_that_opens_nothing_is_said_at_once(desk: Desk) -> None:
    desk.program("mine", "exit 3")
    text = error(desk.home.run("console", "prod-s3", "--browser", "mine"), 3)
    assert "mine opened no browser (exit code 3)" in text
    assert "hint: credhelper console prod-s3 --print" in text
    _, url = desk.words()
    assert not is_listening(url)


def test_interrupt_ends_it_and_nothing_listens(desk: Desk) -> None:
    desk.program("xdg-open", "sleep 0.2")
    with Typist(desk.home, ["console", "prod-s3"]) as person:
        _, url = desk.words()
        assert is_listening(url)
        person.process.send_signal(signal.SIGINT)
        code, out, err = person.result()
    assert code in (130, -signal.SIGINT)
    assert (out, err.strip()) == ("", "")
    assert not is_listening(url)


def test_switch_of_a_role_is_opened_as_it_is(desk: Desk, signin: FakeSignin) -> None:
    mine = str(desk.program("mine"))
    done = desk.home.run("console", "prod-s3", "--switch-role", "--browser", mine)
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.startswith(b"opened the console's switch to arn:aws:iam::222222222222:role/")
    name, url = desk.words()
    assert (name, urlsplit(url).path) == ("mine", "/switchrole")
    desk.program("mine", "exit 4")
    error(desk.home.run("console", "prod-s3", "--switch-role", "--browser", mine), 3)
    assert signin.asked == []


def test_sign_in_that_is_refused_opens_nothing(desk: Desk, signin: FakeSignin) -> None:
    signin.status = 400
    text = error(desk.home.run("console", "prod-s3", "--browser", str(desk.program("mine"))), 4)
    assert "hint: renew them, and try again: credhelper login prod-s3 --refresh" in text
    assert not (desk.notes / "words").exists()
