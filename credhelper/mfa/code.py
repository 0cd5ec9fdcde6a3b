"""The one-time code for a profile: from its program if it has one, else from the person at the terminal."""

from collections.abc import Mapping
from typing import Protocol

from credhelper.errors import about
from credhelper.mfa.program import run_mfa_process
from credhelper.mfa.terminal import TERMINAL, ask


class RoleProfile(Protocol):
    """What we need to know of a profile of ours."""

    @property
    def name(self) -> str:
        """The profile's name."""

    @property
    def mfa_serial(self) -> str | None:
        """The device AWS checks the code against."""

    @property
    def mfa_process(self) -> str | None:
        """The command line of a program that prints a code."""


def token_code(profile: RoleProfile, *, timeout_s: float, environ: Mapping[str, str]) -> str:
    """Return a code for this profile, from its program if it has one, else from the person at the terminal."""
    serial = profile.mfa_serial or ""
    if profile.mfa_process:
        with about(profile=profile.name):
            return run_mfa_process(profile.mfa_process, serial, profile.name, timeout_s=timeout_s, environ=environ)
    return prompt_token(serial, profile.name, timeout_s=timeout_s)


def prompt_token(serial: str, profile: str, *, timeout_s: float, terminal: str = TERMINAL) -> str:
    """Ask at the terminal for the code of `serial`; raises MfaError as `ask` does."""
    with about(profile=profile):
        return ask(f"MFA code for {serial} (profile {profile}): ", timeout_s=timeout_s, terminal=terminal)
