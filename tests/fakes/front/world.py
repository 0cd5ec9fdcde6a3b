"""What the rules of one front share: the emulator behind it, the keys it has seen, the clock."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from fakes.front.behind import Behind
from fakes.front.exchange import Answer, Request

_SESSIONS = (("sts", "AssumeRole"), ("sts", "GetSessionToken"))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a key belongs to. A session that another session asked for is chained; a source identity sticks to both."""

    arn: str
    account: str
    is_temporary: bool = False
    is_role: bool = False
    is_chained: bool = False
    mfa_at: float | None = None
    source_identity: str = ""

    @property
    def is_root(self) -> bool:
        """Whether it is the root of its account."""
        return self.arn.endswith(":root")

    @property
    def principal_arn(self) -> str:
        """The user or role whose policies count: of a session of a role, the role."""
        if not self.is_role:
            return self.arn
        partition, role = self.arn.split(":")[1], self.arn.split("/")[1]
        return f"arn:{partition}:iam::{self.account}:role/{role}"


class World:
    """One per front. `accounts` are those that were seen."""

    def __init__(self, behind: Behind, now: Callable[[], float]) -> None:
        self.behind = behind
        self.now = now
        # While a role is assumed under keys that only the front knows, its trust is another one: no call may see it.
        self.trusts = threading.RLock()
        self._callers: dict[str, Caller] = {}
        self._lock = threading.Lock()

    @property
    def accounts(self) -> list[str]:
        """The accounts of all callers so far."""
        with self._lock:
            return sorted({caller.account for caller in self._callers.values()})

    def caller(self, request: Request) -> Caller | None:
        """Return whose key signed the request, None if it is unknown or nothing was signed."""
        return self.caller_of(request.access_key_id)

    def caller_of(self, access_key_id: str) -> Caller | None:
        """Return whose key it is, None if it is unknown."""
        with self._lock:
            known = self._callers.get(access_key_id)
        if known is None and access_key_id and (found := self._find(access_key_id)) is not None:
            return self.learn(access_key_id, found)
        return known

    def may_list(self, bucket: str, caller: Caller) -> bool:
        """Tell whether the caller's own policies allow to list a bucket."""
        return self.behind.allows(caller.principal_arn, "s3:ListBucket", f"arn:aws:s3:::{bucket}")

    def learn(self, access_key_id: str, caller: Caller) -> Caller:
        """Remember whose key this is."""
        with self._lock:
            self._callers[access_key_id] = caller
        return caller

    def learn_from(self, request: Request, answer: Answer) -> None:
        """Remember a session that was handed out; a rule that knows more about it says so after that."""
        if answer.status != 200 or (request.service, request.operation) not in _SESSIONS:
            return
        key = answer.text("AccessKeyId")
        parent = self.caller(request)
        if request.operation == "AssumeRole":
            arn, is_chained = answer.text("Arn"), parent is not None and parent.is_temporary
            self.learn(key, Caller(arn, arn.split(":")[4], is_temporary=True, is_role=True, is_chained=is_chained))
        elif parent is not None:
            self.learn(key, replace(parent, is_temporary=True))

    def _find(self, key: str) -> Caller | None:
        if len(key) == 12 and key.isdigit():
            return Caller(f"arn:aws:iam::{key}:root", key)
        arn = self.behind.user_of_key(key)
        return None if arn is None else Caller(arn, arn.split(":")[4])
