"""The credential_process document: credentials to the exact bytes for stdout, and back. Pure.

Source: AWS SDKs and Tools Reference, "Process credential provider". The limits come from its readers: Go's SDK v1
reads 8 KiB and shows the whole of stdout in its parse error, Go on Windows mangles a backslash, and only
`YYYY-MM-DDTHH:MM:SSZ` is a time to all of them.
"""

import json
import re
from datetime import UTC, datetime

from credhelper.errors import AwsError, InputError
from credhelper.model.credentials import Credentials

MAXIMUM_SIZE = 8000
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
# Printable ASCII without the quote and the backslash: nothing in it needs an escape, in JSON or anywhere else.
_VALUE = re.compile(r"[!#-\[\]-~]+")


def encode(credentials: Credentials) -> bytes:
    """Return the one-line JSON document for stdout; raises AwsError for values that a reader could not parse."""
    fields: dict[str, int | str | None] = {
        "Version": 1,
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
        "Expiration": None if credentials.expiration is None else format_time(credentials.expiration),
        "AccountId": credentials.account_id,
    }
    present = {name: value for name, value in fields.items() if value is not None}
    for name, value in present.items():
        if isinstance(value, str) and not _VALUE.fullmatch(value):
            raise AwsError(f"AWS returned characters in {name} that no tool expects", hint="try again in a moment")
    document = json.dumps(present, separators=(",", ":")).encode("ascii") + b"\n"
    if len(document) > MAXIMUM_SIZE:
        raise AwsError(
            f"the credentials are {len(document)} bytes long, and some SDKs read no more than {MAXIMUM_SIZE}",
            hint="shorten the session policy or the tags of this profile",
        )
    return document


def decode(document: bytes) -> Credentials:
    """Return the credentials in a document that `encode` made; raises InputError for any other."""
    try:
        fields = json.loads(document)
        expiration = fields.get("Expiration")
        return Credentials(
            fields["AccessKeyId"],
            fields["SecretAccessKey"],
            fields.get("SessionToken"),
            None if expiration is None else parse_time(expiration),
            fields.get("AccountId"),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        # `from None`: the exception being replaced holds the document, and so the secret.
        raise InputError("this is not a credential_process document") from None


def format_time(seconds: int) -> str:
    """Return seconds since the epoch as the one time format that every SDK reads."""
    return datetime.fromtimestamp(seconds, UTC).strftime(_TIME_FORMAT)


def parse_time(text: str) -> int:
    """Return seconds since the epoch; raises ValueError for any other format."""
    return int(datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC).timestamp())
