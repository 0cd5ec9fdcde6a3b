"""What is seen on the way to STS, as checks: the connection, the clock, the source's key, the Region. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from credhelper.diagnosis.finding import Certainty, Check, Finding, State
from credhelper.diagnosis.local import failed, passed, warned
from credhelper.model import partitions
from credhelper.model.shell import of_profile, own_command, word

# What AWS allows a request's time to be off.
ACCEPTED_SKEW_S = 15 * 60
_REMARKABLE_SKEW_S = 60


class Stage(Enum):
    """Where a connection ended, by the id of the cause; ANSWERED: something answered."""

    ANSWERED = ""
    DNS = "dns"
    CONNECT = "connect"
    PROXY = "proxy"
    TLS = "tls"
    CA = "ca"
    NOT_AWS = "not-aws"
    THROTTLED = "throttled"
    FAILING = "aws-failing"
    SETTING = "config"


# What AWS's codes name without a sentence; a test holds them against the tables of aws/explain.
_UNKNOWN_KEY = ("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure")
_CODES: Mapping[str, tuple[str, ...]] = {
    "key-secret": ("SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature"),
    "clock": ("RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"),
    "session-expired": ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"),
    "sts-region": ("RegionDisabledException", "OptInRequired"),
    "throttled": (
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
        "TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown", "429",
    ),
}  # fmt: skip


def cause_of_code(code: str, *, is_session: bool) -> str:
    """Return the cause that AWS's code names, "" where that is a matter of policies, or of the request."""
    if code in _UNKNOWN_KEY:
        return "session-expired" if is_session else "key-unknown"
    return next((cause for cause, codes in _CODES.items() if code in codes), "")


# What is known to be fine once a stage is reached.
_PASSED: Mapping[Stage, tuple[str, ...]] = {
    Stage.CONNECT: ("dns",),
    Stage.TLS: ("dns", "connect"),
    Stage.NOT_AWS: ("dns", "connect", "tls"),
    Stage.THROTTLED: ("dns", "connect", "tls", "not-aws"),
    Stage.FAILING: ("dns", "connect", "tls", "not-aws"),
}
_WORDS = {"dns": "the name is resolved", "connect": "the host is reached", "tls": "the certificate is trusted",
          "not-aws": "what answers is AWS"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One look at the way to STS: the host that was really asked, through what, and where it ended.

    `proxy` is `VARIABLE: host` without a password, "" for none; `authority` is the CA bundle with who names it.
    `is_aws`: the host is one of AWS's own. `message` and `hint` explain a failure. `skew_s` is by how much this
    machine's clock is ahead of the answer's, None where nothing told the time. `took_s` is for one question.
    """

    host: str
    stage: Stage
    is_aws: bool
    proxy: str = ""
    authority: str = ""
    message: str = ""
    hint: str = ""
    skew_s: int | None = None
    took_s: float = 0.0

    @property
    def through(self) -> tuple[str, ...]:
        """The evidence: host, proxy and CA bundle."""
        proxy = f"proxy {self.proxy}" if self.proxy else "no proxy"
        return (f"host {self.host}", proxy, *((f"certificates: {self.authority}",) if self.authority else ()))


def network(way: Way) -> Check:
    """Say how far a question to STS came."""
    check = "network"
    if way.stage is Stage.ANSWERED:
        proxy = f" through the proxy of {way.proxy}" if way.proxy else ""
        return passed(check, "connect", f"{way.host} answers{proxy} ({way.took_s:.1f} s)")
    # Of a proxy the host's own name and address are its business; over plain http there is no certificate.
    seen = [one for one in _PASSED.get(way.stage, ()) if not way.proxy and (one != "tls" or way.authority)]
    excluded = tuple(Finding(cause=one, certainty=Certainty.EXCLUDED, text=_WORDS[one]) for one in seen)
    one = failed(check, way.stage.value, way.message, way.hint, evidence=way.through)
    return replace(one, findings=(*one.findings, *excluded))


def clock(way: Way, *, set_clock: str, is_refused: bool, is_accepted: bool, refusal: str = "") -> Check:
    """Say by how much the clock is off.

    `is_refused`: AWS refused a request for its time, in the words of `refusal`. `is_accepted`: it took one.
    """
    check = "clock"
    if is_refused:
        is_on_time = way.skew_s is not None and abs(way.skew_s) <= _REMARKABLE_SKEW_S
        # Of a request that was held up on its way, AWS says the same.
        certainty = Certainty.LIKELY if is_on_time else Certainty.CERTAIN
        return failed(check, check, refusal, set_clock, certainty=certainty, evidence=way.through[:1])
    if way.skew_s is None or way.stage not in (Stage.ANSWERED, Stage.THROTTLED, Stage.FAILING):
        return Check(id=check, state=State.UNKNOWN, text="no answer told the time")
    how = _skew(way.skew_s, way.host)
    if abs(way.skew_s) <= ACCEPTED_SKEW_S:
        if abs(way.skew_s) <= _REMARKABLE_SKEW_S:
            return passed(check, check, "the clock is right")
        return warned(check, check, f"{how}; AWS accepts up to 15 minutes", set_clock)
    text = f"{how}, and AWS accepts up to 15 minutes"
    if is_accepted and way.is_aws:
        # AWS took a request with this time: it is the Date of something on the way that is wrong.
        return warned(
            check, check, f"{how}, and AWS took a request: a proxy on the way may tell a wrong time", set_clock
        )
    return failed(check, check, text, set_clock, certainty=Certainty.LIKELY, evidence=way.through[:1])


def _skew(skew_s: int, host: str) -> str:
    size = f"{abs(skew_s) // 60} min {abs(skew_s) % 60} s" if abs(skew_s) >= 60 else f"{abs(skew_s)} s"
    return f"this machine's clock is {size} {'ahead of' if skew_s > 0 else 'behind'} that of {host}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The key that a role is asked for with. `source` is its profile, "" for a credential source."""

    access_key_id: str
    source: str
    is_session: bool

    @property
    def shown(self) -> str:
        """The end of its id, which is enough to recognize it."""
        return f"…{self.access_key_id[-4:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the administrator of the caller's account sees of a key.

    `user` has it, "" where the account knows no such key. `status` is Active or Inactive; "" where it is not known.
    `last_used` is a time in words. `account` is the administrator's, `admin` the profile; `unseen` says why nothing is
    known.
    """

    admin: str
    account: str
    user: str = ""
    status: str = ""
    last_used: str = ""
    unseen: str = ""


def key_unknown(key: Key, message: str, hint: str, seen: Seen | None, *, again: str) -> Check:
    """Say what it may be where AWS knows no such active key; `again` is the command that lets an administrator see."""
    check = "key"
    if seen is None or seen.unseen:
        evidence = (seen.unseen,) if seen else ()
        one = failed(check, "key-unknown", message, hint, evidence=evidence)
        if seen is not None:
            return one
        more = Finding(
            cause="key-inactive",
            certainty=Certainty.POSSIBLE,
            text="it is inactive or deleted: an administrator of its account can tell",
            hint=again,
        )
        return replace(one, findings=(*one.findings, more))
    by = (f"as {seen.admin} sees it", *((f"last used {seen.last_used}",) if seen.last_used else ()))
    if not seen.user:
        text = f"account {seen.account} has no access key {key.access_key_id}: it is deleted, or of another account"
        return failed(check, "key-deleted", text, hint, certainty=Certainty.LIKELY, evidence=by)
    if seen.status == "Inactive":
        command = f"aws iam update-access-key --access-key-id {word(key.access_key_id)} --status Active"
        command += f" --user-name {word(seen.user)} {of_profile(seen.admin)}"
        text = f"the access key {key.access_key_id} of user {seen.user} is inactive"
        return failed(check, "key-inactive", text, command, evidence=by)
    text = f"{message}; it is active for user {seen.user}: made seconds ago, or AWS is asked in another partition"
    return failed(check, "key-unknown", text, hint, evidence=by)


def late(message: str, hint: str) -> Check:
    """Say what it may be where the source's credentials, or the answer whose they are, did not come in time."""
    texts = {"source-program": "what gets the credentials takes long", "connect": "STS is slow to answer"}
    findings = tuple(
        Finding(cause=cause, certainty=Certainty.POSSIBLE, text=text, hint=hint) for cause, text in texts.items()
    )
    return Check(id="key", state=State.FAIL, text=message, findings=findings)


def caller(key: Key, arn: str, role_arn: str) -> Check:
    """Say whose key it is, and that one of another partition is not known where the role is."""
    whose = key.source or "the credential source"
    there, asked = arn.split(":")[1], partitions.partition_of_role(role_arn)
    if there != asked:
        text = f"{arn} is of partition {there}, and the role of {asked}: one is not known in the other"
        return failed("key", "role-arn", text, own_command("profile list"))
    return passed("key", "key-unknown", f"{whose}: {arn} (key {key.shown})")


def sts_region(region: str, way: Way, refusal: str = "", hint: str = "") -> Check:
    """Say whether STS is active in the Region; `refusal` is AWS's no."""
    check = "sts-region"
    if refusal:
        return failed(check, check, refusal, hint, evidence=way.through[:1])
    if way.host.partition(":")[0] == "sts.amazonaws.com":
        text = "STS is asked at its one global host: sessions from there do not work in Regions that must be enabled"
        return warned(check, check, text, "use the Region's own host: unset AWS_ENDPOINT_URL_STS, or see profile show")
    where = way.host if way.is_aws else f"{way.host}, not AWS's own host"
    return passed(check, check, f"STS in {region} is asked ({where})")
