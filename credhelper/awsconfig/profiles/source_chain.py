"""Who the source of a role's credentials is: every link of the chain, without a secret. Pure.

A cached session belongs to the identity that asked for it. What decides who that is: the sections that are visited,
and the variables and files whose content counts. What is not known by name is taken in, not left out, so that a kind of
source that AWS adds later cannot be forgotten: at worst AWS is asked once more.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from credhelper.awsconfig.profiles.kinds import has_role
from credhelper.awsconfig.profiles.process_line import arguments_of
from credhelper.awsconfig.profiles.role_profile import PREFIX, is_credhelper

STATIC_KEYS = ("aws_access_key_id", "aws_secret_access_key")
ENVIRONMENT = "Environment"
CONTAINER = "EcsContainer"
# The file with what a container shows its credential endpoint: who it is, in a pod of EKS.
CONTAINER_FILE_VARIABLE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
# In a list of variables: every variable whose name starts with AWS_, but for those that never decide who a source is.
EVERY_AWS_VARIABLE = "AWS_*"
# What a program sees beside those: `aws configure export-credentials` obeys them.
_PROGRAM_VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION")
# Keys of a section that never decide who the source is, and secrets: the key id stands for them.
_NEUTRAL_KEYS = {
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "output",
    "region",
    "cli_pager",
    "cli_timestamp_format",
    "cli_auto_prompt",
    "cli_history",
    "cli_follow_urlparam",
    "cli_binary_format",
    "cli_error_format",
    "max_attempts",
    "retry_mode",
    "parameter_validation",
    "tcp_keepalive",
    "defaults_mode",
    "s3",
}
_KEY_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
_MAXIMUM_LINKS = 50


@dataclass(frozen=True, slots=True)
class Description:
    """`facts` is what the identity of the source is made of; `variables` and `files` decide about it as well.

    The caller adds the values of the variables and the content of the files; `file_variables` name more of these.
    `programs` are those that the links name, as they are named.
    """

    facts: tuple[tuple[str, ...], ...]
    variables: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    file_variables: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()


def has_static_keys(section: Mapping[str, str]) -> bool:
    """Tell whether a merged section has any of the static keys; AWS's SDKs then sign with them and look no further."""
    return any(key in section for key in STATIC_KEYS)


def leads_back_to(name: str, targets: Iterable[str], sections: Mapping[str, Mapping[str, str]]) -> str | None:
    """Return the first of `targets` that the source profiles of `name` lead to, None if they end elsewhere."""
    seen: set[str] = set()
    while name not in seen:
        seen.add(name)
        section = sections.get(name, {})
        if has_static_keys(section):
            return None
        # A source profile is for a role; with a token for web identity botocore looks for none.
        native = section.get("source_profile", name) if has_role(section) else name
        following = section.get(PREFIX + "source_profile") or native
        if following in targets:
            return following
        name = following
    return None


def credential_source_of(name: str, sections: Mapping[str, Mapping[str, str]]) -> str:
    """Return the credential_source that a native role, or the chain of those, ends with; "" where it ends elsewhere."""
    for _ in range(_MAXIMUM_LINKS):
        section = sections.get(name, {})
        if has_static_keys(section) or not has_role(section):
            return ""
        if "credential_source" in section or section.get("source_profile", name) == name:
            return section.get("credential_source", "")
        name = section["source_profile"]
    return ""


def last_link(name: str, sections: Mapping[str, Mapping[str, str]], *, is_source: bool = True) -> str:
    """Return the profile that native roles end with, whose credentials sign first; `is_source` as in `from_profile`."""
    signs_with_keys, seen = is_source, set[str]()
    while name not in seen:
        seen.add(name)
        section = sections.get(name, {})
        if (signs_with_keys and has_static_keys(section)) or not has_role(section):
            return name
        signs_with_keys = True
        name = section.get("source_profile", name)
    return name


def describe_profile(
    name: str,
    sections: Mapping[str, Mapping[str, str]],
    sso_sessions: Mapping[str, Mapping[str, object]],
    *,
    home: str,
    login_cache: str | None = None,
) -> Description:
    """Return the description of a profile's credentials.

    `sections` are the profiles of both files, merged; `home` and `login_cache` are where AWS's tools keep tokens.
    """
    facts: list[tuple[str, ...]] = []
    variables: dict[str, None] = {}
    files: dict[str, None] = {}
    file_variables: dict[str, None] = {}
    programs: dict[str, None] = {}
    waiting, seen = [name], set[str]()
    while waiting and len(seen) < _MAXIMUM_LINKS:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        section = sections.get(one, {})
        if has_static_keys(section):
            # The key id says who it is; a secret that is corrected changes nothing, one that is missing does.
            present = [key for key in STATIC_KEYS if section.get(key)]
            facts.append(("static", section.get(STATIC_KEYS[0], ""), *present))
            continue
        facts.append(("profile", one, *_items(section)))
        variables[EVERY_AWS_VARIABLE] = None
        if "credential_process" in section:
            variables |= dict.fromkeys(_PROGRAM_VARIABLES)
            program = _program_of(section["credential_process"])
            programs[program] = None
            if "/" not in program:  # on Windows also one with a backslash: once too often does no harm
                variables["PATH"] = None
        if section.get("credential_source") == CONTAINER:
            file_variables[CONTAINER_FILE_VARIABLE] = None
        session = sso_sessions.get(section.get("sso_session", ""), {})
        facts.append(("sso-session", *_items({key: str(value) for key, value in session.items()})))
        files |= dict.fromkeys(files_of(section, home=home, login_cache=login_cache))
        waiting += [section[key] for key in ("source_profile", PREFIX + "source_profile") if section.get(key)]
    return Description(tuple(facts), tuple(variables), tuple(files), tuple(file_variables), tuple(programs))


def describe_credential_source(kind: str) -> Description:
    """Return the description of Environment, Ec2InstanceMetadata or EcsContainer."""
    if kind == ENVIRONMENT:
        # The keys themselves, and no other variable.
        return Description((("credential_source", kind),), _KEY_VARIABLES)
    named = (CONTAINER_FILE_VARIABLE,) if kind == CONTAINER else ()
    return Description((("credential_source", kind),), (EVERY_AWS_VARIABLE,), file_variables=named)


def _program_of(command: str) -> str:
    """Return the first word of a command line, "" where it has none or a quote is open: it then starts nothing."""
    try:
        return next(iter(arguments_of(command.strip())), "").strip('"')
    except ValueError:
        return ""


def _items(section: Mapping[str, str]) -> Iterator[str]:
    for key in sorted(section):
        if key not in _NEUTRAL_KEYS and key != PREFIX + "mfa_process":
            yield from (key, section[key])


def files_of(section: Mapping[str, str], *, home: str, login_cache: str | None = None) -> Iterator[str]:
    """Yield the files that decide who a section's credentials belong to.

    A client registration of SSO is in the file of the token that was made with it, as botocore writes it.
    """
    if path := section.get("web_identity_token_file"):
        yield path  # botocore expands no ~ here
    for name in (section.get("sso_session"), section.get("sso_start_url")):
        if name:
            digest = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()  # the name AWS's tools give it
            yield f"{home}/.aws/sso/cache/{digest}.json"
    if name := section.get("login_session"):
        digest = hashlib.sha256(name.strip().encode()).hexdigest()
        yield f"{_expanded(login_cache, home) if login_cache else f'{home}/.aws/login/cache'}/{digest}.json"
    policy = section.get(PREFIX + "policy", "") if is_credhelper(section) else ""
    if policy.startswith("file://"):
        yield policy.removeprefix("file://")


def _expanded(path: str, home: str) -> str:
    return f"{home}{path[1:]}" if path.startswith("~/") else path
