"""One request up to the moment when it leads: the lock, the wait, the leader's answer.

Of fifty that ask at once, forty-nine go no further. So this module and what it imports is all that a process that waits
loads; `miss`, with botocore, comes with the lead. A test lists what must never be loaded here.
"""

import time

from credhelper.cache import store
from credhelper.errors import BusyError, InputError, UnreachableError
from credhelper.model.freshness import DUE, FRESH
from credhelper.provider import hit, inputs
from credhelper.provider.decision import FAIL, HIT, SERVE, decide
from credhelper.provider.single_flight import FlightTimeoutError, jitter_of_system, single_flight
from credhelper.settings import chain_of
from credhelper.system import clock

TYPE_CHECKING = False  # not from typing: importing that would cost a process that waits 7 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from credhelper.cache.payload import Payload, Signature
    from credhelper.errors import CredhelperError
    from credhelper.keystores.master_key import MasterKeys
    from credhelper.model.freshness import Moment
    from credhelper.provider.hit import Found
    from credhelper.settings import Settings
    from credhelper.system.deadline import Deadline

# Who asks: an SDK; a person, who is told no failure of before; `login`, for whom a due entry is not enough; and
# `login --refresh`, for whom no entry of before is.
BACKGROUND, PERSON, LOGIN, NOW = range(4)

_MAXIMUM_CHAIN = 50


class Request:
    """One profile's request in one process, as the one that leads or as one that waits.

    `environ` is the caller's environment, `started` when the request began, `keys` the master keys found so far;
    `urgency` is one of BACKGROUND, PERSON, LOGIN and NOW. The last three are the outside world, real by default.
    """

    __slots__ = (
        "_deadline",
        "_now",
        "_seen",
        "environ",
        "jitter",
        "keys",
        "name",
        "own_name",
        "profile",
        "settings",
        "sleep",
        "started",
        "urgency",
    )

    def __init__(
        self,
        settings: "Settings",
        environ: "Mapping[str, str]",
        deadline: "Deadline",
        profile: str,
        *,
        started: "Moment",
        keys: "MasterKeys",
        urgency: int = BACKGROUND,
        now: "Callable[[], Moment]" = clock.now,
        sleep: "Callable[[float], None]" = time.sleep,
        jitter: "Callable[[], float]" = jitter_of_system,
    ) -> None:
        self.settings = settings
        self.environ = environ
        self.profile = profile
        self.started = started
        self.keys = keys
        self.urgency = urgency
        self.name = store.entry_name(settings.config_file, profile)
        self.own_name = self.name
        self._deadline = deadline
        self._now = now
        self.sleep = sleep
        self.jitter = jitter
        self._seen: list[Signature] = []

    def answer(self, found: "Found | None", lead: "Callable[[], Payload]") -> "Payload":
        """Return the entry while it is fresh, what `lead` returns, or the answer of the process that leads.

        `found` is what the caller has just seen in the cache; without it the cache is looked at first. Raises
        CredhelperError.
        """
        if found is None:
            found = self.find()
        if found.entry is not None and self.decide(found, failure=None) == HIT:
            return found.entry
        try:
            return single_flight(
                store.lock_path(self.settings, self.name),
                lead=lead,
                follow=self.follow,
                deadline=self._deadline,
                sleep=self.sleep,
                jitter=self.jitter,
            )
        except FlightTimeoutError as error:
            if error.is_busy:
                raise too_busy(self.profile) from None
            from credhelper.system.machine import this_machine  # for an error only

            raise UnreachableError(
                f"another credhelper has been busy with {self.profile} for too long",
                hint=f"try again; {this_machine().list_processes('credhelper')}".rstrip("; "),
            ) from None

    def find(self) -> "Found":
        """Look at the cache."""
        found = hit.find(self.settings, self.name, self.environ, self._now(), self.keys)
        self.own_name = found.name
        return found

    def decide(self, found: "Found", failure: "CredhelperError | None", *, is_refresh_taken: bool = False) -> str:
        """Return what to do about an entry; for a person who wants new credentials now, one of before is due."""
        return decide(
            DUE if found.state == FRESH and self.is_unwanted(found.entry) else found.state,
            has_same_inputs=found.has_same_inputs,
            has_failed=failure is not None,
            is_refresh_taken=is_refresh_taken,
        )

    def is_unwanted(self, entry: "Payload | None") -> bool:
        """Tell whether the entry was there before this request, and the person wants one that is new."""
        return self.urgency == NOW and entry is not None and entry.issued.up_s < self.started.up_s

    def follow(self) -> "Payload | None":
        """Return the leader's answer, or the valid entry that it refreshes; raise its failure; None: wait.

        Nothing is opened until the leader has written something: five hundred look many times a second.
        """
        names = dict.fromkeys((self.name, self.own_name))
        paths = [store.entry_path(self.settings, name) for name in names]
        paths.append(store.failure_path(self.settings, self.name))
        there = [inputs.signature_of(path) for path in paths]
        if there == self._seen:
            return None
        self._seen = there
        found = self.find()
        failure = self.shared_failure()
        # `login` waits for the refresh: the old entry is what its user wants to be rid of.
        decided = self.decide(found, failure, is_refresh_taken=self.urgency < LOGIN)
        if failure is not None and (decided == FAIL or (decided == SERVE and self.urgency >= LOGIN)):
            raise failure
        return found.entry if decided in (HIT, SERVE) else None

    def shared_failure(self, memory_s: float | None = None) -> "CredhelperError | None":
        """Return what failed a moment ago under the same circumstances; for a person, what began after they did.

        A moment is `memory_s`, by default that of the note.
        """
        if inputs.signature_of(store.failure_path(self.settings, self.name)) == inputs.ABSENT:
            return None
        from credhelper.cache import failures  # these load json and typing
        from credhelper.provider import circumstances

        memory = failures.MEMORY_S if memory_s is None else memory_s
        failure = failures.recall(
            self.settings,
            self.name,
            lambda there: circumstances.are_same(there, self.environ),
            self.started,
            memory if self.urgency == BACKGROUND else None,
        )
        is_person = self.urgency != BACKGROUND
        return None if failure is None or circumstances.is_lack_of_another(failure, is_person=is_person) else failure


def too_busy(profile: str) -> BusyError:
    """Return the error for time that went by on this machine, and not because AWS was slow."""
    return busy(f"there was no time for {profile}")


def busy(what: str) -> BusyError:
    """Return the error for a machine that had too much to do, with the command that shows what."""
    from credhelper.system.machine import this_machine  # for an error only

    return BusyError(
        f"the machine is too busy: {what}", hint=f"see what runs, then try again: {this_machine().see_what_runs}"
    )


def require_no_loop(name: str, chain: tuple[str, ...], environ: "Mapping[str, str]") -> None:
    """Raise InputError if a profile is its own source, by way of `chain`, or the chain has no end in sight.

    Part of the chain may come from `environ`, where anything may have put it: the hint then says how to be rid of it.
    """
    if name not in chain and len(chain) <= _MAXIMUM_CHAIN:
        return
    from credhelper.model.shell import own_command  # for an error only

    way_out = "; if that does not lead back here: unset CREDHELPER_CHAIN" if chain_of(environ) else ""

    if name in chain:
        raise InputError(
            f"the source profiles form a loop: {' -> '.join((*chain, name))}",
            hint=f"{own_command('profile show', chain[-1])}{way_out}",
        )
    raise InputError(
        f"the chain of source profiles is longer than {_MAXIMUM_CHAIN}",
        hint=f"{own_command('profile show', chain[0])}{way_out}",
    )
