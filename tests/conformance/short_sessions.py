"""An AWS whose sessions last a minute: it refuses credentials that have ended and counts what it is asked."""

import re
import threading
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

from fakes.loopback import LoopbackServer
from fakes.sts import Behaviour, FakeSts

_LISTING = (
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>list-prod-bkt-details-01</Name>'
    "<Prefix></Prefix><KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><Contents>"
    "<Key>readme.txt</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;0&quot;</ETag>"
    "<Size>11</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"
)
_ENDED = "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>ended</Message></Error></ErrorResponse>"


class ShortSessions(LoopbackServer):
    """`with ShortSessions(66) as aws: … aws.url`; answers AssumeRole, GetCallerIdentity and ListObjectsV2."""

    def __init__(self, lifetime_s: int) -> None:
        self.lifetime_s = lifetime_s
        self.sessions = 0
        self.calls = 0
        self.refused = 0
        self._sts = FakeSts(Behaviour(lifetime_s=lifetime_s))
        self._ends: dict[int, float] = {}
        self._lock = threading.Lock()
        super().__init__(_handler(self))

    def respond(self, form: dict[str, str], authorization: str) -> tuple[int, str]:
        """Return (status, body)."""
        with self._lock:
            if form.get("Action") == "AssumeRole":
                self.sessions += 1
                self._ends[self.sessions] = time.time() + self.lifetime_s
                return self._sts.respond(form)
            self.calls += 1
            signed_by = re.search(r"ASIAFAKE(\d{8})/", authorization)
            if signed_by is None or time.time() > self._ends[int(signed_by[1])]:
                self.refused += 1
                return 403, _ENDED
        return self._sts.respond(form) if form else (200, _LISTING)


def _handler(aws: ShortSessions) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self._answer({name: values[0] for name, values in parse_qs(body.decode()).items()})

        def do_GET(self) -> None:
            self._answer({})

        def do_HEAD(self) -> None:
            self._answer({})

        def _answer(self, form: dict[str, str]) -> None:
            status, body = aws.respond(form, self.headers.get("Authorization", ""))
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
            """Write no log."""

    return Handler
