"""A role that needs a one-time code: a person has three tries, a program's code is sent once, a refused one is a pause.

AWS takes each code once, and says of a second time what it says of a wrong one; after some wrong ones in a row it may
refuse right ones. What was sent for a device is in its ledger, which the profiles of one device share.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from credhelper.aws.sts_response import is_of_another_server
from credhelper.errors import PROFILE, CredhelperError
from credhelper.mfa import ledger
from credhelper.mfa.ledger import Ledger
from credhelper.model.code_errors import NotACodeError, PausedError, RefusedCodeError, SpentCodeError
from credhelper.model.credentials import Credentials
from credhelper.provider.resolve import Resolved
from credhelper.settings import MAXIMUM_TIMEOUT_S

if TYPE_CHECKING:  # the miss loads this module, where a code is needed
    from credhelper.provider.effects import Claim
    from credhelper.provider.miss import Miss

T = TypeVar("T")

# As sudo has.
TRIES = 3
# A device that reads the same clock shows its next code at the start of a step; and the rest of the request needs time.
_MARGIN_S = 0.2
_REQUEST_S = 2.0
_AGAIN = f"try again: credhelper login {PROFILE}"


def tried(miss: "Miss", attempt: Callable[[], T]) -> T:
    """Return what `attempt` returns, which may ask a person for a code; for a wrong one they are asked again, at once.

    Of a code that is refused, or was sent before, they are told when the next one comes.
    """
    for _ in range(TRIES - 1):
        try:
            return attempt()
        except (NotACodeError, RefusedCodeError, SpentCodeError) as error:
            if miss.deadline.has_passed():
                raise
            seconds = round(ledger.next_code_s(miss.effects.now()))
            was_sent = not isinstance(error, NotACodeError)
            miss.effects.tell(
                f"{error.message}; " + (f"the next comes in about {seconds} s" if was_sent else "nothing was sent")
            )
    return attempt()


def source(miss: "Miss", partition: str, load: "Callable[[Claim], Credentials]") -> Credentials:
    """Return what `load` returns: credentials of a profile, where a native role of the chain may ask for a code.

    Its device has the ledger that it has for every other profile.
    """
    devices = _Devices(miss, partition)

    def attempt() -> Credentials:
        with devices.noted():
            return load(devices.claim)

    return tried(miss, attempt)


class _Devices:
    """The devices of the native roles in a source's chain, the last one asked for being the one that AWS speaks of."""

    def __init__(self, miss: "Miss", partition: str) -> None:
        self._miss = miss
        self._partition = partition
        self._pages: dict[str, Ledger] = {}
        self._insisted: dict[str, str] = {}
        self._last: Ledger | None = None

    def claim(self, serial: str, code: str) -> None:
        """Note that a code is being sent; raises SpentCodeError for a spent one that is typed for the first time."""
        self._settle(is_refused=False)
        page = self._pages.setdefault(
            serial, Ledger(self._miss.settings.cache_dir, serial, self._partition, self._miss.effects.now)
        )
        if not page.claim(code) and code != self._insisted.get(serial):
            self._insisted[serial] = code
            raise _spent(serial, _AGAIN)
        self._last = page

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Note what AWS says of the code that was sent last in this block."""
        self._last = None
        try:
            yield
        except RefusedCodeError:
            self._settle(is_refused=True)
            raise
        self._settle(is_refused=False)

    def _settle(self, *, is_refused: bool) -> None:
        page, self._last = self._last, None
        if page is not None and is_refused:
            page.refused()
        elif page is not None:
            page.accepted()


def assume(
    miss: "Miss",
    resolved: Resolved,
    source: Callable[[], Credentials],
    *,
    is_person: bool,
    may_wait: bool,
) -> Credentials:
    """Return the role's credentials; raises as the source, the code's source and AssumeRole do, and PausedError.

    `is_person`: a person's command is not held back after a refused code. `may_wait` is False where there is something
    to hand out instead of waiting for a code.
    """
    serial, partition = resolved.request.mfa_serial or "", resolved.request.partition
    page = Ledger(miss.settings.cache_dir, serial, partition, miss.effects.now)
    exchange = _Exchange(miss, resolved, page, serial)
    has_program = bool(resolved.profile.mfa_process)
    if has_program and not is_person:
        exchange.require_no_pause()
    # Before the code, which a slow source would make too old.
    found = source()
    if has_program:
        return exchange.with_a_program(found, may_wait=may_wait)
    return tried(miss, lambda: exchange.with_a_person(found))


class _Exchange:
    """One request's way from a device to credentials."""

    def __init__(self, miss: "Miss", resolved: Resolved, page: Ledger, serial: str) -> None:
        self._miss = miss
        self._resolved = resolved
        self._page = page
        self._serial = serial
        self._insisted = ""

    def require_no_pause(self) -> None:
        """Raise PausedError while programs are to send no code, so that a wrong one does not become a lock-out."""
        left_s = self._page.pause_left_s()
        if left_s:
            raise PausedError(
                f"AWS refused a one-time code for {self._serial}, and no other is sent for {left_s:.0f} s",
                hint=f"to try now: credhelper login {PROFILE}",
            )

    def with_a_person(self, source: Credentials) -> Credentials:
        """Ask once at the terminal; a code that is typed a second time is sent: they may know better."""
        code = self._code()
        if not self._page.claim(code) and code != self._insisted:
            self._insisted = code
            raise _spent(self._serial, _AGAIN)
        return self._sent(source, code)

    def with_a_program(self, source: Credentials, *, may_wait: bool) -> Credentials:
        """Run the program, and where its code was sent before, again when the devices show the next one.

        The next one may be another process's by then. Where it is another server than AWS's that takes the code, it is
        sent after the first wait in any case, and that server says what it is worth.
        """
        code = self._code()
        has_waited = False
        while not self._page.claim(code) and not (has_waited and is_of_another_server(self._resolved.request)):
            wait_s = ledger.next_code_s(self._miss.effects.now()) + _MARGIN_S
            if not may_wait or wait_s + _REQUEST_S > self._miss.deadline.left_s():
                raise _spent(self._serial, self._advice(wait_s))
            self._miss.effects.sleep(wait_s)
            has_waited = True
            code = self._code()
        return self._sent(source, code)

    def _advice(self, wait_s: float) -> str:
        hint = f"try again in {wait_s:.0f} seconds"
        if self._miss.settings.timeout_s >= MAXIMUM_TIMEOUT_S:
            return hint
        return f"{hint}, or let it wait: export CREDHELPER_TIMEOUT={MAXIMUM_TIMEOUT_S:.0f}"

    def _code(self) -> str:
        return self._miss.effects.token_code(self._resolved, self._miss.deadline)

    def _sent(self, source: Credentials, code: str) -> Credentials:
        try:
            credentials = self._miss.effects.assume_role(self._resolved, source, code, self._miss.deadline)
        except RefusedCodeError:
            self._page.refused()
            raise
        self._page.accepted()
        return credentials


def _spent(serial: str, hint: str) -> CredhelperError:
    return SpentCodeError(f"this one-time code for {serial} was used already, and AWS takes each once", hint=hint)
