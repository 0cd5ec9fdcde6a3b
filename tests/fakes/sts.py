"""A small STS on a loopback port: answers AssumeRole and GetCallerIdentity, counts, and misbehaves when told to."""

import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from fakes import canary
from fakes.loopback import LoopbackServer, QuietHandler

SECRET_CANARY = canary.secret_key("sts")
TOKEN_CANARY = canary.session_token("sts")
CALLER_ARN = "arn:aws:iam::111111111111:user/David"
_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_SLOW_CHUNK_S = 0.2


@dataclass
class Behaviour:
    """What the server does with the next requests; tests change it while the server runs.

    `delay_s` comes before every answer but GetCallerIdentity's, which has a delay of its own. `error` is (status,
    code, message). `throttle` is how many AssumeRole calls are still to be throttled. `answer` is one of "", "html",
    "truncated", "huge", "slow-loris", "close", "redirect". `expiration` replaces the text of Expiration. `skew_s` moves
    the Date header. `takes_codes_once` refuses a one-time code that came before, as AWS does. `fields` overrides the
    text of elements by name, None leaves one out.
    """

    delay_s: float = 0.0
    caller_delay_s: float = 0.0
    error: tuple[int, str, str] | None = None
    throttle: int = 0
    answer: str = ""
    lifetime_s: int | None = None
    expiration: str | None = None
    skew_s: int = 0
    token_code: str | None = None
    takes_codes_once: bool = False
    external_id: str | None = None
    caller_arn: str = CALLER_ARN
    headers: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str | None] = field(default_factory=dict)


Request = Mapping[str, str]


class FakeSts(LoopbackServer):
    """A running server: `with FakeSts() as sts: … sts.url`.

    `requests` are the forms that came in, `signers` the access key id that signed each, `regions` where for.
    """

    def __init__(self, behaviour: Behaviour | None = None, *, now: Callable[[], float] = time.time) -> None:
        self.behaviour = behaviour or Behaviour()
        self.now = now
        self.requests: list[Request] = []
        self.signers: list[str] = []
        self.regions: list[str] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        super().__init__(_handler(self))

    def count(self, action: str = "AssumeRole") -> int:
        """Return how many requests of this action have come in."""
        return sum(request.get("Action") == action for request in tuple(self.requests))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        super().__exit__(kind, error, trace)

    def respond(self, request: Request, signer: str = "") -> tuple[int, str]:
        """Count the request and return (status, body)."""
        with self._lock:
            self.requests.append(request)
            self.signers.append(signer)
            number = self.count()
            is_throttled = request.get("Action") == "AssumeRole" and self.behaviour.throttle > 0
            self.behaviour.throttle -= is_throttled
        if is_throttled:
            return 400, error_body("Throttling", "Rate exceeded")
        if request.get("Action") == "GetCallerIdentity":
            return 200, _caller_identity(self.behaviour.caller_arn)
        if (refusal := self._refusal(request)) is not None:
            return refusal[0], error_body(*refusal[1:])
        return 200, self._assumed(request, number)

    def wait(self, seconds: float) -> None:
        """Sleep, but not beyond the end of the server: a test's tear-down waits for no delay."""
        self._stopping.wait(seconds)

    @property
    def is_stopping(self) -> bool:
        """Whether the server is being shut down."""
        return self._stopping.is_set()

    def _refusal(self, request: Request) -> tuple[int, str, str] | None:
        behaviour = self.behaviour
        if behaviour.error is not None:
            return behaviour.error
        if behaviour.token_code is not None and request.get("TokenCode") != behaviour.token_code:
            return 403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "
        code = request.get("TokenCode")
        if behaviour.takes_codes_once and sum(one.get("TokenCode") == code for one in tuple(self.requests)) > 1:
            return 403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "
        if behaviour.external_id is not None and request.get("ExternalId") != behaviour.external_id:
            role = request.get("RoleArn", "")
            denied = f"User: {CALLER_ARN} is not authorized to perform: sts:AssumeRole on resource: {role}"
            return 403, "AccessDenied", denied
        return None

    def _assumed(self, request: Request, number: int) -> str:
        _, _, _, _, account, resource = request["RoleArn"].split(":", 5)
        partition = request["RoleArn"].split(":")[1]
        role, session = resource.rsplit("/", 1)[-1], request["RoleSessionName"]
        lifetime_s = self.behaviour.lifetime_s or int(request.get("DurationSeconds", "3600"))
        expiration = datetime.fromtimestamp(self.now() + lifetime_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        values: dict[str, str | None] = {
            "AccessKeyId": f"ASIAFAKE{number:08d}",
            "SecretAccessKey": SECRET_CANARY,
            "SessionToken": TOKEN_CANARY,
            "Expiration": self.behaviour.expiration or expiration,
            "Arn": f"arn:{partition}:sts::{account}:assumed-role/{role}/{session}",
            "AssumedRoleId": f"AROAFAKE:{session}",
        }
        values.update(self.behaviour.fields)
        credentials = _elements(values, "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
        user = _elements(values, "Arn", "AssumedRoleId")
        return _result(
            request["Action"],
            f"<AssumedRoleUser>{user}</AssumedRoleUser><Credentials>{credentials}</Credentials>"
            "<PackedPolicySize>6</PackedPolicySize>",
        )


def _elements(values: Mapping[str, str | None], *names: str) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name in names if (value := values[name]) is not None)


def _result(action: str, inside: str) -> str:
    return (
        f'<{action}Response xmlns="{_NAMESPACE}"><{action}Result>{inside}</{action}Result>'
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{action}Response>"
    )


def _caller_identity(arn: str) -> str:
    account = arn.split(":")[4]
    return _result("GetCallerIdentity", f"<Arn>{arn}</Arn><UserId>AIDAFAKE</UserId><Account>{account}</Account>")


def error_body(code: str, message: str) -> str:
    """Return the body of a refusal."""
    return (
        f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>Sender</Type><Code>{escape(code)}</Code>'
        f"<Message>{escape(message)}</Message></Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )


def _handler(sts: FakeSts) -> type[BaseHTTPRequestHandler]:
    class Handler(QuietHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            form = parse_qs(self.rfile.read(length).decode("utf-8"), keep_blank_values=True)
            fields = {name: values[0] for name, values in form.items()}
            scope = self.headers.get("Authorization", "").partition("Credential=")[2].split("/")
            sts.regions += scope[2:3]
            status, body = sts.respond(fields, scope[0])
            is_about_caller = form.get("Action") == ["GetCallerIdentity"]
            sts.wait(sts.behaviour.caller_delay_s if is_about_caller else sts.behaviour.delay_s)
            if not sts.is_stopping:
                _ANSWERS.get(sts.behaviour.answer, _plain)(self, sts, status, body.encode())

        def date_time_string(self, timestamp: float | None = None) -> str:
            now = sts.now() + sts.behaviour.skew_s
            return format_datetime(datetime.fromtimestamp(now, UTC), usegmt=True)

    return Handler


def _send_head(handler: BaseHTTPRequestHandler, sts: FakeSts, status: int, length: int, kind: str = "text/xml") -> None:
    handler.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(length), **sts.behaviour.headers}.items():
        handler.send_header(name, value)
    handler.end_headers()


def _plain(handler: BaseHTTPRequestHandler, sts: FakeSts, status: int, body: bytes) -> None:
    _send_head(handler, sts, status, len(body))
    handler.wfile.write(body)


def _html(handler: BaseHTTPRequestHandler, sts: FakeSts, status: int, body: bytes) -> None:
    page = b"<!DOCTYPE html><html><body>Welcome to the airport network<br></body></html>"
    _send_head(handler, sts, 200, len(page), "text/html")
    handler.wfile.write(page)


def _truncated(handler: BaseHTTPRequestHandler, sts: FakeSts, status: int, body: bytes) -> None:
    _plain(handler, sts, status, body[: body.find(b"</SessionToken>")])


def _huge(handler: BaseHTTPRequestHandler, sts: FakeSts, status: int, body: bytes) -> None:
    _plain(handler, sts, status, body + b"<!--" + b"x" * (10 << 20) + b"-->")


def _slow_loris(handler: BaseHTTPRequestHandler, sts: FakeSts, status: int, body: bytes) -> None:
    _send_head(handler, sts, status, len(body))
    for offset in range(len(body)):
        if sts.is_stopping:
            break
        handler.wfile.write(body[offset : offset + 1])
        sts.wait(_SLOW_CHUNK_S)


def _close(handler: BaseHTTPRequestHandler, sts: FakeSts, status: int, body: bytes) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def _redirect(handler: BaseHTTPRequestHandler, sts: FakeSts, status: int, body: bytes) -> None:
    handler.send_response(307)
    handler.send_header("Location", sts.behaviour.headers.get("Location", "http://192.0.2.1/"))
    handler.send_header("Content-Length", "0")
    handler.end_headers()


_ANSWERS: dict[str, Callable[[BaseHTTPRequestHandler, FakeSts, int, bytes], None]] = {
    "html": _html,
    "truncated": _truncated,
    "huge": _huge,
    "slow-loris": _slow_loris,
    "close": _close,
    "redirect": _redirect,
}
