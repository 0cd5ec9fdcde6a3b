"""One thing to fix in a config file. Pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A rule that a line breaks, by the rule's name, and what the line is about: a key, a profile or a header.

    `message` is the reason why botocore rejects the whole file, "" where it does not; it never quotes the line.
    `effect`, `fix` and `sdks` go before the rule's own, where more is known. `is_in_credentials` tells which of the two
    files it is.
    """

    line: int
    name: str
    about: str = ""
    message: str = field(default="", compare=False)
    effect: str = field(default="", compare=False)
    fix: str = field(default="", compare=False)
    is_in_credentials: bool = False
    sdks: tuple[str, ...] = field(default=(), compare=False)
