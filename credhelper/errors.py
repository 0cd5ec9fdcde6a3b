"""The errors a user sees: one cause, one hint, one exit code each, and the one way in which they are shown.

Where a failure is found, the profile it concerns is often not known yet. A hint then holds PROFILE, and `about` puts
the name in on the way up. A process that waits loads this module, so it imports nothing at the top.
"""

TYPE_CHECKING = False  # not from typing: importing that would cost a hit 7 ms
if TYPE_CHECKING:
    from types import TracebackType

# In a hint: the profile that the failure is about, and the command that edits it (`set`, or `add` while it is added).
PROFILE = "{profile}"
EDIT = "{edit}"


class CredhelperError(Exception):
    """A failure that is explained to the user; never holds a secret.

    `message` is lower case without a final stop; `hint` says what to do next, with the command to type. `quoted` is
    what another program or server said about it: added to the message, and left out of what is written to disk
    (`unquoted`). `cause_id` is its row in docs/troubleshooting.md, "" where none is about it. The children are sorted
    by who has to act, and each has its own documented exit code.
    """

    exit_code = 1
    # False for what one process lacked (memory, a terminal, its network): that says nothing to others who ask.
    is_shared = True

    def __init__(self, message: str, *, hint: str = "", quoted: str = "", cause_id: str = "") -> None:
        self.unquoted = message
        self.cause_id = cause_id
        self.quoted = quoted
        self.message = f"{message}: {quoted}" if quoted else message
        super().__init__(self.message)
        self._hint = hint
        self._facts: dict[str, str] = {}

    @property
    def hint(self) -> str:
        """The hint with the facts that are known; a profile that is not known is shown as PROFILE."""
        text = self._hint
        for place, default in ((EDIT, "set"), (PROFILE, "PROFILE")):
            if place in text:
                from credhelper.model.shell import filled

                text = filled(text, place, self._facts.get(place, default))
        return text

    @property
    def role_arn(self) -> str:
        """The role that was asked for, "" where the failure came before that was known."""
        return self._facts.get("role_arn", "")

    def add_facts(self, *, profile: str = "", edit: str = "", role_arn: str = "") -> None:
        """Note what the failure is about.

        The profile that was noted nearest to the cause stays; of the roles the last one counts, which was asked for.
        """
        for place, fact in ((PROFILE, profile), (EDIT, edit)):
            if fact:
                self._facts.setdefault(place, fact)
        if role_arn:
            self._facts["role_arn"] = role_arn

    def shown(self) -> str:
        """Return the lines for stderr, with a final newline: what is documented in docs/reference.md."""
        from credhelper.model.printable import cell

        hint = cell(self.hint)
        return f"credhelper: error: {cell(self.message)}\n" + (f"hint: {hint}\n" if hint else "")


class about:  # noqa: N801 - reads as a statement: `with about(profile=name):`
    """Add facts to a failure that passes through the block; a class: contextlib is too much for one that waits."""

    __slots__ = ("_facts",)

    def __init__(self, *, profile: str = "", edit: str = "", role_arn: str = "") -> None:
        self._facts = {"profile": profile, "edit": edit, "role_arn": role_arn}

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: "TracebackType | None"
    ) -> None:
        if isinstance(error, CredhelperError):
            error.add_facts(**self._facts)


class InputError(CredhelperError):
    """The command line or a setting in the profile is wrong: the user edits it; or a question was answered with no."""

    exit_code = 2


class MachineError(CredhelperError):
    """A local problem: a file, a permission, a missing program, a clock."""

    exit_code = 3
    is_shared = False


class AwsError(CredhelperError):
    """AWS was asked and said no: a policy, a key or a role has to change."""

    exit_code = 4


class UnreachableError(CredhelperError):
    """AWS could not be asked in time: network, proxy, throttling or an outage. Try again."""

    exit_code = 5


class MfaError(CredhelperError):
    """A one-time code was needed and was not given, or was wrong."""

    exit_code = 6


class BusyError(CredhelperError):
    """The time ran out on this machine, which is too busy; AWS was not slow, or was not even asked. Try again."""

    exit_code = 7
    is_shared = False


def unexpected(error: BaseException) -> CredhelperError:
    """Describe a bug by its place, not by its text: that could hold anything, secrets included."""
    if lacked := _lacked(error):
        return MachineError(f"this process has not got {lacked}", hint="see its limits: ulimit -a")
    if is_damage(error):
        return MachineError(
            f"this installation of credhelper is damaged: {error}",
            hint="install it again: pipx install --force credhelper",
        )
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    return CredhelperError(
        f"unexpected {type(error).__name__}{_code_of(error)}{place}",
        hint="this is a bug in credhelper; please report it with this line",
    )


def _code_of(error: BaseException) -> str:
    """Return which of the system's errors it is, by its name, "" for one of another kind."""
    import errno

    code = error.errno if isinstance(error, OSError) else None
    return f" {errno.errorcode.get(code, code)}" if code else ""


def is_damage(error: BaseException) -> bool:
    """Tell whether a module of this program, or of a package that it needs, is missing or broken."""
    return isinstance(error, ImportError | SyntaxError) and not _lacked(error)


# In the words of the loader, of the C library and of OpenSSL.
_NO_MEMORY = ("allocate memory", "failed to map segment", "malloc failure", "MALLOC_FAILURE")
# OpenSSL's ERR_R_MALLOC_FAILURE, below the number of the library that says so (err.h).
_MALLOC_FAILURE, _REASON = 0xC0100, 0x7FFFFF


def _is_openssls(code: object) -> bool:
    """Tell whether the number of an ssl.SSLError, which may have no text, is OpenSSL's for a lack of memory."""
    return isinstance(code, int) and code & _REASON == _MALLOC_FAILURE


def _lacked(error: BaseException) -> str:
    """Return what the system did not give this process, "" where the failure has another cause."""
    import errno

    # CPython's own code fails with a SystemError where it has not checked what an allocation returned.
    if isinstance(error, MemoryError | SystemError):
        return "enough memory"
    if isinstance(error, RuntimeError) and "new thread" in str(error):
        return "enough threads"
    if isinstance(error, OSError | ImportError):
        code, text = getattr(error, "errno", None), str(error)
        if code in (errno.EMFILE, errno.ENFILE) or "Too many open files" in text:
            return "enough file descriptors"
        if code == errno.ENOMEM or any(said in text for said in _NO_MEMORY) or _is_openssls(code):
            return "enough memory"
        if code == errno.EAGAIN:
            return "enough processes"
    return ""
