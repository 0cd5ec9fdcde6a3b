"""A small IAM Identity Center on a loopback port: refreshes a token, each refresh token once, and hands out keys."""

import hashlib
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fakes import canary
from fakes.loopback import LoopbackServer, QuietHandler

SESSION = "corp"
START_URL = "https://corp.awsapps.com/start"


class FakeSso(LoopbackServer):
    """A running server: `with FakeSso() as sso:`. `refreshed` are the refresh tokens that came in, used ones too.

    `keeps_refresh_token`: a refresh answers with the refresh token that it was asked with, which works again.
    """

    def __init__(self, *, delay_s: float = 0.0, keeps_refresh_token: bool = False) -> None:
        self.delay_s = delay_s
        self.keeps_refresh_token = keeps_refresh_token
        self.refreshed: list[str] = []
        self._valid = canary.secret_key("refresh-0")
        self._access = {canary.session_token("access-0")}
        self._lock = threading.Lock()
        super().__init__(_handler(self))

    def sections(self, *profiles: str) -> str:
        """Return the sections of a config file for source profiles of one session that end here."""
        url = self.url
        shared = (
            f"[sso-session {SESSION}]\nsso_region = us-east-1\nsso_start_url = {START_URL}\n\n"
            f"[services here]\nsso =\n  endpoint_url = {url}\nsso_oidc =\n  endpoint_url = {url}\n\n"
        )
        own = "sso_account_id = 111111111111\nsso_role_name = dev\nregion = us-east-1\nservices = here\n\n"
        return shared + "".join(f"[profile {name}]\nsso_session = {SESSION}\n{own}" for name in profiles)

    def legacy_sections(self, *profiles: str) -> str:
        """Return the same for profiles without a session, as they were before there were any."""
        own = self.sections(*profiles).replace(f"sso_session = {SESSION}", f"sso_start_url = {START_URL}")
        return own.replace("sso_account_id", "sso_region = us-east-1\nsso_account_id")

    def write_token(self, home: Path, *, left_s: int, person: str = "", is_legacy: bool = False) -> Path:
        """Write the token's file as `aws sso login` leaves it, with so many seconds left, and return its path.

        Another `person` has other tokens and the same registration, which the AWS CLI keeps for all who sign in.
        """
        path = token_path(home, START_URL if is_legacy else SESSION)
        path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        if person:
            self._valid = canary.secret_key(f"refresh-{person}")
        token = {
            "startUrl": START_URL,
            "region": "us-east-1",
            "accessToken": canary.session_token(f"access-{person or 0}"),
            "expiresAt": _at(left_s),
        }
        self._access.add(token["accessToken"])
        if not is_legacy:
            token |= {
                "clientId": "client",
                "clientSecret": canary.secret_key("client"),
                "registrationExpiresAt": REGISTERED_UNTIL,
                "refreshToken": self._valid,
            }
        path.write_text(json.dumps(token))
        path.chmod(0o600)
        return path

    def refresh(self, token: str) -> dict[str, object] | None:
        """Return a new token for one that was not used before, None for any other."""
        with self._lock:
            self.refreshed.append(token)
            if token != self._valid:
                return None
            number = len(self.refreshed)
            if not self.keeps_refresh_token:
                self._valid = canary.secret_key(f"refresh-{number}")
            new = {"accessToken": canary.session_token(f"access-{number}"), "refreshToken": self._valid}
            self._access.add(new["accessToken"])
        time.sleep(self.delay_s)
        return {**new, "expiresIn": 3600, "tokenType": "Bearer"}

    def end_sessions(self) -> None:
        """Take no token any more."""
        with self._lock:
            self._access.clear()
            self._valid = ""

    def takes(self, access_token: str) -> bool:
        """Tell whether a token is one that was handed out."""
        with self._lock:
            return access_token in self._access


def token_path(home: Path, name: str = SESSION) -> Path:
    """Return where AWS's tools keep the token of a session, or without one of a start URL."""
    return home / ".aws" / "sso" / "cache" / f"{hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()}.json"


def _at(seconds: int) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


REGISTERED_UNTIL = _at(86400)


def _handler(sso: FakeSso) -> type[QuietHandler]:
    class Handler(QuietHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
            new = sso.refresh(asked["refreshToken"])
            self._answer(400 if new is None else 200, new or {"error": "invalid_grant"})

        def do_GET(self) -> None:
            if not sso.takes(self.headers.get("x-amz-sso_bearer_token", "")):
                self._answer(401, {"message": "Session token not found or invalid"})
                return
            keys = {
                "accessKeyId": "ASIASSO000000000",
                "secretAccessKey": canary.secret_key("sso"),
                "sessionToken": canary.session_token("sso"),
                "expiration": int((time.time() + 3600) * 1000),
            }
            self._answer(200, {"roleCredentials": keys})

        def _answer(self, status: int, document: object) -> None:
            self.answer(status, json.dumps(document).encode())

    return Handler
