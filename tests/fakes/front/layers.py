"""Policies above those of the two accounts: SCP, RCP, boundary, session policy, VPC endpoint.

Which of them denies is for the caller of `Layers` to decide; what AWS says then is said here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from fakes.front.exchange import Answer, Onward, Request, refuse
from fakes.front.sentences import Refusal, denial
from fakes.front.world import Caller, World


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is asked for. `action` is a policy's word for it, `resource` an ARN or "*"; `request` has the rest."""

    caller: Caller
    action: str
    resource: str
    request: Request

    def denied(self, layer: str, effect: str, policy: str = "") -> str:
        """Return AWS's sentence: `layer` as in the vectors, `effect` "explicit", "implicit" or "transitive"."""
        return denial(
            layer,
            effect,
            user=self.caller.arn,
            action=self.action,
            resource="" if self.resource == "*" else self.resource,
            policy=policy,
            quotes=self.request.service == "s3",
        )


class Layers:
    """A rule that asks `decide(attempt)`: a sentence is a denial, None lets the request through."""

    def __init__(self, decide: Callable[[Attempt], str | None]) -> None:
        self._decide = decide

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Deny, or pass it on."""
        caller = world.caller(request)
        if caller is None:
            return onward(request)
        sentence = self._decide(Attempt(caller, request.action, _resource(request, caller.account), request))
        return onward(request) if sentence is None else refuse(request, Refusal(403, "AccessDenied", sentence))


def _resource(request: Request, account: str) -> str:
    form = request.form
    if request.service == "s3":
        named = f"{request.bucket}/{request.key}" if request.key else request.bucket
        return f"arn:aws:s3:::{named}" if named else "*"
    if request.service == "sts":
        return form.get("RoleArn", "*")
    for kind in ("Role", "User", "Group", "Policy"):
        if arn := form.get(f"{kind}Arn"):
            return arn
        if name := form.get(f"{kind}Name"):
            return f"arn:aws:iam::{account}:{kind.lower()}{form.get('Path', '/')}{name}"
    return "*"
