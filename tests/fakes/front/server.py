"""The front: a loopback server before MiniStack that says what AWS would say where MiniStack does not.

Everything that no rule answers goes through unchanged, with the Host that was signed. The rules, each for the tests
that need it: `sts` (MFA, sessions, source identities), `iam` (principals, groups, what is deleted), `pages` (lists in
pages), `s3` (regions, reasons, KMS), `layers` (SCP, RCP, boundary, session policy, VPC endpoint), `messages` (encoded
ones), `signin` (the console), `portal` (Identity Center). `two_accounts` is the story to play.
"""

import functools
import http.client
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from io import BufferedIOBase
from types import TracebackType
from typing import Protocol
from urllib.parse import urlsplit

from credhelper.demo.emulator import Emulator
from fakes.front.behind import Behind
from fakes.front.breakage import Breakage, CutError
from fakes.front.exchange import Answer, Onward, Request, refuse
from fakes.front.journal import Journal
from fakes.front.sentences import Refusal
from fakes.front.world import World
from fakes.loopback import LoopbackServer, QuietHandler

_OF_THE_CONNECTION = frozenset(
    ("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect")
)
_TIMEOUT_S = 60.0


class Rule(Protocol):
    """Answers a request, or passes it on and looks at what came of it."""

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Return the answer."""


class Front(LoopbackServer):
    """`with Front(aws.endpoint_url, StsRules(), IamRules()) as front: … front.url`.

    The first rule sees a request first. `journal` has every call, `breakage` fails some; both are there always.
    """

    def __init__(
        self,
        target_url: str,
        *rules: Rule,
        root_secret: str = Emulator.ROOT_SECRET,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.journal = Journal()
        self.breakage = Breakage()
        self._target = urlsplit(target_url).netloc
        self._behind = Behind(target_url, root_secret)
        self.world = World(self._behind, now)
        self._chain = self._chained((self.journal, self.breakage, *rules))
        super().__init__(_handler(self))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._behind.close()

    def respond(self, request: Request) -> Answer:
        """Return the answer to a request. Raises CutError where there is to be none."""
        return self._chain(request)

    def _chained(self, rules: Sequence[Rule]) -> Onward:
        onward: Onward = self._forward
        for rule in reversed(rules):
            onward = functools.partial(_apply, rule, self.world, onward)
        return onward

    def _forward(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection(self._target, timeout=_TIMEOUT_S)
        try:
            connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                if name not in _OF_THE_CONNECTION and name != "content-length":
                    connection.putheader(name, value)
            if request.body or "content-length" in request.headers or request.method in ("POST", "PUT"):
                connection.putheader("content-length", str(len(request.body)))
            connection.putheader("connection", "close")
            connection.endheaders(request.body or None)
            answer = connection.getresponse()
            body = answer.read()
            headers = {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()
        made = Answer(answer.status, body, headers)
        self.world.learn_from(request, made)
        return made


def _apply(rule: Rule, world: World, onward: Onward, request: Request) -> Answer:
    return rule(world, request, onward)


def _handler(front: Front) -> type[BaseHTTPRequestHandler]:
    class Handler(QuietHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, _read_body(self.rfile, headers))
            try:
                answer = front.respond(request)
            except CutError:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            except Exception as error:  # noqa: BLE001 - a fault of the front or of a test's rule: seen where it is asked
                answer = refuse(request, Refusal(500, "FrontFailed", repr(error)))
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                if name not in ("content-length", *_OF_THE_CONNECTION):
                    self.send_header(name, value)
            if "date" not in answer.headers:
                self.send_header("Date", self.date_time_string(front.world.now()))
            # The length of an answer to HEAD is that of what GET would give.
            length = answer.headers.get("content-length") if self.command == "HEAD" else None
            self.send_header("Content-Length", length or str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve  # the base class looks for these names

    return Handler


def _read_body(file: BufferedIOBase, headers: Mapping[str, str]) -> bytes:
    if "chunked" not in headers.get("transfer-encoding", ""):
        return file.read(int(headers.get("content-length", "0")))
    body = b""
    while length := int(file.readline().split(b";")[0], 16):
        body += file.read(length)
        file.readline()
    while file.readline().strip():
        """Trailers say nothing that a rule asks for."""
    return body
