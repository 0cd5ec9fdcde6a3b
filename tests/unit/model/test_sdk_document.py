"""The document of a credential_process as SDKs read it: botocore and the rules of four others are the oracle."""

import json
import time
from typing import Any

import botocore.credentials
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.aws import expiration
from credhelper.errors import MachineError
from credhelper.model.sdk_document import read
from fakes import canary
from fakes.sdk_documents import who_cannot_read

NOW = time.time()
GOOD: dict[str, Any] = {
    "Version": 1,
    "AccessKeyId": "ASIAEXAMPLE",
    "SecretAccessKey": canary.secret_key("document"),
    "SessionToken": canary.session_token("document"),
    "Expiration": "2099-01-31T12:00:00Z",
}
TIMES = ["2099-01-31T12:00:00+00:00", "2099-01-31 12:00:00Z", "20990131T120000Z", "2099-01-31T12:00:00", "soon", ""]
NUMBERS: list[Any] = [1, 1.0, 2, True, "1", "", "word"]
TEXTS = ["", "x y", "word", *TIMES]
TEXT_FIELDS = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
FIELDS = st.builds(
    lambda numbers, texts: {**numbers, **texts},
    st.dictionaries(st.sampled_from(["Version", "version"]), st.sampled_from(NUMBERS), max_size=1),
    st.dictionaries(st.sampled_from(TEXT_FIELDS), st.sampled_from(TEXTS), max_size=2),
)


def fault(document: bytes, now_s: float = NOW) -> str:
    """Return why the document cannot be used, "" where it can."""
    try:
        read(document, now_s)
    except MachineError as error:
        why = error.message.rpartition("document: ")[2]
    else:
        return ""
    assert not canary.find(why.encode())
    return why


def remarks(document: bytes) -> tuple[str, ...]:
    return read(document, NOW)[1]


def encoded(**changes: Any) -> bytes:
    return json.dumps({name: value for name, value in {**GOOD, **changes}.items() if value is not None}).encode()


@given(FIELDS, st.sampled_from([b"", b"\xef\xbb\xbf", b"hello\n", b"\n"]), st.sampled_from([b"", b"\n", b"bye"]))
def test_what_no_sdk_stumbles_on_is_fine_and_what_one_does_is_said(
    changes: dict[str, Any], before: bytes, after: bytes
) -> None:
    document = before + json.dumps(GOOD | changes).encode() + after
    failing, why = set(who_cannot_read(document)), fault(document)
    whole = GOOD | changes
    if not whole["SessionToken"]:
        failing.discard("botocore")  # the oracle asks for one, and botocore does without
    if "botocore" in failing:
        assert why
    elif failing:
        assert why or remarks(document)
    elif not any(" " in whole[name] for name in TEXT_FIELDS[:3]):  # they read it, and AWS refuses it
        assert not why


def test_everything_that_is_read_is_returned() -> None:
    found, said = read(encoded(AccountId="222222222222"), NOW)
    assert said == ()
    assert (found.access_key_id, found.session_token) == (GOOD["AccessKeyId"], GOOD["SessionToken"])
    assert (found.expiration, found.account_id) == (4073544000, "222222222222")


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"[1]", "it is JSON, and no object"),
        (b"\xff", "it is not one JSON object"),
        (b"[" * 100_000, "it is not one JSON object"),
        (b"note: refreshed\n" + encoded(), "it is not one JSON object"),
        (encoded(Version=2), "its Version is not the number 1"),
        (encoded(Version=None), "its Version is not the number 1"),
        (encoded(SecretAccessKey=None), "it has no SecretAccessKey"),
        (encoded(AccessKeyId=["x"]), "its AccessKeyId is no text without blanks"),
        (encoded(SessionToken="a\nb"), "its SessionToken is no text without blanks"),
        (encoded(Expiration="2020-01-01T00:00:00Z"), "its credentials have expired"),
        (encoded(Expiration="2099-01-31T12:00:00"), "its Expiration is no time with a zone"),
        (encoded(Expiration=12), "its Expiration is no time with a zone"),
    ],
)
def test_fault_is_named_without_a_word_of_the_document(document: bytes, why: str) -> None:
    assert fault(document).startswith(why)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (encoded(Expiration="2099-01-31T12:00:00+00:00"), "its Expiration is not written as"),
        (encoded(Version=1.0), "its Version is not written as 1"),
        (encoded(SessionToken=None), "it has a temporary key and no SessionToken"),
        (encoded(AccountId=222222222222), "its AccountId is not a text"),
        (encoded(SessionToken="x" * 9000), "bytes, and some SDKs read no more than 8000"),
    ],
)
def test_what_only_some_sdks_stumble_on_is_a_remark(document: bytes, said: str) -> None:
    (remark,) = remarks(document)
    assert said in remark


def test_long_lived_keys_have_no_end() -> None:
    found, said = read(encoded(AccessKeyId="AKIAEXAMPLE", SessionToken=None, Expiration=None), NOW)
    assert (found.expiration, said) == (None, ())


WRITTEN = [
    *(
        "2099-01-31T12:00:00Z",
        "2099-01-31T12:00:00z",
        "2099-01-31 12:00:00 UTC",
        "2099-01-31T12:00Z",
        "20990131T120000Z",
    ),
    *(
        "Sat, 31 Jan 2099 12:00:00 GMT",
        "Sat Jan 31 12:00:00 UTC 2099",
        " 2099-01-31T12:00:00Z ",
        "2099-01-31T13:00:00+01:00",
    ),
    *("2099-01-31T12:00:00,0Z", "2099-W05-6T12:00:00Z", "2099-01-31", "2099-01-31T12:00:00", "4073544000", "", "soon"),
    *("2099-01-31T12:00:00+00:00Z", "2099-01-31T24:00:00Z", "99999-01-31T12:00:00Z", "9" * 400),
]


@pytest.mark.parametrize("written", WRITTEN, ids=repr)
def test_time_is_one_where_botocore_finds_one(written: str) -> None:
    fields = {"access_key": "A", "secret_key": "B", "token": "C", "expiry_time": written}
    try:
        theirs = botocore.credentials.RefreshableCredentials.create_from_metadata(fields, lambda: fields, "process")
        theirs.get_frozen_credentials()
    except (ValueError, TypeError, OverflowError):
        with pytest.raises(MachineError, match="its Expiration is no time with a zone"):
            read(encoded(Expiration=written), NOW, expiration.of_a_program)
    else:
        found, _ = read(encoded(Expiration=written), NOW, expiration.of_a_program)
        assert found.expiration == theirs._expiry_time.timestamp()
