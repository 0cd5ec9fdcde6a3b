"""One write to IAM as a value: what it is for a person, and the call that makes it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Side(Enum):
    """Whose account it is: that of the role, or that of the callers."""

    ROLE = "prod"
    CALLER = "acc"


class Verb(Enum):
    """What a change does to what is there; a foreign part is shown and left alone."""

    ADD = "+"
    CHANGE = "~"
    REMOVE = "-"
    FOREIGN = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One call of IAM, as botocore names operation and parameters (documents as JSON text); a foreign part has none.

    `title` is one line, `lines` are more below it. `widens`: more is allowed once it is made.
    """

    side: Side
    verb: Verb
    title: str
    lines: tuple[str, ...] = ()
    operation: str = ""
    parameters: Mapping[str, object]
    widens: bool = False
