"""Names for new profiles, made from the names of roles and accounts, which may be any text. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_FIELD = re.compile(r"\{([^{}]*)\}")
# No slash: a name is also part of file names in other tools. What every SDK reads is in awsconfig/document/splices.py.
_UNSAFE = re.compile(r"[^A-Za-z0-9_.@+]+", re.ASCII)
_MAXIMUM = 128
# A profile of this name is taken by every tool that is told none.
_NEVER = "default"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A name that a profile should have, and the account that tells two of the same name apart."""

    name: str
    account: str


def fields_of(template: str) -> list[str]:
    """Return the fields that a template such as `{account_name}-{role}` names."""
    return _FIELD.findall(template)


def filled(template: str, fields: Mapping[str, str]) -> str:
    """Return a template with its fields filled in, as a safe name; a field that is not known is left out."""
    return safe(_FIELD.sub(lambda found: fields.get(found[1], ""), template))


def safe(text: str) -> str:
    """Return a name that every SDK and shell takes as it is, "" where nothing of the text can be in one.

    Each run of other characters is one hyphen.
    """
    hyphens = re.sub(r"-{2,}", "-", _UNSAFE.sub("-", text))
    return hyphens[:_MAXIMUM].strip("-")


def unique(wanted: Sequence[Wanted], is_taken: Callable[[str], bool]) -> list[str]:
    """Return a name for each, none of them twice and none that is taken.

    Those that share a name, or want one that is taken, get the account added, and then a number. The case of letters
    tells no two apart: on some systems it does not count.
    """
    counts = Counter(one.name.lower() for one in wanted)
    given: set[str] = set()
    names = []
    for one in wanted:
        name, account = one.name, safe(one.account)
        if not name or counts[name.lower()] > 1 or _is_out(name, given, is_taken):
            name = f"{name}-{account}".strip("-") if account not in name.split("-") else name
        base, number = name or "role", 2
        name = base
        while _is_out(name, given, is_taken):
            name, number = f"{base}-{number}", number + 1
        given.add(name.lower())
        names.append(name)
    return names


def _is_out(name: str, given: set[str], is_taken: Callable[[str], bool]) -> bool:
    return name.lower() in given or name.lower() == _NEVER or is_taken(name)
