"""The accounts and roles of a user of IAM Identity Center, as its portal lists them for a session that is signed in."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import botocore
import botocore.config
import botocore.exceptions
import botocore.tokens

from credhelper.aws import sso_session, token_cache
from credhelper.aws.explain import network
from credhelper.aws.explain.facts import RETRY_AFTER_S, THROTTLED, Refusal
from credhelper.aws.quiet import quiet
from credhelper.aws.session import ExplicitSession
from credhelper.aws.shared_config import SharedConfig
from credhelper.errors import AwsError, CredhelperError, InputError, UnreachableError
from credhelper.model.nearest import nearest
from credhelper.model.printable import clause
from credhelper.model.shell import word

_FAILING, _TOO_MANY = 500, 429
_EXPIRED = "UnauthorizedException"
# The portal refuses an account that was taken away since it listed it.
_TAKEN_AWAY = ("ForbiddenException", "ResourceNotFoundException")
# What of a profile decides about the way to AWS.
_OF_NETWORK = ("services", "endpoint_url", "ca_bundle", "ignore_configured_endpoint_urls")
_PROFILE = "credhelper-discover"
# By name: which of them exist depends on the version of botocore.
_NOT_SIGNED_IN = {"SSOError", "TokenRetrievalError"}


@dataclass(frozen=True, slots=True, order=True)
class PortalRole:
    """A role that the user is assigned in an account; the account's name may be any text."""

    account: str
    role: str
    account_name: str = ""


@dataclass(frozen=True, slots=True)
class Portal:
    """What the portal lists; `refused` are accounts whose roles it did not list."""

    roles: tuple[PortalRole, ...]
    refused: tuple[str, ...]


def read(shared: SharedConfig, name: str, *, locks_dir: str, note_token: token_cache.Note, timeout_s: float) -> Portal:
    """Return the accounts and roles of the session `[sso-session NAME]`.

    `locks_dir` and `note_token` as in `source_credentials`. No single wait is longer than `timeout_s` seconds. Raises
    AwsError where no one is signed in, InputError, MachineError or UnreachableError.
    """
    settings = _settings(shared, name)
    region = str(settings["sso_region"])
    session = _session(shared, name, timeout_s)
    way = network.Way(
        url=f"https://portal.sso.{region}.amazonaws.com/",
        authority=session.authority_or_none(),
        service="the portal of IAM Identity Center",
    )
    with quiet(), _explained(name, way):
        token = sso_session.one_at_a_time(
            _PROFILE, {_PROFILE: {"sso_session": name}}, locks_dir, timeout_s, lambda: _token(session, note_token)
        )
        unsigned = botocore.config.Config(signature_version=botocore.UNSIGNED)
        client = session.create_client("sso", region_name=region, config=unsigned)
        return _listed(client, token)


def _settings(shared: SharedConfig, name: str) -> Mapping[str, object]:
    """Return the section of a session; raises InputError where it is not there or not whole."""
    sessions = shared.sso_sessions
    if name not in sessions:
        near = nearest(name, sessions)
        raise InputError(
            f"there is no [sso-session {name}] in {shared.config_file}",
            hint=f"did you mean: credhelper discover --sso {word(near[0])}" if near else "aws configure sso-session",
        )
    if missing := [key for key in ("sso_start_url", "sso_region") if not sessions[name].get(key)]:
        raise InputError(f"[sso-session {name}] has no {' and no '.join(missing)}", hint="aws configure sso-session")
    return sessions[name]


def _session(shared: SharedConfig, name: str, timeout_s: float) -> ExplicitSession:
    """Return a session for a profile of this SSO session, with the way to AWS of the first one that has it."""
    profiles = shared.full_config["profiles"]
    like = next((one for one in profiles.values() if one.get("sso_session") == name), profiles.get("default", {}))
    section = {key: like[key] for key in _OF_NETWORK if key in like} | {"sso_session": name}
    config = {**shared.full_config, "profiles": {**profiles, _PROFILE: section}}
    return ExplicitSession(_PROFILE, config, shared.config_file, shared.credentials_file, timeout_s)


def _token(session: ExplicitSession, note: token_cache.Note) -> str:
    cache = token_cache.of_sso(note)
    loaded = botocore.tokens.SSOTokenProvider(session, cache=cache, profile_name=_PROFILE).load_token()
    return str(loaded.get_frozen_token().token)


def _listed(client: Any, token: str) -> Portal:
    pages = client.get_paginator("list_accounts").paginate(accessToken=token)
    accounts = [one for page in pages for one in page.get("accountList") or []]
    found: list[PortalRole] = []
    refused: list[str] = []
    for one in accounts:
        account, account_name = str(one.get("accountId", "")), str(one.get("accountName", ""))
        try:
            pages = client.get_paginator("list_account_roles").paginate(accessToken=token, accountId=account)
            roles = [str(role.get("roleName", "")) for page in pages for role in page.get("roleList") or []]
        except botocore.exceptions.ClientError as error:
            if error.response.get("Error", {}).get("Code") not in _TAKEN_AWAY:
                raise
            refused.append(account)
        else:
            found += [PortalRole(account, role, account_name) for role in roles]
    return Portal(tuple(sorted(set(found))), tuple(refused))


@contextlib.contextmanager
def _explained(name: str, way: network.Way) -> Iterator[None]:
    try:
        yield
    except CredhelperError:
        raise
    except Exception as error:  # noqa: BLE001  # not chained: a JSON error carries the whole file with the token
        raise _explanation(error, name, way) from None


def _explanation(error: Exception, name: str, way: network.Way) -> CredhelperError:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if not _NOT_SIGNED_IN.isdisjoint(kinds):
        return _expired(name)
    if isinstance(error, botocore.exceptions.ClientError):
        refusal = Refusal(error.response)
        if refusal.code == _EXPIRED:
            return _expired(name)
        if refusal.code in THROTTLED or refusal.status == _TOO_MANY or refusal.status >= _FAILING:
            return UnreachableError(
                f"the portal of IAM Identity Center does not answer {error.operation_name} "
                f"({refusal.code or 'no code'})",
                hint=f"try again in {RETRY_AFTER_S} seconds",
            )
        return AwsError(
            f"the portal of IAM Identity Center refused {error.operation_name}: {refusal.code or 'no code'}",
            hint=f"sign in again: aws sso login --sso-session {word(name)}",
            quoted=refusal.message,
        )
    if isinstance(error, json.JSONDecodeError | KeyError | UnicodeDecodeError):
        return AwsError(
            f"the token of the SSO session {name} cannot be read: its file is not whole",
            hint=f"aws sso login --sso-session {word(name)}",
        )
    return network.explain(error, way)


def _expired(name: str) -> AwsError:
    return AwsError(
        f"the SSO session {clause(name)} has expired or was never started",
        hint=f"aws sso login --sso-session {word(name)}",
    )
