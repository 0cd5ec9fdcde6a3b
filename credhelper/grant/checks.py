"""What of a grant is refused before AWS is asked: each value by itself, with the reason and what to give. Pure."""

import ipaddress
import re
from collections.abc import Sequence

from credhelper.errors import InputError
from credhelper.model.shell import word
from credhelper.policy import arn
from credhelper.policy.arn import Arn

# IAM's quotas of names, without their paths.
_LONGEST = {"role": 64, "group": 128, "user": 64, "policy": 128}
_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH = re.compile(r"/(?:[!-~]+/)?", re.ASCII)
_LONGEST_PATH = 512
_PARTITION = re.compile(r"aws(?:-[a-z]{1,8}){0,2}", re.ASCII)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_SOURCE_IDENTITY = re.compile(r"(?!aws:)[\w+=,.@-]{2,64}", re.ASCII | re.IGNORECASE)
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}", re.ASCII)
_TAG_KEY = re.compile(r"(?!aws:)[\w .:/=+@-]{1,128}", re.IGNORECASE)
_TAG_VALUE = re.compile(r"[\w .:/=+@-]{0,256}")
_DESCRIPTION = re.compile(r"[\t\n\r -~\u00a1-\u00ff]{0,1000}")
_SHORTEST_SESSION_S, _LONGEST_SESSION_S = 3600, 43_200
# Addresses that no request to AWS comes from: private, shared, local, multicast and reserved ones.
_NEVER_SEEN = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *(
            "192.168.0.0/16",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "::/127",
            "::ffff:0:0/96",
            "fc00::/7",
            "fe80::/10",
            "ff00::/8",
        ),
    )
)
# Paths of roles that only AWS itself may change.
_AWS_PATHS = ("/aws-service-role/", "/aws-reserved/")


def account(text: str, option: str) -> str:
    """Return an account id; raises InputError for what is none, or is given as a number that lost its zeros."""
    if not arn.ACCOUNT.fullmatch(text):
        raise InputError(f"{option} {_quoted(text)} is no account: it has 12 digits")
    return text


def name(text: str, kind: str) -> str:
    """Return the name of a role, group, user or policy."""
    if not _NAME.fullmatch(text):
        raise InputError(f"{_quoted(text)} is no name of a {kind}: letters, digits and + = , . @ _ - only")
    if len(text) > _LONGEST[kind]:
        raise InputError(f"the name of a {kind} has {_LONGEST[kind]} characters at most, not {len(text)}")
    return text


def path(text: str) -> str:
    """Return the path of a role or user, from slash to slash."""
    if not _PATH.fullmatch(text) or "//" in text:
        raise InputError(f"{_quoted(text)} is no path: it starts and ends with a slash, without blanks")
    if len(text) > _LONGEST_PATH:
        raise InputError(f"a path has {_LONGEST_PATH} characters at most, not {len(text)}")
    return text


def user(text: str) -> tuple[str, str]:
    """Return path and name of a user that is given as `NAME` or `PATH/NAME`."""
    before, slash, last = text.rpartition("/")
    return path(f"/{before.lstrip('/')}/" if before.strip("/") else "/") if slash else "/", name(last, "user")


def role(text: str) -> tuple[Arn, str, str]:
    """Return a role's ARN with the path and the name in it."""
    found = arn.parse(text)
    if found is None or (found.service, found.kind, found.region) != ("iam", "role", "") or "/" not in found.resource:
        raise InputError(f"{_quoted(text)} is no ARN of a role", hint="--role arn:aws:iam::ACCOUNT:role/NAME")
    partition(found)
    account(found.account, "the account of --role")
    before, _, last = found.resource.removeprefix("role").rpartition("/")
    if any(f"{before}/".startswith(one) for one in _AWS_PATHS):
        raise InputError(f"only AWS changes the roles below {before}/", hint="name a role with another path")
    return found, path(f"{before}/"), name(last, "role")


def partition(found: Arn, wanted: str = "") -> None:
    """Refuse an ARN of another partition than wanted, or of one whose name cannot be."""
    if not _PARTITION.fullmatch(found.partition):
        raise InputError(f"{_quoted(found.partition)} is no partition of AWS")
    if wanted and found.partition != wanted:
        raise InputError(
            f"{_quoted(str(found))} is of the partition {found.partition}, and the role is of {wanted}: "
            "one knows nothing of the other"
        )


def principal(text: str, wanted_partition: str) -> str:
    """Return an account or an identity that a role can trust, or `*`, which has to be narrowed."""
    found = arn.parse(text)
    if text == "*" or arn.ACCOUNT.fullmatch(text):
        return text
    if found is None:
        raise InputError(
            f"--trust {_quoted(text)} is no ARN and no account",
            hint="give an account of 12 digits, or the ARN of a user or role",
        )
    partition(found, wanted_partition)
    if found.kind == "group":
        raise InputError(
            "AWS takes no group as a principal",
            hint=f"leave out --trust: --group {word(found.name)} trusts the account, and the group's policy decides; "
            "--pin-members lets in only its members",
        )
    if found.kind == "instance-profile":
        raise InputError("an instance profile is no principal", hint="--trust the ARN of the role in it")
    if found.kind == "role" and "/aws-service-role/" in found.resource:
        raise InputError("a service-linked role is for its service alone: no role can trust it")
    account(found.account, "the account of --trust")
    return text


def managed_policy(text: str, option: str, wanted_partition: str, role_account: str) -> str:
    """Return the ARN of a managed policy of AWS's or of the role's own account."""
    found = arn.parse(text)
    if found is None or (found.service, found.kind, found.region) != ("iam", "policy", "") or not found.name:
        raise InputError(
            f"{option} {_quoted(text)} is no ARN of a policy",
            hint="those that are there: aws iam list-policies --query Policies[].Arn",
        )
    partition(found, wanted_partition)
    if found.account not in ("aws", role_account):
        raise InputError(
            f"{option} {_quoted(text)} is of another account than the role, which cannot have it",
            hint=f"one of {word(role_account)}, or of AWS's: aws iam list-policies --query Policies[].Arn",
        )
    path(f"/{found.resource.removeprefix('policy/').rpartition('/')[0]}/".replace("//", "/"))
    name(found.name, "policy")
    return text


def key(text: str, wanted_partition: str) -> str:
    """Return the ARN of a KMS key; that of an alias does not work in a policy."""
    found = arn.parse(text)
    if found is None or found.service != "kms" or found.kind != "key":
        is_alias = text.startswith("alias/") or (found is not None and found.kind == "alias")
        why = "is an alias, which does not work in a policy" if is_alias else "is no ARN of a key"
        alias = text if is_alias else "alias/ALIAS"
        raise InputError(
            f"--kms-key {_quoted(text)} {why}",
            hint=f"aws kms describe-key --key-id {word(alias)} --query KeyMetadata.Arn --output text",
        )
    partition(found, wanted_partition)
    return text


def networks(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the networks that requests may come from; AWS sees public addresses only."""
    found = [_network(text) for text in texts]
    of_4 = ipaddress.collapse_addresses(one for one in found if isinstance(one, ipaddress.IPv4Network))
    of_6 = ipaddress.collapse_addresses(one for one in found if isinstance(one, ipaddress.IPv6Network))
    if any(one.prefixlen == 0 for one in of_4) or any(one.prefixlen == 0 for one in of_6):
        raise InputError("--source-ip lets in every address: it narrows nothing", hint="leave it out")
    return tuple(map(str, found))


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise InputError(f"--source-ip {_quoted(text)} is no network", hint="--source-ip ADDRESS/BITS") from None
    if ipaddress.ip_address(text.partition("/")[0]) != found.network_address:
        raise InputError(
            f"--source-ip {_quoted(text)} has bits beyond its length", hint=f"--source-ip {word(str(found))}"
        )
    if any(_is_within(found, never) for never in _NEVER_SEEN):
        raise InputError(
            f"--source-ip {_quoted(text)} never fits: AWS sees the public address that a request comes from",
            hint="give the address that your network shows to the internet",
        )
    return found


def _is_within(
    one: ipaddress.IPv4Network | ipaddress.IPv6Network, wide: ipaddress.IPv4Network | ipaddress.IPv6Network
) -> bool:
    return one.version == wide.version and one[0] in wide and one[-1] in wide


def external_id(text: str) -> str:
    """Return an external ID; `new` is for a command, which makes one, and not for a file that is read twice."""
    if text == "new":
        raise InputError("each reading of `new` would make another external ID", hint="write the value itself")
    if not _EXTERNAL_ID.fullmatch(text):
        raise InputError("an external ID has 2 to 1224 of letters, digits and _ + = , . @ : / -")
    return text


def source_identity(text: str) -> str:
    """Return a source identity."""
    if not _SOURCE_IDENTITY.fullmatch(text):
        raise InputError("a source identity has 2 to 64 of letters, digits and _ + = , . @ -, and no aws: before")
    return text


def organization(text: str) -> str:
    """Return the id of an organization."""
    if not _ORGANIZATION.fullmatch(text):
        raise InputError(f"--org-id {_quoted(text)} is no organization", hint="--org-id o-exampleorgid")
    return text


def tag(text: str) -> tuple[str, str]:
    """Return key and value of a tag that is given as `KEY=VALUE`."""
    key, sign, value = text.partition("=")
    if not sign or not _TAG_KEY.fullmatch(key) or not _TAG_VALUE.fullmatch(value):
        raise InputError(f"--principal-tag {_quoted(text)} is no tag of IAM", hint="--principal-tag KEY=VALUE")
    return key, value


def session_s(seconds: int) -> int:
    """Return how long a session may last."""
    if not _SHORTEST_SESSION_S <= seconds <= _LONGEST_SESSION_S:
        raise InputError(f"--max-session {seconds} is not between {_SHORTEST_SESSION_S} and {_LONGEST_SESSION_S}")
    return seconds


def description(text: str) -> str:
    """Return a description of a role, in the characters that IAM takes."""
    if not _DESCRIPTION.fullmatch(text):
        raise InputError("a description has 1000 characters at most, of Latin-1 and without control characters")
    return text


def _quoted(text: str) -> str:
    return repr(text[:200])
