"""An STS that answers as MinIO's does (cmd/sts-handlers.go, 2026-02): it names no role."""

import uuid
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from fakes.sts import SECRET_CANARY, TOKEN_CANARY, FakeSts, Request

USER = "minioadmin"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


class FakeMinio(FakeSts):
    """`with FakeMinio() as minio: … minio.url`; `behaviour.fields` overrides elements, None leaves one out."""

    def respond(self, request: Request, signer: str = "") -> tuple[int, str]:
        """Count the request and return (status, body)."""
        if request.get("Action") != "AssumeRole":
            return 400, _error("InvalidParameterValue", f"Unsupported action {request.get('Action')}")
        if signer != USER:
            return 403, _error("AccessDenied", "The Access Key Id you provided does not exist in our records.")
        return super().respond(request, signer)

    def _assumed(self, request: Request, number: int) -> str:
        ends = datetime.fromtimestamp(self.now() + int(request.get("DurationSeconds", "3600")), UTC)
        values: dict[str, str | None] = {
            "Arn": "",
            "AssumeRoleId": "",  # the name that MinIO gives it; AWS's is AssumedRoleId
            "AccessKeyId": f"{number:020d}",
            "SecretAccessKey": SECRET_CANARY,
            "SessionToken": TOKEN_CANARY,
            "Expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        given = {name: escape(text) for name, text in {**values, **self.behaviour.fields}.items() if text is not None}
        elements = {name: f"<{name}>{text}</{name}>" for name, text in given.items()}
        user = "".join(elements.pop(name, "") for name in ("Arn", "AssumeRoleId"))
        return (
            f'{_HEAD}<AssumeRoleResponse xmlns="{_NAMESPACE}"><AssumeRoleResult>'
            f"<AssumedRoleUser>{user}</AssumedRoleUser><Credentials>{''.join(elements.values())}</Credentials>"
            f"</AssumeRoleResult><ResponseMetadata><RequestId>{uuid.uuid4().hex[:16].upper()}</RequestId>"
            "</ResponseMetadata></AssumeRoleResponse>"
        )


def _error(code: str, message: str) -> str:
    return (
        f'{_HEAD}<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type></Type><Code>{code}</Code>'
        f"<Message>{escape(message)}</Message></Error><RequestId>{uuid.uuid4().hex[:16].upper()}</RequestId></ErrorResponse>"
    )
