"""A profile of another kind than credhelper's, as far as `doctor` asks the same of it: its own credentials, at STS."""

from collections.abc import Mapping

from credhelper.aws import endpoint
from credhelper.aws.shared_config import SharedConfig
from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.role_profile import PREFIX, RoleProfile, is_credhelper
from credhelper.errors import about
from credhelper.model import partitions
from credhelper.model.role_request import RoleRequest
from credhelper.provider import session_name
from credhelper.provider.record import Record
from credhelper.provider.resolve import Resolved
from credhelper.provider.source import Source
from credhelper.settings import Settings, with_chain
from credhelper.system import hardening

_REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")


def is_other(section: Mapping[str, str]) -> bool:
    """Tell whether AWS's own tools get a profile's credentials: it has nothing of credhelper's that may be broken."""
    has_ours = any(key.startswith(PREFIX) for key in section)
    return not is_credhelper(section) and not has_ours and not kinds.asked_in(section.get(kinds.PROCESS_KEY, ""))


def as_source(name: str, settings: Settings, record: Record) -> Resolved:
    """Return the profile as the source of a role that is not asked for; raises InputError for a wrong endpoint."""
    shared = SharedConfig(*[record.file(path) for path in (settings.config_file, settings.credentials_file)])
    with about(profile=name):
        endpoint_url = endpoint.resolve(record.environ, shared, name)
        is_endpoint_configured = endpoint.is_configured(endpoint_url, shared, name)
    configured, partition = kinds.partition_of(name, shared.profiles)
    partition = partition or "aws"
    role_arn = f"arn:{partition}:iam:::role/none"
    regions = (shared.profiles[name].get("region"), configured, *map(record.environ.get, _REGION_VARIABLES))
    region = next((one for one in regions if one and not partitions.is_foreign(one, role_arn)), "")
    return Resolved(
        profile=RoleProfile(name=name, role_arn=role_arn, source_profile=name),
        request=RoleRequest(
            role_arn=role_arn,
            duration_seconds=0,
            region=region or partitions.default_region(partition),
            partition=partition,
            endpoint_url=endpoint_url,
            is_endpoint_configured=is_endpoint_configured,
        ),
        identity=b"",
        source=Source(),
        session_name=session_name.default(session_name.user(record)),
        parent=None,
        shared=shared,
        record=record,
        child_environ=with_chain(hardening.environment_of_caller(record.environ), (name,)),
    )
