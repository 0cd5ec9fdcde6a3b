"""Calls to STS through botocore: one session, one client, tight limits, every answer checked."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import botocore.exceptions

from credhelper.aws import endpoint, expiration, sts_response
from credhelper.aws.explain.facts import Call, caller_arn
from credhelper.aws.quiet import quiet
from credhelper.errors import CredhelperError
from credhelper.model import partitions
from credhelper.model.credentials import Credentials
from credhelper.model.role_request import RoleRequest

if TYPE_CHECKING:
    from credhelper.aws.explain import network
    from credhelper.aws.session import ExplicitSession
    from credhelper.aws.sts_request import Sender

_ADVICE_TIMEOUT_S = 3.0


def assume_role(
    request: RoleRequest,
    source: Credentials,
    *,
    session_name: str,
    token_code: str | None = None,
    timeout_s: float,
    session: "ExplicitSession | None" = None,
    sender: "Sender | None" = None,
    profile: str = "",
    source_profile: str = "",
    renewal: Callable[[], str] = lambda: "",
    clock: Callable[[], float] = time.time,
    note: Callable[[Mapping[str, Any]], object] | None = None,
) -> Credentials:
    """Assume the role and return its credentials.

    At most three attempts (standard retry mode), 3 s to connect and 8 s to wait for bytes, and none is started after
    `timeout_s` seconds; a server that sends a byte now and then can still take longer: the caller keeps the whole
    deadline. `session` brings the profile's CA bundle and FIPS settings, `sender` does without botocore's client;
    `profile` and `source_profile` are named in hints; `renewal` returns the command that renews the source.
    `note` is called with what AWS answers where it refuses.
    Raises InputError, MachineError, AwsError, UnreachableError or MfaError.
    """
    end_s = time.monotonic() + timeout_s
    call = Call(
        request=request,
        access_key_id=source.access_key_id,
        is_session=source.session_token is not None,
        has_token_code=token_code is not None,
        now_s=clock(),
        profile=profile,
        source=source_profile,
        renewal=renewal,
        caller_arn=lambda: get_caller_identity(request, source, session=session, timeout_s=end_s - time.monotonic()),
    )
    way = _Way(session, sender.url if sender else _usual_url(request), profile, request)
    with quiet(), _explained(call, way, note):
        client: Any = sender or _client(session, request, source, timeout_s, attempts=3)
        way.url = client.url if sender else client.meta.endpoint_url
        response = client.assume_role(**_parameters(request, session_name, token_code))
    return sts_response.credentials(response, request, session_name, clock())


def get_caller_identity(
    request: RoleRequest,
    source: Credentials,
    *,
    timeout_s: float = _ADVICE_TIMEOUT_S,
    session: "ExplicitSession | None" = None,
) -> str | None:
    """Return the ARN behind the source credentials, None if it is not available: for advice only.

    Takes a third of `timeout_s` per wait and 3 s at most: advice must not cost the explanation it belongs to.
    """
    timeout_s = min(_ADVICE_TIMEOUT_S, timeout_s / 3)
    # Everything: a parser's error here would replace the explanation, and quote a body.
    with quiet(), contextlib.suppress(Exception):
        client = _client(session, request, source, timeout_s, attempts=1)
        arn = client.get_caller_identity().get("Arn")
        return caller_arn(arn) or None if isinstance(arn, str) else None
    return None


def _client(
    session: "ExplicitSession | None", request: RoleRequest, source: Credentials, timeout_s: float, *, attempts: int
) -> Any:
    url = None if request.endpoint_url is None else endpoint.checked(request.endpoint_url, "the endpoint of STS")
    from credhelper.aws.session import client_config, without_profile  # not for a sender

    session = session or without_profile(timeout_s)
    # A text that is no time comes through, and is then said to be one: botocore's parser would fail for all of it.
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=expiration.parsed)
    client = session.create_client(
        "sts",
        region_name=request.region,
        endpoint_url=url,
        aws_access_key_id=source.access_key_id,
        aws_secret_access_key=source.secret_access_key,
        aws_session_token=source.session_token,
        # The endpoint was chosen and checked before; botocore is not to look for another.
        config=client_config(timeout_s, attempts=attempts, ignore_configured_endpoint_urls=True),
    )
    _stop_at_deadline(client, time.monotonic() + timeout_s)
    return client


def _stop_at_deadline(client: Any, end_s: float) -> None:
    """Start no attempt after `end_s`; what made the last one fail is then the reason given."""
    from credhelper.aws.explain.network import OutOfTimeError

    last: list[Exception] = []

    def remember(
        response: Any = None, operation: Any = None, caught_exception: Exception | None = None, **_: Any
    ) -> None:
        if caught_exception is None and response is not None:
            caught_exception = botocore.exceptions.ClientError(response[1], operation.name)
        last[:] = [caught_exception] if caught_exception is not None else []

    def stop(**_: Any) -> None:
        if time.monotonic() >= end_s:
            raise OutOfTimeError(*last)

    client.meta.events.register_first("needs-retry.sts", remember)
    client.meta.events.register("before-send.sts", stop)


def _parameters(request: RoleRequest, session_name: str, token_code: str | None) -> dict[str, Any]:
    parameters = {
        "RoleArn": request.role_arn,
        "RoleSessionName": session_name,
        "DurationSeconds": request.duration_seconds,
        "ExternalId": request.external_id,
        "Policy": request.policy,
        "PolicyArns": [{"arn": arn} for arn in request.policy_arns],
        "Tags": [{"Key": key, "Value": value} for key, value in request.tags.items()],
        "TransitiveTagKeys": list(request.transitive_tag_keys),
        "SourceIdentity": request.source_identity,
        "SerialNumber": request.mfa_serial if token_code else None,
        "TokenCode": token_code,
    }
    return {name: value for name, value in parameters.items() if value}


@contextlib.contextmanager
def _explained(call: Call, way: "_Way", note: Callable[[Mapping[str, Any]], object] | None = None) -> Iterator[None]:
    try:
        yield
    except CredhelperError:
        raise
    except Exception as error:  # noqa: BLE001  # an unexpected error may quote the body
        if note is not None and isinstance(error, botocore.exceptions.ClientError):
            note(error.response)
        # Not chained: the parser's error of a body cut off shows all of it, the secret key included.
        raise _explanation(error, call, way) from None


def _explanation(error: Exception, call: Call, way: "_Way") -> CredhelperError:
    from credhelper.aws.explain import network, sts  # only where there is something to explain

    if isinstance(error, network.OutOfTimeError) and error.last is not None:
        error = error.last
    if isinstance(error, botocore.exceptions.ClientError):
        return sts.explain(error.response, call)
    return network.explain(error, way.taken())


class _Way:
    """The way to STS: the session's, with the URL that its client was really made for, once there is one."""

    def __init__(self, session: "ExplicitSession | None", url: str, profile: str, request: RoleRequest) -> None:
        self.url = url
        self._session = session
        self._profile = profile
        self._request = request

    def taken(self) -> "network.Way":
        """Return it in the words of explanations."""
        from credhelper.aws.explain.network import Way
        from credhelper.aws.network_rules import Authority

        authority = Authority() if self._session is None else self._session.authority_or_none()
        return Way(
            url=self.url,
            profile=self._profile,
            region=self._request.region,
            partition=self._request.partition,
            authority=authority,
            is_hand_out=True,
        )


def _usual_url(request: RoleRequest) -> str:
    return request.endpoint_url or f"https://sts.{request.region}.{partitions.host_suffix(request.partition)}/"
