"""The readers that stand for the SDKs accept what we write and refuse what the SDKs are known to refuse."""

import time

import pytest

from credhelper.model import process_document
from credhelper.model.credentials import Credentials
from fakes import canary
from fakes.sdk_documents import READERS, who_cannot_read

SECRET, TOKEN = canary.secret_key(), canary.session_token()
GOOD = process_document.encode(Credentials("ASIAFAKE", SECRET, TOKEN, int(time.time()) + 3600, "222222222222"))
TIME = GOOD.partition(b'"Expiration":"')[2].partition(b'"')[0]


def test_every_reader_accepts_our_document() -> None:
    assert who_cannot_read(GOOD) == []


def test_no_reader_accepts_half_a_document() -> None:
    whole = GOOD.rstrip(b"\n")
    for length in range(len(whole)):
        assert who_cannot_read(whole[:length]) == list(READERS), length


@pytest.mark.parametrize(
    ("document", "failing"),
    [
        pytest.param(b"\xef\xbb\xbf" + GOOD, set(READERS), id="mark"),
        pytest.param(b"warning\n" + GOOD, set(READERS), id="noise before"),
        pytest.param(GOOD + b"noise", set(READERS), id="noise behind"),
        pytest.param(GOOD + GOOD, set(READERS), id="two"),
        pytest.param(GOOD.replace(b":1,", b":2,"), set(READERS), id="version 2"),
        pytest.param(GOOD.replace(b":1,", b':"1",'), set(READERS), id="version as text"),
        pytest.param(GOOD.replace(b":1,", b":1.0,"), {"go", "rust", "java"}, id="version 1.0"),
        pytest.param(GOOD.replace(b"AccessKeyId", b"accessKeyId"), {"botocore", "js", "java"}, id="case"),
        pytest.param(GOOD.replace(TIME, TIME.replace(b"Z", b"+00:00")), {"java"}, id="offset"),
        pytest.param(GOOD.replace(TIME, TIME.replace(b"Z", b"")), set(READERS), id="no zone"),
        pytest.param(GOOD.replace(TIME, TIME.replace(b"T", b" ")), {"go", "rust", "js", "java"}, id="blank"),
        pytest.param(GOOD.replace(b'"' + TIME + b'"', b"1800000000"), set(READERS), id="number"),
    ],
)
def test_reader_refuses_what_its_sdk_refuses(document: bytes, failing: set[str]) -> None:
    assert set(who_cannot_read(document)) == failing
