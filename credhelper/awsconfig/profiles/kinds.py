"""What kind of profile a section is, by the keys that decide where its credentials come from. Pure."""

from collections.abc import Mapping

from credhelper.awsconfig.profiles.process_line import arguments_of
from credhelper.awsconfig.profiles.role_profile import PREFIX, is_credhelper
from credhelper.model import partitions

CREDHELPER = "credhelper"
STATIC_KEY = "aws_access_key_id"
PROCESS_KEY = "credential_process"
_MAXIMUM_CHAIN = 10
# In the ARN of a role.
_COLONS = 5

# The order of AWS's own SDKs inside one profile (aws-c-auth, credentials_provider_profile.c).
_KINDS = (
    ("web-identity", "web_identity_token_file"),
    ("role", "role_arn"),
    ("sso", "sso_session"),
    ("sso", "sso_account_id"),
    ("sso", "sso_start_url"),
    ("login", "login_session"),
    ("static", STATIC_KEY),
    ("process", PROCESS_KEY),
)
# Keys of which any other than `credential_process` makes SDKs disagree about the profile (rule 31, reference on SDKs).
CREDENTIAL_KEYS = (
    STATIC_KEY,
    "aws_secret_access_key",
    "aws_session_token",
    "role_arn",
    "source_profile",
    "credential_source",
    "web_identity_token_file",
    "sso_session",
    "sso_account_id",
    "sso_role_name",
    "sso_start_url",
    "sso_region",
    "login_session",
)
# With any of these beside it, some SDK does not ask the `credential_process` of a profile: Go takes other credentials,
# or rejects the profile for a source without a role, half a pair of keys or half a single sign-on.
GO_FIRST = frozenset(CREDENTIAL_KEYS) - {"aws_session_token"}
# Either makes botocore take the single sign-on of a profile.
SSO_DECIDES = ("sso_account_id", "sso_role_name")


def has_role(section: Mapping[str, str]) -> bool:
    """Tell whether botocore assumes the role of a section itself, with a source profile or credential source."""
    return "role_arn" in section and "web_identity_token_file" not in section


def kind_of(section: Mapping[str, str]) -> str:
    """Return the kind of a section: credhelper, role, web-identity, sso, login, static, process or settings."""
    if is_credhelper(section):
        return CREDHELPER
    return next((kind for kind, key in _KINDS if key in section), "settings")


def is_credhelper_line(line: str, name: str) -> bool:
    """Tell whether a `credential_process` line starts credhelper for this profile, in any form."""
    start = start_in(line, name)
    return any("credhelper" in word for word in start)


def is_plain_credhelper_line(line: str, name: str) -> bool:
    """Tell whether a `credential_process` line has a form that credhelper writes, with nothing around it."""
    match [word.replace("\\", "/") for word in start_in(line, name)]:
        case [program]:
            return program.endswith(("/credhelper", "/credhelper.exe"))
        case [_, "-I", "-S", script]:
            return script.endswith(("/credhelper/__main__.py", "/credhelper/get.py"))
    return False


def start_in(line: str, name: str) -> list[str]:
    """Return the words of a line before its `get NAME`, none where it does not end with these."""
    words = _words_of(line)
    return words[:-2] if words[-2:] == ["get", name] else []


def asked_in(line: str) -> str:
    """Return the profile for which a `credential_process` line asks credhelper, "" if it starts another program."""
    words = _words_of(line) if "credhelper" in line else []
    return words[-1] if words and is_credhelper_line(line, words[-1]) else ""


def _words_of(line: str) -> list[str]:
    try:
        words = arguments_of(line)
    except ValueError:
        return []
    return words[:-1] if words[-1:] == ["--"] else words


def role_arn_of(section: Mapping[str, str]) -> str:
    """Return the role of a section, by credhelper's key or AWS's own, "" if it has none."""
    return section.get(PREFIX + "role_arn") or section.get("role_arn") or ""


def partition_of_role(section: Mapping[str, str]) -> str:
    """Return the partition of the role of a section, "" if it has none, or no ARN."""
    arn = role_arn_of(section)
    return partitions.partition_of_role(arn) if arn.count(":") >= _COLONS else ""


def account_id_of(section: Mapping[str, str]) -> str:
    """Return the account a section is about, "" if it does not say."""
    parts = role_arn_of(section).split(":")
    return (parts[4] if len(parts) > 5 else "") or section.get("sso_account_id") or section.get("aws_account_id") or ""


def source_of(section: Mapping[str, str]) -> str:
    """Return where a section's source credentials come from: a profile or a credential source, "" if neither."""
    prefixed = (section.get(PREFIX + "source_profile"), section.get(PREFIX + "credential_source"))
    native = (section.get("source_profile"), section.get("credential_source"))
    return next((text for text in (*prefixed, *native) if text), "")


def source_chain(name: str, sections: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the profiles the credentials of `name` come from, the nearest first; a loop ends at its repetition."""
    chain: list[str] = []
    seen = {name}
    source = source_of(sections.get(name, {}))
    while source and len(chain) < _MAXIMUM_CHAIN:
        chain.append(source)
        section = sections.get(source, {})
        if source in seen or any(key in section for key in (STATIC_KEY, "aws_secret_access_key")):
            break  # with keys of its own a source signs with them
        seen.add(source)
        source = source_of(section)
    return chain


def partition_of(name: str, sections: Mapping[str, Mapping[str, str]]) -> tuple[str, str]:
    """Return the partition that the credentials of a profile are of, behind the region that says so; "" if unknown.

    The nearest role of its sources says it for certain, and no region is returned then; a region may be wrong.
    """
    chain = [sections[one] for one in (name, *source_chain(name, sections)) if one in sections]
    if role := next(filter(None, map(partition_of_role, chain)), ""):
        return "", role
    found = (section.get("region", "") for section in chain)
    return next(((one, there) for one in found if (there := partitions.partition_of_region(one))), ("", ""))
