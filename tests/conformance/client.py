"""A client as the suite sees it: what it is, how it comes to be here, and how one of its actions is started."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

# One signed call each; five reads of the credentials in one process; calls until an argument's seconds are over.
IDENTITY, LIST, CREDENTIALS, LOOP = "identity", "list", "credentials", "loop"
ALL = (IDENTITY, LIST, CREDENTIALS, LOOP)
# How a client starts us on POSIX; the suite checks it.
NO_SHELL, NO_SHELL_INHERITED = "no shell, stderr captured", "no shell, stderr inherited"
SHELL_CAPTURED, SHELL_INHERITED = "sh -c, stderr captured", "sh -c, stderr inherited"
SHELL_DROPPED, SHELL_MIXED = "sh -c, stderr thrown away", "sh -c, stderr mixed into stdout"
BY_EXEC = "not at all: `credhelper exec`"
# In an argument or a variable's value these stand for the address of the embedded AWS, and for the profile.
ENDPOINT, PROFILE = "{endpoint}", "{profile}"


@dataclass(frozen=True, slots=True)
class Client:
    """One client; `command` returns the argv of an action, `build` raises MissingError or BrokenError.

    `margin_s` is the client's own rule: it asks us again when its credentials have less than this left. None stands
    for a client that lives for one command.
    """

    name: str
    version: str
    starts_us: str
    command: Callable[[str, str], list[str]]
    build: Callable[[], None]
    actions: tuple[str, ...] = ALL
    margin_s: int | None = None
    # How often at most it starts us for its first call when a session is so short that it is due at once.
    starts_at_once: int = 1
    # It knows no margin: one call that AWS refuses makes it ask again, and is repeated.
    learns_by_refusal: bool = False
    # What a person reads in place of our message when we fail; "" if it shows ours.
    says_instead: str = ""
    # Why `chain` is not tried with it; "" if it is.
    no_chain: str = ""
    limits: str = ""
    # Asked for when a start is near: some of it is known only once the client is there.
    environ: Callable[[], Mapping[str, str]] = dict

    @property
    def first(self) -> str:
        """The action of the scenarios that need only one."""
        return self.actions[0]


class MissingError(Exception):
    """This client cannot be had here; the text is the reason."""


class BrokenError(Exception):
    """All that this client needs is here and its program does not build; the text is the end of the output."""
