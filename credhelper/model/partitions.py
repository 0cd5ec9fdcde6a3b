"""AWS's partitions: separate worlds of accounts, keys and host names. Pure; tests compare it with botocore's data.

A region belongs to one partition, and an access key or a role of another is not known there.
"""

import re

# By id: the region that botocore takes where none is named, the shape of its regions, and the ends of its host names.
_TABLE: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "aws": ("us-east-1", r"(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+", ("amazonaws.com", "api.aws")),
    "aws-cn": ("cn-northwest-1", r"cn-\w+-\d+", ("amazonaws.com.cn", "api.amazonwebservices.com.cn")),
    "aws-us-gov": ("us-gov-west-1", r"us-gov-\w+-\d+", ("amazonaws.com", "api.aws")),
    "aws-eusc": ("eusc-de-east-1", r"eusc-(de)-\w+-\d+", ("amazonaws.eu", "api.amazonwebservices.eu")),
    "aws-iso": ("us-iso-east-1", r"us-iso-\w+-\d+", ("c2s.ic.gov", "api.aws.ic.gov")),
    "aws-iso-b": ("us-isob-east-1", r"us-isob-\w+-\d+", ("sc2s.sgov.gov", "api.aws.scloud")),
    "aws-iso-e": ("eu-isoe-west-1", r"eu-isoe-\w+-\d+", ("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk")),
    "aws-iso-f": ("us-isof-south-1", r"us-isof-\w+-\d+", ("csp.hci.ic.gov", "api.aws.hci.ic.gov")),
}
PARTITIONS = tuple(_TABLE)


def default_region(partition: str) -> str:
    """Return the region to ask where none is configured; a partition that is not known has none of its own."""
    return _TABLE.get(partition, _TABLE["aws"])[0]


def host_suffix(partition: str) -> str:
    """Return what AWS's host names of a partition end with."""
    return _TABLE.get(partition, _TABLE["aws"])[2][0]


def partition_of_region(region: str) -> str | None:
    """Return the partition that a region belongs to, None if its name has no shape of AWS's (an emulator's)."""
    return next((name for name, (_, shape, _ends) in _TABLE.items() if re.fullmatch(shape, region, re.ASCII)), None)


def partition_of_role(role_arn: str) -> str:
    """Return the second part of an ARN."""
    return role_arn.split(":")[1]


def is_foreign(region: str, role_arn: str) -> bool:
    """Tell whether a region belongs to another partition than the role: AWS would not know the key there."""
    return partition_of_region(region) not in (None, partition_of_role(role_arn))


def mismatch(region: str, role_arn: str) -> str:
    """Return the sentence about a region that is foreign to a role."""
    there, asked = partition_of_region(region), partition_of_role(role_arn)
    return f"region {region} is in partition {there}, and the role is in {asked}: one is not known in the other"


def is_aws_host(host: str, service_host: str) -> bool:
    """Tell whether `host` is AWS's own for `service_host` ("sts", "oidc", "portal.sso"), in any region.

    FIPS, dual stack and VPC endpoints included. Not every host below amazonaws.com: there are those of customers, too.
    """
    ends = "|".join(sorted({re.escape(end) for _, _, ends in _TABLE.values() for end in ends}))
    shape = rf"(vpce-[0-9a-z-]+\.)?{re.escape(service_host)}(-fips)?(\.[a-z0-9-]+)?(\.vpce)?\.({ends})"
    return re.fullmatch(shape, host, re.ASCII) is not None
