"""The grant file: the options of a grant as TOML, for git. Pure.

The keys are the options' names with `_` for `-`; what is given several times is a list, or one text. Own policies are a
table from their names to their JSON. Profiles of administrators may be in it, keys and tokens may not.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from credhelper.errors import InputError
from credhelper.grant.options import Options
from credhelper.model.nearest import nearest
from credhelper.model.shell import word

LIMIT = 256 * 1024
# Options that are given several times: as a person calls one, and as many are called here.
_SEVERAL = {
    "member": "members",
    "bucket": "buckets",
    "kms_key": "kms_keys",
    "policy_arn": "policy_arns",
    "source_ip": "source_ips",
    "principal_tag": "principal_tags",
    "trust": "trust",
}
_POLICY = "policy"
_KEY_OF = {field: key for key, field in _SEVERAL.items()} | {"policies": _POLICY}
_KEYS = {_KEY_OF.get(one.name, one.name): one.name for one in fields(Options)}
# What one run is told, and no file: a file that removes or adopts by itself would do it at each run.
_OF_A_RUN = ("adopt", "prune", "yes", "check", "json", "members", "profile", "source_profile", "file", "out", "side")
_CREDENTIALS = re.compile(
    r"(?:aws_)?(?:access_key(?:_id)?|secret(?:_access)?(?:_key)?|(?:session_|security_)?token|password)", re.IGNORECASE
)
_KEY_ID = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b")
_INDENT = 2


def parse(text: str) -> Options:
    """Return the options in the text of a grant file; raises InputError, which holds nothing of a credential."""
    if len(text) > LIMIT:
        raise InputError(f"the grant file is longer than {LIMIT} bytes")
    try:
        found = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"the grant file is not TOML: {_place(error)}", hint='KEY = "VALUE", one a line') from None
    except RecursionError:
        raise InputError("the grant file is nested too deeply") from None
    if _KEY_ID.search(text) or any(_CREDENTIALS.fullmatch(key) for key in _keys_in(found)):
        raise InputError(
            "the grant file holds a credential: it is made to be shared",
            hint="give the name of a profile instead, as prod_admin; make that key inactive if others saw the file",
        )
    for key in found:
        if key not in _KEYS:
            raise _unknown(key)
    values: dict[str, Any] = {_KEYS[key]: _value(key, value) for key, value in found.items()}  # each of its own type
    return Options(**values)


def _place(error: tomllib.TOMLDecodeError) -> str:
    """Return where a text is no TOML, which the error's own text says at its end, beside what it may quote."""
    return found[0] if (found := re.search(r"at line [0-9]+, column [0-9]+|at end of document", str(error))) else "?"


def _keys_in(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield key
            yield from _keys_in(one)


def _unknown(key: str) -> InputError:
    if key in _OF_A_RUN:
        flag = f"--{key.replace('_', '-')}"
        return InputError(f"{key!r} is for one run", hint=f"give it on the command line: {word(flag)}")
    if close := nearest(key, _KEYS):
        return InputError(f"{key[:64]!r} is no key of a grant file", hint=f"did you mean {word(close[0])}?")
    return InputError(
        f"{key[:64]!r} is no key of a grant file; its keys: {', '.join(_KEYS)}", hint="credhelper grant plan --help"
    )


def _value(key: str, value: object) -> object:
    if key == _POLICY:
        return tuple(_policies(value))
    if key in _SEVERAL:
        several = value if isinstance(value, list) else [value]
        return tuple(_typed(key, one, str) for one in several)
    if value == "":
        # Left empty by what wrote the file: without it the grant could be a wider one than was meant.
        raise InputError(f"{key!r} of the grant file is empty", hint="give it a value, or leave it out")
    return _typed(key, value, type(getattr(Options(), _KEYS[key])))


def _typed(key: str, value: object, wanted: type) -> object:
    if type(value) is not wanted:
        kind = {str: 'a text in quotes: "…"', int: "a number", bool: "true or false"}[wanted]
        raise InputError(f"{key!r} of the grant file has to be {kind}")
    return value


def _policies(value: object) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping):
        raise InputError(
            f"{_POLICY!r} of the grant file has to be a table", hint="[policy], then for each its name = '''its JSON'''"
        )
    for name, text in value.items():
        yield name, str(_typed(f"{_POLICY}.{name}", text, str))


def render(options: Options) -> str:
    """Return the text of a grant file, without what is the default."""
    default = Options()
    lines = []
    for key, field in _KEYS.items():
        value = getattr(options, field)
        if value != getattr(default, field) and key != _POLICY:
            lines.append(f"{key} = {_rendered(value)}")
    if options.policies:
        lines += ["", f"[{_POLICY}]", *(f"{_text(name)} = {_document(text)}" for name, text in options.policies)]
    return "".join(f"{line}\n" for line in lines)


def _rendered(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else _text(str(value))


def _text(value: str) -> str:
    """Return a TOML text; JSON has the same escapes, but for what is beyond 16 bits, and for a delete."""
    return '"' + "".join(_escaped(sign) for sign in value) + '"'


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    if sign.isprintable():
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) <= 0xFFFF else f"\\U{ord(sign):08x}"


def _document(text: str) -> str:
    """Return a document over several lines as it is, where TOML can say it so."""
    is_plain = all(sign.isprintable() or sign == "\n" for sign in text)
    return f"'''\n{text}'''" if is_plain and "\n" in text and "'''" not in text and text[-1:] != "'" else _text(text)
