"""What AWS and the network say to a profile's questions, sorted by cause: whose key it is, and the role itself."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from credhelper.aws import identity
from credhelper.aws.explain.call import RefusedError
from credhelper.aws.explain.facts import Refusal
from credhelper.aws.service import Service
from credhelper.awsconfig.profiles.role_profile import is_credhelper
from credhelper.commands.doctor.source import Home, NotAskedError
from credhelper.diagnosis.causes.table import CAUSES
from credhelper.diagnosis.network import Stage, Way, cause_of_code
from credhelper.errors import AwsError, CredhelperError, InputError, MachineError, MfaError, UnreachableError
from credhelper.model.credentials import Credentials
from credhelper.model.shell import own_command
from credhelper.policy.arn import Arn
from credhelper.provider.resolve import Resolved

NO_CODE = "no-code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of a question. `cause` is an id of the table, "" where all is well; `message` and `hint` explain it.

    `keys` are the source's, `caller` who they are. `refusal` is AWS's no to AssumeRole, where it is about
    policies, or the request: `named` is the cause that a hand-out names then.
    `is_skipped`: nothing was asked, for the reason in `message`. `is_late`: it has not ended in time.
    """

    cause: str = ""
    message: str = ""
    hint: str = ""
    keys: Credentials | None = None
    caller: Arn | None = None
    session: Credentials | None = None
    refusal: Refusal | None = None
    named: str = ""
    is_skipped: bool = False
    is_late: bool = False
    has_token_code: bool = False
    took_s: float = 0.0

    @property
    def is_fine(self) -> bool:
        """Whether the question was answered."""
        return not (self.cause or self.is_skipped or self.is_late)

    @property
    def is_source(self) -> bool:
        """Whether the source's credentials are not there, and no key was tried."""
        return self.keys is None


def ask_source(home: Home, resolved: Resolved) -> Answered:
    """Return the source credentials of a profile, or its own of another kind, and who they are as STS says it."""
    began_s = time.monotonic()
    try:
        is_ours = is_credhelper(resolved.shared.profiles[resolved.profile.name])
        keys = home.of_source(resolved) if is_ours else home.of_profile(resolved.profile.name)
    except NotAskedError as error:
        return Answered(is_skipped=True, message=error.message)
    except CredhelperError as error:
        hint = without_doctor(error.hint, resolved.profile.name)
        return _took(began_s, Answered(cause=cause_of_source(error), message=error.message, hint=hint))
    profile = resolved.profile.source_profile or resolved.profile.name
    try:
        sts = Service(
            "sts",
            profile,
            keys,
            resolved.shared,
            partition=resolved.request.partition,
            # Where the role is asked for: the source's own endpoint may be another, or out of reach.
            endpoint_url=resolved.request.endpoint_url,
        )
        caller = identity.ask(sts).arn
    except RefusedError as error:
        if error.is_denied:
            # A policy of the network's, for nothing else can deny it: the role is asked for all the same.
            return _took(began_s, Answered(keys=keys, message=error.message))
        cause = cause_of_code(error.code, is_session=keys.session_token is not None)
        answered = Answered(
            cause=cause or cause_known(error) or "request", message=error.message, hint=error.hint, keys=keys
        )
        return _took(began_s, answered)
    except CredhelperError as error:
        answered = Answered(cause=cause_of_way(error), message=error.message, hint=error.hint, keys=keys)
        return _took(began_s, answered)
    return _took(began_s, Answered(keys=keys, caller=caller))


def ask_role(home: Home, resolved: Resolved, asked: Answered, token_code: str | None) -> Answered:
    """Assume the role with the source's credentials; the session is for looking, and is not kept."""
    keys = asked.keys
    if keys is None:
        return replace(asked, is_skipped=True)
    asked = replace(asked, has_token_code=token_code is not None)
    noted: list[Mapping[str, Any]] = []
    began_s = time.monotonic()
    try:
        session = home.assumed(resolved, keys, token_code, noted.append)
    except CredhelperError as error:
        said = replace(asked, message=error.message, hint=without_doctor(error.hint, resolved.profile.name))
        refusal = Refusal(noted[0]) if noted else None
        if refusal is None:
            return _took(began_s, replace(said, cause=cause_of_way(error)))
        is_session = keys.session_token is not None
        cause = cause_of_code(refusal.code, is_session=is_session)
        if not cause and not isinstance(error, UnreachableError | MachineError):
            return _took(began_s, replace(said, cause="role", refusal=refusal, named=cause_known(error)))
        return _took(began_s, replace(said, cause=cause or cause_of_way(error)))
    return _took(began_s, replace(asked, session=session))


def as_asked(seen: Way, asked: Answered) -> Way:
    """Return the way as the signed question saw it: what it got through to is there, and what it met counts."""
    if asked.caller is not None:
        return replace(seen, stage=Stage.ANSWERED)
    if seen.stage is Stage.ANSWERED and asked.keys is not None and asked.cause in {one.value for one in Stage} - {""}:
        return replace(seen, stage=Stage(asked.cause), message=asked.message, hint=asked.hint)
    return seen


def _took(began_s: float, answered: Answered) -> Answered:
    return replace(answered, took_s=time.monotonic() - began_s)


def without_doctor(text: str, profile: str) -> str:
    """Return a hand-out's hint without its end that names this very command."""
    return text.rpartition("; ")[0] if text.endswith(own_command("doctor", profile)) else text


def cause_known(error: CredhelperError) -> str:
    """Return the cause that the failure itself names, "" where it names none of the table."""
    named = str(getattr(error, "cause_id", ""))
    return named if named in CAUSES else ""


def cause_of_way(error: CredhelperError) -> str:
    """Return the cause of a failure on the way, the one that it names itself or that of its kind."""
    if known := cause_known(error):
        return known
    if isinstance(error, InputError):
        return Stage.SETTING.value
    return Stage.NOT_AWS.value if isinstance(error, AwsError) else Stage.CONNECT.value


def cause_of_source(error: CredhelperError) -> str:
    """Return the cause where the source gives no credentials, the one that it names itself or that of its kind."""
    kinds = (
        (MfaError, NO_CODE),
        (UnreachableError, Stage.CONNECT.value),
        (InputError, "no-keys"),
        (MachineError, "source-program"),
    )
    of_kind = (cause for kind, cause in kinds if isinstance(error, kind))
    return cause_known(error) or next(of_kind, "source-refused")
