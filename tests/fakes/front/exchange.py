"""One request as it came in, and one answer: what the rules of the front look at and make."""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape, unescape

from fakes.front import s3_operation
from fakes.front.sentences import Refusal

_NAMESPACES = {"iam": "https://iam.amazonaws.com/doc/2010-05-08/", "sts": "https://sts.amazonaws.com/doc/2011-06-15/"}
# Everything else changes something.
_READS = ("Get", "List", "Head", "Describe", "Simulate", "Generate", "Assume", "Decode", "getSigninToken", "login")


@dataclass(frozen=True)
class Request:
    """A request; `target` and `body` are as signed. `service` is "" where nothing was signed."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path, decoded."""
        return unquote(urlsplit(self.target).path)

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The query, the first value of each name."""
        return _fields(urlsplit(self.target).query)

    @cached_property
    def form(self) -> Mapping[str, str]:
        """The parameters of a call of the query protocol, of the body and of the query."""
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {**self.query, **_fields(self.body.decode())}
        return self.query

    @cached_property
    def _scope(self) -> list[str]:
        signed = self.headers.get("authorization", "").partition("Credential=")[2].split(",")[0]
        scope = (signed or self.query.get("X-Amz-Credential", "")).split("/")
        return scope if len(scope) == 5 else ["", "", "", "", ""]

    @property
    def access_key_id(self) -> str:
        """Whose key signed it."""
        return self._scope[0]

    @property
    def region(self) -> str:
        """The region that it was signed for."""
        return self._scope[2]

    @property
    def service(self) -> str:
        """The service that it was signed for."""
        return self._scope[3]

    @property
    def bucket(self) -> str:
        """The bucket of a request to S3, in the path."""
        return self.path.lstrip("/").partition("/")[0] if self.service == "s3" else ""

    @property
    def key(self) -> str:
        """The object of a request to S3."""
        return self.path.lstrip("/").partition("/")[2] if self.service == "s3" else ""

    @cached_property
    def operation(self) -> str:
        """The name of the call in AWS's API."""
        if self.service == "s3":
            return s3_operation.name(self.method, bool(self.bucket), bool(self.key), self.query, self.headers)
        return self.form.get("Action", "") or self.headers.get("x-amz-target", "").rpartition(".")[2]

    @property
    def action(self) -> str:
        """The call as a policy names it: "s3:ListBucket" for ListObjectsV2."""
        name = s3_operation.permission(self.operation) if self.service == "s3" else self.operation
        return f"{self.service}:{name}"

    @property
    def is_write(self) -> bool:
        """Whether it changes something; a session changes nothing, and nothing that is not signed does."""
        return bool(self.service) and not self.operation.startswith(_READS)


@dataclass(frozen=True)
class Answer:
    """An answer; the server adds the length."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def error_code(self) -> str:
        """The code of an error in XML, "" where there is none."""
        return "" if self.status < 300 or not self.body else self.text("Code")

    def text(self, name: str) -> str:
        """Return the text of the first element of that name in a body of XML, "" if there is none."""
        found = re.search(rf"<{name}>([^<]*)</{name}>", self.body.decode("utf-8", "replace"))
        return "" if found is None else unescape(found[1], {"&quot;": '"', "&apos;": "'"})


Onward = Callable[[Request], Answer]


def refuse(request: Request, why: Refusal, **extra: str) -> Answer:
    """Return the error in the form of the service that was asked; `extra` are elements that S3 adds."""
    number = str(uuid.uuid4())
    if request.service == "s3":
        inside = {"Code": why.code, "Message": why.message, **extra, "RequestId": number}
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{_elements(inside)}</Error>'
        # HEAD has no body at all: a client makes "403" and "Forbidden" of the status.
        content = b"" if request.method == "HEAD" else body.encode()
        return Answer(why.status, content, {"Content-Type": "application/xml", "x-amz-request-id": number})
    inside = {"Type": "Sender", "Code": why.code, "Message": why.message}
    namespace = _NAMESPACES.get(request.service, _NAMESPACES["sts"])
    body = (
        f'<ErrorResponse xmlns="{namespace}"><Error>{_elements(inside)}</Error>'
        f"<RequestId>{number}</RequestId></ErrorResponse>"
    )
    return Answer(why.status, body.encode(), {"Content-Type": "text/xml", "x-amzn-RequestId": number})


def query_result(request: Request, result: Mapping[str, str]) -> Answer:
    """Return the success of a call of the query protocol."""
    name = request.operation
    body = (
        f'<{name}Response xmlns="{_NAMESPACES[request.service]}"><{name}Result>{_elements(result)}</{name}Result>'
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{name}Response>"
    )
    return Answer(200, body.encode(), {"Content-Type": "text/xml"})


def json_answer(status: int, document: Any, **headers: str) -> Answer:
    """Return an answer of a service that speaks JSON."""
    return Answer(status, json.dumps(document).encode(), {"Content-Type": "application/json", **headers})


def _elements(values: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())


def _fields(text: str) -> Mapping[str, str]:
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
