"""The AWS CRT: its default chain and its signer; the signed request goes out through http.client, it knows no service.

identity, list BUCKET, credentials (five reads), loop SECONDS.
"""

import io
import os
import re
import sys
import time
from http.client import HTTPConnection

from awscrt import auth, http  # type: ignore[import-not-found]  # lives in an environment of its own
from awscrt.io import ClientBootstrap, DefaultHostResolver, EventLoopGroup  # type: ignore[import-not-found]  # the same

ADDRESS = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
bootstrap = ClientBootstrap(EventLoopGroup(1), DefaultHostResolver(EventLoopGroup(1)))
provider = auth.AwsCredentialsProvider.new_default_chain(bootstrap)


def call(service: str, method: str, path: str, body: bytes = b"") -> str:
    headers = http.HttpHeaders([("Host", ADDRESS)])
    if body:
        headers.add("Content-Type", "application/x-www-form-urlencoded")
        headers.add("Content-Length", str(len(body)))
    request = http.HttpRequest(method, path, headers, io.BytesIO(body) if body else None)
    config = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4,
        signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=provider,
        region="us-east-1",
        service=service,
        signed_body_header_type=auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256,
    )
    signed = auth.aws_sign_request(request, config).result(60)
    wire = HTTPConnection(ADDRESS, timeout=60)
    wire.request(method, signed.path, body or None, dict(signed.headers))
    answer = wire.getresponse()
    text = str(answer.read().decode())
    if answer.status != 200:
        raise SystemExit(text)
    return text


def identity() -> None:
    answer = call("sts", "POST", "/", b"Action=GetCallerIdentity&Version=2011-06-15")
    print(re.findall("<Arn>(.*?)</Arn>", answer)[0])


action, argument = sys.argv[1:]
if action == "identity":
    identity()
elif action == "list":
    print(*re.findall("<Key>(.*?)</Key>", call("s3", "GET", f"/{argument}?list-type=2")))
elif action == "credentials":
    for _ in range(5):
        print(provider.get_credentials().result(60).access_key_id)
elif action == "loop":
    end = time.monotonic() + float(argument)
    while time.monotonic() < end:
        identity()
        time.sleep(1)
