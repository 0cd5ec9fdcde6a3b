"""The federation endpoint of the console: a sign-in token for temporary credentials.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html
"""

import json
import secrets
import threading
from collections.abc import Mapping

from fakes import canary
from fakes.front.exchange import Answer, Onward, Request, json_answer
from fakes.front.world import Caller, World

_TOKEN_S = 900
_DURATIONS_S = range(900, 43201)


class Signin:
    """A rule for `/federation`, by GET and by POST. `asked` are the parameters of each request but the session."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, str]] = []
        self._tokens: dict[str, float] = {}
        self._lock = threading.Lock()

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Give a token, or the console's page for one."""
        if request.path != "/federation" or request.service:
            return onward(request)
        form = request.form
        with self._lock:
            self.asked.append({name: value for name, value in form.items() if name != "Session"})
        if form.get("Action") == "getSigninToken":
            return self._token(world, form)
        if form.get("Action") == "login" and self._is_valid(form.get("SigninToken", ""), world.now()):
            return Answer(302, b"", {"Location": form.get("Destination", "")})
        return _bad_request()

    def _token(self, world: World, form: Mapping[str, str]) -> Answer:
        caller = _caller(world, form.get("Session", ""))
        if caller is None or not caller.is_temporary:
            return _bad_request()
        # A session of a session may not say how long it wants, nor one of GetSessionToken.
        if (wanted := form.get("SessionDuration")) is not None and (
            not caller.is_role or caller.is_chained or not wanted.isdigit() or int(wanted) not in _DURATIONS_S
        ):
            return _bad_request()
        token = canary.session_token(f"signin-{secrets.token_hex(8)}")
        with self._lock:
            self._tokens[token] = world.now() + _TOKEN_S
        return json_answer(200, {"SigninToken": token})

    def _is_valid(self, token: str, now: float) -> bool:
        with self._lock:
            return now < self._tokens.get(token, 0.0)


def _caller(world: World, text: str) -> Caller | None:
    """Return whose credentials the session has, if all three parts are there."""
    try:
        session = json.loads(text)
    except ValueError:
        return None
    if not isinstance(session, dict) or set(session) != {"sessionId", "sessionKey", "sessionToken"}:
        return None
    return world.caller_of(session["sessionId"]) if all(session.values()) else None


def _bad_request() -> Answer:
    return Answer(400, b"", {"Content-Type": "text/html"})
