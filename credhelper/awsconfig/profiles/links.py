"""Where the credentials of a profile come from, link by link: its kind, and the line that decides it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.catalogue import Catalogue, Place
from credhelper.awsconfig.profiles.process_line import arguments_of
from credhelper.awsconfig.profiles.role_profile import PREFIX, is_credhelper
from credhelper.awsconfig.profiles.source_chain import has_static_keys

# The kinds that no section has: what `credential_source` names, and a profile that is not there.
CREDENTIAL_SOURCE, MISSING = "credential-source", "missing"
_MAXIMUM_LINKS = 50
_SHOWN_OF_KEY = 4


@dataclass(frozen=True, slots=True)
class Link:
    """One profile, or the credential source at the end.

    `kind` as in `Catalogue.taken`, or one of the two above; `key` is what decides it and `place` its line, None where
    there is none. `detail` names the role, the account, the program or the end of a key's id; it holds no secret.
    """

    name: str
    kind: str
    key: str = ""
    detail: str = ""
    place: Place | None = None


def links(name: str, catalogue: Catalogue) -> tuple[Link, ...]:
    """Return the links of a profile as botocore follows them, itself first; a loop ends with what comes again."""
    return tuple(_follow(name, catalogue))


def _follow(name: str, catalogue: Catalogue) -> Iterator[Link]:
    seen: set[str] = set()
    following, is_source = name, False
    while following and len(seen) < _MAXIMUM_LINKS:
        if following not in catalogue:
            yield Link(following, MISSING)
            return
        kind, key = _taken(following, catalogue, is_source=is_source)
        section = catalogue[following]
        place = catalogue.place_of(following, key or None)
        yield Link(following, kind, key, _detail(kind, section), place)
        if following in seen:
            return
        seen.add(following)
        prefix = {kinds.CREDHELPER: PREFIX, "role": ""}.get(kind)
        if prefix is None:
            following = kinds.asked_in(section.get(kinds.PROCESS_KEY, "")) if kind == "process" else ""
            is_source = False
            continue
        if source := section.get(f"{prefix}credential_source"):
            at = catalogue.place_of(following, f"{prefix}credential_source")
            yield Link(source, CREDENTIAL_SOURCE, f"{prefix}credential_source", "", at)
            return
        following, is_source = section.get(f"{prefix}source_profile", ""), True


def _taken(name: str, catalogue: Catalogue, *, is_source: bool) -> tuple[str, str]:
    """Return kind and deciding key; as a source, a profile signs with its keys before any role of its own."""
    section = catalogue[name]
    if is_credhelper(section):
        shadow = catalogue.shadow_of(name)
        if is_source or shadow is None or not shadow.is_for_all:
            return kinds.CREDHELPER, f"{PREFIX}role_arn"
    if is_source and has_static_keys(section):
        return catalogue.taken_as_source(name)
    return catalogue.taken(name)


def _detail(kind: str, section: dict[str, str]) -> str:
    match kind:
        case "role" | "web-identity":
            return section.get("role_arn", "")
        case kinds.CREDHELPER:
            return section.get(f"{PREFIX}role_arn", "")
        case "sso":
            session = section.get("sso_session") or section.get("sso_start_url", "")
            role, account = section.get("sso_role_name", ""), section.get("sso_account_id", "")
            return f"{role} of account {account}, by {session}"
        case "login":
            return section.get("login_session", "")
        case "static":
            return f"key …{section.get(kinds.STATIC_KEY, '')[-_SHOWN_OF_KEY:]}"
        case "process":
            return _program_of(section.get(kinds.PROCESS_KEY, ""))
    return ""


def _program_of(line: str) -> str:
    """Return the program of a line, without its arguments: one of them may be a secret."""
    try:
        return next(iter(arguments_of(line)), "")
    except ValueError:
        return ""
