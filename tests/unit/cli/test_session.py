"""What `env` prints comes from the profile as credhelper reads it, and the document it has."""

import json
from pathlib import Path

import pytest

from fakes.home import Home, key_id
from fakes.sts import FakeSts


@pytest.mark.parametrize("in_credentials", ["", "eu-north-1"])
def test_region_is_the_profiles_and_the_credentials_file_goes_first(tmp_path: Path, in_credentials: str) -> None:
    with FakeSts() as sts:
        home = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
        home.add_user()
        home.add_role()
        if in_credentials:
            with (home.aws / "credentials").open("a") as file:
                file.write(f"[prod-s3]\nregion = {in_credentials}\n")
        variables = json.loads(home.run("env", "prod-s3", "--format", "json").stdout)
        assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == (in_credentials or "us-east-1")
        assert variables["AWS_ACCESS_KEY_ID"] == key_id(home.get())
