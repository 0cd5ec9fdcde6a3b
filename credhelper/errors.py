"""The errors a person reads: one cause, one hint, one exit code each. Nothing here knows AWS or files."""


class CredhelperError(Exception):
    """A failure that is explained to the user; never holds a secret.

    `message` is lower case without a final stop; `hint` says what to do next, with the command to type.
    The children are sorted by who has to act, and each has its own documented exit code.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(CredhelperError):
    """The command line or a setting in the profile is wrong: the user edits it."""

    exit_code = 2


class MachineError(CredhelperError):
    """This machine stands in the way: a file, a permission, a missing program, a clock."""

    exit_code = 3


class AwsError(CredhelperError):
    """AWS was asked and said no: a policy, a key or a role has to change."""

    exit_code = 4


class UnreachableError(CredhelperError):
    """AWS could not be asked in time: network, proxy, throttling or an outage. Worth another try."""

    exit_code = 5


class MfaError(CredhelperError):
    """A one-time code was needed and was not given, or was wrong."""

    exit_code = 6


def unexpected(error: BaseException) -> CredhelperError:
    """Describe a bug by its place, not by its text: that could hold anything, secrets included."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    return CredhelperError(
        f"unexpected {type(error).__name__}{place}", hint="this is a bug in credhelper; please report it with this line"
    )
