"""Keys of KMS by what reads them: MiniStack needs a package of its own for them."""

import json
from collections.abc import Mapping

from fakes.front.exchange import Answer, Onward, Request, json_answer
from fakes.front.world import World


class KmsKeys:
    """A rule for KMS: keys by ARN, each with its policy; those in `disabled` are that."""

    def __init__(self, policies: Mapping[str, str], *, disabled: tuple[str, ...] = ()) -> None:
        self._policies = dict(policies)
        self._disabled = disabled

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Answer what reads a key, for the account that it is of."""
        if request.service != "kms":
            return onward(request)
        caller = world.caller(request)
        key = str(json.loads(request.body).get("KeyId"))
        if key not in self._policies or caller is None or caller.account != key.split(":")[4]:
            return json_answer(400, {"__type": "NotFoundException", "message": f"Key '{key}' does not exist"})
        if request.operation == "GetKeyPolicy":
            return json_answer(200, {"Policy": self._policies[key], "PolicyName": "default"})
        state = "Disabled" if key in self._disabled else "Enabled"
        return json_answer(200, {"KeyMetadata": {"KeyId": key.rpartition("/")[2], "Arn": key, "KeyState": state}})
