"""Partitions as botocore knows them."""

import json
import re
from pathlib import Path

import botocore
import pytest

from credhelper.model import partitions

DATA = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text())["partitions"]


@pytest.mark.parametrize("partition", DATA, ids=lambda partition: str(partition["id"]))
def test_table_is_botocores(partition: dict[str, object]) -> None:
    name, outputs = str(partition["id"]), partition["outputs"]
    assert isinstance(outputs, dict)
    assert isinstance(partition["regions"], dict)
    assert partitions.default_region(name) == outputs["implicitGlobalRegion"]
    regions = [region for region in partition["regions"] if not region.endswith("-global")]
    assert {partitions.partition_of_region(region) for region in regions} == {name}
    assert re.fullmatch(str(partition["regionRegex"]), outputs["implicitGlobalRegion"])
    for end in (outputs["dnsSuffix"], outputs["dualStackDnsSuffix"]):
        assert partitions.is_aws_host(f"sts.{regions[0]}.{end}", "sts")


def test_every_partition_of_the_table_is_botocores() -> None:
    # The oldest botocore that is supported does not know this one yet.
    assert set(partitions.PARTITIONS) - {"aws-eusc"} <= {partition["id"] for partition in DATA}


@pytest.mark.parametrize(
    ("region", "role_arn", "is_foreign"),
    [
        ("us-east-1", "arn:aws:iam::1:role/x", False),
        ("us-east-1", "arn:aws-cn:iam::1:role/x", True),
        ("us-gov-west-1", "arn:aws:iam::1:role/x", True),
        ("us-iso-east-1", "arn:aws-iso:iam::1:role/x", False),
        ("us-iso-east-1", "arn:aws-iso-b:iam::1:role/x", True),
        ("eusc-de-east-1", "arn:aws-eusc:iam::1:role/x", False),
        ("garage", "arn:aws:iam::1:role/x", False),
    ],
)
def test_region_of_another_partition_is_foreign(region: str, role_arn: str, *, is_foreign: bool) -> None:
    assert partitions.is_foreign(region, role_arn) is is_foreign
    if is_foreign:
        assert region in partitions.mismatch(region, role_arn)


@pytest.mark.parametrize(
    ("host", "service", "is_awss"),
    [
        ("portal.sso.eu-west-1.amazonaws.com", "portal.sso", True),
        ("oidc.cn-north-1.amazonaws.com.cn", "oidc", True),
        ("sts.amazonaws.com", "sts", True),
        ("sts-fips.us-gov-west-1.amazonaws.com", "sts", True),
        ("sts.eu-west-1.api.aws", "sts", True),
        ("vpce-0a1b-2c3d.sts.eu-west-1.vpce.amazonaws.com", "sts", True),
        ("evil.s3.amazonaws.com", "sts", False),
        ("sts.evil.execute-api.eu-west-1.amazonaws.com", "sts", False),
        ("sts.eu-west-1.amazonaws.com.evil.example", "sts", False),
        ("oidc.eu-west-1.amazonaws.com", "portal.sso", False),
        ("sts.eu-west-1.amazonaws.com\n", "sts", False),
    ],
)
def test_host_is_awss_own(host: str, service: str, *, is_awss: bool) -> None:
    assert partitions.is_aws_host(host, service) is is_awss
