"""Where a code comes from: the profile's program, else the person at the terminal, who is told which device it is."""

import textwrap

import pytest

from credhelper.errors import MfaError
from credhelper.mfa.code import prompt_token, token_code
from fakes.terminal import at_terminal

SERIAL = "arn:aws:iam::111111111111:mfa/David"
ASKING = textwrap.dedent(
    """
    from credhelper.mfa.code import token_code
    print(token_code(sys.argv[1], None, "prod-s3", timeout_s=20, environ={}))
    """
)


def test_profile_with_a_program_is_not_asked_for_at_the_terminal() -> None:
    assert token_code(SERIAL, "echo 123456", "prod-s3", timeout_s=5, environ={}) == "123456"


def test_prompt_names_the_device_and_the_profile() -> None:
    with at_terminal(ASKING, SERIAL) as terminal:
        prompt = f"MFA code for {SERIAL} (profile prod-s3): "
        assert terminal.shown(prompt).endswith(prompt)
        terminal.wait_for_silence()
        terminal.type("123456\n")
        assert terminal.result() == "123456"


def test_hint_of_a_prompt_that_cannot_be_shown_names_the_profile() -> None:
    with pytest.raises(MfaError) as caught:
        prompt_token(SERIAL, "prod-s3", timeout_s=1, terminal="/nonexistent")
    assert caught.value.hint == "run in a terminal: credhelper login prod-s3"


def test_hint_of_a_program_that_prints_no_code_names_the_profile() -> None:
    with pytest.raises(MfaError) as caught:
        token_code(SERIAL, "echo nothing", "prod-s3", timeout_s=5, environ={})
    assert caught.value.hint == "try again: credhelper login prod-s3"
