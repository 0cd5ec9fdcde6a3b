"""Which keys never expire, and that only a person at a terminal who asked for it hands one out."""

import pytest

from credhelper.errors import InputError
from credhelper.mfa import terminal
from credhelper.model.credentials import Credentials
from credhelper.provider import consent
from credhelper.provider.consent import Terms
from fakes import canary


@pytest.mark.parametrize(
    ("key_id", "token", "is_long_lived"),
    [
        ("AKIAIOSFODNN7EXAMPLE", None, True),
        ("ASIAIOSFODNN7EXAMPLE", canary.session_token(), False),
        # Of a session that was pasted once; `aws configure` leaves it beside a new key.
        ("AKIAIOSFODNN7EXAMPLE", canary.session_token(), True),
        ("minioadmin", None, True),
        ("0123456789ABCDEFGHIJ", canary.session_token(), False),
    ],
)
def test_key_is_long_lived_without_a_token_or_by_its_id(key_id: str, token: str | None, *, is_long_lived: bool) -> None:
    assert consent.is_long_lived(Credentials(key_id, canary.secret_key(), token)) == is_long_lived


@pytest.mark.parametrize("has_option", [False, True])
@pytest.mark.parametrize("is_there", [False, True])
def test_option_and_terminal_are_both_needed(
    monkeypatch: pytest.MonkeyPatch, *, has_option: bool, is_there: bool
) -> None:
    monkeypatch.setattr(terminal, "is_there", lambda: is_there)
    terms = Terms(has_option, "again", "credhelper exec --long-lived p -- tool")
    if has_option and is_there:
        consent.require("p", terms)
        return
    with pytest.raises(InputError, match="profile p has a long-lived key") as caught:
        consent.require("p", terms)
    assert ("--long-lived p -- tool" in caught.value.hint) == (not has_option)
