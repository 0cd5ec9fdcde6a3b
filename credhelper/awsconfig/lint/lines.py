"""Everything in a config file that some SDK reads differently or rejects, line by line. Pure; changes nothing.

It reads the file as botocore would, but goes on after what botocore stops at, so that one run shows it all.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace

from credhelper.awsconfig.document import grammar
from credhelper.awsconfig.document.finding import Finding
from credhelper.awsconfig.document.grammar import BYTE_ORDER_MARK, DEFAULTS_SECTION, MESSAGES, Block, KeyLine
from credhelper.awsconfig.lint.commands import command_rules
from credhelper.awsconfig.lint.value_rules import nested_fault
from credhelper.awsconfig.profiles.kinds import PROCESS_KEY

_LONE_CR = re.compile(rb"\r(?!\n)")
_NAME = re.compile(r"[\w.%@:+/-]+", re.ASCII)
_EXOTIC_BLANK = re.compile("[\x0b\x0c\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_COMMENT = re.compile(r"[ \t][#;]")
_BLANK = re.compile(r"\s")
# Keys whose value is a block of keys.
_BLOCKS = ("s3",)
# Keys that only profiles have, besides those with AWS's prefixes. The AWS CLI v2 itself writes [p] for `--profile p`
# where the name is a part of "plugins".
_PROFILE_KEYS = {
    *("region", "output", "role_arn", "source_profile", "credential_source", "credential_process"),
    *("duration_seconds", "mfa_serial", "external_id", "role_session_name", "web_identity_token_file"),
    *("login_session", "ca_bundle", "endpoint_url", "services", "s3", "retry_mode", "max_attempts", "defaults_mode"),
    *("cli_pager", "cli_auto_prompt", "cli_timestamp_format", "cli_binary_format", "cli_history"),
}
# Sections that only AWS tools know, and that are no profiles.
_OTHER_SECTIONS = ("sso-session", "services", "preview", "plugins")


def check_lines(data: bytes, *, is_credentials: bool = False) -> list[Finding]:
    """Return what some SDK reads differently in the lines of a config or credentials file, by line."""
    return sorted(set(_Checker(data, is_credentials=is_credentials).findings()))


def readable(data: bytes) -> bytes:
    """Return a file made readable where it is not UTF-8 or has NUL bytes; every line stays where it was."""
    text = _LONE_CR.sub(b" ", data).replace(b"\0", b"_")
    # A byte that is not UTF-8 becomes "?": every offset stays what it was.
    if not text.isascii():
        text = text.decode("utf-8", "surrogateescape").encode("utf-8", "replace")
    return b"   " + text[len(BYTE_ORDER_MARK) :] if data.startswith(BYTE_ORDER_MARK) else text


class _Checker:
    """One file, made readable so that all of it can be checked."""

    def __init__(self, data: bytes, *, is_credentials: bool) -> None:
        self._original = data
        self._is_credentials = is_credentials
        self._data = readable(data)
        self._newlines = [match.start() for match in re.finditer(b"\n", self._data)]

    def findings(self) -> Iterator[Finding]:
        start = len(BYTE_ORDER_MARK) if self._original.startswith(BYTE_ORDER_MARK) else 0
        blocks, broken = grammar.read(self._data, start, len(self._data))
        yield from self._bytes()
        for offset, rule in broken:
            yield self._at(offset, rule)
        yield from self._headers(blocks)
        for block in blocks:
            yield from self._leading_comments(block)
            for key_line in block.key_lines:
                yield from (self._at(key_line.start, name, key_line.name) for name in self._key_line(block, key_line))
                yield from self._nested(block, key_line)

    def _at(self, offset: int, name: str, about: str = "") -> Finding:
        line = bisect_left(self._newlines, offset) + 1
        return Finding(line, name, about, MESSAGES.get(name, ""), is_in_credentials=self._is_credentials)

    def _text(self, start: int, end: int) -> str:
        return self._data[start:end].decode("utf-8", "replace").rstrip("\r\n")

    def _bytes(self) -> Iterator[Finding]:
        data = self._original
        if data.startswith(BYTE_ORDER_MARK):
            yield self._at(0, "byte-order-mark")
        if (place := data.find(b"\0")) >= 0:
            yield self._at(place, "nul")
        if lone := _LONE_CR.search(data):
            yield self._at(lone.start(), "lone-carriage-return")
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            yield self._at(error.start, "not-utf-8")

    def _headers(self, blocks: list[Block]) -> Iterator[Finding]:
        headers: set[str] = set()
        profiles: dict[str, str] = {}
        for block in blocks:
            rules = _credentials_header_rules if self._is_credentials else _header_rules
            names = rules(self._header_line(block), block)
            if block.header in headers and block.header != DEFAULTS_SECTION:
                names.append("section-twice")
            profile = grammar.profile_name(block.header) or grammar.lenient_profile_name(block.header)
            if self._is_credentials:
                profile = None
            if profile is not None and profiles.get(profile, block.header) != block.header:
                names.append("both-defaults" if profile == "default" else "profile-twice")
            if profile is not None:
                profiles.setdefault(profile, block.header)
            headers.add(block.header)
            yield from (self._at(block.start, name, block.header) for name in names)

    def _header_line(self, block: Block) -> str:
        newline = self._data.find(b"\n", block.start)
        return self._text(block.start, len(self._data) if newline < 0 else newline)

    def _leading_comments(self, block: Block) -> Iterator[Finding]:
        """Yield the indented comments between a header and its first key."""
        offset = self._data.find(b"\n", block.start) + 1
        end = block.key_lines[0].start if block.key_lines else block.end
        while 0 < offset < end:
            newline = self._data.find(b"\n", offset) + 1 or len(self._data)
            if self._data[offset:newline].strip() and self._data[offset : offset + 1] in b" \t":
                yield self._at(offset, "comment-indented", block.header)
            offset = newline

    def _key_line(self, block: Block, key_line: KeyLine) -> Iterator[str]:
        line = self._text(key_line.start, key_line.end)
        spelled, _, _ = line.partition(min("=:", key=lambda sign: line.find(sign) if sign in line else len(line)))
        if spelled.strip() != key_line.name:
            yield "key-capitals"
        if line[len(spelled) : len(spelled) + 1] == ":":
            yield "colon"
        if key_line.indent:
            yield "key-indented"
        if _BLANK.search(key_line.name):
            yield "key-name"
        if key_line.name in _BLOCKS and not key_line.is_nested:
            yield "block-expected"
        if _EXOTIC_BLANK.search(line):
            yield "exotic-blank"
        if line != line.rstrip() and key_line.parts[0]:
            yield "last-blanks"
        if "[" in line and "]" in line and key_line is not block.key_lines[-1]:
            yield "brackets"
        yield from _value_rules(key_line.name, key_line.parts[0])
        if key_line.name == PROCESS_KEY and key_line.value:
            yield from command_rules(key_line.value)
        yield from self._extra_rules(key_line)

    def _nested(self, block: Block, key_line: KeyLine) -> Iterator[Finding]:
        for start, end in key_line.extra if key_line.is_nested else ():
            if effect := nested_fault(block.header, key_line.name, self._text(start, end)):
                yield replace(self._at(start, "nested-value", key_line.name), effect=effect)

    def _extra_rules(self, key_line: KeyLine) -> Iterator[str]:
        lines = [self._text(start, end).strip() for start, end in key_line.extra]
        if any(line.startswith(("#", ";")) for line in lines):
            yield "comment-indented"
        values = [line for line in lines if not line.startswith(("#", ";"))]
        if not key_line.parts[0] and any(line.startswith("=") for line in values):
            yield "block-key"
        if values and key_line.parts[0]:
            yield "continued-key" if any(re.match(r"[a-z_0-9]+[ \t]*=", line) for line in values) else "continued-value"


def _value_rules(key: str, value: str) -> Iterator[str]:
    if not value:
        if key == "credential_process":
            yield "empty-command"
        return
    if _COMMENT.search(f" {value}"):
        yield "comment-in-value"
    elif ";" in value:
        yield "semicolon"
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        yield "outer-quotes"
    elif value.startswith('"'):
        yield "first-quote"
    if value.count('"') % 2:
        yield "odd-quotes"


def _header_rules(line: str, block: Block) -> list[str]:
    """Return what is unusual about a header line."""
    names = []
    text = block.header
    if line[:1] in " \t":
        names.append("header-indented")
    names += _after_header(line.strip()[len(text) + 2 :])
    if text == DEFAULTS_SECTION:
        names.append("defaults-section")
    elif text.strip() == "default":
        names += ["default-blanks"] if text != "default" else _default_rules(block)
    elif text.strip().startswith("profile"):
        names += _profile_header_rules(text)
    elif text.lower().startswith(("profile ", "profile\t")):
        names.append("header-capitals")
    elif not text.startswith(_OTHER_SECTIONS) and any(_is_profile_key(key_line.name) for key_line in block.key_lines):
        names.append("header-without-profile")
    return names


def _credentials_header_rules(line: str, block: Block) -> list[str]:
    """Return what is unusual about a header line of a credentials file, where names stand alone."""
    text = block.header
    names = ["header-indented"] if line[:1] in " \t" else []
    names += _after_header(line.strip()[len(text) + 2 :])
    if text == DEFAULTS_SECTION:
        names.append("defaults-section")
    elif text != text.strip():
        names.append("name-blanks")
    elif grammar.lenient_profile_name(text) not in (None, "default"):
        names.append("profile-in-credentials")
    return names


def _after_header(rest: str) -> list[str]:
    if not rest:
        return []
    comment = rest.lstrip()
    if not comment.startswith(("#", ";")):
        return ["header-text"]
    if "=" in rest:
        return ["header-comment-key"]
    return ["header-comment" if rest != comment else "header-comment-tight"]


def _default_rules(block: Block) -> list[str]:
    return ["default-in-php"] if any(key_line.name == "credential_process" for key_line in block.key_lines) else []


def _is_profile_key(name: str) -> bool:
    return name.startswith(("aws_", "credhelper_", "sso_")) or name in _PROFILE_KEYS


def _profile_header_rules(text: str) -> list[str]:
    if text != text.lstrip():
        return ["header-inner-blanks"]
    name = text.removeprefix("profile")
    blanks = name[: len(name) - len(name.lstrip())]
    bare = name.strip()
    if "'" in bare or '"' in bare:
        return ["header-quotes"]
    names = ["header-tab"] if "\t" in blanks else ["header-two-blanks"] if len(blanks) > 1 else []
    if name != name.rstrip():
        names.append("header-last-blank")
    if len(bare.split()) > 1:
        return [*names, "header-name-with-blank"]
    return [*names, "profile-name"] if bare and not _NAME.fullmatch(bare) else names
