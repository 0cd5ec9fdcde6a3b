"""AssumeRole without botocore's client: its signer and its HTTP session, but no session, loader or service model.

Those are a third of a miss's processor time. Only for the plain case, see `sender_for`; the whole client serves all
else. A test holds both equal by comparing what they send.
"""

import os
import re
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

import botocore
import botocore.auth
import botocore.awsrequest
import botocore.exceptions
import botocore.httpsession
import botocore.utils

from credhelper import __version__
from credhelper.aws import bounded, endpoint, expiration
from credhelper.model.credentials import Credentials
from credhelper.model.role_request import RoleRequest

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 3.0, 8.0
ATTEMPTS = 3
_SHORTEST_TIMEOUT_S = 0.01
_LONGEST_PAUSE_S = 20
_CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
# Whose host names need no rule set: AWS's first partition. A region it does not know is for botocore to refuse.
_REGION = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-(north|south|east|west|central|northeast|southeast)-[1-9]")
# What makes botocore's client send another request, or by another way; any of these is for the whole client.
_VARIABLES = (
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "AWS_AUTH_SCHEME_PREFERENCE",
    "AWS_SIGV4A_SIGNING_REGION_SET",
    "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
)
_SETTINGS = (
    "use_fips_endpoint",
    "use_dualstack_endpoint",
    "ca_bundle",
    "auth_scheme_preference",
    "sigv4a_signing_region_set",
    "sts",
)
# botocore.retries.standard: transient and throttling codes, and what STS's model calls retryable.
_TRANSIENT_STATUS = (500, 502, 503, 504)
_RETRYABLE_CODES = frozenset(
    {"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete", "IDPCommunicationError"}
    | {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "TooManyRequestsException",
    }
    | {"ProvisionedThroughputExceededException", "TransactionInProgressException", "RequestLimitExceeded", "SlowDown"}
    | {"BandwidthLimitExceeded", "LimitExceededException", "RequestThrottled", "EC2ThrottledException"}
)

Parameters = Mapping[str, Any]


class Sender:
    """Sends AssumeRole to one URL, signed with one pair of keys."""

    def __init__(
        self,
        url: str,
        request: RoleRequest,
        source: Credentials,
        *,
        timeout_s: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url
        self._request = request
        self._source = source
        self._end_s = time.monotonic() + timeout_s
        self._sleep = sleep
        wait_s = max(timeout_s, _SHORTEST_TIMEOUT_S)
        self._session = botocore.httpsession.URLLib3Session(
            proxies={}, timeout=(min(CONNECT_TIMEOUT_S, wait_s), min(READ_TIMEOUT_S, wait_s)), max_pool_connections=1
        )

    def assume_role(self, **parameters: Any) -> dict[str, Any]:
        """Return the response as botocore's client would, and raise what it raises.

        At most three attempts; OutOfTimeError instead of one that would begin after the deadline.
        """
        try:
            return self._assume_role(parameters)
        finally:
            self._session.close()

    def _assume_role(self, parameters: Parameters) -> dict[str, Any]:
        last: Exception | None = None
        for attempt in range(ATTEMPTS):
            if attempt:
                self._sleep(int.from_bytes(os.urandom(2), "big") / 0x10000 * min(2 ** (attempt - 1), _LONGEST_PAUSE_S))
            if time.monotonic() >= self._end_s:
                from credhelper.aws.explain.network import OutOfTimeError

                raise OutOfTimeError(*([last] if last is not None else []))
            try:
                return _parsed(self._send(parameters))
            except botocore.exceptions.ClientError as error:
                metadata = error.response["ResponseMetadata"]
                is_transient = metadata["HTTPStatusCode"] in _TRANSIENT_STATUS
                if not is_transient and error.response["Error"]["Code"] not in _RETRYABLE_CODES:
                    raise
                last = error
            except (botocore.exceptions.ConnectionError, botocore.exceptions.HTTPClientError) as error:
                last = error
        raise last or RuntimeError

    def _send(self, parameters: Parameters) -> Any:
        return bounded.send(self._session, self.signed(parameters))

    def signed(self, parameters: Parameters) -> Any:
        """Return the prepared request with its signature."""
        request = botocore.awsrequest.AWSRequest(
            method="POST",
            url=self.url,
            data={"Action": "AssumeRole", "Version": "2011-06-15", **_flat(parameters)},
            headers={
                "Content-Type": _CONTENT_TYPE,
                "User-Agent": f"Botocore/{botocore.__version__} credhelper/{__version__}",
            },
        )
        source = self._source
        keys = _Keys(source.access_key_id, source.secret_access_key, source.session_token)
        botocore.auth.SigV4Auth(keys, "sts", self._request.region).add_auth(request)
        return request.prepare()


class _Keys:
    """What the signer asks of botocore's Credentials, whose module is a tenth of a miss."""

    def __init__(self, access_key: str, secret_key: str, token: str | None) -> None:
        self.access_key = access_key
        self.secret_key = secret_key
        self.token = token

    def get_frozen_credentials(self) -> "_Keys":
        """Return the same: static keys do not change."""
        return self


def sender_for(
    request: RoleRequest,
    source: Credentials,
    section: Mapping[str, object],
    environ: Mapping[str, str],
    *,
    timeout_s: float,
) -> Sender | None:
    """Return a sender for the plain case, None where the whole client is needed.

    Plain is AWS's own regional endpoint in its first partition, or an endpoint that is configured and has no path,
    without a proxy, a CA bundle, FIPS or dual stack. `section` is the profile's, nested blocks included.
    """
    if any(environ.get(name) for name in _VARIABLES) or any(name in section for name in _SETTINGS):
        return None
    if urllib.request.getproxies():
        return None
    if request.endpoint_url is not None:
        url = endpoint.checked(request.endpoint_url, "the endpoint of STS")
        scheme, _, rest = url.partition("://")
        if "/" in rest.rstrip("/") or scheme not in ("http", "https"):
            return None
        url = url.rstrip("/") + "/"
    elif request.partition == "aws" and _REGION.fullmatch(request.region):
        url = f"https://sts.{request.region}.amazonaws.com/"
    else:
        return None
    if not _REGION.fullmatch(request.region):
        return None
    return Sender(url, request, source, timeout_s=timeout_s)


def _flat(parameters: Parameters) -> dict[str, str]:
    """Return the parameters as AWS's query protocol has them: `Tags.member.1.Key`."""
    flat = {}
    for name, value in parameters.items():
        if not isinstance(value, list):
            flat[name] = str(value)
            continue
        for number, member in enumerate(value, 1):
            fields = member.items() if isinstance(member, Mapping) else [("", member)]
            for field, text in fields:
                flat[f"{name}.member.{number}" + (f".{field}" if field else "")] = str(text)
    return flat


def _parsed(answer: Any) -> dict[str, Any]:
    """Return what botocore's parser makes of the answer; raises ClientError, and ValueError where it is not STS's."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    metadata = {"HTTPStatusCode": answer.status_code, "HTTPHeaders": headers}
    try:
        root = ET.fromstring(answer.content)  # noqa: S314 - bounded, and expat refuses amplifying entities
    except ET.ParseError:
        if answer.status_code < 500:
            raise ValueError("not XML") from None
        error = {"Code": str(answer.status_code), "Message": ""}
        raise botocore.exceptions.ClientError({"Error": error, "ResponseMetadata": metadata}, "AssumeRole") from None
    tree = _tree(root)
    tree = tree if isinstance(tree, dict) else {}
    if answer.status_code >= 300:
        found, metadata["RequestId"] = tree.get("Error"), tree.get("RequestId", "")
        error = {"Code": "", "Message": "", **dict(_texts(found))}
        raise botocore.exceptions.ClientError({"Error": error, "ResponseMetadata": metadata}, "AssumeRole")
    result = tree.get("AssumeRoleResult")
    response: dict[str, Any] = dict(result) if isinstance(result, dict) else {}
    given = response.get("Credentials")
    if isinstance(given, dict) and "Expiration" in given:
        given["Expiration"] = expiration.parsed(given["Expiration"])
    return {**response, "ResponseMetadata": metadata}


def _texts(found: Any) -> Iterator[tuple[str, str]]:
    """Yield what an error says, as far as it has the form that STS gives it."""
    for name, value in found.items() if isinstance(found, dict) else ():
        if isinstance(value, str):
            yield name, value


def _tree(element: ET.Element) -> Any:
    """Return an element as a dictionary of its children, or as its text; of elements of one name the first counts."""
    if not len(element):
        return element.text or ""
    tree: dict[str, Any] = {}
    for child in element:
        tree.setdefault(child.tag.rpartition("}")[2], _tree(child))
    return tree
