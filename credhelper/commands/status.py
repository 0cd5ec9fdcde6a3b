"""What is cached, for which role, until when, and where the master key is."""

from collections.abc import Mapping
from dataclasses import dataclass

from credhelper.aws import network_rules
from credhelper.aws.endpoint import GLOBAL_VARIABLE, SERVICE_VARIABLE
from credhelper.awsconfig.file import config_file
from credhelper.awsconfig.profiles.catalogue import sections_of
from credhelper.cache import store
from credhelper.cache.payload import Payload
from credhelper.commands import obstacle
from credhelper.errors import CredhelperError
from credhelper.keystores import master_key, stores
from credhelper.model import freshness
from credhelper.model.freshness import DEAD, FRESH, Moment
from credhelper.model.printable import clause
from credhelper.provider import inputs
from credhelper.settings import Settings


@dataclass(frozen=True, slots=True)
class CachedEntry:
    """One entry that can be opened. `expiration` is in seconds since the epoch; `state` is for display."""

    profile: str
    role_arn: str
    expiration: int
    remaining_s: int
    state: str
    config_file: str


@dataclass(frozen=True, slots=True)
class Network:
    """The way to AWS by this environment and [default]: what is in effect, and who says so; no password."""

    endpoint: str = "AWS's own, or the profile's"
    proxy: str = "none"
    authority: str = "botocore's own CA bundle, or the profile's"


@dataclass(frozen=True, slots=True)
class Status:
    """`key_store` is None while there is no key; `unreadable` counts entries that no available key opens.

    `obstacle` says why nothing can be kept in `cache_dir`, "" where it can, and `cure` what changes that;
    `key_obstacle` why there can be no key.
    `ignored_store` is what CREDHELPER_KEY_STORE asks for where that is not a variable's choice.
    """

    key_store: str | None
    key_place: str
    cache_dir: str
    obstacle: str
    entries: tuple[CachedEntry, ...]
    unreadable: int
    cure: str = ""
    key_obstacle: str = ""
    ignored_store: str = ""
    network: Network = Network()


def read_status(settings: Settings, environ: Mapping[str, str], at: Moment) -> Status:
    """Look at every entry on disk; opens them, changes nothing."""
    entries = []
    unreadable = 0
    for name in store.names(settings):
        try:
            entry = store.read(settings, name)
            entries.append(_describe(entry, environ, at, is_elsewhere=entry.config_file != settings.config_file))
        except store.MissError:
            unreadable += 1
    found = master_key.find(settings, lambda _key: True)
    reason = obstacle.in_cache(settings)
    is_ignored = stores.is_ignored(settings, stores.noted_store(settings))
    return Status(
        key_store=None if found is None else found[0].name,
        key_place="no key yet: one is made with the first entry" if found is None else found[0].describe(),
        cache_dir=settings.cache_dir,
        obstacle=reason,
        cure=obstacle.explain(settings)[1] if reason else "",
        entries=tuple(sorted(entries, key=lambda entry: (entry.config_file, entry.profile))),
        unreadable=unreadable,
        key_obstacle=obstacle.in_key_stores(settings) if found is None else "",
        ignored_store=settings.key_store if is_ignored else "",
        network=_network(settings, environ),
    )


def _network(settings: Settings, environ: Mapping[str, str]) -> Network:
    plain = Network()
    variable = next((name for name in (SERVICE_VARIABLE, GLOBAL_VARIABLE) if environ.get(name)), "")
    url = environ.get(variable, "") or "https://sts.us-east-1.amazonaws.com"
    proxy = network_rules.proxy_in_use(url, environ)
    try:
        config = sections_of(config_file.read_behind_links(settings.config_file, config_file.LIMIT).data)
    except CredhelperError:
        config = {}
    try:
        found = network_rules.authority_for(environ, (config.get("default", {}),))
        authority = f"{found.origin}: {clause(found.path)}" if found.path else plain.authority
    except CredhelperError as error:
        authority = f"refused: {error.message}"
    return Network(
        endpoint=f"{variable}: {network_rules.without_password(url)}" if variable else plain.endpoint,
        proxy=plain.proxy if proxy is None else f"{proxy[0]}: {proxy[1]}",
        authority=authority,
    )


def _describe(entry: Payload, environ: Mapping[str, str], at: Moment, *, is_elsewhere: bool) -> CachedEntry:
    return CachedEntry(
        profile=entry.profile,
        role_arn=entry.role_arn,
        expiration=entry.expiration,
        remaining_s=max(0, int(freshness.remaining_s(entry.issued, entry.expiration, at))),
        state=_state(entry, environ, at, is_elsewhere=is_elsewhere),
        config_file=entry.config_file,
    )


def _state(entry: Payload, environ: Mapping[str, str], at: Moment, *, is_elsewhere: bool) -> str:
    """Return the state for display; of an entry for another config file the present variables say nothing."""
    state = freshness.state_at(entry.issued, entry.expiration, entry.refresh_s, at)
    if state == DEAD:
        return "expired"
    if not (inputs.are_files_unchanged(entry) if is_elsewhere else inputs.are_unchanged(entry, environ)):
        return "valid, configuration changed since"
    return "valid" if state == FRESH else "valid, due for renewal"
