"""An STS that names every session after whoever signed the request: its answers tell whose they are."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from fakes.loopback import LoopbackServer, QuietHandler

_ANSWER = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>{key_id}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
<SessionToken>token</SessionToken><Expiration>{expiration}</Expiration></Credentials>
<AssumedRoleUser><AssumedRoleId>AROA:{name}</AssumedRoleId><Arn>{arn}</Arn></AssumedRoleUser>
</AssumeRoleResult></AssumeRoleResponse>"""


def session_of(signer: str, role_arn: str) -> str:
    """Return the access key id of the session that this signer is given for this role."""
    return "ASIA" + hashlib.sha256(f"{signer} {role_arn}".encode()).hexdigest()[:16].upper()


class _Handler(QuietHandler):
    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        fields = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        match = re.search(r"Credential=([^/]+)/", self.headers.get("Authorization", ""))
        signer = match.group(1) if match else ""
        self.server.signers[fields.get("RoleArn", "")] = signer  # type: ignore[attr-defined]  # set by SignerSts
        role_arn, name = fields.get("RoleArn", ""), fields.get("RoleSessionName", "")
        expiration = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        arn = f"arn:aws:sts::{role_arn.split(':')[4]}:assumed-role/{role_arn.rpartition('/')[2]}/{name}"
        body = _ANSWER.format(key_id=session_of(signer, role_arn), expiration=expiration, name=name, arn=arn).encode()
        self.answer(200, body, "text/xml")


class SignerSts(LoopbackServer):
    """The server, on a port of the system's choice, for the length of its `with`."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.signers: dict[str, str] = {}
        self._server.signers = self.signers  # type: ignore[attr-defined]  # read by the handler
