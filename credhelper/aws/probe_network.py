"""One question to STS without a signature: how far it comes, what is on the way, and what time it is there."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import botocore
import botocore.awsrequest
import botocore.exceptions as theirs
import botocore.httpsession

from credhelper.aws import bounded, network_rules
from credhelper.aws.explain import network as explanation
from credhelper.aws.explain.facts import clock_skew_s
from credhelper.aws.explain.network import Way as Taken
from credhelper.aws.quiet import quiet
from credhelper.aws.session import ExplicitSession, client_config
from credhelper.diagnosis.network import Stage, Way
from credhelper.errors import CredhelperError, InputError, UnreachableError
from credhelper.model import partitions
from credhelper.model.printable import clause
from credhelper.model.role_request import RoleRequest

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 4.0, 4.0


def ask(
    session: ExplicitSession,
    request: RoleRequest,
    profile: str,
    environ: Mapping[str, str],
    *,
    clock: Callable[[], float] = time.time,
) -> Way:
    """Ask STS's host for its front page, by the way that a request of this profile takes: proxy, CA bundle, host.

    Any answer is one: what a client may not ask is told by the calls that are signed. Sends no credentials.
    """
    taken = Taken(
        url=request.endpoint_url or f"https://sts.{request.region}.{partitions.host_suffix(request.partition)}/",
        profile=profile,
        region=request.region,
        partition=request.partition,
        environ=environ,
    )
    began_s = time.monotonic()
    try:
        url = _url(session, request)
        taken = replace(taken, url=url, authority=session.authority_or_none())
        with quiet():
            answer = _answer(url, session, environ)
    except CredhelperError as error:
        return _way(taken, Stage.CA if "CA" in error.message else Stage.SETTING, error, began_s)
    except Exception as error:  # noqa: BLE001  # of botocore, urllib3, ssl or the system; explained, never quoted
        return _way(taken, stage_of(error, taken), explanation.explain(error, taken), began_s)
    return _way(taken, Stage.ANSWERED, None, began_s, clock_skew_s(answer.headers.get("date", ""), clock()))


def _url(session: ExplicitSession, request: RoleRequest) -> str:
    """Return the URL of the client that a request is made with."""
    with quiet():
        client = session.create_client(
            "sts",
            region_name=request.region,
            endpoint_url=request.endpoint_url,
            aws_access_key_id="none",
            aws_secret_access_key="none",  # noqa: S106  # a client wants some; nothing is signed
            config=client_config(ignore_configured_endpoint_urls=True),
        )
    return str(client.meta.endpoint_url)


def _answer(url: str, session: ExplicitSession, environ: Mapping[str, str]) -> Any:
    verify: object = True if url.startswith("http://") else session.authority().path or True
    http = botocore.httpsession.URLLib3Session(
        verify=verify,
        proxies=network_rules.proxies_for(url, environ),
        timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
        max_pool_connections=1,
    )
    try:
        return bounded.send(http, botocore.awsrequest.AWSRequest(method="GET", url=url).prepare())
    finally:
        http.close()


def _way(taken: Taken, stage: Stage, error: CredhelperError | None, began_s: float, skew_s: int | None = None) -> Way:
    proxy = network_rules.proxy_in_use(taken.url, taken.environ)
    used = taken.trusted
    authority = f"{used.origin}: {clause(used.path)}" if used.path else used.origin
    return Way(
        host=taken.host,
        stage=stage,
        is_aws=partitions.is_aws_host(network_rules.host_of(taken.url), "sts"),
        proxy=f"{proxy[0]}: {proxy[1]}" if proxy else "",
        authority="" if taken.url.startswith("http://") else authority,
        message=error.message if error else "",
        hint=error.hint if error else "",
        skew_s=skew_s,
        took_s=time.monotonic() - began_s,
    )


def stage_of(error: Exception, taken: Taken) -> Stage:
    """Return where a connection ended, by the class of what botocore raised."""
    found = explanation.explain(error, taken)
    if isinstance(found, InputError):
        return Stage.SETTING
    if isinstance(error, theirs.ProxyConnectionError | theirs.InvalidProxiesConfigError) or taken.has_socks:
        return Stage.PROXY
    if found.cause_id == Stage.CA.value:
        return Stage.CA
    if isinstance(error, theirs.SSLError):
        return Stage.TLS
    if isinstance(found, UnreachableError) and "cannot be resolved" in found.message:
        return Stage.DNS
    return Stage.CONNECT
