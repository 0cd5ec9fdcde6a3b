"""One request as a process of its own: the only module that changes the process, keeps its deadline and ends it."""

import os
import sys

from credhelper import settings
from credhelper.cache import store
from credhelper.errors import CredhelperError, InputError, MachineError, UnreachableError, unexpected
from credhelper.provider import hit
from credhelper.provider.get import get, record
from credhelper.provider.request import BACKGROUND, busy
from credhelper.provider.streams import ProtocolStreams
from credhelper.system import clock, interrupt, memory, sites, trylock
from credhelper.system.deadline import Deadline, limit_processor_time, watchdog

TYPE_CHECKING = False  # not from typing: a process that waits does without it
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

    from credhelper.cache.payload import Payload
    from credhelper.model.credentials import Credentials
    from credhelper.model.freshness import Moment
    from credhelper.provider.consent import Terms
    from credhelper.provider.hit import Unanswered
    from credhelper.settings import Settings

# Of the time allowed: when the request gives up by itself, and when the watchdog makes it look for what is still valid.
# What is left after that is for a look that hangs as well.
_DEADLINE, _WATCHDOG = 0.88, 0.96
# For how long a question waits for a person whose command it is; a code is shown for thirty seconds.
_PATIENCE_S = 120.0
# What botocore, a connection and our threads take of address space, in MiB.
_WHOLE_REQUEST = 40
_LOGGERS = ("botocore", "urllib3")


def serve(profile: str, started: "Moment", unanswered: "Unanswered | None" = None) -> "NoReturn":
    """Write the document to stdout or the error to stderr, and exit with its code; the process began at `started`."""
    if os.isatty(1):
        from credhelper.model.shell import own_command, word  # those who wait do without it

        error = InputError(
            "stdout is a terminal, and these are secrets",
            hint=f"credhelper exec {word(profile)} -- COMMAND, or only fetch them: {own_command('login', profile)}",
        )
        sys.stderr.write(error.shown())
        sys.exit(InputError.exit_code)
    streams = ProtocolStreams()
    try:
        outcome = _outcome(profile, streams, started, unanswered)
        if isinstance(outcome, CredhelperError) and interrupt.was_raised():
            interrupt.end()
        streams.finish(outcome)
    except KeyboardInterrupt:
        interrupt.end()
    except Exception:  # no memory left to describe the failure: `start` says that much
        streams.give_back_stderr()
        raise


def _outcome(
    profile: str, streams: ProtocolStreams, started: "Moment", unanswered: "Unanswered | None"
) -> "Payload | CredhelperError":
    try:
        own = settings.load()
        limit_processor_time(own.timeout_s)
        return run(profile, own, os.environ, streams.finish, started, unanswered=unanswered)
    except CredhelperError as error:
        return error
    except Exception as error:  # noqa: BLE001 - SDKs show our stderr to people and logs: no traceback, whatever happens
        return unexpected(error)


def run(
    profile: str,
    own: "Settings",
    environ: "Mapping[str, str]",
    give_up: "Callable[[Payload | CredhelperError], object]",
    started: "Moment",
    *,
    unanswered: "Unanswered | None" = None,
    urgency: int = BACKGROUND,
) -> "Payload":
    """Return valid credentials; raises CredhelperError.

    The time allowed runs from `started`; what a person takes to type is not counted. `give_up` is called from another
    thread if nothing else ends the request in time, with what is still valid, or the error. It has to end the process.
    `urgency` is who asks (provider/request).
    """
    before = unanswered.found if unanswered is not None else None

    def expire() -> None:
        # Whatever hangs may be below our own files, too: looking there has its own end.
        with watchdog(own.timeout_s * (1 - _WATCHDOG), lambda: give_up(_too_late(own, deadline))):
            found = hit.find(own, store.entry_name(own.config_file, profile), environ, clock.now())
            # A person is told: what was there before is no answer to a login, and `exec` would start with it too late.
            valid = found.servable() if urgency == BACKGROUND else None
            outcome = _too_late(own, deadline) if valid is None else valid
            record(own, profile, outcome, before)
        give_up(outcome)

    spent_s = clock.now().up_s - started.up_s
    deadline = Deadline(own.timeout_s * _DEADLINE - spent_s, patience_s=0.0 if urgency == BACKGROUND else _PATIENCE_S)
    with watchdog(max(0.0, own.timeout_s * _WATCHDOG - spent_s), expire, deadline.moved_s):
        chain = settings.chain_of(environ)
        return get(
            profile,
            own,
            environ,
            chain,
            deadline,
            started=started,
            unanswered=unanswered,
            urgency=urgency,
            prepare=_prepare,
        )


def run_other(
    profile: str,
    own: "Settings",
    environ: "Mapping[str, str]",
    give_up: "Callable[[Payload | CredhelperError], object]",
    started: "Moment",
    *,
    terms: "Terms | None",
) -> "Credentials":
    """Return the credentials of a profile that is not credhelper's, for a person; arguments and time as in `run`.

    `terms` is None where they are given to no other program.
    """

    def expire() -> None:
        with watchdog(own.timeout_s * (1 - _WATCHDOG), lambda: give_up(_too_late(own, deadline))):
            error = _too_late(own, deadline)
            record(own, profile, error, None)
        give_up(error)

    spent_s = clock.now().up_s - started.up_s
    deadline = Deadline(own.timeout_s * _DEADLINE - spent_s, patience_s=_PATIENCE_S)
    with watchdog(max(0.0, own.timeout_s * _WATCHDOG - spent_s), expire, deadline.moved_s):
        _prepare()
        from credhelper.provider import other_profile  # loads botocore

        chain = settings.chain_of(environ)
        return other_profile.hand_out(profile, own, environ, deadline, terms, chain=chain, started=started)


def _prepare() -> None:
    """Do what only the process that leads needs, before botocore is loaded: memory, the sites, the loggers."""
    memory.require(_WHOLE_REQUEST)
    sites.see()
    interrupt.raises()  # stdout and stderr are taken from everything else by now, and a prompt has an echo to put back
    silence()


def silence() -> None:
    """Silence the loggers of botocore and urllib3."""
    import logging

    # hashlib tells the root logger, with a traceback, what it could not load.
    logging.getLogger().addHandler(logging.NullHandler())
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        # Its warnings come with tracebacks, and would go to a stderr that is not theirs; what matters it raises.
        logger.setLevel(logging.CRITICAL)
        logger.propagate = False
        logger.handlers[:] = [logging.NullHandler()]


def _too_late(own: "Settings", deadline: Deadline) -> CredhelperError:
    if lock := trylock.unanswered():
        from credhelper.model.shell import word

        has_xdg = sys.platform not in ("darwin", "win32")
        return MachineError(
            f"the file system does not answer when it is asked for the lock {lock}",
            hint="keep the cache on a local disk: export XDG_CACHE_HOME=/path/on/a/local/disk"
            if has_xdg
            else f"see what it is on: df {word(os.path.dirname(lock))}",
        )
    if deadline.was_spent_here():
        return busy(f"{own.timeout_s:.0f} s have passed, and AWS was not what took them")
    from credhelper.system.machine import Machine  # for an error only

    # Without a look at its programs: what hangs may be one of their directories, too.
    list_proxies = Machine(platform=sys.platform).list_proxies
    return UnreachableError(
        f"no answer from AWS within {own.timeout_s:.0f} s",
        hint=f"check the network and the proxy variables, then try again: {list_proxies}",
    )
