"""Sending with botocore's HTTP session, and reading no more of the answer than STS or SSO could mean to say."""

from typing import Any

import botocore.awsrequest
import botocore.exceptions

LIMIT = 1 << 20
_CHUNK = 1 << 16


class EndlessAnswerError(ValueError):
    """The answer is longer than LIMIT: nothing of AWS's."""


def send(session: Any, request: Any) -> Any:
    """Send a prepared request and return botocore's response with its whole body; raises botocore's exceptions.

    `session` is a URLLib3Session. Raises EndlessAnswerError for a body over LIMIT, after no more of it was read.
    """
    import urllib3.exceptions as theirs

    request.stream_output = True  # or botocore reads the body itself, without a limit
    response = session.send(request)
    try:
        response._content = _body(response.raw)  # noqa: SLF001  # what `content` gives out; botocore has no setter
    except (theirs.ReadTimeoutError, TimeoutError) as error:
        raise botocore.exceptions.ReadTimeoutError(endpoint_url=request.url, error=error) from error
    except theirs.ProtocolError as error:
        raise botocore.exceptions.ConnectionClosedError(
            error=error, request=request, endpoint_url=request.url
        ) from error
    except theirs.HTTPError as error:
        raise botocore.exceptions.HTTPClientError(error=error) from error
    return response


def _body(raw: Any) -> bytes:
    chunks, size = [], 0
    for chunk in raw.stream(_CHUNK):
        size += len(chunk)
        if size > LIMIT:
            raw.close()
            raise EndlessAnswerError("the answer does not end")
        chunks.append(chunk)
    return b"".join(chunks)


class Session:
    """botocore's HTTP session with `send` for its own: for what botocore asks without a client of a service."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def send(self, request: Any) -> Any:
        """Send a prepared request; see the function."""
        return send(self._session, request)


def bind(client: Any) -> None:
    """Have every request of a botocore client sent by `send`."""

    def instead(request: Any, **_: Any) -> Any:
        return send(client._endpoint.http_session, request)  # noqa: SLF001  # botocore names no other way to its session

    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_last(f"before-send.{service}", instead, unique_id="credhelper-bounded")
