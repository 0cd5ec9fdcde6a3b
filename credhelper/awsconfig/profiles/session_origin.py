"""What a profile's session begins with, as far as its section and its source's say: whose duration may be chosen. Pure.

AWS's sign-in takes a duration for a role that was assumed with long-lived keys only ("SessionDuration", IAM User
Guide). Whether that is so for what another program hands out is not known here.
"""

from collections.abc import Mapping

from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.role_profile import PREFIX
from credhelper.awsconfig.profiles.source_chain import ENVIRONMENT, has_static_keys

_TEMPORARY_ID = "ASIA"
_TOKENS = ("aws_session_token", "aws_security_token")
_WHOLE = {
    "sso": "a session of IAM Identity Center, whose permission set says how long it lasts",
    "login": "a session of `aws login`, which lasts as long as that says",
    "web-identity": "a session of a web identity, not of long-lived keys",
}


def why_fixed(name: str, catalogue: Catalogue, environ: Mapping[str, str]) -> str:
    """Return why the duration of a profile's console session cannot be chosen, "" where it can be or is not known.

    It is what comes after "profile NAME has".
    """
    section = catalogue[name]
    kind, _ = catalogue.taken(name)
    if kind in _WHOLE:
        return _WHOLE[kind]
    if kind == "process" and kinds.asked_in(section.get(kinds.PROCESS_KEY, "")) in catalogue:
        return why_fixed_role(kinds.asked_in(section[kinds.PROCESS_KEY]), PREFIX, catalogue, environ)
    if kind == kinds.CREDHELPER or kinds.role_arn_of(section):
        return why_fixed_role(name, "" if kind == "role" else PREFIX, catalogue, environ)
    return ""


def why_fixed_role(name: str, prefix: str, catalogue: Catalogue, environ: Mapping[str, str]) -> str:
    """Return the same for a role; `prefix` is that of the keys which say who assumes it."""
    section = catalogue.get(name, {})
    source = section.get(f"{prefix}source_profile")
    if source is None:
        where = section.get(f"{prefix}credential_source", "")
        if where == ENVIRONMENT:
            return _chained("the keys in the environment") if environ.get("AWS_SESSION_TOKEN") else ""
        return _chained(f"the role of this machine ({where})") if where else ""
    further = catalogue.get(source, {})
    if has_static_keys(further):
        is_temporary = any(further.get(key) for key in _TOKENS) or further.get(kinds.STATIC_KEY, "").startswith(
            _TEMPORARY_ID
        )
        return _chained(f"profile {source}") if is_temporary else ""
    kind = catalogue.taken(source)[0] if source in catalogue else "settings"
    is_known = kind in _WHOLE or kind in ("role", kinds.CREDHELPER)
    is_asked = kind == "process" and bool(kinds.asked_in(further.get(kinds.PROCESS_KEY, "")))
    return _chained(f"profile {source}") if is_known or is_asked or kinds.role_arn_of(further) else ""


def _chained(source: str) -> str:
    return f"a chained session: its role is assumed with the session of {source}, and AWS then lets it end with that"
