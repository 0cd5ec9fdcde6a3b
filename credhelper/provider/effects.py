"""All of the outside world that a miss uses, as one value: a test sets the clock and counts the calls."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from credhelper.model.credentials import Credentials
from credhelper.model.freshness import Moment
from credhelper.model.shell import word
from credhelper.provider.resolve import Resolved
from credhelper.provider.sign_ins import SignIns
from credhelper.provider.single_flight import jitter_of_system
from credhelper.settings import from_environment
from credhelper.system import clock
from credhelper.system.deadline import Deadline

# Called with a device and a code before it is sent; raises SpentCodeError for one that was sent before.
Claim = Callable[[str, str], None]


def _source_credentials(resolved: Resolved, deadline: Deadline, claim: Claim) -> Credentials:
    from credhelper.aws import static_keys

    profile = resolved.profile
    if profile.credential_source is None and (
        keys := static_keys.plain_keys(resolved.shared, profile.source_profile or "default")
    ):
        return keys
    from credhelper.aws import source_credentials  # loads botocore's providers

    own = from_environment(resolved.record.environ)
    return source_credentials.load(
        resolved.profile,
        resolved.shared,
        prompter(deadline, claim),
        timeout_s=deadline.left_s(),
        environ=resolved.child_environ,
        locks_dir=f"{own.state_dir}/locks",
        note_token=SignIns(own.cache_dir).noting(resolved.record.used),
    )


def prompter(deadline: Deadline, claim: Claim) -> Callable[[str, str], str]:
    """Return what asks a person for the one-time code of a native role: called with its device and the question."""
    from credhelper.mfa import terminal

    def ask(serial: str, prompt: str) -> str:
        code = deadline.ask(lambda timeout_s: terminal.ask(prompt, timeout_s=timeout_s))
        claim(serial, code)
        return code

    return ask


def _assume_role(resolved: Resolved, source: Credentials, token_code: str | None, deadline: Deadline) -> Credentials:
    from credhelper.aws import sts, sts_request

    timeout_s = deadline.left_s()
    section = resolved.shared.full_config["profiles"].get(resolved.profile.name, {})
    sender = sts_request.sender_for(resolved.request, source, section, os.environ, timeout_s=timeout_s)
    # The environment of this process, because that is what botocore's client looks at.
    session = None if sender else resolved.shared.session(resolved.profile.name, timeout_s=timeout_s)
    return sts.assume_role(
        resolved.request,
        source,
        session_name=resolved.session_name,
        token_code=token_code,
        timeout_s=timeout_s,
        session=session,
        sender=sender,
        profile=resolved.profile.name,
        source_profile=resolved.profile.source_profile or "",
        renewal=lambda: _renewal(resolved),
    )


def _renewal(resolved: Resolved) -> str:
    from credhelper.aws.explain import origin

    name = resolved.profile.source_profile
    if name is None:
        return ""
    if resolved.parent is not None:
        return f"renew them: credhelper login --refresh {word(name)}"
    return origin.renewal(name, resolved.shared)


def _token_code(resolved: Resolved, deadline: Deadline) -> str:
    from credhelper.mfa import code

    profile, environ = resolved.profile, resolved.child_environ

    def get(timeout_s: float) -> str:
        return code.token_code(
            profile.mfa_serial or "", profile.mfa_process, profile.name, timeout_s=timeout_s, environ=environ
        )

    return get(deadline.left_s()) if profile.mfa_process else deadline.ask(get)


def _tell(text: str) -> None:
    from credhelper.mfa import terminal

    terminal.tell(text)


@dataclass(frozen=True, slots=True)
class Effects:
    """The outside world, real by default."""

    source_credentials: Callable[[Resolved, Deadline, Claim], Credentials] = _source_credentials
    assume_role: Callable[[Resolved, Credentials, str | None, Deadline], Credentials] = _assume_role
    token_code: Callable[[Resolved, Deadline], str] = _token_code
    tell: Callable[[str], None] = _tell
    now: Callable[[], Moment] = clock.now
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = jitter_of_system
