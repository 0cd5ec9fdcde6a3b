"""A sign-in token of AWS's console for temporary credentials, from the federation endpoint.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html

The request has the credentials in it, unsigned: so it goes to AWS's own host, or to the one that the config file names
for `signin`; no variable points it elsewhere, and no redirect is followed.
"""

import json
import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import botocore
import botocore.awsrequest
import botocore.exceptions
import botocore.httpsession

from credhelper import __version__
from credhelper.aws import bounded, endpoint, network_rules
from credhelper.aws.explain import network
from credhelper.aws.quiet import quiet
from credhelper.aws.session import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, ExplicitSession
from credhelper.aws.shared_config import SharedConfig
from credhelper.errors import AwsError, CredhelperError, UnreachableError
from credhelper.model.credentials import Credentials
from credhelper.model.shell import word

_SERVICE = "signin"
_TITLE = "the sign-in of AWS's console"
_CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
_ATTEMPTS = 2
_PAUSE_S = 0.5
_OK, _BAD_REQUEST, _TOO_MANY, _FAILING = 200, 400, 429, 500
_REDIRECTS = range(300, 400)
# What an endpoint says that takes no form: what AWS documents is the query.
_NO_FORMS = (404, 405, 411, 415, 501)
_REFUSED = (400, 401, 403)
_LONGEST_TOKEN = 16384


class RefusedError(AwsError):
    """AWS signs these credentials in to no console, or not for so long; it gives no reason."""


def endpoint_of(shared: SharedConfig, profile: str, own: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return where a profile's sign-in is, without a final slash: what the config file names, or `own`, AWS's.

    Raises InputError for what is neither https nor loopback.
    """
    section = shared.profiles.get(profile, {})
    named = None if endpoint.is_ignored(environ, section) else endpoint.in_config(section, shared.services, _SERVICE)
    return (named or own).rstrip("/")


class Signin:
    """The federation endpoint at one URL, on the way to AWS that a profile has: its proxy, its authority."""

    def __init__(self, url: str, profile: str, shared: SharedConfig) -> None:
        self._url = f"{url}/federation"
        self._session: ExplicitSession = shared.session(profile if profile in shared.profiles else None)
        self._way = network.Way(
            url=self._url, profile=profile, authority=self._session.authority_or_none(), service=_TITLE
        )
        self._proxies = network_rules.proxies_for(self._url)
        self._is_proxied = self._url.partition(":")[0] in self._proxies

    def token(self, credentials: Credentials, *, duration_s: int | None = None) -> str:
        """Return a sign-in token; raises RefusedError, AwsError, UnreachableError, InputError or MachineError.

        `duration_s` is sent only if it is given: AWS refuses it for most sessions.
        """
        fields = {"Action": "getSigninToken"}
        if duration_s is not None:
            fields["SessionDuration"] = str(duration_s)
        fields["Session"] = json.dumps(
            {
                "sessionId": credentials.access_key_id,
                "sessionKey": credentials.secret_access_key,
                "sessionToken": credentials.session_token,
            }
        )
        form = urlencode(fields)
        status, body = self._answer("POST", self._url, form.encode("ascii"))
        # A proxy may write down the query of a request, and these keys work; so there it is the body or nothing.
        if self._is_proxied and status in _NO_FORMS:
            raise self._no_form(status)
        # 400 is what it says of keys as well, and of a request in which it sees none.
        if not self._is_proxied and (status in _NO_FORMS or status == _BAD_REQUEST):
            status, body = self._answer("GET", f"{self._url}?{form}", b"")
        return self._token_in(status, body)

    def _answer(self, method: str, url: str, body: bytes) -> tuple[int, bytes]:
        for attempt in range(_ATTEMPTS):
            is_last = attempt == _ATTEMPTS - 1
            try:
                with quiet():
                    answer = self._send(method, url, body)
            except CredhelperError:
                raise
            except bounded.EndlessAnswerError:
                raise self._stranger("the answer does not end") from None
            except Exception as error:  # noqa: BLE001  # an unexpected error may quote what was sent or came back
                if is_last or not _may_pass(error):
                    # It may know the URL with the query; of that the host alone is shown.
                    raise network.explain(error, self._way) from None
            else:
                if is_last or answer.status_code < _FAILING:
                    return int(answer.status_code), bytes(answer.content)
            time.sleep(_PAUSE_S)
        raise RuntimeError

    def _send(self, method: str, url: str, body: bytes) -> Any:
        is_local = url.startswith("http://")
        session = botocore.httpsession.URLLib3Session(
            verify=True if is_local else self._session.authority().path or True,
            proxies=self._proxies,
            timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
            max_pool_connections=1,
        )
        headers = {"User-Agent": f"Botocore/{botocore.__version__} credhelper/{__version__}"}
        if body:
            headers["Content-Type"] = _CONTENT_TYPE
        request = botocore.awsrequest.AWSRequest(method=method, url=url, data=body or None, headers=headers)
        try:
            return bounded.send(session, request.prepare())
        finally:
            session.close()

    def _token_in(self, status: int, body: bytes) -> str:
        if status in _REDIRECTS:
            raise self._stranger(f"it sends the request elsewhere ({status}), and credentials go to one host only")
        if status == _TOO_MANY or status >= _FAILING:
            raise UnreachableError(f"{_TITLE} does not work at the moment ({status})", hint="try again in a moment")
        if status not in (_OK, *_REFUSED):
            raise self._stranger(f"it answers with {status}")
        if status != _OK:
            raise RefusedError(f"{_TITLE} refused the credentials ({status})")
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            told = None
        token = told.get("SigninToken") if isinstance(told, dict) else None
        if not isinstance(token, str) or not _is_token(token):
            raise self._stranger("there is no token in its answer")
        return token

    def _no_form(self, status: int) -> CredhelperError:
        own = f"NO_PROXY={word(network_rules.host_of(self._url))}"
        return UnreachableError(
            f"{_TITLE} takes no form ({status}), and its other way would show the keys to the proxy{self._way.proxy}",
            hint=f"if it can be reached without the proxy, set {own} and try again",
        )

    def _stranger(self, why: str) -> UnreachableError:
        return UnreachableError(
            f"what answered for {self._way.host} is not {_TITLE}: {why}{self._way.proxy}",
            hint=f"see what answers: curl -i {word(self._url)}",
        )


def _may_pass(error: Exception) -> bool:
    """Tell whether another attempt may get through: not where a certificate is refused, or time has run out."""
    theirs = botocore.exceptions
    return isinstance(error, theirs.ConnectionError) and not isinstance(error, theirs.SSLError)


def _is_token(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_TOKEN and all("!" <= character <= "~" for character in text)
