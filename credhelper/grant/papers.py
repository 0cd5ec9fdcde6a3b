"""What all exports share: the names of files, and the documents of one half as JSON. Pure."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from credhelper.grant.change import Side
from credhelper.grant.wanted import Wanted
from credhelper.policy.document import Document
from credhelper.policy.render import to_object


@dataclass(frozen=True, slots=True)
class Paper:
    """A JSON document with the name of the file that it goes to, ASCII only."""

    name: str
    text: str

    @classmethod
    def of(cls, name: str, value: object) -> "Paper":
        """Return a value as JSON that a person can read; `name` is without its end."""
        return cls(f"{name}.json", json.dumps(value, indent=2, ensure_ascii=True) + "\n")


def account(wanted: Wanted, side: Side) -> str:
    """Return whose half it is."""
    return wanted.role.arn.account if side is Side.ROLE else wanted.holder.account


def stem(wanted: Wanted, side: Side) -> str:
    """Return how the names of all files of a half begin, so that grants may share a directory."""
    return f"{side.value}-{wanted.role.name}"


def trust(wanted: Wanted) -> Paper:
    """Return the trust policy of the role."""
    return Paper.of(f"{stem(wanted, Side.ROLE)}.trust", to_object(wanted.role.trust))


def policies(wanted: Wanted, side: Side) -> Iterator[tuple[str, Paper]]:
    """Yield the inline policies of a half: name and document."""
    inline = wanted.role.inline if side is Side.ROLE else wanted.holder.inline
    for name, file, document in _with_files(inline.items()):
        yield name, Paper.of(f"{stem(wanted, side)}.policy.{file}", to_object(document))


def _with_files(inline: Iterable[tuple[str, Document]]) -> Iterator[tuple[str, str, Document]]:
    """Yield name, a name for a file and document: two names that differ in case are one file on some systems."""
    seen: set[str] = set()
    for name, document in inline:
        file, number = name, 1
        while file.casefold() in seen:
            number += 1
            file = f"{name}.{number}"
        seen.add(file.casefold())
        yield name, file, document


def what(wanted: Wanted, side: Side) -> str:
    """Return in one line what a half makes, ASCII only."""
    if side is Side.ROLE:
        return f"role {wanted.role.name} in account {account(wanted, side)}"
    holder = wanted.holder
    return f"the right of {holder.kind} {holder.name} in account {account(wanted, side)} to assume {wanted.role.arn}"
