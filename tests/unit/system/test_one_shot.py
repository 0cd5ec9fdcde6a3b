"""The redirect on loopback: served once, to who knows its path and its name, and gone."""

import contextlib
import http.client
import itertools
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from credhelper.system import peer
from credhelper.system.one_shot import OneShot
from fakes import canary
from fakes.loopback import is_listening

LINK = f"https://signin.aws.amazon.com/federation?Action=login&SigninToken={'t' * 600}"


class Running:
    """A redirect that waits in a thread."""

    def __init__(self, redirect: OneShot, timeout_s: float) -> None:
        self.redirect = redirect
        self.was_fetched: bool | None = None
        self._timeout_s = timeout_s
        self._thread = threading.Thread(target=self._wait)
        self._thread.start()

    def _wait(self) -> None:
        with self.redirect:
            self.was_fetched = self.redirect.wait(self._timeout_s)

    def end(self) -> bool | None:
        self._thread.join(40)
        assert not self._thread.is_alive()
        return self.was_fetched


@pytest.fixture
def running() -> Iterator[Running]:
    made = Running(OneShot(LINK), 30)
    yield made
    with contextlib.suppress(OSError):
        ask(made.redirect.url)
    made.end()


def ask(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request(method, parts.path, headers=headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_link_is_given_once_and_nothing_listens_afterwards(running: Running) -> None:
    url = running.redirect.url
    status, headers, body = ask(url)
    assert (status, headers["location"], body) == (302, LINK, b"")
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")
    assert not is_listening(url)
    assert running.end() is True


def test_it_is_gone_before_who_asked_has_hung_up(running: Running) -> None:
    parts = urlsplit(running.redirect.url)
    with socket.create_connection(("127.0.0.1", parts.port or 0), 10) as sock:
        sock.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        assert sock.recv(64).startswith(b"HTTP/1.1 302")
        assert not is_listening(running.redirect.url)
    assert running.end() is True


def test_path_is_drawn_by_chance_and_the_address_is_loopback() -> None:
    urls = []
    for _ in range(20):
        with OneShot(LINK) as redirect:
            urls.append(urlsplit(redirect.url))
            assert is_listening(redirect.url)
    assert {one.hostname for one in urls} == {"127.0.0.1"}
    assert len({one.path for one in urls}) == 20
    assert min(len(one.path) for one in urls) >= 43  # 256 bits
    assert not any(is_listening(one.geturl()) for one in urls)


@pytest.mark.parametrize(
    "request_text",
    [
        "GET / HTTP/1.1\r\nHost: {authority}\r\n\r\n",
        "GET {path}x HTTP/1.1\r\nHost: {authority}\r\n\r\n",
        "GET {path}?x HTTP/1.1\r\nHost: {authority}\r\n\r\n",
        "HEAD {path} HTTP/1.1\r\nHost: {authority}\r\n\r\n",
        "POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Length: 0\r\n\r\n",
        "OPTIONS {path} HTTP/1.1\r\nHost: {authority}\r\n\r\n",
        "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n",
        "GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET {path} HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n",
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nHost: evil.example\r\n\r\n",
        "GET {path} HTTP/1.1\r\n\r\n",
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nSec-Purpose: prefetch;prerender\r\n\r\n",
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nPURPOSE: prefetch\r\n\r\n",
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nX-Moz: prefetch\r\n\r\n",
        "GET {path}\r\n\r\n",
        "GET {path} HTTP/0.9\r\nHost: {authority}\r\n\r\n",
        "\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\r\n\r\n",
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nX: " + "x" * 20000,
    ],
)
def test_anything_else_gets_nothing_and_the_link_stays(running: Running, request_text: str) -> None:
    parts = urlsplit(running.redirect.url)
    text = request_text.format(path=parts.path, authority=parts.netloc, port=parts.port)
    with socket.create_connection(("127.0.0.1", parts.port or 0), 10) as sock:
        with contextlib.suppress(OSError):
            sock.sendall(text.encode("latin-1"))
        received = b""
        with contextlib.suppress(OSError):
            while chunk := sock.recv(4096):
                received += chunk
    assert b"Location" not in received
    assert LINK.encode() not in received
    assert ask(running.redirect.url)[0] == 302
    assert running.end() is True


def test_another_user_who_is_faster_than_the_browser_gets_nothing_and_the_link_stays() -> None:
    # They see the path in the browser's command line.
    users = iter([os.geteuid() + 1, peer.NO_ONE, os.geteuid()])
    running = Running(OneShot(LINK, uid_of=lambda _: next(users)), 15)
    assert [ask(running.redirect.url)[0] for _ in range(3)] == [404, 404, 302]
    assert running.end() is True
    assert running.redirect.stranger == os.geteuid() + 1


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0, reason="only root can be another user, and Linux tells"
)
def test_process_of_another_user_gets_nothing_and_the_link_stays(running: Running) -> None:
    parts = urlsplit(running.redirect.url)
    with socket.socket() as sock:
        os.fchown(sock.fileno(), 65534, 65534)  # as if that user had made it
        sock.connect(("127.0.0.1", parts.port or 0))
        sock.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        assert sock.recv(64).startswith(b"HTTP/1.1 404")
    assert ask(running.redirect.url)[0] == 302
    assert (running.end(), running.redirect.stranger) == (True, 65534)


def test_request_that_comes_in_pieces_is_whole(running: Running) -> None:
    parts = urlsplit(running.redirect.url)
    with socket.create_connection(("127.0.0.1", parts.port or 0), 10) as sock:
        for piece in (f"GET {parts.path}", " HTTP/1.1\r\nho", f"st: {parts.netloc}\r\n", "\r\n"):
            sock.sendall(piece.encode())
            time.sleep(0.02)
        assert sock.recv(4096).startswith(b"HTTP/1.1 302")
    assert running.end() is True


def test_connections_that_say_nothing_keep_no_one_out() -> None:
    # On a clock that stands still none of them is late: there is room for a few only.
    running = Running(OneShot(LINK, clock=lambda: 0.0), 15)
    port = urlsplit(running.redirect.url).port or 0
    with contextlib.ExitStack() as stack:
        first, *_ = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 15)) for _ in range(150)]
        assert first.recv(1) == b""
        assert ask(running.redirect.url)[0] == 302
    assert running.end() is True


def test_connection_that_says_nothing_is_dropped_in_time() -> None:
    # A clock that runs ten times as fast.
    running = Running(OneShot(LINK, clock=lambda: 10 * time.monotonic()), 300)
    with socket.create_connection(("127.0.0.1", urlsplit(running.redirect.url).port or 0), 15) as sock:
        assert sock.recv(1) == b""
    assert ask(running.redirect.url)[0] == 302
    assert running.end() is True


def test_time_ends_it() -> None:
    ticks = itertools.count()
    running = Running(OneShot(LINK, clock=lambda: float(next(ticks))), 5)
    url = running.redirect.url
    assert running.end() is False
    # It has begun at 0, and was asked at 1, 2, 3, 4 and 5.
    assert next(ticks) == 6
    assert not is_listening(url)


def test_look_that_fails_ends_it_and_nothing_listens_afterwards() -> None:
    def look() -> None:
        raise KeyboardInterrupt

    redirect = OneShot(LINK)
    with pytest.raises(KeyboardInterrupt), redirect:
        redirect.wait(10, look)
    assert not is_listening(redirect.url)


@pytest.mark.parametrize("link", ["https://a.example/\r\nSet-Cookie: x", "https://a.example/ x", "https://ö.example/"])
def test_link_with_a_line_break_is_none(link: str) -> None:
    with pytest.raises(ValueError, match="not a URL"):
        OneShot(link)


def test_path_is_not_part_of_what_it_shows() -> None:
    secret = canary.session_token("one-shot")
    with OneShot(f"https://a.example/?{secret}") as redirect:
        assert secret not in repr(redirect)
        assert secret not in redirect.url
