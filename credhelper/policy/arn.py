"""The parts of an ARN, and what in IAM one of them names. Pure."""

import re
from dataclasses import dataclass

ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
# What IAM shows in place of the ARN of a user or role that is no longer there.
UNIQUE_ID = re.compile(r"A(?:IDA|ROA|GPA|NPA)[A-Z0-9]{12,124}", re.ASCII)
_PARTS = 6


@dataclass(frozen=True, slots=True)
class Arn:
    """An ARN in its six parts; the last one may hold colons."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"

    @property
    def kind(self) -> str:
        """What stands before the first slash: user, role, assumed-role; the whole where there is none."""
        return self.resource.partition("/")[0]

    @property
    def name(self) -> str:
        """The last part of the path: the name of a user or role, the session of an assumed role."""
        return self.resource.rpartition("/")[2]

    @property
    def role_name(self) -> str:
        """The role of an assumed role; "" for anything else."""
        return self.resource.split("/")[1] if self.kind == "assumed-role" and "/" in self.resource else ""


def parse(text: str) -> Arn | None:
    """Return the parts of an ARN, None for a text that is none."""
    parts = text.split(":", _PARTS - 1)
    if len(parts) != _PARTS or parts[0] != "arn":
        return None
    return Arn(*parts[1:])


def account_named(principal: str) -> str:
    """Return the account that a principal names as a whole (`123456789012` or its root), "" for any other."""
    if ACCOUNT.fullmatch(principal):
        return principal
    arn = parse(principal)
    if arn is None or (arn.service, arn.resource) != ("iam", "root"):
        return ""
    return arn.account if ACCOUNT.fullmatch(arn.account) else ""
