"""What five SDKs make of a credential_process document: botocore itself, and the JSON rules of Go, Rust, JS and Java.

The rules are those of their sources: which fields must be there, in which case, as which type, and which times they
take (aws-sdk-go-v2 processcreds, aws-config credential_process.rs, @aws-sdk/credential-provider-process,
ProcessCredentialsProvider of aws-sdk-java-v2). make conformance runs the SDKs; this runs ten thousand times a minute.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import botocore.credentials

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
# java.time's ISO_INSTANT; an offset is accepted by newer releases only.
_ISO_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
_REQUIRED = ("AccessKeyId", "SecretAccessKey")


class UnreadableError(Exception):
    """This SDK would fail."""


def botocore_reads(document: bytes) -> None:
    """Let botocore's own provider read the document as its helper's stdout."""

    class Helper:
        returncode = 0

        def communicate(self) -> tuple[bytes, bytes]:
            return document, b""

    config = {"profiles": {"p": {"credential_process": "helper"}}}
    provider = botocore.credentials.ProcessProvider("p", lambda: config, popen=lambda *_words, **_named: Helper())
    try:
        found = provider.load().get_frozen_credentials()
    except Exception as error:
        raise UnreadableError from error
    if not (found.access_key and found.secret_key and found.token):
        raise UnreadableError


def go_reads(document: bytes) -> None:
    """Version is an int, keys in any case, the time is RFC 3339 (encoding/json into a struct with time.Time)."""
    fields = _folded(_strict(document))
    _require(fields.get("version") == "1" and _has(fields, *map(str.lower, _REQUIRED)))
    _require(_RFC3339.fullmatch(fields.get("expiration", "")))


def rust_reads(document: bytes) -> None:
    """Version is the number 1, keys in any case, every value a string, the time RFC 3339; no other token behind it."""
    go_reads(document)
    fields = _folded(_strict(document))
    _require(all(isinstance(value, str) for value in fields.values()))


def js_reads(document: bytes) -> None:
    """Version === 1, keys exact, and a time that new Date() understands."""
    fields = _strict(document)
    _require(fields.get("Version") in {"1", "1.0"} and _has(fields, *_REQUIRED))
    _require(_RFC3339.fullmatch(fields.get("Expiration", "")))


def java_reads(document: bytes) -> None:
    """The text of Version is 1, keys exact, and the time is an ISO_INSTANT."""
    fields = _strict(document)
    _require(fields.get("Version") == "1" and _has(fields, *_REQUIRED))
    _require(_ISO_INSTANT.fullmatch(fields.get("Expiration", "")))


READERS: Mapping[str, Callable[[bytes], None]] = {
    "botocore": botocore_reads,
    "go": go_reads,
    "rust": rust_reads,
    "js": js_reads,
    "java": java_reads,
}


def who_cannot_read(document: bytes) -> list[str]:
    """Return the SDKs that would fail on this document, by name."""
    failing = []
    for name, reads in READERS.items():
        try:
            reads(document)
        except UnreadableError:
            failing.append(name)
    return failing


class _Number(str):
    """A JSON number by its text: Java and Go tell 1 from 1.0, and all of them 1 from "1"."""

    __slots__ = ()


def _strict(document: bytes) -> dict[str, Any]:
    """Return the object, numbers as their text; one object and white space, no NaN, UTF-8 without a mark."""
    try:
        fields = json.loads(
            document.decode("utf-8"), parse_int=_Number, parse_float=_Number, parse_constant=_refuse_constant
        )
    except ValueError as error:
        raise UnreadableError from error
    _require(isinstance(fields, dict))
    _require(isinstance(fields.get("Version", fields.get("version")), _Number))
    return fields  # type: ignore[no-any-return]  # the line above has made sure


def _refuse_constant(text: str) -> None:
    raise ValueError(text)


def _folded(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in fields.items()}


def _has(fields: Mapping[str, Any], *names: str) -> bool:
    return all(isinstance(fields.get(name), str) and fields[name] for name in names)


def _require(is_so: object) -> None:
    if not is_so:
        raise UnreadableError
