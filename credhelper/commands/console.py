"""A sign-in to AWS's console with the credentials of a profile, and the switch to a role by who is signed in."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from credhelper.audit import trail
from credhelper.aws import federation, identity
from credhelper.aws.service import Service
from credhelper.awsconfig.profiles import kinds, role_arn, session_origin
from credhelper.awsconfig.profiles.role_profile import PREFIX, is_credhelper
from credhelper.cache.payload import Payload
from credhelper.commands.grant.access import Access
from credhelper.commands.profile.edit import unknown
from credhelper.commands.profile.list import open_sections
from credhelper.errors import PROFILE, AwsError, CredhelperError, InputError, UnreachableError, about
from credhelper.model import console_links, partitions
from credhelper.model.console_links import Console, Wanted
from credhelper.model.credentials import Credentials
from credhelper.model.shell import of_profile, own_command
from credhelper.policy.arn import Arn
from credhelper.policy.arn import parse as parse_arn
from credhelper.provider import consent, get
from credhelper.settings import Settings
from credhelper.system import browser
from credhelper.system.deadline import watchdog
from credhelper.system.one_shot import OneShot

# On the audit trail, beside the words of audit/trail.py, which every hit loads.
CONSOLE = "console"
# For how long a browser may fetch the link.
PATIENCE_S = 60.0
_MOMENT_S = 2.0
_ROLE_KINDS = ("role", "web-identity")
# What an AssumeRole of credhelper's may have that the console's has not, and how it is called.
_NOT_SENT = {
    "external_id": "the external ID",
    "source_identity": "the source identity",
    "tags": "the session tags",
    "policy": "the session policy",
    "policy_arns": "the session policies",
}

GiveUp = Callable[[Payload | CredhelperError], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link to the console; `is_secret` if it signs in by itself. `arn` is whose session it is, or the role."""

    url: str = field(repr=False)
    is_secret: bool
    partition: str
    account: str
    arn: str
    valid_until_s: int | None = None


class SignIn:
    """A sign-in that nothing in the files speaks against; raises InputError where something does.

    Made before a browser is looked for, a person is asked for a code, or AWS is asked.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str], profile: str, wanted: Wanted) -> None:
        self._settings = settings
        self._environ = environ
        self._profile = profile
        self._wanted = wanted
        self._catalogue = catalogue = open_sections(settings)
        with about(profile=profile):
            if profile not in catalogue:
                raise unknown(profile, catalogue)
            self._section = section = catalogue[profile]
            if wanted.service is not None:
                console_links.require_service(wanted.service)
            kind, _ = catalogue.taken(profile)
            is_role = is_credhelper(section) or kind in _ROLE_KINDS
            if not is_role and kind == "static":
                self._require_session(Credentials(section[kinds.STATIC_KEY], "", section.get("aws_session_token")))
            self._require_duration(session_origin.why_fixed(profile, catalogue, environ))
            self._role = parse_arn(kinds.role_arn_of(section)) if is_role else None
            if self._role is not None:
                self._console(self._role.partition)

    def link(self, give_up: GiveUp) -> Link:
        """Return a link that signs in as the profile, good for 15 minutes; raises CredhelperError.

        It is on the audit trail, without the link. `give_up` has to end the process: it is called when AWS takes too
        long.
        """
        with about(profile=self._profile):
            access = Access(self._settings, self._environ, give_up)
            credentials = access.credentials(self._profile)
            self._require_session(credentials)
            with watchdog(self._settings.timeout_s, lambda: give_up(_too_late(self._settings))):
                return self._link(access, credentials)

    def _link(self, access: Access, credentials: Credentials) -> Link:
        wanted, profile = self._wanted, self._profile
        who = self._role or self._ask(credentials, access)
        console = self._console(who.partition)
        if self._role is None and who.kind != "assumed-role":
            self._require_duration("a session of a user (GetSessionToken or GetFederationToken)")
        url = federation.endpoint_of(access.shared, profile, console.signin_url, self._environ)
        try:
            token = federation.Signin(url, profile, access.shared).token(credentials, duration_s=wanted.duration_s)
        except federation.RefusedError as error:
            refused = self._refused(error, who)
            get.record(self._settings, profile, refused, None)
            raise refused from None
        now_s = int(time.time())
        self._record(credentials)
        link = console_links.sign_in(url, wanted.destination or console.destination(wanted.service, who.account), token)
        return Link(
            url=console_links.after_sign_out(url, link) if wanted.is_after_sign_out else link,
            is_secret=True,
            partition=who.partition,
            account=who.account,
            arn=str(who),
            valid_until_s=min(
                now_s + console_links.LINK_LASTS_S, credentials.expiration or now_s + console_links.LINK_LASTS_S
            ),
        )

    def _console(self, partition: str) -> Console:
        """Return the console that the session is of; raises InputError for a region or destination that is not."""
        wanted, region = self._wanted, self._section.get("region", "")
        usual = (region, *(self._environ.get(name, "") for name in ("AWS_REGION", "AWS_DEFAULT_REGION")))
        console = console_links.console_of(partition, wanted.region, usual=usual)
        if wanted.destination is not None:
            console_links.require_destination(wanted.destination, console)
        return console

    def _ask(self, credentials: Credentials, access: Access) -> Arn:
        """Return who a profile without a role of its own is, as STS says it."""
        section = self._section
        session = access.shared.sso_sessions.get(section.get("sso_session", ""), {})
        regions = (str(session.get("sso_region", "")), section.get("sso_region", ""), section.get("region", ""))
        known = (partitions.partition_of_region(one) for one in regions)
        named = kinds.partition_of(self._profile, self._catalogue)[1] or "aws"
        partition = next((one for one in known if one), named)
        return identity.ask(Service("sts", self._profile, credentials, access.shared, partition=partition)).arn

    def _require_duration(self, why_fixed: str) -> None:
        if self._wanted.duration_s is None or not why_fixed:
            return
        profile = self._profile
        raise InputError(
            f"--duration is for a role that is assumed with long-lived keys, and profile {profile} has {why_fixed}",
            hint=f"without it: {own_command('console', profile)}",
        )

    def _require_session(self, credentials: Credentials) -> None:
        """Raise InputError for a long-lived key, with the role that it may switch to where a profile has one."""
        if not consent.is_long_lived(credentials):
            return
        catalogue, profile = self._catalogue, self._profile
        roles = [one for one in catalogue if one != profile and kinds.source_of(catalogue[one]) == profile]
        role = next((one for one in roles if parse_arn(kinds.role_arn_of(catalogue[one])) is not None), "")
        raise InputError(
            f"profile {profile} has a long-lived key, and AWS's console takes temporary credentials only",
            hint=f"as the role that it may assume: {own_command('console', role)}; or sign in with a password, then "
            f"switch to it: {own_command('console', role, options='--switch-role')}"
            if role
            else "sign in as the user, with a password; for a role, which needs none: credhelper profile add",
        )

    def _refused(self, error: AwsError, who: Arn) -> AwsError:
        """Return what AWS's refusal, which has no reason, comes of most likely."""
        profile, duration_s = self._profile, self._wanted.duration_s
        if duration_s is not None:
            return AwsError(
                f"{error.unquoted}, or --duration {duration_s}: it is more than the role's maximum, or the role was "
                "not assumed with long-lived keys",
                hint=f"without it: {own_command('console', profile)}",
            )
        if who.service == "iam" and who.kind in ("user", "root"):
            return AwsError(
                f"{error.unquoted}: they are a session of {who}, and AWS signs in roles and federated users only",
                hint="sign in with the password, or use a profile with a role: credhelper profile list",
            )
        if is_credhelper(self._section):
            hint = f"renew them, and try again: {own_command('login', profile, options='--refresh')}"
        else:
            hint = f"see whether they work: aws sts get-caller-identity {of_profile(profile)}"
        return AwsError(f"{error.unquoted} of profile {profile}, and gives no reason", hint=hint)

    def _record(self, credentials: Credentials) -> None:
        fields = {
            "profile": self._profile,
            "outcome": CONSOLE,
            "role_arn": "" if self._role is None else str(self._role),
            "access_key_id": credentials.access_key_id,
            "expiration": "" if credentials.expiration is None else trail.format_time(credentials.expiration),
        }
        trail.record(self._settings, fields)


def _too_late(settings: Settings) -> CredhelperError:
    return UnreachableError(
        f"the sign-in of AWS's console did not answer within {settings.timeout_s:.0f} s", hint="try again in a moment"
    )


def switch_role(settings: Settings, profile: str) -> tuple[Link, str]:
    """Return the link with which a person who is signed in to the console takes the profile's role, and a remark.

    Nothing is sent, and there is no secret in it. The remark says what of the profile the console cannot send, "" if
    nothing is left out. Raises InputError.
    """
    with about(profile=profile):
        catalogue = open_sections(settings)
        if profile not in catalogue:
            raise unknown(profile, catalogue)
        section = catalogue[profile]
        arn = parse_arn(_valid_role(profile, section))
        if arn is None:
            raise InputError(f"the role of profile {profile} has no ARN", hint=own_command("profile show", profile))
        console = console_links.console_of(arn.partition, None, usual=(section.get("region", ""),))
        name = arn.resource.removeprefix("role/")
        left_out = [
            shown
            for key, shown in _NOT_SENT.items()
            if section.get(PREFIX + key) or (key == "external_id" and section.get(key))
        ]
        remark = f"the console cannot send {', '.join(left_out)} of profile {profile}" if left_out else ""
        url = console.switch_role(arn.account, name, profile)
        return Link(url=url, is_secret=False, partition=arn.partition, account=arn.account, arn=str(arn)), remark


def _valid_role(profile: str, section: Mapping[str, str]) -> str:
    text = kinds.role_arn_of(section)
    if not text:
        raise InputError(
            f"profile {profile} has no role to switch to", hint="the profiles with a role: credhelper profile list"
        )
    try:
        return role_arn.parse(text)
    except ValueError as error:
        raise InputError(
            f"the role of profile {profile} is {error}", hint=own_command("profile show", profile)
        ) from None


def open_in(
    link: Link, command: tuple[str, ...], environ: Mapping[str, str], *, dressed: Callable[[str], str] = str
) -> None:
    """Open a link in the browser that a command starts; raises MachineError where it was not fetched in a minute.

    One that signs in is fetched by a one-shot redirect on loopback, so that the command line has no more than that.
    `dressed` makes of a URL what the command is given.
    """
    if not link.is_secret:
        started = browser.start(command, dressed(link.url), environ)
        with contextlib.suppress(subprocess.TimeoutExpired):  # some go on as long as the browser does
            started.wait(_MOMENT_S)
        _require_running(started, command)
        return
    try:
        redirect = OneShot(link.url)
    except OSError as error:
        raise browser.NoBrowserError(
            f"nothing can listen on 127.0.0.1, where the browser is to get the link: {error.strerror or 'no reason'}",
            hint=f"credhelper console {PROFILE} --print",
        ) from None
    with redirect:
        started = browser.start(command, dressed(redirect.url), environ)
        if not redirect.wait(PATIENCE_S, lambda: _require_running(started, command)):
            stranger = redirect.stranger
            why = f"; another user of this machine (uid {stranger}) asked, and did not get it" if stranger else ""
            raise browser.NoBrowserError(
                f"no browser has fetched the link within {PATIENCE_S:.0f} s, and it is gone{why}",
                hint=f"credhelper console {PROFILE} --print",
            )


def _require_running(started: "subprocess.Popen[bytes]", command: tuple[str, ...]) -> None:
    """Raise MachineError where what opens the browser could not; some of Windows's exit with 1 when all is well."""
    code = started.poll()
    if code and not command[0].endswith(".exe"):
        raise browser.NoBrowserError(
            f"{os.path.basename(command[0])} opened no browser (exit code {code})",
            hint=f"credhelper console {PROFILE} --print",
        )
