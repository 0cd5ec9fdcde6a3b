"""The one-time code for a profile: from its program if it has one, else from the user at the terminal."""

from collections.abc import Mapping

from credhelper.errors import about
from credhelper.mfa.program import run_mfa_process
from credhelper.mfa.terminal import TERMINAL, ask


def token_code(serial: str, command: str | None, profile: str, *, timeout_s: float, environ: Mapping[str, str]) -> str:
    """Return a code of the device `serial`, from the program `command`, or from the terminal if that is None.

    Raises as `run_mfa_process` and `ask` do; `profile` is what the failure is about; `environ` is the program's
    environment.
    """
    if command:
        with about(profile=profile):
            return run_mfa_process(command, serial, profile, timeout_s=timeout_s, environ=environ)
    return prompt_token(serial, profile, timeout_s=timeout_s)


def prompt_token(serial: str, profile: str, *, timeout_s: float, terminal: str = TERMINAL) -> str:
    """Ask at the terminal for the code of `serial`; raises MfaError as `ask` does."""
    with about(profile=profile):
        return ask(f"MFA code for {serial} (profile {profile}): ", timeout_s=timeout_s, terminal=terminal)
