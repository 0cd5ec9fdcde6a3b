"""The AWS CRT: its default chain and its signer. It knows no service: the signed request goes through http.client."""

import io
import os
import re
from http.client import HTTPConnection

from actions import perform
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


def identity() -> str:
    answer = call("sts", "POST", "/", b"Action=GetCallerIdentity&Version=2011-06-15")
    return str(re.findall("<Arn>(.*?)</Arn>", answer)[0])


def names(bucket: str) -> list[str]:
    return re.findall("<Key>(.*?)</Key>", call("s3", "GET", f"/{bucket}?list-type=2"))


perform(names, identity, read=lambda: str(provider.get_credentials().result(60).access_key_id))
