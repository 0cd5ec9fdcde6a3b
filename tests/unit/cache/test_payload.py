"""A payload survives packing, and bytes that packing would not have made are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.cache.payload import Payload, PayloadError, pack, unpack
from credhelper.model.freshness import Moment
from fakes import canary

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
SIGNATURES = st.tuples(st.integers(0, 2**64 - 1), *(st.integers(-(2**63), 2**63 - 1) for _ in range(3)))
PAYLOADS = st.builds(
    Payload,
    document=st.binary(max_size=9000),
    expiration=st.integers(0, 2**40),
    issued=st.builds(Moment, st.floats(0, 2e9), st.binary(max_size=36), st.floats(0, 2e9)),
    refresh_s=st.integers(0, 2**31),
    identity=st.binary(min_size=32, max_size=32),
    variables=st.lists(TEXT, max_size=8).map(tuple),
    environment=st.binary(min_size=32, max_size=32),
    files=st.lists(st.tuples(TEXT, SIGNATURES), max_size=4).map(tuple),
    profile=TEXT,
    role_arn=TEXT,
    config_file=TEXT,
)


def as_values(payload: Payload) -> dict[str, object]:
    fields = {name: getattr(payload, name) for name in Payload.__slots__}
    issued = payload.issued
    return {**fields, "issued": (issued.wall_s, issued.boot, issued.up_s)}


@given(PAYLOADS)
def test_packing_loses_nothing(payload: Payload) -> None:
    assert as_values(unpack(pack(payload))) == as_values(payload)


@given(PAYLOADS, st.data())
def test_shortened_or_extended_payload_is_refused(payload: Payload, data: st.DataObject) -> None:
    packed = pack(payload)
    size = data.draw(st.integers(0, len(packed) - 1))
    with pytest.raises(PayloadError):
        unpack(packed[:size])
    with pytest.raises(PayloadError):
        unpack(packed + b"\0")


def test_repr_of_a_payload_shows_no_document() -> None:
    payload = Payload(
        document=canary.secret_key().encode(),
        expiration=1,
        issued=Moment(0, b"", 0),
        refresh_s=0,
        identity=b"i" * 32,
        variables=(),
        environment=b"e" * 32,
        files=(),
        profile="prod-s3",
        role_arn="arn",
        config_file="/c",
    )
    assert not canary.find(repr(payload).encode())
    assert "prod-s3" in repr(payload)
