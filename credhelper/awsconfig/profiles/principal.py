"""Who a profile is: the principal whose credentials botocore takes for it, by the text of both files. Pure.

Two catalogues in which a profile has the same principal hand out the same identity. A role is the same whether an SDK
assumes it or credhelper does, as long as its source is the same.
"""

from collections.abc import Iterable, Mapping

from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.role_profile import PREFIX, is_credhelper
from credhelper.awsconfig.profiles.source_chain import has_static_keys, leads_back_to

# What a principal is made of; it may hold keys, so it is compared and never shown.
Principal = tuple[object, ...]

_MAXIMUM_LINKS = 50
SOURCE_KEYS = ("source_profile", PREFIX + "source_profile")
_ROLE_DETAILS = ("role_arn", "external_id", "role_session_name", "mfa_serial")
_PARTS = {
    "web-identity": ("role_arn", "web_identity_token_file"),
    "sso": ("sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name"),
    "login": ("login_session",),
    "process": (kinds.PROCESS_KEY,),
}
_NEEDED = {"web-identity": ("role_arn",), "sso": kinds.SSO_DECIDES}


def principal(name: str, catalogue: Catalogue) -> Principal | None:
    """Return who a profile is for botocore, None if it has no credentials or they cannot be found."""
    if name not in catalogue:
        return None
    if catalogue.taken(name)[0] == "role":
        return _native_role(name, catalogue, (name,), ())
    return _own(name, catalogue, ())


def _native_role(
    name: str, catalogue: Catalogue, visited: tuple[str, ...], helpers: tuple[str, ...]
) -> Principal | None:
    """Follow the sources as botocore's AssumeRoleProvider does; `helpers` are the credhelper profiles being asked."""
    section = catalogue[name]
    source, credential_source = section.get("source_profile"), section.get("credential_source")
    if (source is None) == (credential_source is None):
        return None
    if source is None:
        return _role(section, "", ("credential_source", credential_source))
    if source not in catalogue or (source in visited and not (source == name and has_static_keys(catalogue[source]))):
        return None
    if has_static_keys(catalogue[source]) or not kinds.has_role(catalogue[source]):
        return _role(section, "", _own(source, catalogue, helpers))
    return _role(section, "", _native_role(source, catalogue, (*visited, source), helpers))


def _own(name: str, catalogue: Catalogue, helpers: tuple[str, ...]) -> Principal | None:
    """Return whose a profile's own credentials are: those that need no role of its section."""
    section = catalogue[name]
    kind, _ = catalogue.taken_as_source(name)
    if kind == kinds.CREDHELPER:
        return _helped(name, catalogue, helpers)
    if kind == "process" and (asked := kinds.asked_in(section[kinds.PROCESS_KEY])):
        return _helped(asked, catalogue, helpers)
    if kind == "static":
        in_credentials = catalogue.in_credentials(name)
        keys = in_credentials if kinds.STATIC_KEY in in_credentials else catalogue.in_config(name)
        found = keys.get(kinds.STATIC_KEY), keys.get("aws_secret_access_key")
        return ("static", *found) if None not in found else None
    if kind not in _PARTS or any(not section.get(key) for key in _NEEDED.get(kind, ())):
        return None
    return (kind, *(section.get(key) for key in _PARTS[kind]))


def _helped(name: str, catalogue: Catalogue, helpers: tuple[str, ...]) -> Principal | None:
    """Follow the sources as credhelper does (provider/resolve.py)."""
    section = catalogue.get(name, {})
    source = section.get(PREFIX + "source_profile")
    credential_source = section.get(PREFIX + "credential_source")
    is_refused = not is_credhelper(section) or "role_arn" in section or name in helpers or len(helpers) > _MAXIMUM_LINKS
    if is_refused or (source is None) == (credential_source is None):
        return None
    if source is None:
        return _role(section, PREFIX, ("credential_source", credential_source))
    if source not in catalogue:
        return None
    further = catalogue[source]
    if is_credhelper(further):
        # Static keys beside a role of credhelper's would be two identities, which credhelper refuses.
        inner = None if has_static_keys(further) else _helped(source, catalogue, (*helpers, name))
    elif leads_back_to(source, (*helpers, name), catalogue) is not None:
        inner = None
    elif has_static_keys(further) or not kinds.has_role(further):
        inner = _own(source, catalogue, (*helpers, name))
    else:
        inner = _native_role(source, catalogue, (source,), (*helpers, name))
    return _role(section, PREFIX, inner)


def _role(section: Mapping[str, str], prefix: str, source: Principal | None) -> Principal | None:
    return None if source is None else ("role", *(section.get(prefix + key) for key in _ROLE_DETAILS), source)


def loop_of(name: str, catalogue: Catalogue) -> list[str]:
    """Return the profiles of the loop that the sources of a profile run into, from and to the same one; [] if none."""
    chain = [name]
    while chain[-1] in catalogue:
        section = catalogue[chain[-1]]
        if is_credhelper(section):
            following = section.get(PREFIX + "source_profile")
        elif kinds.has_role(section) and (len(chain) == 1 or not has_static_keys(section)):
            following = section.get("source_profile")
        else:
            return []
        if following is None:
            return []
        if following in chain:
            # A profile may come again that signs with its keys, as its own source or where credhelper asks for it.
            is_asked = is_credhelper(catalogue[name])
            whose = _helped(name, catalogue, ()) if is_asked else principal(name, catalogue)
            return [] if whose is not None else [*chain[chain.index(following) :], following]
        chain.append(following)
    return []


def way_out_of(loop: Iterable[str], catalogue: Catalogue) -> str:
    """Return a profile that does not take its credentials from one of a loop, "" if there is none."""
    led_here = dependents(loop, catalogue)
    return next((one for one in ("default", *catalogue) if one in catalogue and one not in led_here), "")


def dependents(names: Iterable[str], catalogue: Catalogue) -> set[str]:
    """Return the profiles that take their credentials from one of these, directly or by others, and these."""
    users: dict[str, list[str]] = {}
    for user in catalogue:
        section = catalogue[user]
        for key in SOURCE_KEYS:
            if source := section.get(key):
                users.setdefault(source, []).append(user)
        if asked := kinds.asked_in(section.get(kinds.PROCESS_KEY, "")):
            users.setdefault(asked, []).append(user)
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += users.get(name, ())
    return found


def changed(before: Catalogue, after: Catalogue, renamed: Mapping[str, str]) -> list[str]:
    """Return the profiles, by their old names, that were someone and are someone else after an edit of the files.

    `renamed` has the new name of each profile that got one.
    """
    found = []
    for name in sorted(dependents({*after.touched, *renamed, *renamed.values()}, before)):
        was = principal(name, before)
        if was is not None and was != principal(renamed.get(name, name), after):
            found.append(name)
    return found
