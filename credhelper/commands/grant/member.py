"""The profile of a grant's member on this machine: written, and then proven by what it is for."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from credhelper.aws import identity, probe_s3
from credhelper.aws.identity import Identity
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.commands.grant.access import Access
from credhelper.commands.profile import add
from credhelper.commands.profile.list import open_sections
from credhelper.errors import AwsError, InputError
from credhelper.grant.found import Found
from credhelper.grant.wanted import Wanted
from credhelper.model.shell import own_command, word
from credhelper.policy.build import Place
from credhelper.provider import request

# IAM needs some seconds until all of it knows what was written.
_PATIENCE_S, _PAUSE_S = 30.0, 2.0


@dataclass(frozen=True, slots=True)
class Proof:
    """What was tried with the profile, in one sentence. Where nothing was proven, `text` says why."""

    is_proven: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """The profile to write, and the one whose credentials it starts from."""

    profile: str
    source: str
    values: dict[str, str]


def member(access: Access, wanted: Wanted, profile: str, source: str, administrators: tuple[str, ...]) -> Member:
    """Return the profile that a member needs; raises InputError where it cannot be written. Writes nothing.

    Without a `source` it is `default`, or the one profile that has keys, if that is no administrator's.
    """
    catalogue = open_sections(access.settings)
    if not source:
        keys = [name for name in add.with_keys(catalogue) if name not in (*administrators, profile)]
        likely = ["default"] if "default" in keys else keys
        if profile in add.with_keys(catalogue):
            # It cannot be written with any source: the edit below says why.
            likely = [profile]
        if len(likely) != 1:
            raise InputError(
                f"profile {profile} needs a source: the profile of the member, whose keys assume the role",
                hint=f"give it with --source-profile, such as {word(likely[0] if likely else 'default')}",
            )
        source = likely[0]
    narrowing = _conditions(wanted)
    values = {"role_arn": str(wanted.role.arn), "source_profile": source}
    for setting, key in (("external_id", "sts:externalid"), ("source_identity", "sts:sourceidentity")):
        if len(found := narrowing.get(key, ())) == 1:
            values[setting] = found[0]
    section = catalogue.get(profile, {})
    if "aws:multifactorauthpresent" in narrowing and (serial := section.get("credhelper_mfa_serial")):
        values["mfa_serial"] = serial
    found_member = Member(profile=profile, source=source, values=values)
    write(access, found_member, EditOptions(is_dry_run=True))
    return found_member


def write(access: Access, one: Member, options: EditOptions | None = None) -> EditResult:
    """Write the profile; one that is there with these settings stays as it is."""
    edited = add.add(access.settings, one.profile, one.values, options or EditOptions())
    access.forget_files()
    return edited


def prove(
    access: Access,
    one: Member,
    wanted: Wanted,
    found: Found,
    places: tuple[Place, ...],
    *,
    is_whole: bool = True,
    waiting: Callable[[str], object] = lambda _what: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Proof:
    """Assume the role with the profile, then list the bucket; what AWS refuses is tried again for 30 s.

    Without the member's own credentials nothing is proven. Raises what still fails then. `is_whole` is False where one
    side was not looked at: the half there may not be made yet, so nothing is tried twice, and a refusal is no failure.
    """
    if reason := _unproven(access, one, wanted):
        return Proof(is_proven=False, text=f"nothing was proven: {reason}")
    who = _who(access, one, wanted)
    if reason := _stranger(who, one, wanted, found):
        return Proof(is_proven=False, text=f"nothing was proven: {reason}")
    trial = _Trial(_PATIENCE_S if is_whole else 0.0, waiting, clock, sleep)
    done = [f"{who.user_name or who} assumes the role"]
    try:
        trial.run(
            f"AssumeRole with profile {one.profile}", lambda: access.credentials(one.profile, urgency=request.NOW)
        )
        for place in places:
            s3 = access.service("s3", one.profile, wanted.role.arn.partition)
            trial.run(f"listing {place.bucket}", partial(probe_s3.list_one, s3, place.bucket, place.prefix))
            done.append(f"lists {place.bucket}{f'/{place.prefix}' if place.prefix else ''}")
    except AwsError as error:
        if is_whole:
            raise
        return Proof(is_proven=False, text=f"nothing was proven, as one half is not made yet: {error.unquoted}")
    return Proof(is_proven=True, text=f"tested: {', '.join(done)} ({trial.spent_s():.1f} s)")


class _Trial:
    """Several calls under one patience: what AWS refuses is tried again until it is over."""

    def __init__(
        self,
        patience_s: float,
        waiting: Callable[[str], object],
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._patience_s = patience_s
        self._waiting = waiting
        self._clock = clock
        self._sleep = sleep
        self._started_s = clock()

    def spent_s(self) -> float:
        """Return the seconds since the first call."""
        return self._clock() - self._started_s

    def run(self, what: str, ask: Callable[[], object]) -> None:
        """Make a call; raises AwsError where it is still refused when the patience is over."""
        while True:
            try:
                ask()
            except AwsError as error:
                spent_s = self.spent_s()
                if spent_s >= self._patience_s:
                    raise AwsError(f"{what} does not work yet: {error.unquoted}", hint=error.hint) from None
                self._waiting(f"{what}: refused so far, as AWS needs some seconds ({spent_s:.0f} s)")
                self._sleep(_PAUSE_S)
            else:
                return


def _unproven(access: Access, one: Member, wanted: Wanted) -> str:
    """Return why the profile is not tried, "" where it can be."""
    if one.source not in access.shared.profiles:
        return f"the member's own profile {one.source} is not on this machine"
    if "aws:multifactorauthpresent" in _conditions(wanted) and "mfa_serial" not in one.values:
        setting = own_command("profile set", one.profile, options="--mfa-serial ARN")
        return f"the role asks for MFA: {setting}, then {own_command('login', one.profile)}"
    return ""


def _who(access: Access, one: Member, wanted: Wanted) -> Identity:
    return identity.ask(access.service("sts", one.source, wanted.role.arn.partition))


def _stranger(who: Identity, one: Member, wanted: Wanted, found: Found) -> str:
    """Return why these are not the credentials of a member, "" where they are."""
    holder = wanted.holder
    if who.account != holder.account:
        return f"profile {one.source} is {who}, not of the caller account {holder.account}"
    there = found.holder.members if found.holder is not None else ()
    members = {holder.name} if holder.kind == "user" else {*holder.members, *there}
    if who.user_name in members or not members:
        return ""
    return f"profile {one.source} is {who}, no member of {holder.name}"


def _conditions(wanted: Wanted) -> dict[str, tuple[str, ...]]:
    """Return what the trust policy asks a caller to bring, by the key in lower case."""
    statements = wanted.role.trust.statements
    return {one.key.lower(): one.values for statement in statements for one in statement.conditions}
