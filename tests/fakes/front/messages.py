"""Encoded authorization messages: opaque to the caller, read by DecodeAuthorizationMessage where it is allowed.

https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
"""

import base64
import json
import secrets
import threading
from collections.abc import Mapping
from typing import Any

from fakes.front.exchange import Answer, Onward, Request, query_result, refuse
from fakes.front.sentences import Refusal, refusal
from fakes.front.world import World

# Code and status are the API's; no page has its text.
_INVALID = Refusal(400, "InvalidAuthorizationMessageException", "the message is not one of this front")


class AuthorizationMessages:
    """A rule for DecodeAuthorizationMessage; `encode` makes what it reads."""

    def __init__(self) -> None:
        self._messages: dict[str, str] = {}
        self._lock = threading.Lock()

    def encode(self, user: str, action: str, resource: str, *, is_explicit: bool = False) -> str:
        """Return the encoded message of one denial; it shows nothing of it."""
        context = {"principal": {"arn": user}, "action": action, "resource": resource, "conditions": {"items": []}}
        empty: Mapping[str, Any] = {"items": []}
        details = {
            "allowed": False,
            "explicitDeny": is_explicit,
            "matchedStatements": empty,
            "failures": empty,
            "context": context,
        }
        encoded = base64.urlsafe_b64encode(secrets.token_bytes(192)).decode()
        with self._lock:
            self._messages[encoded] = json.dumps(details)
        return encoded

    def refusal(self, encoded: str) -> Refusal:
        """Return what EC2 and others answer."""
        return refusal("encoded", encoded=encoded)

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Decode, for those who may."""
        if request.service != "sts" or request.operation != "DecodeAuthorizationMessage":
            return onward(request)
        # The emulator knows who may, and nothing else about it.
        answer = onward(request)
        if answer.status == 403:
            return answer
        with self._lock:
            decoded = self._messages.get(request.form.get("EncodedMessage", ""))
        return refuse(request, _INVALID) if decoded is None else query_result(request, {"DecodedMessage": decoded})
