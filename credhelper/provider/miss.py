"""The miss: resolve the profile, let one process ask AWS, keep the answer. Knows nothing of terminals or exit codes.

    single flight → look at the cache → resolve → source credentials → AssumeRole → store

Everything that reaches outside comes in as `Effects`, so that a test can set the clock and count the calls.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from credhelper.cache import failures, store
from credhelper.cache.payload import Payload
from credhelper.errors import CredhelperError, MachineError, about
from credhelper.keystores import master_key
from credhelper.keystores.base import KeyStore
from credhelper.keystores.master_key import MasterKeys
from credhelper.model import freshness, process_document
from credhelper.model.credentials import Credentials
from credhelper.model.freshness import FRESH, MINIMUM_LEFT_S, Moment
from credhelper.provider import circumstances, hit, inputs
from credhelper.provider.decision import FAIL, HIT, REFRESH, SERVE
from credhelper.provider.effects import Effects
from credhelper.provider.hit import Found
from credhelper.provider.record import Record, settled
from credhelper.provider.request import BACKGROUND, LOGIN, PERSON, Request, require_no_loop
from credhelper.provider.resolve import Resolved, resolve
from credhelper.provider.sign_ins import SignIns
from credhelper.provider.source_files import digest_of
from credhelper.settings import Settings
from credhelper.system.deadline import Deadline
from credhelper.system.machine import this_machine

_KEY_LOCK_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Miss:
    """Answers for one request. `environ` is the caller's environment; `chain` names the profiles that led here.

    `started` is when the request began: what failed after that has failed for this request too, however long a loaded
    machine took to get here. None: it begins when it is asked. `keys` are the master keys found so far; `urgency` is
    one of BACKGROUND, PERSON, LOGIN and NOW.
    """

    settings: Settings
    environ: Mapping[str, str]
    deadline: Deadline
    effects: Effects = field(default_factory=Effects)
    chain: tuple[str, ...] = ()
    started: Moment | None = None
    keys: MasterKeys | None = None
    urgency: int = BACKGROUND

    def answer(self, profile: str, found: Found | None = None) -> Payload:
        """Return valid credentials for `profile`, from the cache while they are fresh; raises CredhelperError.

        `found` is what the caller has just seen in the cache; without it the cache is looked at first.
        """
        # Before the lock: a program that starts us again for the same profile would wait for its own parent.
        require_no_loop(profile, self.chain, self.environ)
        request = self.request(profile)
        return request.answer(found, lambda: self.lead(request))

    def request(self, profile: str) -> Request:
        """Return a request for `profile` in this world."""
        return Request(
            self.settings,
            self.environ,
            self.deadline,
            profile,
            started=self.started or self.effects.now(),
            keys=self.keys or MasterKeys(self.settings),
            urgency=self.urgency,
            now=self.effects.now,
            sleep=self.effects.sleep,
            jitter=self.effects.jitter,
        )

    def lead(self, request: Request, found: Found | None = None) -> Payload:
        """Ask AWS if no other process has done so meanwhile, and keep the answer or the failure.

        `found` is what this process has seen in the cache since it leads; without it the cache is looked at.
        """
        return _Leader(self, request).lead(found or request.find())


class _Leader:
    """The request of the one process that asks."""

    def __init__(self, miss: Miss, request: Request) -> None:
        self._miss = miss
        self._request = request
        self._settings = miss.settings
        self._effects = miss.effects
        self._profile = request.profile
        # Whose session the parent's entry was that the role was last asked for with.
        self._parent: bytes | None = None

    def lead(self, found: Found) -> Payload:
        """Ask AWS if no other process has done so meanwhile, and keep the answer or the failure."""
        failure = self._request.shared_failure(hit.RETRY_REFRESH_S if found.servable() else failures.MEMORY_S)
        decided = self._request.decide(found, failure)
        if failure is not None and (decided == FAIL or (decided == SERVE and self._miss.urgency >= LOGIN)):
            raise failure
        if decided in (HIT, SERVE) and found.entry is not None:
            return found.entry
        record = Record(self._miss.environ)
        began = self._effects.now()
        try:
            answer, failed = self._renewed(
                found, record, is_new_wanted=decided == REFRESH or self._request.is_unwanted(found.entry)
            )
        except CredhelperError as error:
            if decided != REFRESH or found.entry is None:
                self._remember(error, record, began)
                raise
            answer, failed = found.entry, error
        if failed is None:
            failures.forget(self._settings, self._request.name)
            return answer
        self._remember(failed, record, began)
        if self._miss.urgency >= LOGIN:
            raise failed
        return answer

    def _remember(self, error: CredhelperError, record: Record, began: Moment) -> None:
        if self._miss.deadline.has_passed():
            return  # that this process had no time left says nothing to others
        now = self._effects.now()
        failures.remember(self._settings, self._request.name, error, circumstances.of(record), began=began, at=now)

    def _renewed(self, found: Found, record: Record, *, is_new_wanted: bool) -> tuple[Payload, CredhelperError | None]:
        """Return an answer under the present configuration, and the failure to refresh it if it is a valid old one."""
        looked_at_ns = self._now_ns()
        resolved = resolve(self._profile, self._settings, record, self._miss.chain)
        failure = None
        with about(profile=self._profile, role_arn=resolved.request.role_arn):
            known = found.entry if found.entry is not None and found.entry.identity == resolved.identity else None
            # An entry that only has other inputs stands: its source is not even asked.
            if known is None or is_new_wanted or found.state != FRESH:
                try:
                    known = self._assumed(resolved, has_other=known is not None)
                    record, looked_at_ns = self._looked_at_again(known, record, looked_at_ns)
                except CredhelperError as error:
                    if known is None:
                        raise
                    failure = error
        files = tuple([(path, settled(signature, looked_at_ns)) for path, signature in record.files])
        environment = inputs.hash_environment(self._miss.environ, record.variables)
        answer = known.with_inputs(record.variables, environment, files)
        self._store(answer)
        return answer, failure

    def _looked_at_again(self, answer: Payload, record: Record, looked_at_ns: int) -> tuple[Record, int]:
        """Return what the answer depends on as it is now, if a file has changed on the way, and when it was looked at.

        A token of the source that was refreshed has; the next request then finds nothing to resolve. Where another
        identity would be asked for by now, what was seen first stays, and the next request sees the change.
        """
        if record.is_as_it_was():
            return record, looked_at_ns
        again, again_ns = Record(self._miss.environ), self._now_ns()
        with contextlib.suppress(CredhelperError):
            if resolve(self._profile, self._settings, again, self._miss.chain).identity == answer.identity:
                return again, again_ns
        return record, looked_at_ns

    def _now_ns(self) -> int:
        return int(self._effects.now().wall_s * 1_000_000_000)

    def _source(self, resolved: Resolved) -> Credentials:
        if resolved.parent is None:
            from credhelper.provider import one_time_code

            with self._miss.deadline:
                load = partial(self._miss.effects.source_credentials, resolved, self._miss.deadline)
                return one_time_code.source(self._miss, resolved.request.partition, load)
        chain = (*self._miss.chain, self._profile)
        urgency = min(self._miss.urgency, PERSON)
        parent = replace(
            self._miss, chain=chain, started=self._request.started, keys=self._request.keys, urgency=urgency
        )
        answer = parent.answer(resolved.parent)
        self._parent = answer.identity
        return process_document.decode(answer.document)

    def _credentials(self, resolved: Resolved, *, has_other: bool) -> Credentials:
        deadline = self._miss.deadline
        if not resolved.request.mfa_serial:
            source = self._source(resolved)
            with deadline:
                return self._effects.assume_role(resolved, source, None, deadline)
        from credhelper.provider import one_time_code

        with deadline:
            return one_time_code.assume(
                self._miss,
                resolved,
                partial(self._source, resolved),
                is_person=self._miss.urgency != BACKGROUND,
                may_wait=not has_other or self._miss.urgency >= LOGIN,
            )

    def _assumed(self, resolved: Resolved, *, has_other: bool) -> Payload:
        """Assume the role and return a new entry, its inputs still empty; `has_other`: there is a valid one."""
        credentials = self._credentials(resolved, has_other=has_other)
        now = self._effects.now()
        expiration = credentials.expiration or 0
        # By AWS's own clock where ours is behind it: a clock that is wrong must not make credentials live longer.
        issued = Moment(max(now.wall_s, expiration - resolved.request.duration_seconds), now.boot, now.up_s)
        if expiration - issued.wall_s <= MINIMUM_LEFT_S:
            raise MachineError("AWS's credentials have expired by this machine's clock", hint=this_machine().set_clock)
        source = resolved.source.as_it_answered(self._parent, resolved.record.tokens, digest_of)
        jitter_s = int(self._effects.jitter() * freshness.JITTER_S)
        return Payload(
            document=process_document.encode(credentials),
            expiration=expiration,
            issued=issued,
            refresh_s=freshness.refresh_before_s(int(expiration - issued.wall_s), jitter_s),
            identity=resolved.request.identity(source.text(SignIns(self._settings.cache_dir).first_of)),
            variables=(),
            environment=b"",
            files=(),
            profile=self._profile,
            role_arn=resolved.request.role_arn,
            config_file=self._settings.config_file,
        )

    def _store(self, answer: Payload) -> None:
        """Keep the answer; a fault here costs the next caller a call, never this one its credentials."""
        with contextlib.suppress(OSError, ValueError):
            key = self._key()
            if key is not None:
                store.write(self._settings, self._request.own_name, key, answer)

    def _key(self) -> bytes | None:
        return key_of(self._settings, self._request.keys)


def key_of(settings: Settings, keys: MasterKeys) -> bytes | None:
    """Return the master key, a new one where there was none; None if no store can hold one."""
    found = keys.first() or _make_key(settings)
    return None if found is None else found[1]


def _make_key(settings: Settings) -> tuple[KeyStore, bytes] | None:
    """Return a new key with its store, or another process's; None if no store can hold one."""
    # Loads filelock, which only the very first miss needs.
    from credhelper.system.lock import LockTimeoutError, hold

    try:
        with hold(master_key.lock_path(settings), _KEY_LOCK_TIMEOUT_S):
            return master_key.find_or_create(settings)
    except LockTimeoutError:
        return None
