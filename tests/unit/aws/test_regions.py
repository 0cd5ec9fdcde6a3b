"""The regions that are offered are botocore's, and finding them does not load it."""

import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest

from credhelper.aws.regions import is_known, likely, region_names


def test_regions_are_those_of_every_partition_that_botocore_has_endpoints_for() -> None:
    session = botocore.session.Session()
    known = {
        region
        for partition in session.get_available_partitions()
        for service in ("sts", "ec2")
        for region in session.get_available_regions(service, partition)
    }
    assert known <= set(region_names())
    # botocore's two lists are not of one day: a region may be in the other already.
    data = session.get_component("data_loader").load_data("endpoints")
    both = {region for partition in data["partitions"] for region in partition["regions"]}
    assert len(both ^ set(region_names())) <= 3


def test_names_of_regions_are_found_without_loading_botocore() -> None:
    code = (
        "import sys; from credhelper.aws.regions import region_names; "
        "print(len(region_names()), 'botocore' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    count, is_loaded = shown.split()
    assert int(count) > 30
    assert is_loaded == "False"


@pytest.mark.parametrize(
    ("region", "partition", "meant"),
    [
        ("eu-wst-1", "aws", "eu-west-1"),
        ("eu-central1", "aws", "eu-central-1"),
        ("us-gov-wst-1", "aws-us-gov", "us-gov-west-1"),
        ("cn-nort-1", "aws-cn", "cn-north-1"),
        ("eu-west-1", "aws-cn", "cn-northwest-1"),
        ("", "aws", "us-east-1"),
        ("zzz", "aws-us-gov", "us-gov-west-1"),
    ],
)
def test_region_that_was_meant_is_near_and_in_the_partition(region: str, partition: str, meant: str) -> None:
    assert likely(region, partition) == meant
    assert is_known(meant)
    assert not is_known("eu-wst-1")


def test_any_region_may_be_one_where_botocores_data_is_missing(tmp_path: Path) -> None:
    (tmp_path / "botocore").mkdir()
    (tmp_path / "botocore" / "__init__.py").touch()
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from credhelper.aws.regions import is_known, likely, region_names\n"
        "print(region_names(), is_known('eu-wst-1'), likely('eu-wst-1', 'aws-cn'))"
    )
    line = [sys.executable, "-I", "-c", code, str(tmp_path)]
    shown = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    assert shown == "[] True cn-northwest-1\n"
