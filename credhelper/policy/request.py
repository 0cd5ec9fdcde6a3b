"""What is asked: who calls what on which resource, with the condition keys as far as they are known. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from credhelper.policy import arn


class Missing(Enum):
    """Why a key has no value: it is not in the request, or it cannot be known from here."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


# One value, those of a key that may have several, or neither.
Value = str | tuple[str, ...] | Missing


class Context:
    """The condition keys of a request. A key that is not given is unknown, unless `others` says that it is absent.

    Keys are compared without case, as IAM does. A key of several values that has none is absent.
    """

    __slots__ = ("_others", "_values")

    def __init__(self, values: Mapping[str, Value] | None = None, *, others: Missing = Missing.UNKNOWN) -> None:
        self._values: dict[str, Value] = {
            key.lower(): Missing.ABSENT if value == () else value for key, value in (values or {}).items()
        }
        self._others = others

    def value(self, key: str) -> Value:
        """Return the value or values of a key, or why it has none."""
        return self._values.get(key.lower(), self._others)

    def having(self, values: Mapping[str, Value]) -> "Context":
        """Return the same with these keys."""
        return Context({**self._values, **values}, others=self._others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls: an ARN of IAM or STS, or a service or an identity provider by its name.

    `role_arn` is the role of a session with its path, which the session's own ARN has not; "" where it is not known.
    `unique_id` is the AIDA or AROA id; "" where it is not known.
    """

    name: str
    kind: str = "AWS"
    role_arn: str = ""
    unique_id: str = ""

    @property
    def account(self) -> str:
        """The account of the caller, "" for a service or a provider."""
        found = arn.parse(self.name) if self.kind == "AWS" else None
        return found.account if found else ""

    def keys(self) -> dict[str, Value]:
        """Return the condition keys that the ARN settles; those that it leaves open are not among them."""
        found = arn.parse(self.name)
        if self.kind != "AWS" or found is None:
            return {}
        kinds = {"user": "User", "assumed-role": "AssumedRole", "federated-user": "FederatedUser", "root": "Account"}
        keys: dict[str, Value] = {"aws:PrincipalAccount": found.account}
        if found.kind in kinds:
            keys["aws:PrincipalType"] = kinds[found.kind]
        if self.unique_id:
            session = f":{found.name}" if found.kind == "assumed-role" else ""
            keys["aws:userid"] = self.unique_id + session
        if found.kind == "assumed-role":
            keys["aws:PrincipalArn"] = self.role_arn or Missing.UNKNOWN
            keys["aws:username"] = Missing.ABSENT
        else:
            keys["aws:PrincipalArn"] = self.name
            keys["aws:username"] = found.name if found.kind == "user" else Missing.ABSENT
        return keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call. `resource` is None where it is not known, and "*" for an action that has none; so is `caller`."""

    action: str
    resource: str | None = "*"
    caller: Caller | None = None
    context: Context = field(default_factory=Context)
