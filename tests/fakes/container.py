"""The endpoint on loopback from which a container has its credentials, one key for each token that it is shown."""

import json

from fakes import canary
from fakes.loopback import LoopbackServer, QuietHandler


class FakeContainer(LoopbackServer):
    """A running server: `with FakeContainer() as server: … server.url`; `tokens` are those that came in."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        super().__init__(_handler(self))


def _handler(server: FakeContainer) -> type[QuietHandler]:
    class Handler(QuietHandler):
        def do_GET(self) -> None:
            token = self.headers.get("Authorization", "")
            if token not in server.tokens:
                server.tokens.append(token)
            keys = {
                "AccessKeyId": f"ASIACONTAINER{server.tokens.index(token):07}",
                "SecretAccessKey": canary.secret_key("container"),
                "Token": canary.session_token("container"),
                "Expiration": "2099-01-01T00:00:00Z",
            }
            self.answer(200, json.dumps(keys).encode())

    return Handler
