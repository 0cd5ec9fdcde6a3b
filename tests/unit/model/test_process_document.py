"""The document is one that every SDK reads, or there is none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.errors import CredhelperError
from credhelper.model import process_document
from credhelper.model.credentials import Credentials
from fakes import canary

SECRET, TOKEN = canary.secret_key(), canary.session_token()
VALUE = st.text(st.sampled_from("ABCabc019+/=_-"), min_size=1, max_size=60)


def credentials(**changed: str | int | None) -> Credentials:
    values: dict[str, str | int | None] = {
        "access_key_id": "ASIACANARY",
        "secret_access_key": SECRET,
        "session_token": TOKEN,
        "expiration": 1_800_000_000,
        "account_id": "222222222222",
    }
    return Credentials(**{**values, **changed})  # type: ignore[arg-type]  # the test mixes the fields' types


def test_document_is_one_compact_line_with_the_fields_of_the_specification() -> None:
    document = process_document.encode(credentials())
    assert (
        document
        == (
            f'{{"Version":1,"AccessKeyId":"ASIACANARY","SecretAccessKey":"{SECRET}",'
            f'"SessionToken":"{TOKEN}","Expiration":"2027-01-15T08:00:00Z","AccountId":"222222222222"}}\n'
        ).encode()
    )


def test_absent_values_are_left_out_not_null() -> None:
    document = json.loads(process_document.encode(credentials(session_token=None, expiration=None, account_id=None)))
    assert set(document) == {"Version", "AccessKeyId", "SecretAccessKey"}


@given(VALUE, VALUE, VALUE, st.integers(0, 2**32))
def test_decode_returns_what_was_encoded(key: str, secret: str, token: str, expiration: int) -> None:
    back = process_document.decode(process_document.encode(Credentials(key, secret, token, expiration, "1" * 12)))
    assert (back.access_key_id, back.secret_access_key, back.session_token) == (key, secret, token)
    assert (back.expiration, back.account_id) == (expiration, "1" * 12)


@pytest.mark.parametrize("bad", ['quo"te', "back\\slash", "new\nline", "sp ace", "é", "", "\x1b[31m", "nul\0"])
def test_value_that_a_reader_would_trip_over_is_refused(bad: str) -> None:
    with pytest.raises(CredhelperError) as caught:
        process_document.encode(credentials(session_token=bad))
    assert not canary.find(str(caught.value).encode())


def test_document_longer_than_go_reads_is_refused() -> None:
    process_document.encode(credentials(session_token=canary.session_token(size=7000)))
    with pytest.raises(CredhelperError, match="bytes long"):
        process_document.encode(credentials(session_token=canary.session_token(size=8000)))


@pytest.mark.parametrize("document", [b"", b"[]", b"{", b'{"Version":1}', b"\xff", b'{"AccessKeyId":1,"Expiration":5}'])
def test_foreign_document_is_refused_without_its_content(document: bytes) -> None:
    with pytest.raises(CredhelperError) as caught:
        process_document.decode(document)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_credentials_show_no_secret() -> None:
    shown = repr(credentials()) + str(credentials())
    assert not canary.find(shown.encode())
    assert "ASIACANARY" in shown
