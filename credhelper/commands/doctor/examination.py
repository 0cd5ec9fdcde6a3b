"""The checks of `doctor` that need the network: side by side, under one deadline, each in its place of the report."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from credhelper.aws import identity, probe_network
from credhelper.aws.service import Service
from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.commands.doctor import key as doctor_key
from credhelper.commands.doctor import others as doctor_others
from credhelper.commands.doctor.network import NO_CODE, Answered, as_asked, ask_role, ask_source
from credhelper.commands.doctor.source import Home, NotAskedError
from credhelper.commands.doctor.steps import Options, Steps
from credhelper.commands.doctor.subject import Admin, Admins, Subject
from credhelper.commands.grant.access import Access, Administrator
from credhelper.diagnosis import local, network
from credhelper.diagnosis.finding import Certainty, Check, Finding, State
from credhelper.diagnosis.local import failed
from credhelper.diagnosis.network import Key, Stage, Way
from credhelper.errors import CredhelperError, about
from credhelper.grant.change import Side
from credhelper.model import partitions
from credhelper.model.credentials import Credentials
from credhelper.model.shell import of_profile, own_command, word
from credhelper.provider.resolve import Resolved
from credhelper.system import clock
from credhelper.system.machine import this_machine
from credhelper.system.side_by_side import Task

# Of the deadline: for what is still under way when the network is known to have failed, and what is kept back.
_AFTER_FAILURE_S = 4.0
_RESERVE_S = 1.0
# So much sooner a program or a call ends by itself, with its reason; and so much is kept from administrators' profiles.
_REASON_S = 3.0
_FOR_ROLE_S = 8.0


class Examination:
    """What needs the network, for one profile."""

    def __init__(self, home: Home, resolved: Resolved, catalogue: Catalogue, options: Options, steps: Steps) -> None:
        self._home = replace(home, reserve_s=_REASON_S)
        self._home_of_others = replace(home, reserve_s=_FOR_ROLE_S + _RESERVE_S)
        self._resolved = resolved
        self._catalogue = catalogue
        self._options = options
        self._steps = steps
        self._deadline = home.deadline
        self._is_other = doctor_others.is_other(catalogue[resolved.profile.name])

    def checks(self) -> list[Check]:
        """Ask side by side, and return the checks in their order."""
        self._steps.tell("asking AWS")
        resolved, options = self._resolved, self._options
        # A question at the terminal stays in this thread, which an interrupt reaches.
        asks = options.may_ask and self._has_device()
        way = Task(self._look)
        source = Task(lambda: ask_source(self._home, resolved), is_here=asks)
        admins = {
            side: Task(lambda name=name: self._administrator(name), is_here=asks)  # type: ignore[misc]  # a default
            for side, name in ((Side.ROLE, options.role_admin), (Side.CALLER, options.caller_admin))
            if name
        }
        seen = self._way(way)
        asked = self._answered(source, seen)
        known, remarks = self._admins(admins, asked)
        seen = as_asked(seen, asked)
        checks = [network.network(seen), self._clock(seen, asked), *remarks, self._key(asked, seen, known)]
        if self._is_other:
            return [*checks, self._region(seen, asked, asked), *self._bucket_of_other()]
        assumed = self._assumed(asked, seen)
        checks.append(self._region(seen, asked, assumed))
        checks += self._role(asked, assumed, seen, known)
        checks.append(self._limit(asked, assumed))
        return checks + self._bucket(asked, assumed, known)

    def _has_device(self) -> bool:
        names = [self._resolved.profile.name, self._options.role_admin, self._options.caller_admin]
        chains = [[name, *kinds.source_chain(name, self._catalogue)] for name in names if name]
        sections = [self._catalogue[name] for chain in chains for name in chain if name in self._catalogue]
        return any(key.endswith("mfa_serial") for section in sections for key in section)

    def _look(self) -> Way:
        resolved = self._resolved
        name = resolved.profile.name
        session = resolved.shared.session(name, timeout_s=self._deadline.left_s())
        return probe_network.ask(session, resolved.request, name, self._home.environ)

    def _left_s(self) -> float:
        return max(0.0, self._deadline.left_s() - _RESERVE_S)

    def _way(self, task: Task[Way]) -> Way:
        try:
            return task.result(self._left_s())
        except TimeoutError:
            host = self._resolved.request.endpoint_url or f"STS in {self._resolved.request.region}"
            return Way(host=host, stage=Stage.CONNECT, is_aws=False, message=f"{host} did not answer in time")

    def _answered(self, task: Task[Answered], seen: Way) -> Answered:
        left_s = self._left_s() if seen.stage is Stage.ANSWERED else min(self._left_s(), _AFTER_FAILURE_S)
        try:
            return task.result(left_s)
        except TimeoutError:
            if seen.stage is Stage.ANSWERED:
                return Answered(is_late=True, message="the source's credentials were not there in time")
            return Answered(
                cause=seen.stage.value, message=f"STS did not say who signs: {seen.message}", hint=seen.hint
            )

    def _administrator(self, name: str) -> Admin:
        keys = self._home_of_others.of_profile(name)
        partition = self._resolved.request.partition
        sts = Service("sts", name, keys, self._resolved.shared, partition=partition)
        return Admin(profile=name, identity=identity.ask(sts), signed=sts)

    def _admins(self, tasks: Mapping[Side, Task[Admin]], asked: Answered) -> tuple[Admins, list[Check]]:
        """Return the administrators that are there, and why one is not; raises InputError for the wrong account."""
        found: dict[Side, Admin] = {}
        remarks = []
        for side, task in tasks.items():
            check = "prod-admin" if side is Side.ROLE else "acc-admin"
            try:
                found[side] = task.result(max(0.0, self._deadline.left_s() - _FOR_ROLE_S))
            except TimeoutError:
                remarks.append(Check(id=check, state=State.UNKNOWN, text="it did not answer in time"))
            except CredhelperError as error:
                remarks.append(Check(id=check, state=State.UNKNOWN, text=error.message))
        access = Access(self._home.settings, self._home.environ, lambda _outcome: None)
        who = {side: Administrator(one.profile, one.identity, one.service("iam")) for side, one in found.items()}
        access.require_partition(who, self._resolved.request.partition)
        accounts = {
            Side.ROLE: self._resolved.request.account_id,
            Side.CALLER: asked.caller.account if asked.caller else "",
        }
        access.require_accounts(who, accounts)
        return Admins(role=found.get(Side.ROLE), caller=found.get(Side.CALLER)), remarks

    def _clock(self, seen: Way, asked: Answered) -> Check:
        is_refused = asked.cause == "clock"
        return network.clock(
            seen,
            set_clock=asked.hint if is_refused and asked.hint else this_machine().set_clock,
            is_refused=is_refused,
            is_accepted=asked.caller is not None,
            refusal=asked.message,
        )

    def _key(self, asked: Answered, seen: Way, admins: Admins) -> Check:
        if asked.is_skipped:
            return Check(id="key", state=State.SKIPPED, text=asked.message)
        if asked.is_late:
            return network.late(asked.message, own_command("test", self._resolved.profile.name))
        if asked.is_source and asked.cause:
            if seen.stage is not Stage.ANSWERED and asked.cause == seen.stage.value:
                return Check(id="key", state=State.SKIPPED, text="needs the network")
            return failed("key", asked.cause, asked.message, asked.hint)
        if asked.keys is None:
            return Check(id="key", state=State.UNKNOWN, text=asked.message)
        key = self._key_of(asked.keys)
        if asked.caller is not None:
            return network.caller(key, str(asked.caller), self._resolved.request.role_arn)
        if asked.cause == "key-unknown":
            by = None if admins.caller is None else doctor_key.look(admins.caller, key.access_key_id, self._deadline)
            return network.key_unknown(key, asked.message, asked.hint, by, again=self._again("--acc-admin"))
        if asked.cause in ("key-secret", "session-expired", "request"):
            # AWS's code is in no table, or says it.
            certainty = Certainty.POSSIBLE if asked.cause == "request" else Certainty.CERTAIN
            return failed("key", asked.cause, asked.message, asked.hint, certainty=certainty)
        if asked.cause:
            return Check(id="key", state=State.SKIPPED, text=f"STS did not say whose key {key.shown} is")
        return Check(id="key", state=State.UNKNOWN, text=asked.message)

    def _key_of(self, keys: Credentials) -> Key:
        source = self._resolved.profile.source_profile or ""
        return Key(access_key_id=keys.access_key_id, source=source, is_session=keys.session_token is not None)

    def _again(self, option: str) -> str:
        again = own_command("doctor", self._resolved.profile.name)
        return f"with a profile that may read users there, behind {option}: {again}"

    def _assumed(self, asked: Answered, seen: Way) -> Answered:
        """Ask for the role; skipped where there is no key to ask with, or no code."""
        if not asked.is_fine or asked.keys is None:
            what = "source credentials that AWS accepts" if seen.stage is Stage.ANSWERED else "the network"
            return Answered(is_skipped=True, message=asked.message if asked.is_skipped else f"needs {what}")
        try:
            with about(profile=self._resolved.profile.name):
                code = self._home.code_for(self._resolved)
        except NotAskedError as error:
            return replace(asked, is_skipped=True, message=error.message)
        except CredhelperError as error:
            return replace(asked, cause=NO_CODE, message=error.message, hint=error.hint)
        if not self._left_s():
            return replace(asked, is_skipped=True, message="no time was left")
        self._steps.tell("asking for the role")
        task = Task(lambda: ask_role(self._home, self._resolved, asked, code))
        try:
            return task.result(self._left_s())
        except TimeoutError:
            return replace(asked, cause=Stage.CONNECT.value, message=f"{seen.host} did not answer in time")

    def _region(self, seen: Way, asked: Answered, assumed: Answered) -> Check:
        region = self._resolved.request.region
        for one in (asked, assumed):
            if one.cause == "sts-region":
                account = f" for account {asked.caller.account}" if asked.caller else ""
                text = f"STS is not active in {region}{account}"
                return network.sts_region(region, seen, text, self._other_region(region))
        if seen.stage is not Stage.ANSWERED:
            return Check(id="sts-region", state=State.SKIPPED, text="needs the network")
        return network.sts_region(region, seen)

    def _other_region(self, region: str) -> str:
        name, default = self._resolved.profile.name, partitions.default_region(self._resolved.request.partition)
        other = own_command("profile set", name, options=f"--region {default}")
        if self._is_other:
            other = f"aws configure set region {default} {of_profile(name)}"
        return f"aws account enable-region --region-name {word(region)}, or: {other}"

    def _role(self, asked: Answered, assumed: Answered, seen: Way, admins: Admins) -> list[Check]:
        check, role = "assume-role", self._resolved.request.role_arn
        if assumed.is_skipped:
            return [Check(id=check, state=State.SKIPPED, text=assumed.message)]
        if assumed.session is not None:
            return [Check(id=check, state=State.OK, text=f"{role} can be assumed")]
        if assumed.refusal is not None:
            self._steps.tell("looking at policies")
            found = self._within(lambda: self._steps.assume(self._subject(asked, assumed), assumed.refusal, admins))
            if found is not None and any(one.state is State.FAIL for one in found):
                return found
            if found is not None:
                # It is about no policy: the request itself is what AWS does not accept.
                certainty = Certainty.CERTAIN if assumed.named else Certainty.POSSIBLE
                cause = assumed.named or "request"
                return [failed(check, cause, assumed.message, assumed.hint, certainty=certainty), *found]
            findings = tuple(
                Finding(cause=one, certainty=Certainty.POSSIBLE, text=assumed.message, hint=assumed.hint)
                for one in ("trust", "identity-policy")
            )
            return [Check(id=check, state=State.FAIL, text=assumed.message, findings=findings)]
        if assumed.cause in ("sts-region", seen.stage.value):
            return [Check(id=check, state=State.SKIPPED, text=f"needs {assumed.cause}")]
        return [failed(check, assumed.cause, assumed.message, assumed.hint)]

    def _within(self, call: Callable[[], list[Check]]) -> list[Check] | None:
        """Return what a part of the report is, None where no time was left for it, or it failed itself."""
        try:
            return Task(call).result(self._left_s())
        except (TimeoutError, CredhelperError):
            return None

    def _subject(self, asked: Answered, assumed: Answered) -> Subject:
        home, resolved = self._home, self._resolved
        return Subject(
            settings=home.settings,
            environ=home.environ,
            profile=resolved.profile.name,
            request=resolved.request,
            session_name=resolved.session_name,
            catalogue=self._catalogue,
            shared=resolved.shared,
            source=asked.keys,
            source_profile=resolved.profile.source_profile or "",
            caller=asked.caller,
            deadline=self._deadline,
            now_s=clock.now().wall_s,
            has_token_code=assumed.has_token_code,
            shows_values=self._options.shows_values,
        )

    def _limit(self, asked: Answered, assumed: Answered) -> Check:
        if not assumed.is_fine:
            return Check(id="sdk-limit", state=State.SKIPPED, text="needs the role")
        resolved = self._resolved
        has_prompt = bool(resolved.request.mfa_serial) and not resolved.profile.mfa_process
        took_s = asked.took_s + assumed.took_s
        return local.sdk_limit(
            resolved.profile.name, took_s, has_prompt=has_prompt, timeout_s=self._home.settings.timeout_s
        )

    def _bucket(self, asked: Answered, assumed: Answered, admins: Admins) -> list[Check]:
        options = self._options
        if not options.bucket:
            return []
        session = assumed.session or self._home.cached(self._resolved.profile.name)
        if session is None:
            return [Check(id="s3", state=State.SKIPPED, text="needs the role")]
        self._steps.tell("looking at the bucket")
        subject = self._subject(asked, assumed)
        found = self._within(lambda: self._steps.storage(subject, session, options.bucket, options.key, admins))
        return [Check(id="s3", state=State.UNKNOWN, text="no time was left")] if found is None else found

    def _bucket_of_other(self) -> list[Check]:
        if not self._options.bucket:
            return []
        command = own_command("test", self._resolved.profile.name, options=f"--bucket {word(self._options.bucket)}")
        text = f"looked at for a role that credhelper assumes; tried with any profile: {command}"
        return [Check(id="s3", state=State.SKIPPED, text=text)]
