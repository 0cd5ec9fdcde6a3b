"""Assume a role once and forget what comes back: whether it works, without one-time code, external ID or tags."""

from collections.abc import Callable, Mapping

from credhelper.aws import endpoint, sts
from credhelper.aws.shared_config import SharedConfig
from credhelper.errors import AwsError, CredhelperError, MfaError
from credhelper.model import partitions
from credhelper.model.credentials import Credentials
from credhelper.model.role_request import RoleRequest
from credhelper.provider import session_name
from credhelper.provider.record import Record
from credhelper.settings import Settings
from credhelper.system.deadline import Deadline

WORKS, REFUSED, UNKNOWN = "works", "refused", "unknown"
# The shortest session that AWS gives.
_DURATION_S = 900


def assumer(
    settings: Settings, environ: Mapping[str, str], keys: Credentials, source: str, deadline: Deadline
) -> Callable[[str], tuple[str, str]]:
    """Return what assumes a role by its ARN with the keys of profile `source`: one of the words, and AWS's reason.

    None is asked for once the deadline has passed. AWS notes each call in CloudTrail, in both accounts.
    """
    shared = SharedConfig(settings.config_file, settings.credentials_file)
    name = session_name.default(session_name.user(Record(environ)))
    url = endpoint.resolve(environ, shared, source)

    def assume(arn: str) -> tuple[str, str]:
        if deadline.has_passed():
            return UNKNOWN, "no time was left to ask"
        session = shared.session(source if source in shared.profiles else None, timeout_s=deadline.left_s())
        region = str(session.get_config_variable("region") or "")
        partition = partitions.partition_of_role(arn)
        if not region or partitions.is_foreign(region, arn):
            region = partitions.default_region(partition)
        request = RoleRequest(
            role_arn=arn, duration_seconds=_DURATION_S, region=region, partition=partition, endpoint_url=url
        )
        try:
            with deadline:
                sts.assume_role(
                    request,
                    keys,
                    session_name=name,
                    timeout_s=deadline.left_s(),
                    session=session,
                    source_profile=source,
                )
        except (AwsError, MfaError) as error:
            return REFUSED, error.message
        except CredhelperError as error:
            return UNKNOWN, error.message
        return WORKS, ""

    return assume
