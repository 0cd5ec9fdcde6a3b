"""Devices that show what an authenticator would."""

import base64

from fakes.front.mfa import MfaDevices, code_of

DAVID = "arn:aws:iam::111111111111:user/David"


def test_codes_are_those_of_rfc_6238() -> None:
    secret = b"12345678901234567890"
    seconds = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    assert {at: code_of(secret, at // 30) for at in seconds} == seconds


def test_device_is_of_one_user_and_shows_codes_of_its_seed() -> None:
    devices = MfaDevices()
    serial = devices.add(DAVID)
    assert serial == "arn:aws:iam::111111111111:mfa/David"
    assert devices.has(DAVID, serial)
    assert not devices.has(DAVID.replace("David", "Eve"), serial)
    assert devices.code(serial, 59) == code_of(base64.b32decode(devices.seed(serial)), 1)


def test_code_counts_once_and_around_its_time() -> None:
    devices = MfaDevices()
    serial = devices.add(DAVID)
    for age, counts in {-61: False, -30: True, 0: True, 30: True, 61: False, 86400: False}.items():
        at = 1_000_000_000 + age * 1_000
        code = devices.code(serial, at - age)
        assert [devices.take(serial, code, at), devices.take(serial, code, at)] == [counts, False]
