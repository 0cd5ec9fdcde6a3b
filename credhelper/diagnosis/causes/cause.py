"""What a cause is: the row that a refusal at hand-out time, `doctor` and docs/troubleshooting.md share. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Who(Enum):
    """Whose it is to put right."""

    YOU = "you"
    CALLER_ADMIN = "an administrator of the caller account"
    ROLE_ADMIN = "an administrator of the role account"
    BUCKET_ADMIN = "the owner of the bucket"
    ORGANIZATION = "an administrator of the organization"
    NETWORK = "who runs this network"
    AWS = "AWS, later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One cause.

    `id` is its name in `--json` and its anchor in docs/troubleshooting.md. `title` is a heading; `meaning` what is
    wrong, in one or two sentences; `way_out` what to do, in one or two sentences with commands; `looks` what tools
    print, by the name of the tool (AWS CLI, boto3, Go, Java, Terraform). `exit_code` as in docs/reference.md.
    """

    id: str
    title: str
    meaning: str
    way_out: str
    who: Who
    exit_code: int
    looks: Mapping[str, str] = field(default_factory=dict)
