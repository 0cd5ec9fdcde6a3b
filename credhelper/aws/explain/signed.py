"""What any signed call may be answered, whichever service is asked: the rows for its key, its signature and its way."""

from credhelper.aws.explain.facts import THROTTLED
from credhelper.aws.explain.row import Row
from credhelper.errors import AwsError, MachineError, UnreachableError

_UNKNOWN_KEY = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure"})
_BAD_SIGNATURE = frozenset({"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature"})
_CLOCK = frozenset({"RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
_SKEWED = r"Signature expired|Signature not yet current|not yet current|is now (earlier|later) than"

# The key, its signature, and the time that this is made with.
KEYS = (
    Row(
        "session-expired",
        _UNKNOWN_KEY,
        "",
        AwsError,
        "AWS does not accept the session of access key {key}: expired, of another partition than {partition}, or from "
        "a Region that is not enabled by default",
        "{renew}{otherwise}",
        when=lambda call: call.is_session,
    ),
    Row(
        "key-unknown",
        _UNKNOWN_KEY,
        "",
        AwsError,
        "AWS knows no active access key {key} (deleted, inactive, seconds old, or not of partition {partition})",
        "{set_key}{otherwise}",
    ),
    Row(
        "clock",
        _BAD_SIGNATURE,
        _SKEWED,
        MachineError,
        "{clock}",
        "{set_clock}",
    ),
    Row(
        "clock",
        _CLOCK,
        "",
        MachineError,
        "{clock}",
        "{set_clock}",
    ),
    Row(
        "key-secret",
        _BAD_SIGNATURE,
        "",
        AwsError,
        "the secret access key does not belong to access key {key} (mistyped, cut off, or another key's)",
        "{set_key}{otherwise}",
    ),
    Row(
        "session-expired",
        _EXPIRED,
        "",
        AwsError,
        "the source credentials ({key}) have expired",
        "{renew}",
    ),
)
# What stands between this machine and AWS.
WAY = (
    Row(
        "not-aws",
        frozenset({"MissingAuthenticationToken", "MissingAuthenticationTokenException"}),
        "",
        UnreachableError,
        "the request reached AWS without its signature: something on the way removed it",
        "{look_at_proxy}{otherwise}",
    ),
    Row(
        "throttled",
        THROTTLED,
        "",
        UnreachableError,
        "AWS limits the rate of calls for account and Region ({code})",
        "try again in {retry_after} seconds",
    ),
    Row(
        "not-aws",
        frozenset({"403", "Forbidden"}),
        "",
        UnreachableError,
        "what answered for {service} is not AWS: a filter or a proxy on the way refuses the request (403: {message})",
        "{look_at_proxy}{otherwise}",
    ),
    Row(
        "proxy",
        frozenset({"407"}),
        "",
        UnreachableError,
        "the proxy wants a user name and password (407)",
        "{look_at_proxy}",
    ),
)
