"""The federation endpoint of AWS's console on loopback, which hands out a token for any session, or misbehaves.

`fakes/front/signin.py` is the one that knows whose session it is. https://docs.aws.amazon.com/IAM/latest/UserGuide/
id_roles_providers_enable-console-custom-url.html
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from urllib.parse import parse_qsl, urlsplit

from fakes import canary
from fakes.loopback import LoopbackServer, QuietHandler

TOKEN = canary.session_token("signin", 400)


class FakeSignin(LoopbackServer):
    """`with FakeSignin() as signin: … signin.url`; `asked` are method and parameters of each request.

    `status` is of every answer, `body` what is answered; `refuses` has the status for methods that are not taken; `way`
    is one of "", "endless", "silent", "drip", "close" and "redirect".
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.lines: list[str] = []
        self.status = 200
        self.refuses: Mapping[str, int] = {}
        self.body = json.dumps({"SigninToken": TOKEN}).encode()
        self.way = ""
        self._stopping = threading.Event()
        super().__init__(_handler(self, self._stopping))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        super().__exit__(kind, error, trace)

    def section(self, name: str = "local") -> str:
        """Return what the config file says to have the sign-in here."""
        return f"[services {name}]\nsignin =\n  endpoint_url = {self.url}\n\n"


def _handler(server: FakeSignin, stopping: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(QuietHandler):
        def do_GET(self) -> None:
            self._serve("")

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers.get("content-length", "0"))).decode())

        def _serve(self, body: str) -> None:
            parts = urlsplit(self.path)
            form = dict(parse_qsl(parts.query) + parse_qsl(body))
            server.asked.append((self.command, form))
            server.lines.append(self.path)
            if parts.path != "/federation" or form.get("Action") != "getSigninToken":
                self.answer(404, b"")
            elif status := server.refuses.get(self.command):
                self.answer(status, b"<html></html>", "text/html")
            else:
                _WAYS[server.way](self, server, stopping)

    return Handler


def _plain(handler: QuietHandler, server: FakeSignin, _stopping: threading.Event) -> None:
    handler.answer(server.status, server.body)


def _endless(handler: QuietHandler, _server: FakeSignin, stopping: threading.Event) -> None:
    handler.send_response(200)
    handler.end_headers()
    while not stopping.is_set():
        handler.wfile.write(b"x" * 65536)


def _silent(_handler: QuietHandler, _server: FakeSignin, stopping: threading.Event) -> None:
    stopping.wait(60)


def _drip(handler: QuietHandler, _server: FakeSignin, stopping: threading.Event) -> None:
    handler.send_response(200)
    handler.end_headers()
    while not stopping.is_set():
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.2)


def _close(handler: QuietHandler, _server: FakeSignin, _stopping: threading.Event) -> None:
    handler.close_connection = True


def _redirect(handler: QuietHandler, server: FakeSignin, _stopping: threading.Event) -> None:
    handler.send_response(307)
    handler.send_header("Location", f"{server.url}/federation?Action=getSigninToken")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


_WAYS: Mapping[str, Callable[[QuietHandler, FakeSignin, threading.Event], None]] = {
    "": _plain,
    "endless": _endless,
    "silent": _silent,
    "drip": _drip,
    "close": _close,
    "redirect": _redirect,
}
