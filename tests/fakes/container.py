"""The endpoint on loopback from which a container has its credentials, one key for each token that it is shown."""

import json
from http.server import BaseHTTPRequestHandler

from fakes import canary
from fakes.loopback import LoopbackServer


class FakeContainer(LoopbackServer):
    """A running server: `with FakeContainer() as server: … server.url`; `tokens` are those that came in."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        super().__init__(_handler(self))


def _handler(server: FakeContainer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
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
            body = json.dumps(keys).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
            """Write no log: stderr belongs to the test."""

    return Handler
