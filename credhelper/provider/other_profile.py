"""Credentials of a profile that is not credhelper's: found as those of a source are, handed on, and never cached.

`exec` and `env` ask here: for a native role, SSO, a program, a web identity, a login or static keys. So do `grant`,
`discover` and `console`, which hand them to no other program.
"""

from collections.abc import Mapping

from credhelper.audit import trail
from credhelper.aws.shared_config import SharedConfig
from credhelper.errors import CredhelperError, MfaError, UnreachableError, about
from credhelper.model.code_errors import NoTerminalError
from credhelper.model.credentials import Credentials
from credhelper.model.freshness import Moment
from credhelper.provider import consent, effects, get, miss, one_time_code, request, resolve
from credhelper.provider.record import Record
from credhelper.provider.sign_ins import SignIns
from credhelper.settings import Settings, with_chain
from credhelper.system import hardening
from credhelper.system.deadline import Deadline

# On the audit trail, beside the words of audit/trail.py, which every hit loads.
PASSED, USED = "passed", "used"
_COLONS = 5


def hand_out(
    profile: str,
    settings: Settings,
    environ: Mapping[str, str],
    deadline: Deadline,
    terms: consent.Terms | None,
    *,
    chain: tuple[str, ...] = (),
    started: Moment,
) -> Credentials:
    """Return the credentials of `profile`, and leave a line in the audit trail; raises CredhelperError.

    `environ` is the caller's environment, `chain` names the profiles whose resolution led here. Long-lived keys are
    returned only as `terms` say, and only at a terminal; None where no other program is given them.
    """
    world = miss.Miss(settings, environ, deadline, chain=chain, started=started, urgency=request.PERSON)
    try:
        section, found = _found(profile, world)
        if terms is not None and consent.is_long_lived(found):
            consent.require(profile, terms)
    except MfaError as error:
        # Its own hint is `credhelper login`, which is for a profile of credhelper's.
        if terms is None:
            hint = "try again with the next code"
        elif isinstance(error, NoTerminalError):
            hint = f"run it in a terminal: {terms.again}"
        else:
            hint = f"try again: {terms.again}"
        failed = type(error)(error.unquoted, hint=hint, quoted=error.quoted)
        get.record(settings, profile, failed, None)
        raise failed from None
    except CredhelperError as error:
        get.record(settings, profile, error, None)
        raise
    fields = {
        "profile": profile,
        "outcome": USED if terms is None else PASSED,
        "role_arn": section.get("role_arn", ""),
        "access_key_id": found.access_key_id,
        "expiration": "" if found.expiration is None else trail.format_time(found.expiration),
    }
    trail.record(settings, fields)
    return found


def _found(profile: str, world: miss.Miss) -> tuple[Mapping[str, str], Credentials]:
    """Return the section of both files and the credentials, by the rules that hold for a source."""
    settings, deadline = world.settings, world.deadline
    record = Record(world.environ)
    request.require_no_loop(profile, world.chain, world.environ)
    shared = SharedConfig(*[record.file(path) for path in (settings.config_file, settings.credentials_file)])
    resolve.note_profile(profile, shared, settings, record)
    section = shared.profiles.get(profile, {})
    role = section.get("role_arn", "").split(":")
    environ = with_chain(hardening.environment_of_caller(world.environ), (*world.chain, profile))

    def load(claim: effects.Claim) -> Credentials:
        from credhelper.aws import source_credentials  # loads botocore's providers

        return source_credentials.from_profile(
            shared,
            profile,
            effects.prompter(deadline, claim),
            timeout_s=deadline.left_s(),
            environ=environ,
            locks_dir=f"{settings.state_dir}/locks",
            is_source=False,
            note_token=SignIns(settings.cache_dir).noting(),
        )

    partition = role[1] if len(role) > _COLONS else "aws"
    try:
        with deadline, about(profile=profile, role_arn=section.get("role_arn", "")):
            return section, one_time_code.source(world, partition, load)
    except UnreachableError:
        if deadline.has_passed() and deadline.was_spent_here():
            raise request.too_busy(profile) from None
        raise
