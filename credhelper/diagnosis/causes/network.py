"""The causes on the way: names, connections, certificates, proxies, keys and Regions. Pure."""

from collections.abc import Mapping

from credhelper.diagnosis.causes import looks
from credhelper.diagnosis.causes.cause import Cause, Who

_MACHINE, _AWS, _UNREACHABLE = 3, 4, 5
_URL = "https://sts.us-east-1.amazonaws.com/"


def _said(code: str, message: str, status: int) -> Mapping[str, str]:
    return looks.of_tools("STS", "AssumeRole", code, status, message)


def _printed(said: str, kind: str, go: str, java: str) -> Mapping[str, str]:
    return {
        "AWS CLI": said,
        "boto3": f"botocore.exceptions.{kind}: {said}",
        "Go": f'operation error STS: AssumeRole, request send failed, Post "{_URL}": {go}',
        "Java": f"SdkClientException: Unable to execute HTTP request: {java}",
        "Terraform": f'Error: … request send failed, Post "{_URL}": {go}',
    }


CAUSES: tuple[Cause, ...] = (
    Cause(
        id="dns",
        title="The host's name cannot be resolved",
        meaning="No name server that this machine asks knows the host: there is no network, the network's name server "
        "knows only its own, or the region or endpoint is mistyped.",
        way_out="`getent hosts HOST` shows what the system finds. A mistyped region: "
        "`credhelper profile set NAME --region REGION`.",
        who=Who.NETWORK,
        exit_code=_UNREACHABLE,
        looks=_printed(
            f'Could not connect to the endpoint URL: "{_URL}"',
            "EndpointConnectionError",
            "dial tcp: lookup sts.us-east-1.amazonaws.com: no such host",
            "sts.us-east-1.amazonaws.com: Name or service not known",
        ),
    ),
    Cause(
        id="connect",
        title="The host cannot be reached",
        meaning="Its name has an address, and no connection to it comes about, or no answer comes in time: a firewall, "
        "a route, or a network that wants a proxy.",
        way_out="`curl -sS -m 10 https://HOST/` shows the same; ask who runs the network which proxy to use.",
        who=Who.NETWORK,
        exit_code=_UNREACHABLE,
        looks=_printed(
            f'Connect timeout on endpoint URL: "{_URL}"',
            "ConnectTimeoutError",
            "dial tcp 192.0.2.1:443: connect: connection refused",
            "Connect to sts.us-east-1.amazonaws.com:443 failed: connect timed out",
        ),
    ),
    Cause(
        id="proxy",
        title="The proxy cannot be used",
        meaning="A variable or the system names a proxy, and it does not answer, wants a user name and password, or is "
        "of a kind that botocore has not got.",
        way_out="`env | grep -i _proxy` shows it; correct it, or name the host in `NO_PROXY`.",
        who=Who.NETWORK,
        exit_code=_UNREACHABLE,
        looks=_printed(
            'Failed to connect to proxy URL: "http://proxy:8080"',
            "ProxyConnectionError",
            "proxyconnect tcp: dial tcp 192.0.2.1:8080: connect: connection refused",
            "Connect to proxy:8080 failed: Connection refused",
        ),
    ),
    Cause(
        id="tls",
        title="The certificate is not trusted",
        meaning="What answers for the host has a certificate that no authority of the CA bundle has issued: most often "
        "a proxy of the network that looks into TLS.",
        way_out="Ask for the network's CA file, then `aws configure set ca_bundle /path/to/ca.pem --profile NAME`.",
        who=Who.NETWORK,
        exit_code=_MACHINE,
        looks=_printed(
            f"SSL validation failed for {_URL} [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
            "SSLError",
            "tls: failed to verify certificate: x509: certificate signed by unknown authority",
            "PKIX path building failed: unable to find valid certification path to requested target",
        ),
    ),
    Cause(
        id="ca",
        title="The CA file cannot be used",
        meaning="The CA bundle that a variable or the profile names is not there, cannot be read, has no certificate, "
        "or is named by a variable alone.",
        way_out="`credhelper status` shows which file is used and who names it.",
        who=Who.YOU,
        exit_code=_MACHINE,
        looks={
            "AWS CLI": "Could not find a suitable TLS CA certificate bundle, invalid path: /path/to/ca.pem",
            "boto3": "OSError: Could not find a suitable TLS CA certificate bundle, invalid path: /path/to/ca.pem",
        },
    ),
    Cause(
        id="not-aws",
        title="What answers is not AWS",
        meaning="A login page of the network, a filter or a proxy answers in place of AWS.",
        way_out="`curl -i https://HOST/` shows what answers; log in to the network, or use its proxy.",
        who=Who.NETWORK,
        exit_code=_UNREACHABLE,
        looks={
            "AWS CLI": "Unable to parse response (syntax error: line 1, column 0), invalid XML received",
            "boto3": "botocore.parsers.ResponseParserError: Unable to parse response, invalid XML received",
            "Go": "deserialization failed, failed to decode response body",
        },
    ),
    Cause(
        id="throttled",
        title="AWS limits the rate of calls",
        meaning="The account makes more calls to STS in this Region than AWS allows.",
        way_out="Try again in some seconds; tools that ask through credhelper share one session.",
        who=Who.AWS,
        exit_code=_UNREACHABLE,
        looks=_said("Throttling", "Rate exceeded", 400),
    ),
    Cause(
        id="aws-failing",
        title="AWS is failing",
        meaning="The service answers with an error of its own.",
        way_out="Try again in some seconds, or in another Region: `credhelper profile set NAME --region REGION`.",
        who=Who.AWS,
        exit_code=_UNREACHABLE,
        looks=_said("InternalFailure", "The request processing has failed because of an unknown error.", 500),
    ),
    Cause(
        id="sts-region",
        title="STS is not active in this Region",
        meaning="The Region must be enabled for the account first (an opt-in Region), or STS was switched off there.",
        way_out="`aws account enable-region --region-name REGION`, or another one: "
        "`credhelper profile set NAME --region us-east-1`.",
        who=Who.CALLER_ADMIN,
        exit_code=_AWS,
        looks=_said(
            "RegionDisabledException",
            "STS is not activated in this region for account: 111111111111. Your account administrator can activate "
            "STS in this region using the IAM Console.",
            403,
        ),
    ),
)
