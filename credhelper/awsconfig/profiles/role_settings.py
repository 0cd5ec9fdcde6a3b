"""Every setting of a role profile: its type, its limits, where they come from, and its parser. Pure.

The typed profile, the options of `profile add` and `profile set`, and the table in docs/reference.md are all made from
SETTINGS. Every limit is that of the STS API (AssumeRole; botocore's service model sts/2011-06-15), checked before any
call.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from credhelper.awsconfig.profiles import role_arn, values

PREFIX = "credhelper_"
CREDENTIAL_SOURCES = ("Environment", "Ec2InstanceMetadata", "EcsContainer")
MINIMUM_DURATION_S = 900
MAXIMUM_DURATION_S = 43200
MAXIMUM_TAGS = 50
MAXIMUM_POLICY_ARNS = 10
MAXIMUM_POLICY_LENGTH = 2048


class AwsDocument(NamedTuple):
    """The page of AWS's documentation that says what a setting means."""

    title: str
    url: str


ASSUME_ROLE = AwsDocument("AssumeRole", "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html")
_SDK_GUIDE = "https://docs.aws.amazon.com/sdkref/latest/guide"
ROLE_PROFILES = AwsDocument("Assume role credentials", f"{_SDK_GUIDE}/feature-assume-role-credentials.html")
REGIONS = AwsDocument("AWS Region", f"{_SDK_GUIDE}/feature-region.html")
ENDPOINTS = AwsDocument("Service-specific endpoints", f"{_SDK_GUIDE}/feature-ss-endpoints.html")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a value may be: `limits` for people, and the parser that holds them; it raises ValueError, "not ...".

    The text of a ValueError never quotes the value, which may be a secret.
    """

    limits: str
    parse: Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; `metavar` and `help` describe its option, `default` is used without it ("" for none).

    `document` is None for a setting that AWS does not have. `is_native`: the key is AWS's own, without our prefix.
    """

    name: str
    kind: str
    metavar: str
    help: str
    rule: Rule
    document: AwsDocument | None = ASSUME_ROLE
    default: str = ""
    is_native: bool = False

    @property
    def key(self) -> str:
        """The key in the profile's section."""
        return self.name if self.is_native else PREFIX + self.name

    @property
    def flag(self) -> str:
        """The option on the command line."""
        return flag_of(self.name)


def flag_of(setting: str) -> str:
    """Return the option of a setting on the command line."""
    return f"--{setting.replace('_', '-')}"


def _matching(pattern: str, limits: str) -> Rule:
    """Return the rule for text that matches a pattern from its first to its last character."""
    compiled = re.compile(pattern)

    def parse(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f"not {limits}")
        return text

    return Rule(limits, parse)


def _characters(allowed: str, minimum: int, maximum: int, what: str = "", *, but_not: str = "") -> Rule:
    """Return the rule for text of these characters, written as in "A-Z 0-9 . -", and of this length."""
    parts = [part if len(part) == 3 else re.escape(part) for part in allowed.split()]
    length = f"{minimum} to {maximum} characters of {allowed}"
    limits = (f"{what}, " if what else "") + length + (f", not starting with {but_not}" if but_not else "")
    refused = f"(?!(?i:{re.escape(but_not)}))" if but_not else ""
    return _matching(f"{refused}[{''.join(parts)}]{{{minimum},{maximum}}}", limits)


def _line(what: str, maximum: int) -> Rule:
    """Return the rule for any one line of text."""
    return _matching(rf"[^\x00-\x1f\x7f]{{1,{maximum}}}", f"{what} of 1 to {maximum} characters")


def _seconds(minimum: int, maximum: int) -> Rule:
    limits = f"a number of seconds from {minimum} to {maximum}"

    def parse(text: str) -> int:
        seconds = int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0
        if not minimum <= seconds <= maximum:
            raise ValueError(f"not {limits}")
        return seconds

    return Rule(limits, parse)


_POLICY_ARN = re.compile(r"(?=.{20,2048}$)arn:aws[a-z-]*:iam::(?:aws|[0-9]{12}):policy/[\w+=,.@/-]+", re.ASCII)


def _policy_arns(text: str) -> tuple[str, ...]:
    arns = tuple(part.strip() for part in text.split(","))
    if len(arns) > MAXIMUM_POLICY_ARNS:
        raise ValueError(f"more than {MAXIMUM_POLICY_ARNS} ARNs")
    if not all(_POLICY_ARN.fullmatch(arn) for arn in arns):
        raise ValueError("not a comma-separated list of policy ARNs")
    return arns


def _policy(text: str) -> str:
    if text.startswith("file://"):
        if not text.startswith("file:///"):
            raise ValueError("not file:// and an absolute path")
        return text
    return values.policy(text, MAXIMUM_POLICY_LENGTH)


def _tags(text: str) -> dict[str, str]:
    return values.tags(text, MAXIMUM_TAGS)


def _tag_keys(text: str) -> tuple[str, ...]:
    return values.tag_keys(text, MAXIMUM_TAGS)


SETTINGS = (
    Setting(
        "role_arn",
        "ARN",
        "ARN",
        "The role to assume.",
        Rule(role_arn.LIMITS, role_arn.parse),
    ),
    Setting(
        "source_profile",
        "profile",
        "NAME",
        "The profile whose credentials assume it, or another credhelper profile.",
        _line("the name of a profile", 1024),
        ROLE_PROFILES,
    ),
    Setting(
        "credential_source",
        "choice",
        "SOURCE",
        f"Instead of a source profile: {', '.join(CREDENTIAL_SOURCES[:-1])} or {CREDENTIAL_SOURCES[-1]}.",
        _matching("|".join(CREDENTIAL_SOURCES), f"one of {', '.join(CREDENTIAL_SOURCES)}"),
        ROLE_PROFILES,
    ),
    Setting(
        "role_session_name",
        "text",
        "TEXT",
        "The session's name in CloudTrail; your user and host by default.",
        _characters("A-Z a-z 0-9 _ + = , . @ -", 2, 64),
        default="USER@HOST",
    ),
    Setting(
        "external_id",
        "text",
        "TEXT",
        "The external ID that the role's trust policy asks for.",
        _characters("A-Z a-z 0-9 _ + = , . @ : / -", 2, 1224),
    ),
    Setting(
        "duration_seconds",
        "integer",
        "SECONDS",
        f"The length of the session: {MINIMUM_DURATION_S} to {MAXIMUM_DURATION_S}; 3600 by default.",
        _seconds(MINIMUM_DURATION_S, MAXIMUM_DURATION_S),
        default="3600",
    ),
    Setting(
        "mfa_serial",
        "text",
        "ARN",
        "The MFA device; its one-time code is asked for when it is needed.",
        _characters("A-Z a-z 0-9 _ + = / : , . @ -", 9, 256, "the serial number or ARN of an MFA device"),
    ),
    Setting(
        "mfa_process",
        "command",
        "COMMAND",
        "A program that prints the one-time code.",
        _line("a command", 4096),
        None,
        default="asks on the terminal",
    ),
    Setting(
        "source_identity",
        "text",
        "TEXT",
        "The source identity of the session.",
        _characters("A-Z a-z 0-9 _ + = , . @ -", 2, 256, but_not="aws:"),
    ),
    Setting(
        "tags",
        "list",
        "KEY=VALUE,...",
        "Session tags.",
        Rule(
            f"at most {MAXIMUM_TAGS} tags; keys of 1 to {values.MAXIMUM_KEY_LENGTH} characters, "
            f"values of at most {values.MAXIMUM_VALUE_LENGTH}",
            _tags,
        ),
    ),
    Setting(
        "transitive_tag_keys",
        "list",
        "KEY,...",
        "Tags that a chained role inherits.",
        Rule(f"at most {MAXIMUM_TAGS} keys of the session tags", _tag_keys),
    ),
    Setting(
        "policy_arns",
        "list",
        "ARN,...",
        "Managed session policies.",
        Rule(f"at most {MAXIMUM_POLICY_ARNS} ARNs of policies, 20 to 2048 characters each", _policy_arns),
    ),
    Setting(
        "policy",
        "JSON",
        "JSON",
        "An inline session policy, or file:///absolute/path.json.",
        Rule(
            f"a policy of at most {MAXIMUM_POLICY_LENGTH} characters with a Statement, or file:// and an absolute path",
            _policy,
        ),
    ),
    Setting(
        "region",
        "text",
        "REGION",
        "The region for every tool that uses the profile.",
        _matching(r"[a-z][a-z0-9-]{1,62}", "the name of a region, 2 to 63 characters of a-z 0-9 -"),
        REGIONS,
        default="the source profile's",
        is_native=True,
    ),
    Setting(
        "endpoint_url",
        "URL",
        "URL",
        "The endpoint for every tool that uses the profile.",
        _matching(r"[!-~]{8,2048}", "a URL of 8 to 2048 characters"),
        ENDPOINTS,
        default="AWS's endpoint in the region",
        is_native=True,
    ),
)
