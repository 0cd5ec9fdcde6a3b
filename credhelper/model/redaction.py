"""What in a foreign text could be a secret, by its shape and by its label. Pure.

The rule, for everything that another program or server said: a value with a label is dropped in any notation, and so is
every run of 32 and more characters of a secret's alphabet that looks drawn by chance. Names that people chose, ARNs,
paths, host names and request ids stay readable.
"""

import re
import unicodedata
from collections.abc import Callable
from html.entities import html5

from credhelper.model.hidden import HIDDEN
from credhelper.model.secret_labels import (
    CERTAIN,
    IS,
    IS_JOINED,
    LABELS,
    PASSWORDS,
    SHORT_OPTION,
    TOKENS,
    USER_OPTION,
    WHOSE,
)

DROPPED = "***"
_SHORTEST = 32

# An ARN stays as it is, up to a comma, behind which other fields may follow. So do a UUID and the role names that IAM
# Identity Center makes, unless a label is before them.
_ARN = re.compile(
    r"\barn:aws[a-z-]{0,16}:[a-z0-9-]{0,64}:[a-z0-9-]{0,64}:(?:[0-9]{12}|aws)?:[\w+=.@:/*-]{1,256}", re.ASCII
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

# Of an XML element, and a name that stands in a field of its own, with its value in the next one.
_ATTRIBUTES = r"(?:\s[\w:.-]{1,32}=[\"'][^\"'<>]{0,64}[\"']){1,4}"
_NAMED = r"\s?,?\s?[\"']?\bvalue[\"']?\s?[:=]\s?"
# A name with such a word in it, as JSON, YAML, INI, XML, a shell, PowerShell and a URL put it before its value. Where
# the name begins is looked up afterwards: a pattern for that would take quadratic time, as repetition without bounds.
_LABELLED = re.compile(
    rf"(?:{LABELS})(?:[-_. ]?(?:access[-_. ]?)?key)?s?"
    r"(?![\w-]{0,64}(?:Error|Exception|Required|files?|path|ur[il]|arn)\b)"
    r"[\w-]{0,64}?[\"'`\\\])”’»“‘«」』]{0,8}(?: ?\([^()]{1,64}\))?"
    rf"(?P<between>(?:{_ATTRIBUTES}\s?>\s?|{_NAMED}|\s?(?:[:=>|→]|{IS}|{IS_JOINED})[\s:=>|({{\[-]{{0,16}}|\s)"
    r"(?:(?:[BFLRU]{1,2}|\$)(?=[\"'`]))?)"  # b'…' as Python writes it, $'…' as a shell does
    r"(?P<value>\"(?:\\.|[^\"\\])*\"?|'(?:\\.|''|[^'\\])*'?|`[^`]*`?|“[^”]*”?|‘[^’]*’?|«[^»]*»?|„[^“”]*|‚[^‘’]*|»[^«]*|「[^」]*|『[^』]*"
    r"|(?P<escaped>\\{1,8}[\"'`])(?:(?!(?P=escaped)).)*(?:(?P=escaped))?|[^\s\"'`<&“‘«„‚»「『]+)",
    re.IGNORECASE,
)
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "«": "»"} | dict.fromkeys("„‚»「『", "")
# The same where the value may have blanks, which only the end of its line, another name or a sign ends.
_WORDS = re.compile(
    rf"(?P<name>(?:{LABELS})(?:[-_. ]?(?:access[-_. ]?)?key)?s?[\"'`\])]{{0,3}}"
    rf"(?P<whose> (?:(?:{WHOSE}) |\()[^:=\n]{{1,64}})?"
    r"[ \t]{0,8}(?::|=(?=[ \t])|(?<=[ \t])=|>\s{0,16}(?=\S))[ \t]{0,16}+)(?![\"'`\\(\[{<>|“‘«=:])"
    r"(?P<value>(?:(?![ \t]+[\w.$-]{1,64}[ \t]?[=:])[^\n,;&<\"'`])+)",
    re.IGNORECASE,
)
# A run that goes on in the next lines, indented or not.
_JOINT = r"[\\\"', \t]"
_FOLDED = re.compile(rf"[A-Za-z0-9+/=_-]++(?:{_JOINT}*+[\r\n]{{1,4}}{_JOINT}*+[A-Za-z0-9+/=_-]++)+")
_PRIVATE_KEY = re.compile(r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----).*?(?=-----END|\Z)", re.DOTALL)
# The pairs of a cookie behind its first one.
_COOKIES = re.compile(r"(cookie2?[\"']?\s?[:=]\s?[\"']?)[^\s;\"'=]{1,256}=[^\s;\"']*(?:;\s?[^\s;\"']+)+", re.IGNORECASE)
# As URLs, JSON, C and XML write a character in place of itself; one inside another at most so often.
_ESCAPE = re.compile(
    r"%([0-9A-F]{2})|(?-i:\\U)([0-9A-F]{8})|(?:\\u|%u)([0-9A-F]{4})|\\u\{([0-9A-F]{1,8})\}|\\x([0-9A-F]{2})"
    r"|&#x([0-9A-F]{1,8});|&#([0-9]{1,10});|\\([0-3][0-7]{2})|&([A-Z][A-Z0-9]{1,31};)|\\+([nrt])",
    re.IGNORECASE,
)
_LAYERS = 3
_NAME_BEFORE = re.compile(r"[\w.$-]{0,64}\Z")
# A word of a sentence behind a label ("token: expired"), and what is no value at all.
_PROSE = re.compile(r"[A-Z]?(?:[a-z]|(?![\x00-\x7f])[^\W\d_])+[.,;:!?)。]*|[A-Z][a-z]*|[-–.,;:!?)]+|[0-9]{1,2}")
_CERTAIN = re.compile(CERTAIN, re.IGNORECASE)
# Of words alone, which for other labels are a sentence.
_CERTAIN_WORDS = re.compile(rf"{PASSWORDS}|[a-z][-_. ]?secret|secret[-_. ]?(?:access[-_. ]?)?key", re.IGNORECASE)
_VARIABLE = re.compile(r"\$?[A-Z][A-Z0-9_]*_[A-Z0-9_]*")
# Behind a password's label with nothing but a blank between them: `PGPASSWORD hunter2`.
_PASSWORD_BEFORE = re.compile(rf"(?:{PASSWORDS})\Z", re.IGNORECASE)
_LIKE_PASSWORD = re.compile(r"(?=\S*[A-Za-z])(?=\S*[0-9!#$%^&*+~])[^\s/:.(]{5,}")
_BEARER = re.compile(
    r"\b(bearer|basic|negotiate)((?: (?=\S{0,256}(?:[0-9=_~+/]|[A-Za-z]\.[A-Za-z]))\S+){1,8})", re.IGNORECASE
)
# Up to an @ that is followed by a host; a password may have a slash in it, a port has not. Or a name that is a token.
_USER_OF_URL = re.compile(
    r"(?<=://)(?:[^\s/@:\"'<>]{0,256}:(?![0-9]{1,5}(?:/|\Z))[^\s\"'<>]{0,256}?@(?![^\s/\"'<>]{0,256}@)"
    r"|(?=[^\s/@:]{0,256}[0-9])[^\s/@:\"'<>]{8,256}@)"
)
# `-u david:hunter2`, but for the numbers of a user and a group, and `-phunter2`.
_OPTION = re.compile(
    rf"(?P<before>{SHORT_OPTION}|(?:{USER_OPTION})(?![\"']?[0-9]+:[0-9]+(?![^\s\"']))"
    rf"(?=[\"']?[^\s:%\"'/=]{{1,256}}[:%](?!//)))(?:(?P<quote>[\"'])(?:(?!(?P=quote)).)*|\S+)"
)
# As a program that failed is shown by the one that started it.
_ITEM = r"(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')"
_ARGUMENTS = re.compile(rf"[\[({{]{_ITEM}(?:, ?{_ITEM})+(?:, ?)?[\])}}]")
_TOKEN = re.compile(TOKENS)
_ONE_TIME_CODE = re.compile(
    r"\b([\w-]{0,40}(?:otp|code|pin|mfa|2fa|token|passcode|password)\b[\"']{0,2}\s?(?:[:=,]|is\b|was\b)?\s?[\"'(\[<]{0,2})"
    r"[0-9]{3}[ -]?[0-9]{3,5}(?![0-9])",
    re.IGNORECASE,
)
_CODE_BEFORE = re.compile(
    r"(?<![\w.:/-])[0-9]{3}[ -]?[0-9]{3}"
    r"(?=[\"')\]>]{0,2} (?:is|was)\b[^.;\n]{0,40}\b(?:otp|code|mfa|2fa|token|passcode)\b)",
    re.IGNORECASE,
)


def redacted(text: str) -> str:
    """Return one line of text with everything that could be a secret replaced; blanks are to be joined before."""
    # What a secret is written as must not matter: if there is one behind the escapes, the text is shown without them.
    bare = _unescaped(text)
    if bare != text:
        joined = " ".join(bare.split())
        shown = _outside(_ARN, " ".join(_lines(bare).split()), _redacted)
        if shown != joined:
            return shown
    return _outside(_ARN, text, _redacted)


def redacted_lines(text: str) -> str:
    """Return a text of several lines without the secrets that only its lines show.

    One that is broken over lines, and a value of several words, which its line ends; `redacted` is for all else.
    """
    bare = _unescaped(text)
    shown = _lines(bare)
    return _lines(text) if shown == bare else shown


def _lines(text: str) -> str:
    text = _PRIVATE_KEY.sub(rf"\1 {DROPPED} ", text)
    text = _FOLDED.sub(_without_folded, text)
    return _outside(_ARN, text, lambda part: _WORDS.sub(_without_words, part))


def _without_folded(found: re.Match[str]) -> str:
    return DROPPED if is_secret_run(re.sub(rf"{_JOINT}|\s", "", found.group())) else found.group()


def _without_words(found: re.Match[str]) -> str:
    words = found["value"].split()
    name = found.string[max(0, found.start() - 2) : found.end("name")]
    is_secret = bool(_CERTAIN_WORDS.search(name)) or not all(map(_PROSE.fullmatch, words))
    return f"{found['name']}{DROPPED}" if is_secret and (len(words) > 1 or found["whose"]) else found.group()


def _unescaped(text: str) -> str:
    for _ in range(_LAYERS):
        text, changes = _ESCAPE.subn(_character, text)
        if not changes:
            break
    # Full-width letters and signs are their plain ones, and what is not shown divides no label.
    return text if text.isascii() else unicodedata.normalize("NFKC", re.sub(f"[{HIDDEN}]", "", text))


def _character(found: re.Match[str]) -> str:
    *hexadecimal, decimal, octal, entity, blank = found.groups()
    if blank:
        return "\n"
    if entity:
        return html5.get(entity, found.group())
    code = int(decimal) if decimal else int(octal, 8) if octal else int("".join(filter(None, hexadecimal)), 16)
    is_character = code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if is_character else found.group()


def _redacted(text: str) -> str:
    text = _PRIVATE_KEY.sub(rf"\1 {DROPPED} ", text)
    text = _USER_OF_URL.sub(f"{DROPPED}@", text)
    text = _ARGUMENTS.sub(_as_command_line, text)
    text = _OPTION.sub(rf"\g<before>\g<quote>{DROPPED}", text)
    text = _BEARER.sub(rf"\1 {DROPPED}", text)
    text = _CODE_BEFORE.sub(DROPPED, _ONE_TIME_CODE.sub(rf"\g<1>{DROPPED}", text))
    text = _COOKIES.sub(rf"\1{DROPPED}", text)
    return _outside(_KNOWN, _LABELLED.sub(_without_value, text), _without_runs)


def _as_command_line(found: re.Match[str]) -> str:
    """Return a list of arguments as the command line, without its secrets, if it has any."""
    items = re.findall(_ITEM, found.group())
    line = " ".join(_as_word(item[0], item[1:-1]) for item in items)
    shown = _redacted(line)
    return found.group() if shown == line else f"[{shown}]"


def _as_word(quote: str, item: str) -> str:
    """Return an argument as it is typed, with the quotes behind the letter of a short option."""
    if " " not in item:
        return item
    option = item[:2] if re.match(r"-[A-Za-z]", item) else ""
    return f"{option}{quote}{item[len(option) :]}{quote}"


def _outside(known: re.Pattern[str], text: str, change: Callable[[str], str]) -> str:
    """Return `text` with what is between the places of `known` changed."""
    parts: list[str] = []
    position = 0
    for place in known.finditer(text):
        parts += [change(text[position : place.start()]), place.group()]
        position = place.end()
    return "".join((*parts, change(text[position:])))


def _without_runs(text: str) -> str:
    return _RUN.sub(
        lambda run: DROPPED if is_secret_run(run.group()) else run.group(), _TOKEN.sub(DROPPED, _JWT.sub(DROPPED, text))
    )


def _without_value(found: re.Match[str]) -> str:
    value, between = found["value"], found["between"]
    opening = found["escaped"] or (value[0] if value[0] in _QUOTES else "")
    closing = found["escaped"] or _QUOTES.get(opening, "")
    before = found.string[: found.start("between")]
    bare = value.strip("\"'`\\“”‘’«»„‚「」『』")
    is_prose = bool(_PROSE.fullmatch(value))
    is_assigned = any(sign in between for sign in ":=>|→")
    if bare in {"", DROPPED, "YES", "NO", "YES)", "NO)"}:  # MySQL: "(using password: YES)"
        is_secret = False
    elif between.isspace():
        # Nothing but a blank between them: `--password x` and `set AWS_SESSION_TOKEN x`, but no sentence.
        name = _NAME_BEFORE.findall(before)[0]
        is_secret = name.startswith("-") or (bool(_VARIABLE.fullmatch(name)) and not is_prose)
        is_secret &= not _VARIABLE.fullmatch(value.rstrip(",.;:)]"))
        is_secret |= bool(opening and _CERTAIN_WORDS.search(found.group()))
        is_secret |= bool(_PASSWORD_BEFORE.search(before) and _LIKE_PASSWORD.fullmatch(value))
    else:
        is_secret = not is_prose or (is_assigned and bool(_CERTAIN.search(found.group())))
    if not is_secret:
        return found.group()
    return f"{found.string[found.start() : found.start('value')]}{opening}{DROPPED}{closing}"


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
