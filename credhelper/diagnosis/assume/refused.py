"""What AWS's sentence names, as a cause: which layer, or a refusal that has a sentence of its own. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from credhelper.diagnosis.assume.sides import MORE
from credhelper.policy.denial import Denial, Kind

# By the name of `denial.Cause`.
_CAUSES: Mapping[str, str] = {
    "WRONG_CODE": "mfa-code",
    "NO_CODE": "mfa",
    "NO_DEVICE": "mfa-device",
    "ROOT_CALLER": "root-caller",
    "MAX_SESSION": "max-session",
    "CHAINING": "chaining",
}
# A missing Allow, and an explicit deny.
_KINDS: Mapping[Kind, tuple[str, str]] = {
    Kind.IDENTITY: ("identity-policy", "identity-deny"),
    Kind.RESOURCE: ("trust", "trust-deny"),
    Kind.TRUST: ("trust", "trust-deny"),
    Kind.BOUNDARY: ("boundary", "boundary"),
    Kind.SESSION: ("session-policy", "session-policy"),
    Kind.SCP: ("scp", "scp"),
    Kind.RCP: ("rcp", "rcp"),
    Kind.VPC_ENDPOINT: ("vpc-endpoint", "vpc-endpoint"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A cause that AWS names; `layer` is None where it is no policy. `is_deny` is None where AWS does not say."""

    cause: str
    layer: Kind | None = None
    is_deny: bool | None = None


def named(said: Denial) -> Named | None:
    """Return the cause that a sentence names, None where it gives no reason."""
    if said.cause.name in _CAUSES:
        return Named(_CAUSES[said.cause.name])
    layer = Kind.TRUST if said.kind is Kind.RESOURCE else said.kind
    # Of the trust policy it is an action of its own; any other layer is to blame as it is for the role itself.
    if said.action in MORE and not said.is_explicit and layer in (Kind.TRUST, None):
        return Named(MORE[said.action], layer, said.is_explicit)
    if said.kind is None:
        return None
    lacking, denying = _KINDS[said.kind]
    return Named(denying if said.is_explicit else lacking, layer, said.is_explicit)


def words(said: Denial, role: str) -> str:
    """Return what AWS names, in one line."""
    if said.kind is None:
        return f"AWS names {said.action} on {role}"
    policy = f" {said.policy_arn}" if said.policy_arn else ""
    through = f", by way of {said.seen_in}" if said.seen_in else ""
    if said.is_explicit:
        return f"an explicit deny in {said.kind}{policy}{through}"
    return f"no {said.kind.value}{policy} allows {said.action or 'it'} on {role}{through}"
