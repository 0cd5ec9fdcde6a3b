"""Which credentials of a profile botocore takes and which Go takes, and what each rejects the profile for. Pure.

Both were measured, botocore 1.43 and aws-sdk-go-v2 config 1.33, with every combination of the keys that decide
(tests/vectors/go-credentials.json). Of other SDKs nothing is said here.
"""

import contextlib
import shlex
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.kinds import PROCESS_KEY, SSO_DECIDES, STATIC_KEY
from credhelper.awsconfig.profiles.role_settings import CREDENTIAL_SOURCES
from credhelper.awsconfig.profiles.source_chain import STATIC_KEYS

# Is found in its line, too (lint/lines.py).
EMPTY_COMMAND = "empty-command"
SESSION_KEY = "sso_session"
_ROLE_SOURCES = ("source_profile", "credential_source", "web_identity_token_file")
_PORTAL = ("sso_start_url", "sso_region")
_LEGACY = (*_PORTAL, *SSO_DECIDES)


class Reading(NamedTuple):
    """What an SDK takes of a profile, and the rule it rejects the profile for, "" where it does not.

    `key` is the one that the fault is about.
    """

    taken: str
    fault: str = ""
    key: str = ""


class Sessions(NamedTuple):
    """The sections of single sign-on by the names that each of the two finds them by.

    And the names of the sections of services that botocore finds, which need a key to count.
    """

    botocore: Mapping[str, Mapping[str, str]]
    go: Mapping[str, Mapping[str, str]]
    services: frozenset[str] = frozenset()


def sessions_of(catalogue: Catalogue) -> Sessions:
    """Return the sections of single sign-on; botocore reads quotes and one file, Go no quotes and both."""
    by_botocore: dict[str, Mapping[str, str]] = {}
    by_go: dict[str, Mapping[str, str]] = {}
    services: set[str] = set()
    for document in (catalogue.config, catalogue.credentials):
        for index in range(len(document)):
            header = document.header(index)
            if header.startswith("services") and document is catalogue.config and document.block(index).key_lines:
                services.update(_named_by(header))
            if "sso-session" not in header:
                continue
            values = document.values(index)
            kind, _, name = header.strip().replace("\t", " ").partition(" ")
            if kind == "sso-session":
                by_go[name.strip()] = {**by_go.get(name.strip(), {}), **values}
            if document is catalogue.config and header.startswith("sso-session"):
                by_botocore |= dict.fromkeys(_named_by(header), values)
    return Sessions(by_botocore, by_go, frozenset(services))


def _named_by(header: str) -> list[str]:
    """Return the name in a header that botocore splits at its blanks, none where it is not one word."""
    with contextlib.suppress(ValueError):
        words = shlex.split(header)
        return words[1:] if len(words) == 2 else []
    return []


def botocore(name: str, catalogue: Catalogue, sessions: Sessions) -> Reading:
    """Return what botocore makes of a profile; that the source of a role exists is not looked at."""
    section = catalogue[name]
    kind, key = catalogue.taken(name)
    match kind:
        case "role":
            fault = _role_fault(section)
        case "web-identity":
            fault = ("", "") if section.get("role_arn") else ("token-without-role", key)
        case "sso":
            fault = _session_fault(section, sessions.botocore)
        case "static":
            is_there = STATIC_KEY in catalogue.in_credentials(name)
            keys = catalogue.in_credentials(name) if is_there else catalogue.in_config(name)
            fault = ("", "") if STATIC_KEYS[1] in keys else ("half-keys", key)
        case "process":
            fault = ("", "") if section[PROCESS_KEY].strip() else (EMPTY_COMMAND, key)
        case _:
            fault = "", ""
    return Reading(kind, *fault)


def go(name: str, catalogue: Catalogue, sessions: Sessions) -> Reading:
    """Return what Go makes of a profile; that the source of a role exists is not looked at."""
    section = catalogue[name]
    taken = _taken_by_go(section)
    fault = next(_go_faults(name, section, catalogue, sessions, taken), ("", ""))
    return Reading(taken, *fault)


def _role_fault(section: Mapping[str, str]) -> tuple[str, str]:
    sources = [key for key in ("source_profile", "credential_source") if key in section]
    if not sources:
        return "role-without-source", "role_arn"
    if len(sources) == 2:
        return "two-sources", sources[1]
    if sources == ["credential_source"] and section["credential_source"] not in CREDENTIAL_SOURCES:
        return "credential-source", "credential_source"
    return "", ""


def _session_fault(section: Mapping[str, str], sessions: Mapping[str, Mapping[str, str]]) -> tuple[str, str]:
    """Return what botocore rejects the single sign-on of a section for."""
    session = section.get(SESSION_KEY)
    if session is not None and session not in sessions:
        return "missing-sso-session", SESSION_KEY
    merged = {**section, **sessions.get(session or "", {})}
    if session is not None and (key := _differing(section, sessions[session])):
        return "sso-conflict", key
    if session is not None and not all(key in sessions[session] for key in _PORTAL):
        return "sso-incomplete", SESSION_KEY
    return ("", "") if all(key in merged for key in _LEGACY) else ("sso-incomplete", _first_sso_key(section))


def _differing(section: Mapping[str, str], session: Mapping[str, str]) -> str:
    return next((key for key in _PORTAL if key in session and section.get(key, session[key]) != session[key]), "")


def _first_sso_key(section: Mapping[str, str]) -> str:
    return next(key for key in (SESSION_KEY, *_LEGACY) if key in section)


def _go_faults(
    name: str, section: Mapping[str, str], catalogue: Catalogue, sessions: Sessions, taken: str
) -> Iterator[tuple[str, str]]:
    """Yield what Go rejects a profile for, in the order in which it looks."""
    # Each file is looked at by itself, and the credentials file has the last word.
    keys = catalogue.in_credentials(name) if catalogue.is_in_credentials(name) else catalogue.in_config(name)
    present = [key for key in STATIC_KEYS if key in keys]
    if len(present) == 1:
        yield "half-keys", present[0]
    sources = [key for key in (*_ROLE_SOURCES, PROCESS_KEY) if section.get(key)]
    if sources and sources[0] != PROCESS_KEY and not section.get("role_arn"):
        yield "token-without-role" if sources[0] == "web_identity_token_file" else "source-without-role", sources[0]
    if len(sources) > 1:
        yield "role-and-process" if PROCESS_KEY in sources else "two-sources", sources[-1]
    session = section.get(SESSION_KEY)
    if session and session not in sessions.go:
        yield "missing-sso-session", SESSION_KEY
    if taken == "role" and section.get("credential_source", CREDENTIAL_SOURCES[0]) not in CREDENTIAL_SOURCES:
        yield "credential-source", "credential_source"
    if taken.endswith("sso"):
        wanted = sessions.go.get(session, {}) if session else section
        if not all(wanted.get(key) for key in (_PORTAL if session else _LEGACY)):
            yield "sso-incomplete", _first_sso_key(section)
        if session and (key := _differing(section, wanted)):
            yield "sso-conflict", key


def _taken_by_go(section: Mapping[str, str]) -> str:
    has_role = bool(section.get("role_arn"))
    if has_role and section.get("source_profile"):
        return "role"
    if all(section.get(key) for key in STATIC_KEYS):
        kind = "static"
    elif has_role and section.get("credential_source"):
        return "role"
    elif section.get("web_identity_token_file"):
        return "web-identity"
    else:
        kind = next((kind for kind, keys in _GO_ORDER if any(section.get(key) for key in keys)), "machine")
    return f"role with its {kind}" if has_role else kind


# What Go looks at after keys and roles.
_GO_ORDER = (("sso", (SESSION_KEY, *_LEGACY)), ("login", ("login_session",)), ("process", (PROCESS_KEY,)))
