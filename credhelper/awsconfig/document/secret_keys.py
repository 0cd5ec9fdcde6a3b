"""Which keys of a config file hold a secret, and its lines with those values masked. Pure."""

import re
from collections.abc import Iterator

MASK = "(hidden)"

_NAMES = re.compile(r"secret|passw(or)?d|passphrase|passcode|pwd|token|private_?key|api_?key|credentials?_?key")
# AWS's service that has the word in its name, and keys that say where a secret is or how it is made.
_NO_SECRET = re.compile(
    r"secrets?_?manager|.*(_file|_path|_ur[il]|_endpoint|_arn|_serial|_process|_scopes|_source|_name)"
)
_KEY_LINE = re.compile(r"([\s#;]*)([^=:\s#;][^=:]*?)(\s*[=:]\s*)(.*)", re.DOTALL)
# Keys with a command line, and the line that credhelper itself writes: there is none in that.
_COMMAND = re.compile(r"[a-z_]+_process")
_OWN_LINE = re.compile(
    r"(?:'[^'=]+'|[^'= ]+) -I -S (?:'[^'=]+[/\\]credhelper[/\\](?:__main__|get)\.py'"
    r"|[^'= ]+[/\\]credhelper[/\\](?:__main__|get)\.py)"
    r" get (?:'[^'=]+'|[^'= ]+)(?: --)?"
)
_HEADER = re.compile(r"\s*\[")
_REMARK = re.compile(r"(?:.*?\s)??[#;]")
_BARE = re.compile(r"(\s*)(.*)", re.DOTALL)


def is_secret_key(key: str) -> bool:
    """Tell whether the value of a key is a secret, by AWS's names and by the words that name one."""
    name = key.strip().strip("\"'").lower().replace("-", "_").replace(" ", "_")
    return _NAMES.search(name) is not None and _NO_SECRET.fullmatch(name) is None


def shown_value(key: str, value: str) -> str:
    """Return the value of a key as it may be shown: masked if it is a secret.

    What a command or a remark behind the value has of a secret's shape is left out.
    """
    if is_secret_key(key):
        return MASK
    if _OWN_LINE.fullmatch(value.strip()):
        return value
    if _COMMAND.fullmatch(key.strip().lower()):
        return _by_shape(value)
    remark = _REMARK.match(value)
    return value[: remark.end()] + _by_shape(value[remark.end() :]) if remark else value


def masked_lines(text: str) -> Iterator[str]:
    """Yield the lines of a config file without the values of secret keys, also where one goes on in further lines.

    A line in a comment is masked as if it were none, and a line that is no `key = value` if it names a secret. What has
    the shape of a secret is left out of both.
    """
    secret_indent: int | None = None
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip())
        is_blank = not line.strip()
        # A comment ends no value: configparser leaves it out.
        if secret_indent is not None and not is_blank and indent <= secret_indent and line.lstrip()[0] not in "#;":
            secret_indent = None
        if is_blank:
            yield line
        elif secret_indent is not None and indent > secret_indent:
            yield _masked(line)
        elif (key_line := _KEY_LINE.fullmatch(line)) and not _HEADER.match(line):
            before, key, sign, value = key_line.groups()
            if not is_secret_key(key):
                is_prose = before.strip() and not _OWN_LINE.fullmatch(value.strip())
                yield _by_shape(line) if is_prose else f"{before}{key}{sign}{shown_value(key, value)}"
                continue
            if not before.strip():
                secret_indent = indent
            yield f"{before}{key}{sign}{MASK}" if value.strip() else line
        elif _HEADER.match(line):
            name, bracket, remark = line.partition("]")
            yield name + bracket + _by_shape(remark) if remark.strip() else line
        else:
            is_secret = _NAMES.search(line.lower()) and not line.lstrip().startswith("#")
            yield _masked(line) if is_secret else _by_shape(line)


def _by_shape(text: str) -> str:
    from credhelper.model.redaction import redacted  # its patterns take some milliseconds to compile

    return redacted(text)


def _masked(line: str) -> str:
    found = _BARE.fullmatch(line)
    return f"{found[1] if found else ''}{MASK}"
