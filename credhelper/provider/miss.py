"""The miss: resolve the profile, let one process ask AWS, keep the answer. Knows nothing of terminals or exit codes.

    look → single flight → look again → resolve → source credentials → AssumeRole → store

Everything that reaches outside comes in as `Effects`, so that a test can set the clock and count the calls.
"""

import contextlib
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from credhelper.cache import failures, store
from credhelper.cache.payload import Payload, Signature
from credhelper.errors import CredhelperError, InputError, MachineError, UnreachableError
from credhelper.keystores import master_key
from credhelper.keystores.base import KeyStore
from credhelper.model import freshness, process_document
from credhelper.model.credentials import Credentials
from credhelper.model.freshness import DEAD, FRESH, MINIMUM_LEFT_S, Moment
from credhelper.provider import hit, inputs
from credhelper.provider.resolve import CALL_VARIABLES, Resolved, resolve
from credhelper.provider.single_flight import FlightTimeoutError, single_flight
from credhelper.settings import Settings
from credhelper.system import clock
from credhelper.system.deadline import Deadline

_KEY_LOCK_TIMEOUT_S = 2.0


def _source_credentials(resolved: Resolved, deadline: Deadline) -> Credentials:
    from credhelper.aws import source_credentials as source

    return source.load(resolved.profile, resolved.shared, timeout_s=deadline.left_s())


def _assume_role(resolved: Resolved, source: Credentials, token_code: str | None, deadline: Deadline) -> Credentials:
    from credhelper.aws import sts

    return sts.assume_role(
        resolved.request,
        source,
        session_name=resolved.session_name,
        token_code=token_code,
        timeout_s=deadline.left_s(),
        session=resolved.shared.session(resolved.profile.name, timeout_s=deadline.left_s()),
        profile=resolved.profile.name,
        source_profile=resolved.profile.source_profile or "",
    )


def _token_code(resolved: Resolved, deadline: Deadline) -> str:
    from credhelper.mfa import code

    return code.token_code(resolved.profile, timeout_s=deadline.left_s())


@dataclass(frozen=True, slots=True)
class Effects:
    """The outside world, real by default."""

    source_credentials: Callable[[Resolved, Deadline], Credentials] = _source_credentials
    assume_role: Callable[[Resolved, Credentials, str | None, Deadline], Credentials] = _assume_role
    token_code: Callable[[Resolved, Deadline], str] = _token_code
    now: Callable[[], Moment] = clock.now
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Broker:
    """Answers for one process. `environ` is the caller's environment; `chain` names the profiles that led here.

    `started` is when the process began: what failed after that has failed for this request, too, however long it took
    a loaded machine to get here. None: it begins when it is asked.
    """

    settings: Settings
    environ: Mapping[str, str]
    deadline: Deadline
    effects: Effects = field(default_factory=Effects)
    chain: tuple[str, ...] = ()
    started: Moment | None = None

    def answer(self, profile: str) -> Payload:
        """Return valid credentials for `profile`, from the cache while they are fresh; raises CredhelperError."""
        if profile in self.chain:
            raise InputError(
                f"the source profiles run in a circle: {' -> '.join((*self.chain, profile))}",
                hint=f"credhelper profile set {self.chain[-1]} --source-profile ANOTHER",
            )
        started = self.started or self.effects.now()
        found = self._look(profile)
        if found is not None and found[1] == FRESH:
            return found[0]
        name = store.entry_name(self.settings.config_file, profile)
        try:
            return single_flight(
                store.lock_path(self.settings, name),
                lead=lambda: self._lead(profile, name, started),
                follow=self._follower(profile, name, started),
                deadline=self.deadline,
                sleep=self.effects.sleep,
                jitter=self.effects.jitter,
            )
        except FlightTimeoutError:
            raise UnreachableError(
                f"another credhelper has been busy with {profile} for too long",
                hint="try again; see what runs: pgrep -af credhelper",
            ) from None

    def _look(self, profile: str) -> tuple[Payload, str] | None:
        return hit.look(self.settings, profile, self.environ, self.effects.now())

    def _follower(self, profile: str, name: bytes, started: Moment) -> Callable[[], Payload | None]:
        """Return what finds the leader's answer, or the valid one it is renewing, and raises its failure.

        It opens nothing until the leader has written something: five hundred look many times a second.
        """
        paths = (store.entry_path(self.settings, name), store.failure_path(self.settings, name))
        seen: list[Signature] = []

        def follow() -> Payload | None:
            there = [inputs.look(path) for path in paths]
            if there == seen:
                return None
            seen[:] = there
            found = self._look(profile)
            if found is not None:
                return found[0]
            self._raise_shared_failure(name, started, failures.MEMORY_S)
            return None

        return follow

    def _raise_shared_failure(self, name: bytes, started: Moment, memory_s: float) -> None:
        failure = failures.recall(self.settings, name, self._configuration(), started, memory_s)
        if failure is not None:
            raise failure

    def _configuration(self) -> str:
        """Name the state of what a failure depends on: whoever edits a file or sets a variable gets a new answer."""
        files = (self.settings.config_file, self.settings.credentials_file)
        # Without what is before an @: a proxy's password is not for the note, in no form.
        variables = {name: value.rpartition("@")[2] for name, value in self.environ.items() if name in CALL_VARIABLES}
        digest = inputs.hash_environment(variables, CALL_VARIABLES)
        return repr([inputs.look(path) for path in files]) + digest.hex()

    def _lead(self, profile: str, name: bytes, started: Moment) -> Payload:
        found = self._look(profile)
        if found is not None and found[1] == FRESH:
            return found[0]
        configuration = self._configuration()
        try:
            self._raise_shared_failure(name, started, failures.MEMORY_S if found is None else hit.RETRY_REFRESH_S)
        except CredhelperError:
            if found is None:
                raise
            return found[0]
        try:
            answer, failure = self._renew(profile, name)
        except CredhelperError as error:
            if found is None:
                failures.remember(self.settings, name, error, configuration, self.effects.now())
                raise
            answer, failure = found[0], error
        if failure is None:
            failures.forget(self.settings, name)
        else:
            failures.remember(self.settings, name, failure, configuration, self.effects.now())
        return answer

    def _renew(self, profile: str, name: bytes) -> tuple[Payload, CredhelperError | None]:
        """Return an answer under the present configuration, and the failure to renew it if it is a valid old one."""
        looked_at_ns = int(self.effects.now().wall_s * 1e9)
        resolved = resolve(profile, self.settings, self.environ)
        source, source_id = self._source(resolved)
        identity = resolved.request.identity(source_id)
        known, state = self._known(name, identity)
        failure = None
        if known is None or state != FRESH:
            try:
                known = self._ask(resolved, source, identity)
            except CredhelperError as error:
                if known is None:
                    raise
                failure = error
        witnessed = self._witnessed(known, resolved, looked_at_ns)
        self._store(name, witnessed)
        return witnessed, failure

    def _source(self, resolved: Resolved) -> tuple[Credentials, str]:
        """Return the source credentials and what names them in an identity."""
        if resolved.parent is None:
            credentials = self.effects.source_credentials(resolved, self.deadline)
            return credentials, credentials.access_key_id
        chain = (*self.chain, resolved.profile.name)
        parent = Broker(self.settings, self.environ, self.deadline, self.effects, chain, self.started).answer(
            resolved.parent
        )
        # Not the access key id: that changes with every session of the parent, what STS would answer does not.
        return process_document.decode(parent.document), f"role:{parent.identity.hex()}"

    def _known(self, name: bytes, identity: bytes) -> tuple[Payload | None, str]:
        """Return the stored entry if it answers this very request, so that only its witness is out of date."""
        try:
            known = store.read(self.settings, name)
        except store.MissError:
            return None, DEAD
        state = freshness.state_at(known.issued, known.expiration, known.refresh_s, self.effects.now())
        return (known, state) if known.identity == identity and state != DEAD else (None, DEAD)

    def _ask(self, resolved: Resolved, source: Credentials, identity: bytes) -> Payload:
        token_code = self.effects.token_code(resolved, self.deadline) if resolved.request.mfa_serial else None
        credentials = self.effects.assume_role(resolved, source, token_code, self.deadline)
        now = self.effects.now()
        expiration = credentials.expiration or 0
        # AWS's own clock, where ours is behind it: a clock that was wrong all along must not make them live longer.
        issued = Moment(max(now.wall_s, expiration - resolved.request.duration_seconds), now.boot, now.up_s)
        if expiration - issued.wall_s <= MINIMUM_LEFT_S:
            raise MachineError("AWS's credentials have expired by this machine's clock", hint="timedatectl status")
        jitter_s = int(self.effects.jitter() * freshness.JITTER_S)
        return Payload(
            document=process_document.encode(credentials),
            expiration=expiration,
            issued=issued,
            refresh_s=freshness.refresh_before_s(int(expiration - issued.wall_s), jitter_s),
            identity=identity,
            variables=(),
            environment=b"",
            files=(),
            profile=resolved.profile.name,
            role_arn=resolved.request.role_arn,
            config_file=self.settings.config_file,
        )

    def _witnessed(self, answer: Payload, resolved: Resolved, looked_at_ns: int) -> Payload:
        files = tuple([(path, inputs.settled(signature, looked_at_ns)) for path, signature in resolved.files])
        return answer.with_witness(resolved.variables, inputs.hash_environment(self.environ, resolved.variables), files)

    def _store(self, name: bytes, answer: Payload) -> None:
        """Keep the answer; whatever goes wrong here costs the next caller a call, never this one its credentials."""
        with contextlib.suppress(OSError, ValueError):
            found = master_key.find(self.settings, lambda _key: True) or self._make_key()
            if found is not None:
                store.write(self.settings, name, found[1], answer)

    def _make_key(self) -> tuple[KeyStore, bytes] | None:
        """Return a new key with its store, or another process's; None if there is nowhere to keep one."""
        from credhelper.system.lock import (  # loads filelock, which only the first miss of all needs
            LockTimeoutError,
            hold,
        )

        try:
            with hold(master_key.lock_path(self.settings), _KEY_LOCK_TIMEOUT_S):
                return master_key.find_or_create(self.settings)
        except LockTimeoutError:
            return None
