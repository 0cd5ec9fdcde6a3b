"""AWS's partitions, all that botocore knows: a role is asked for in its own, and another one's region is the fault."""

import json
import re
import shlex
from pathlib import Path

import botocore
import pytest

from credhelper.awsconfig.lint.both import check
from credhelper.awsconfig.profiles.role_profile import RoleProfile
from credhelper.errors import InputError
from credhelper.model.partitions import PARTITIONS
from credhelper.provider.record import Record
from credhelper.provider.resolve import resolve
from fakes.aws_names import AwsNames
from fakes.home import Home, error, key_id
from fakes.sts import FakeSts

_DATA = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text())["partitions"]
REGIONS = {one["id"]: [name for name in one["regions"] if not name.endswith("-global")] for one in _DATA}
OWN = {one["id"]: str(one["outputs"]["implicitGlobalRegion"]) for one in _DATA}
SUFFIX = {one["id"]: str(one["outputs"]["dnsSuffix"]) for one in _DATA}


def role_of(partition: str) -> str:
    return f"arn:{partition}:iam::222222222222:role/team/reader"


def foreign_to(partition: str) -> str:
    """Return the region of the next partition in the list."""
    names = list(OWN)
    return OWN[names[(names.index(partition) + 1) % len(names)]]


def is_named(text: str, region: str, partition: str) -> bool:
    return re.search(rf"region {region} is in partition \S+, and the role is in {partition}:", text) is not None


@pytest.fixture
def home(behind_proxy: Home) -> Home:
    return behind_proxy


def test_every_partition_of_botocore_is_one_of_ours() -> None:
    assert set(OWN) <= set(PARTITIONS)


@pytest.mark.parametrize("partition", OWN)
def test_role_is_asked_for_and_signed_in_its_own_partition(
    home: Home, aws: AwsNames, sts: FakeSts, partition: str
) -> None:
    done = home.run("profile", "add", "prod-s3", "--role-arn", role_of(partition), "--source-profile", "default")
    assert done.returncode == 0, done.stderr
    key_id(home.get(AWS_DEFAULT_REGION=foreign_to(partition), AWS_REGION=foreign_to(partition)))
    assert aws.hosts == [f"sts.{OWN[partition]}.{SUFFIX[partition]}"]
    assert sts.regions == [OWN[partition]]
    assert [request["RoleArn"] for request in sts.requests] == [role_of(partition)]


@pytest.mark.parametrize("partition", OWN)
def test_region_of_another_partition_is_named_by_add_check_and_get(home: Home, sts: FakeSts, partition: str) -> None:
    foreign = foreign_to(partition)
    before = home.config.read_bytes()
    add = ["profile", "add", "prod-s3", "--role-arn", role_of(partition), "--source-profile", "default"]
    assert is_named(error(home.run(*add, "--region", foreign), InputError.exit_code), foreign, partition)
    assert home.config.read_bytes() == before

    home.add_role(role_arn=role_of(partition))
    home.config.write_text(home.config.read_text().replace("us-east-1", foreign))
    text = error(home.get(), InputError.exit_code)
    assert is_named(text, foreign, partition)
    assert sts.count() == 0
    found = json.loads(home.run("profile", "check", "--json").stdout)
    assert "region-partition" in json.dumps(found)

    _, *arguments = shlex.split(text.splitlines()[1].removeprefix("hint: "))
    done = home.run(*arguments)
    assert done.returncode == 0, done.stderr
    key_id(home.get())
    assert sts.regions == [OWN[partition]]


@pytest.mark.parametrize("partition", OWN)
def test_region_of_the_source_counts_where_the_profile_has_none(home: Home, sts: FakeSts, partition: str) -> None:
    foreign = foreign_to(partition)
    home.config.write_text(home.config.read_text().replace("[default]\n", f"[default]\nregion = {foreign}\n"))
    add = ["profile", "add", "prod-s3", "--role-arn", role_of(partition), "--source-profile", "default"]
    assert is_named(error(home.run(*add), InputError.exit_code), foreign, partition)
    home.add_role(role_arn=role_of(partition))
    home.config.write_text(home.config.read_text().replace("region = us-east-1\n\n", "\n"))
    assert is_named(error(home.get(), InputError.exit_code), foreign, partition)
    assert "region-partition" in json.dumps(json.loads(home.run("profile", "check", "--json").stdout))
    assert sts.count() == 0


@pytest.mark.parametrize("partition", OWN)
def test_every_region_of_botocore_is_taken_in_its_partition_and_refused_in_each_other(
    tmp_path: Path, partition: str
) -> None:
    home = Home(tmp_path / "david")
    home.add_user()
    for owner, regions in REGIONS.items():
        for region in regions:
            home.config.unlink(missing_ok=True)
            home.add_role(role_arn=role_of(partition))
            text = home.config.read_text().replace("us-east-1", region)
            home.config.write_text(text)
            section = dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line)
            is_found = "region-partition" in [finding.name for finding in check(text.encode())]
            if owner == partition:
                assert RoleProfile.from_section("prod-s3", section).region == region
                assert resolve("prod-s3", home.settings(), Record(home.environ)).request.region == region
                assert not is_found
                continue
            assert is_found
            for ask in (
                lambda section=section: RoleProfile.from_section("prod-s3", section),
                lambda: resolve("prod-s3", home.settings(), Record(home.environ)),
            ):
                with pytest.raises(InputError) as caught:
                    ask()
                assert is_named(caught.value.message, region, partition)
