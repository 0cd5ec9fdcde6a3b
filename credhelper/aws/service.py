"""One service of AWS under one profile's credentials: each call is explained where it fails, and its answer bounded."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import botocore
import botocore.exceptions

from credhelper.aws.explain import call as explanation
from credhelper.aws.explain import network
from credhelper.aws.explain.call import Asked
from credhelper.aws.quiet import quiet
from credhelper.aws.session import ExplicitSession, client_config
from credhelper.aws.shared_config import SharedConfig
from credhelper.errors import AwsError, CredhelperError
from credhelper.model import partitions
from credhelper.model.credentials import Credentials

_NAMES = {"iam": "IAM", "sts": "STS", "s3": "S3", "kms": "KMS", "accessanalyzer": "IAM Access Analyzer"}
# Of a list: what AWS's own quotas allow is less.
_MOST_PAGES = 200


class Service:
    """`Service("iam", "prod-admin", credentials, shared).call("GetRole", RoleName="name")`.

    The settings are those of the profile: region and endpoint (unless they are given), CA bundle, FIPS. Three
    attempts, 3 s to connect, 8 s to wait for bytes, or one attempt without any wait longer than `once_s`. Every call
    raises what it is explained as: RefusedError with AWS's code, or another CredhelperError.
    """

    def __init__(
        self,
        name: str,
        profile: str,
        credentials: Credentials,
        shared: SharedConfig,
        *,
        partition: str = "aws",
        account: str = "",
        region: str = "",
        endpoint_url: str | None = None,
        once_s: float | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.profile = profile
        self.partition = partition
        self.account = account
        self._credentials = credentials
        self._shared = shared
        self._clock = clock
        self._endpoint = {} if endpoint_url is None else {"endpoint_url": endpoint_url}
        self._attempts = {} if once_s is None else {"config": client_config(once_s, attempts=1)}
        with quiet():
            self._session = shared.session(profile if profile in shared.profiles else None, timeout_s=once_s)
            self._region = region or _region(self._session, partition)
            self._client: Any = self._explained("", self._create)

    def call(self, operation: str, **parameters: object) -> Mapping[str, Any]:
        """Make one call, by AWS's name of the operation, and return its answer."""
        method = getattr(self._client, botocore.xform_name(operation))
        answer: Mapping[str, Any] = self._explained(operation, lambda: method(**parameters))
        return answer

    def answers(self, operation: str, **parameters: object) -> Iterator[Mapping[str, Any]]:
        """Yield the answers to a call, one for each page of a list."""
        marker: dict[str, object] = {}
        for _ in range(_MOST_PAGES):
            answer = self.call(operation, **parameters, **marker)
            yield answer
            if not answer.get("IsTruncated"):
                return
            marker = {"Marker": answer.get("Marker")}
        raise AwsError(
            f"{self.title} does not end the answer to {operation}", hint="try again in a moment", cause_id="not-aws"
        )

    def pages(self, operation: str, key: str, **parameters: object) -> Iterator[Any]:
        """Yield what a list has below `key`, from all its pages."""
        for answer in self.answers(operation, **parameters):
            yield from answer.get(key) or ()

    @property
    def title(self) -> str:
        """The service as AWS calls it."""
        return _NAMES.get(self.name, self.name)

    @property
    def region(self) -> str:
        """The region that is asked."""
        return self._region

    @property
    def url(self) -> str:
        """The endpoint that is asked."""
        return str(self._client.meta.endpoint_url)

    def listen(self, hear: Callable[[Mapping[str, Any]], object]) -> None:
        """Have each answer told to `hear`, also those after which botocore asks again, as a bucket's redirect."""

        def heard(parsed_response: Mapping[str, Any] | None, **_: object) -> None:
            if parsed_response is not None:
                hear(parsed_response)

        self._client.meta.events.register(f"response-received.{self.name}", heard)

    def sibling(self, name: str, *, account: str = "", region: str = "", once_s: float | None = None) -> "Service":
        """Return another service under the same credentials; `account` is theirs, where it is known by now."""
        return Service(
            name,
            self.profile,
            self._credentials,
            self._shared,
            partition=self.partition,
            account=account or self.account,
            region=region,
            once_s=once_s,
            clock=self._clock,
        )

    def _create(self) -> Any:
        return self._session.create_client(
            self.name,
            region_name=self._region,
            aws_access_key_id=self._credentials.access_key_id,
            aws_secret_access_key=self._credentials.secret_access_key,
            aws_session_token=self._credentials.session_token,
            **self._endpoint,
            **self._attempts,
        )

    def _explained(self, operation: str, ask: Callable[[], Any]) -> Any:
        try:
            with quiet():
                return ask()
        except CredhelperError:
            raise
        except Exception as error:  # noqa: BLE001  # an unexpected error may quote what was sent or came back
            raise self._explanation(error, operation) from None

    def _explanation(self, error: Exception, operation: str) -> CredhelperError:
        if isinstance(error, botocore.exceptions.ClientError):
            return explanation.explain(error.response, self._asked(operation))
        client = getattr(self, "_client", None)
        url = (
            client.meta.endpoint_url
            if client is not None
            else f"https://{self.name}.{partitions.host_suffix(self.partition)}/"
        )
        way = network.Way(
            url=url,
            profile=self.profile,
            region=self._region,
            partition=self.partition,
            authority=self._session.authority_or_none(),
            service=self.title,
            set_region="aws configure set region {region} --profile {profile}",
        )
        return network.explain(error, way)

    def _asked(self, operation: str) -> Asked:
        return Asked(
            service=self.title,
            action=f"{self.name}:{operation}",
            profile=self.profile,
            access_key_id=self._credentials.access_key_id,
            is_session=self._credentials.session_token is not None,
            now_s=self._clock(),
            partition=self.partition,
            region=self._region,
            account=self.account,
        )


def _region(session: ExplicitSession, partition: str) -> str:
    """Return the region of the profile or the shell, and where that is of another partition, the partition's first."""
    region = str(session.get_config_variable("region") or "")
    is_known = bool(region) and partitions.partition_of_region(region) in (None, partition)
    return region if is_known else partitions.default_region(partition)
