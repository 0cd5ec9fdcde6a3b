"""Credentials to look with, found as a hand-out finds them, and nothing is written: no entry, no note, no audit line.

What AWS's own tools would do on the way is done: a program of the configuration runs, a token of SSO that is due is
refreshed. A one-time code is asked for only where that was allowed.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from credhelper.aws import source_credentials, static_keys, sts
from credhelper.aws.shared_config import SharedConfig
from credhelper.awsconfig.profiles.role_profile import is_credhelper
from credhelper.cache import store
from credhelper.errors import MfaError, about
from credhelper.mfa import code, terminal
from credhelper.model.credentials import Credentials
from credhelper.model.process_document import decode
from credhelper.provider import hit, resolve
from credhelper.provider.record import Record
from credhelper.provider.resolve import Resolved
from credhelper.settings import Settings, with_chain
from credhelper.system import clock, hardening
from credhelper.system.deadline import Deadline

OPTION = "--mfa"
_LEAST_S = 0.1


class NotAskedError(MfaError):
    """A one-time code is needed, and asking for one was not allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where credentials are looked for, for how long, and whether a person may be asked for a code.

    What is called ends `reserve_s` before the deadline, with the reason: who waits for it has none.
    """

    settings: Settings
    environ: Mapping[str, str]
    deadline: Deadline
    may_ask: bool = False
    # Around a question, so that nothing else is written to the terminal meanwhile.
    asking: Callable[[], None] = lambda: None
    reserve_s: float = 0.0

    def of_source(self, resolved: Resolved, chain: tuple[str, ...] = ()) -> Credentials:
        """Return the credentials that a role is asked for with; raises CredhelperError."""
        if resolved.parent is not None:
            return self.of_ours(resolved.parent, (*chain, resolved.profile.name), resolved.shared)
        profile = resolved.profile
        if profile.credential_source is None and (
            keys := static_keys.plain_keys(resolved.shared, profile.source_profile or "default")
        ):
            return keys
        return source_credentials.load(
            profile,
            resolved.shared,
            self._prompted,
            timeout_s=self._left_s(),
            environ=resolved.child_environ,
            locks_dir=os.path.join(self.settings.state_dir, "locks"),
        )

    def of_profile(self, name: str) -> Credentials:
        """Return the credentials of any profile, such as an administrator's; raises CredhelperError."""
        record = Record(self.environ)
        shared = SharedConfig(
            *[record.file(path) for path in (self.settings.config_file, self.settings.credentials_file)]
        )
        if is_credhelper(shared.profiles.get(name, {})):
            return self.of_ours(name, (), shared)
        resolve.note_profile(name, shared, self.settings, record)
        with about(profile=name):
            return source_credentials.from_profile(
                shared,
                name,
                self._prompted,
                timeout_s=self._left_s(),
                environ=with_chain(hardening.environment_of_caller(self.environ), (name,)),
                locks_dir=os.path.join(self.settings.state_dir, "locks"),
                is_source=False,
            )

    def cached(self, name: str) -> Credentials | None:
        """Return the session of a profile that the next hand-out would give from the cache, None if there is none."""
        found = hit.find(self.settings, store.entry_name(self.settings.config_file, name), self.environ, clock.now())
        valid = found.servable()
        return None if valid is None else decode(valid.document)

    def of_ours(self, name: str, chain: tuple[str, ...], shared: SharedConfig) -> Credentials:
        """Return a session of one of credhelper's profiles: the one in the cache, or a new one that is not kept."""
        if (kept := self.cached(name)) is not None:
            return kept
        resolved = resolve.resolve(name, self.settings, Record(self.environ), chain, shared)
        with about(profile=name, role_arn=resolved.request.role_arn):
            return self.assumed(resolved, self.of_source(resolved, chain), self.code_for(resolved))

    def assumed(
        self,
        resolved: Resolved,
        source: Credentials,
        token_code: str | None,
        note: Callable[[Mapping[str, object]], None] | None = None,
    ) -> Credentials:
        """Assume a role; `note` is given AWS's answer where it refuses."""
        timeout_s = self._left_s()
        return sts.assume_role(
            resolved.request,
            source,
            session_name=resolved.session_name,
            token_code=token_code,
            timeout_s=timeout_s,
            session=resolved.shared.session(resolved.profile.name, timeout_s=timeout_s),
            profile=resolved.profile.name,
            source_profile=resolved.profile.source_profile or "",
            note=note,
        )

    def code_for(self, resolved: Resolved) -> str | None:
        """Return a one-time code for a role that wants one, None for any other; raises MfaError."""
        serial = resolved.request.mfa_serial
        if not serial:
            return None
        self._require_may_ask(serial)
        profile, environ = resolved.profile, resolved.child_environ

        def get(timeout_s: float) -> str:
            return code.token_code(serial, profile.mfa_process, profile.name, timeout_s=timeout_s, environ=environ)

        return get(self._left_s()) if profile.mfa_process else self.deadline.ask(get)

    def _prompted(self, serial: str, question: str) -> str:
        """Return the code for a native role of AWS's own."""
        self._require_may_ask(serial)
        return self.deadline.ask(lambda timeout_s: terminal.ask(question, timeout_s=timeout_s))

    def _left_s(self) -> float:
        return max(_LEAST_S, self.deadline.left_s() - self.reserve_s)

    def _require_may_ask(self, serial: str) -> None:
        if not self.may_ask:
            raise NotAskedError(f"a one-time code for {serial} is needed, and none is asked for without {OPTION}")
        self.asking()
