"""Source credentials: what botocore finds for one explicitly named profile or credential source."""

import re
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import botocore.credentials
import botocore.httpsession

from credhelper.aws import bounded, network_rules, sso_session, token_cache
from credhelper.aws.explain import source
from credhelper.aws.explain.origin import WEB_IDENTITY, Origin, check_key_pair, no_credentials
from credhelper.aws.quiet import quiet
from credhelper.aws.session import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, ExplicitSession
from credhelper.aws.shared_config import SharedConfig
from credhelper.awsconfig.profiles import source_chain
from credhelper.awsconfig.profiles.role_profile import RoleProfile
from credhelper.awsconfig.profiles.role_settings import CREDENTIAL_SOURCES
from credhelper.errors import InputError, about
from credhelper.model.credentials import Credentials
from credhelper.model.nearest import unknown_profile
from credhelper.model.shell import own_command
from credhelper.system import program_output

DEFAULT_TIMEOUT_S = CONNECT_TIMEOUT_S + READ_TIMEOUT_S

# Called with the device and botocore's question; returns the code.
Prompter = Callable[[str, str], str]
# botocore, AssumeRoleCredentialFetcher: the one place where it says which device it is about.
_QUESTION = re.compile(r"Enter MFA code for (?P<serial>.+): ")


def load(
    profile: RoleProfile,
    shared: SharedConfig,
    prompter: Prompter,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    environ: Mapping[str, str] | None = None,
    locks_dir: str | None = None,
    note_token: token_cache.Note | None = None,
) -> Credentials:
    """Return the source credentials of a credhelper profile; arguments and failures as in `from_profile`."""
    with about(profile=profile.name):
        if profile.credential_source is not None:
            return from_credential_source(profile.credential_source, shared, profile.name, timeout_s=timeout_s)
        return from_profile(
            shared,
            profile.source_profile or "default",
            prompter,
            timeout_s=timeout_s,
            environ=environ,
            source_of=profile.name,
            locks_dir=locks_dir,
            note_token=note_token,
        )


def from_profile(
    shared: SharedConfig,
    profile: str,
    prompter: Prompter,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    environ: Mapping[str, str] | None = None,
    source_of: str = "",
    locks_dir: str | None = None,
    is_source: bool = True,
    note_token: token_cache.Note | None = None,
) -> Credentials:
    """Return the credentials of exactly this profile: static, SSO, web identity, login, process or native role.

    Neither AWS_PROFILE nor AWS_ACCESS_KEY_ID is read, and there is no falling through to an instance or
    container role: those belong to no profile (botocore treats a `source_profile` the same way). `prompter` returns
    the one-time code if the profile is a native role with an MFA device. `source_of` is the credhelper profile that
    needs the credentials. A credential_process of the profile gets `environ` (by default this process's environment)
    and no stdin. `locks_dir` is where locks of SSO sessions are kept. `is_source` is False where they are wanted for
    themselves: a profile with keys and a role is then the role, as for AWS's tools. `note_token` is called with each
    token of SSO or `aws login` that is read or made on the way, the one that is used last.
    Raises InputError, MachineError, AwsError, UnreachableError or MfaError.
    """
    if profile not in shared.profiles:
        files = (shared.config_file, shared.credentials_file)
        raise unknown_profile(profile, shared.profiles, files=files, source_of=source_of)
    session = shared.session(profile, timeout_s=timeout_s)
    section, authority = shared.profiles[profile], session.authority_or_none
    ends_with = source_chain.credential_source_of(profile, shared.profiles)
    last = source_chain.last_link(profile, shared.profiles, is_source=is_source)
    below = Origin(name=last, section=shared.profiles.get(last, {}), authority=authority) if last != profile else None
    origin = Origin(
        name=profile, section=section, authority=authority, ends_with=ends_with, below=below, is_source=is_source
    )
    builder = _ProviderBuilder(shared, session, environ, note_token or (lambda _name, _content, _before: None))
    with quiet(), source.explained(origin):
        return sso_session.one_at_a_time(
            profile,
            shared.profiles,
            locks_dir,
            timeout_s,
            lambda: _frozen(_load(_profile_providers(shared, session, origin, prompter, builder)), origin),
        )


def from_credential_source(
    kind: str, shared: SharedConfig, profile: str = "default", *, timeout_s: float = DEFAULT_TIMEOUT_S
) -> Credentials:
    """Return the credentials of Environment, Ec2InstanceMetadata or EcsContainer, through botocore's own providers.

    `profile` is whose settings (metadata endpoint, its timeout and attempts) apply. Raises like `from_profile`.
    """
    if kind not in CREDENTIAL_SOURCES:
        raise InputError(
            f"credential_source is not one of {', '.join(CREDENTIAL_SOURCES)}",
            hint=own_command("profile set", profile, options=f"--credential-source {CREDENTIAL_SOURCES[0]}"),
            cause_id="config",
        )
    session = shared.session(profile if profile in shared.profiles else None, timeout_s=timeout_s)
    origin = Origin(name=kind, is_profile=False)
    with quiet(), source.explained(origin):
        return _frozen(_load([found for found in _named_providers(session) if kind == found.CANONICAL_NAME]), origin)


def from_variables(
    kind: str, shared: SharedConfig, profile: str, *, timeout_s: float = DEFAULT_TIMEOUT_S
) -> Credentials:
    """Return what the environment itself has: a credential source, or the web identity that its variables name.

    `profile` is whose settings apply. Raises like `from_profile`.
    """
    if kind in CREDENTIAL_SOURCES:
        return from_credential_source(kind, shared, profile, timeout_s=timeout_s)
    session = shared.session(profile if profile in shared.profiles else None, timeout_s=timeout_s)
    origin = Origin(name=WEB_IDENTITY, is_profile=False)
    provider = botocore.credentials.AssumeRoleWithWebIdentityProvider(
        load_config=lambda: session.full_config,
        client_creator=session.create_client,
        profile_name=profile,
        cache={},
    )
    with quiet(), source.explained(origin):
        return _frozen(_load([provider]), origin)


def _named_providers(session: ExplicitSession) -> list[Any]:
    """Return botocore's providers of the three credential sources, in botocore's order."""
    resolver = botocore.credentials.create_credential_resolver(session)
    others = [_bounded(found) for found in resolver.providers if found.CANONICAL_NAME in CREDENTIAL_SOURCES[1:]]
    return [botocore.credentials.EnvProvider(), *others]


def _bounded(provider: Any) -> Any:
    """Return the provider with no proxy on its way to the instance metadata, and with an end to what it reads.

    A container's has no proxy anyway.
    """
    # botocore offers no other way to its fetchers and their sessions.
    instance, container = (getattr(provider, name, None) for name in ("_role_fetcher", "_fetcher"))
    if instance is not None:
        session = botocore.httpsession.URLLib3Session(timeout=instance._timeout, proxies={})  # noqa: SLF001
        instance._session = bounded.Session(session)  # noqa: SLF001
    if container is not None:
        container._session = bounded.Session(container._session)  # noqa: SLF001
        provider._fetcher = _ContainerFetcher(container)  # noqa: SLF001
    return provider


class _ContainerFetcher:
    """botocore's fetcher, which would send the container's token to any host over https."""

    def __init__(self, fetcher: Any) -> None:
        self._fetcher = fetcher
        self.full_url = fetcher.full_url

    def retrieve_full_uri(self, full_url: str, headers: Mapping[str, str] | None = None) -> Any:
        """Return the answer; raises what botocore does for a host that is not allowed over plain http."""
        if not network_rules.is_container_host(full_url):
            raise ValueError(f"Unsupported host '{network_rules.host_of(full_url)}'")
        return self._fetcher.retrieve_full_uri(full_url, headers=headers)


def _profile_providers(
    shared: SharedConfig,
    session: ExplicitSession,
    origin: Origin,
    prompter: Prompter,
    builder: "_ProviderBuilder",
) -> list[Any]:
    """Return the providers that read a profile, in the order of botocore's AssumeRoleProvider."""
    profile = origin.name
    found: list[Any] = builder.providers(profile, disable_env_vars=True)
    if origin.is_source and source_chain.has_static_keys(shared.profiles[profile]):
        # As a source, a profile signs with its keys, whatever role it has besides: that is what its trust policies
        # name (botocore, AssumeRoleProvider._resolve_credentials_from_profile).
        return found
    role = botocore.credentials.AssumeRoleProvider(
        load_config=lambda: session.full_config,
        client_creator=session.create_client,
        cache={},
        profile_name=profile,
        prompter=lambda question: prompter(_device_in(question), question),
        credential_sourcer=botocore.credentials.CanonicalNameCredentialSourcer(_named_providers(session)),
        profile_provider_builder=builder,
    )
    return [role, *found]


def _device_in(question: str) -> str:
    found = _QUESTION.fullmatch(question)
    return found["serial"] if found else question


def _load(providers: list[Any]) -> Any:
    return botocore.credentials.CredentialResolver(providers).load_credentials()


def _frozen(found: Any, origin: Origin) -> Credentials:
    """Return what botocore loaded as Credentials; the account and the expiry are None where botocore knows none."""
    if found is None:
        raise no_credentials(origin)
    frozen = found.get_frozen_credentials()
    expiry = getattr(found, "_expiry_time", None)
    check_key_pair(frozen.access_key, frozen.secret_key, frozen.token, origin)
    return Credentials(
        access_key_id=frozen.access_key,
        secret_access_key=frozen.secret_key,
        session_token=frozen.token or None,
        expiration=None if expiry is None else int(expiry.timestamp()),
        account_id=getattr(frozen, "account_id", None),
    )


class _ProviderBuilder(botocore.credentials.ProfileProviderBuilder):  # type: ignore[misc]  # botocore ships no types
    """Hands the providers the files we already parsed, and starts programs with a deadline."""

    def __init__(
        self,
        shared: SharedConfig,
        session: ExplicitSession,
        environ: Mapping[str, str] | None,
        note_token: token_cache.Note,
    ) -> None:
        super().__init__(session, sso_token_cache=token_cache.of_sso(note_token))
        self._login_token_cache = token_cache.of_login(note_token)
        self._environ = environ
        self._shared = shared
        self._timeout_s = session.timeout_s

    def providers(self, profile_name: str, disable_env_vars: bool = False) -> list[Any]:  # noqa: FBT001, FBT002  # botocore's
        """Return botocore's list with three of its members made from other arguments."""
        replacements = {provider.METHOD: provider for provider in self._replacements(profile_name)}
        defaults = super().providers(profile_name, disable_env_vars=disable_env_vars)
        return [replacements.get(provider.METHOD, provider) for provider in defaults]

    def _replacements(self, profile: str) -> list[Any]:
        shared = self._shared
        return [
            botocore.credentials.SharedCredentialProvider(
                shared.credentials_file, profile, ini_parser=lambda _path: shared.credentials_sections
            ),
            botocore.credentials.ConfigProvider(
                shared.config_file, profile, config_parser=lambda _path: shared.config_sections
            ),
            botocore.credentials.ProcessProvider(
                profile,
                load_config=lambda: shared.full_config,
                popen=partial(_Process, timeout_s=self._timeout_s, environ=self._environ),
            ),
        ]


class _Process(subprocess.Popen[bytes]):
    """A credential_process without our stdin, killed at the deadline."""

    def __init__(
        self, command: list[str], *, timeout_s: float, environ: Mapping[str, str] | None, stdout: int, stderr: int
    ) -> None:
        self._end_s = time.monotonic() + timeout_s
        # Some SDKs never close our stdin; a program that reads it would wait for ever.
        super().__init__(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, env=environ)

    def communicate(self, input: bytes | None = None, timeout: float | None = None) -> tuple[bytes, bytes]:  # noqa: A002, ARG002  # Popen's
        """Return the output, or kill the program at the deadline and raise TimeoutExpired."""
        left_s = max(0.0, self._end_s - time.monotonic())
        try:
            return program_output.communicate(self, time.monotonic() + (left_s if timeout is None else timeout))
        except BaseException:
            self.kill()
            self.__exit__(None, None, None)  # closes the pipes and reaps the program
            raise
