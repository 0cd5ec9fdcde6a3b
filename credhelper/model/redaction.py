"""What in a foreign text could be a secret, by its shape and by its label. Pure.

The rule, for everything that another program or server said: a value with a label is dropped in any notation, and so is
every run of 32 and more characters of a secret's alphabet that looks drawn by chance. Names that people chose, ARNs,
paths, host names and request ids stay readable.
"""

import re
from collections.abc import Callable

from credhelper.model.hidden import HIDDEN

DROPPED = "***"
_SHORTEST = 32

# An ARN stays as it is. So do a UUID and the role names that IAM Identity Center makes, unless a label is before them.
_ARN = re.compile(
    r"\barn:aws[a-z-]{0,16}:[a-z0-9-]{0,64}:[a-z0-9-]{0,64}:(?:[0-9]{12}|aws)?:[\w+=,.@:/*-]{1,256}", re.ASCII
)
_KNOWN = re.compile(
    r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9A-Za-z])"
    r"|\bAWSReservedSSO_[A-Za-z0-9+=,.@-]{1,32}_[0-9a-f]{16}(?![0-9A-Za-z])"
)
# Base64 in both alphabets, escaped for a URL or for JSON; what is not shown does not divide a run.
_RUN = re.compile(rf"(?:[A-Za-z0-9+/=_%-]|\\/|[{HIDDEN}]){{{_SHORTEST},}}")
_JWT = re.compile(r"\beyJ[\w-]{5,}(?:\.[\w-]*){1,4}", re.ASCII)
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")
_HEX = re.compile(rf"[0-9A-Fa-f]{{{_SHORTEST},}}")
# One word, one abbreviation, one number: names are made of few of these, chance makes one of every two characters.
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")

_LABELS = (
    r"secret|passw(?:or)?d|passphrase|passcode|pwd|token|authorization"
    r"|private[-_. ]?key|api[-_. ]?key|access[-_. ]?key(?![-_. ]?id)|client[-_. ]?assertion"
)
# A name with such a word in it, as JSON, YAML, INI, XML, a shell, PowerShell and a URL put it before its value. Where
# the name begins is looked up afterwards: a pattern for that would take quadratic time, as repetition without bounds.
_LABELLED = re.compile(
    rf"(?:{_LABELS})(?:[-_. ]?(?:access[-_. ]?)?key)?s?"
    r"(?![\w-]{0,64}(?:Error|Exception|Required|files?|path|ur[il]|arn)\b)"
    r"[\w-]{0,64}[\"'`\\\])]{0,8}"
    r"(?P<between>\s?(?:[:=>|]|\bis\b|\bwas\b)[\s:=>|\\({\[-]{0,16}|\s)"
    r"(?P<value>(?P<quote>\\?[\"'`])(?:(?!(?P=quote)).)*(?:(?P=quote))?|[^\s\"'`<&]+)",
    re.IGNORECASE,
)
_NAME_BEFORE = re.compile(r"[\w.$-]{0,64}\Z")
# A word of a sentence behind a label ("token: expired"), and what is no value at all.
_PROSE = re.compile(r"[A-Z]?[a-z]+[.,;:!?)]*|[A-Z][a-z]*|[-–.,;:!?)]+|[0-9]{1,2}")
_CERTAIN = re.compile(r"passw|passphrase|passcode|pwd|secret", re.IGNORECASE)
_VARIABLE = re.compile(r"\$?[A-Z][A-Z0-9_]*_[A-Z0-9_]*")
_BEARER = re.compile(r"\b(bearer|basic|negotiate) (?=\S{0,256}[0-9=_~+/])(\S+)", re.IGNORECASE)
_USER_OF_URL = re.compile(r"(?<=://)[^\s/@:]{0,256}:[^\s/@]{0,256}@")
_ONE_TIME_CODE = re.compile(
    r"\b([\w-]{0,40}(?:otp|code|pin|mfa|2fa|token|passcode|password)\b[\"']{0,2}\s?(?:[:=]|is\b|was\b)?\s?[\"'(]{0,2})"
    r"[0-9]{3}[ -]?[0-9]{3,5}(?![0-9])",
    re.IGNORECASE,
)


def redacted(text: str) -> str:
    """Return one line of text with everything that could be a secret replaced; blanks are to be joined before."""
    return _outside(_ARN, text, _redacted)


def _redacted(text: str) -> str:
    text = _USER_OF_URL.sub(f"{DROPPED}@", text)
    text = _BEARER.sub(rf"\1 {DROPPED}", text)
    text = _ONE_TIME_CODE.sub(rf"\g<1>{DROPPED}", text)
    return _outside(_KNOWN, _LABELLED.sub(_without_value, text), _without_runs)


def _outside(known: re.Pattern[str], text: str, change: Callable[[str], str]) -> str:
    """Return `text` with what is between the places of `known` changed."""
    parts: list[str] = []
    position = 0
    for place in known.finditer(text):
        parts += [change(text[position : place.start()]), place.group()]
        position = place.end()
    return "".join((*parts, change(text[position:])))


def _without_runs(text: str) -> str:
    return _RUN.sub(lambda run: DROPPED if is_secret_run(run.group()) else run.group(), _JWT.sub(DROPPED, text))


def _without_value(found: re.Match[str]) -> str:
    value, quote, between = found["value"], found["quote"] or "", found["between"]
    before = found.string[: found.start("between")]
    bare = value.strip("\"'`\\")
    is_prose = bool(_PROSE.fullmatch(value))
    is_assigned = any(sign in between for sign in ":=>|")
    if bare in {"", DROPPED}:
        is_secret = False
    elif between.isspace():
        # Nothing but a blank between them: `--password x` and `set AWS_SESSION_TOKEN x`, but no sentence.
        name = _NAME_BEFORE.findall(before)[0]
        is_secret = name.startswith("-") or (bool(_VARIABLE.fullmatch(name)) and not is_prose)
    else:
        is_secret = not is_prose or (is_assigned and bool(_CERTAIN.search(found.group())))
    if not is_secret:
        return found.group()
    return f"{found.string[found.start() : found.start('value')]}{quote}{DROPPED}{quote}"


def is_secret_run(run: str) -> bool:
    """Tell whether an unbroken run of the alphabet looks drawn by chance, or is long beyond any name."""
    shown = re.sub(rf"[{HIDDEN}\\]", "", run)
    sections = _NOT_IN_NAMES.split(shown)
    if any(_is_secret_section(section) for section in sections):
        return True
    if len(shown) >= 100 and ("=" in shown or "+" in shown):
        return True
    has_both_cases = shown.lower() != shown and shown.upper() != shown
    starts = range(max(1, len(shown) - _SHORTEST + 1))
    return has_both_cases and any(_is_drawn(shown[start : start + _SHORTEST]) for start in starts)


def _is_secret_section(section: str) -> bool:
    """Tell whether 32 letters and digits without a break are a key: hexadecimal, or letters of one case with digits."""
    if len(section) < _SHORTEST:
        return False
    is_one_case = section.lower() == section or section.upper() == section
    has_digits = any(character.isdigit() for character in section)
    return bool(_HEX.fullmatch(section)) or (is_one_case and has_digits) or len(section) >= 100


def _is_drawn(window: str) -> bool:
    letters = sum(character.isalnum() for character in window)
    return letters >= _SHORTEST - 5 and 3 * len(_WORD.findall(window)) >= letters
