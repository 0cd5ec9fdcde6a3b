"""What `env` prints comes from the profile as credhelper reads it, and the document it has."""

import json
import os
import stat
from pathlib import Path

import pytest

from fakes.home import PROGRAM, Home, key_id
from fakes.sts import FakeSts
from fakes.typist import Typist


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


@pytest.mark.parametrize(
    ("style", "shell", "expected"),
    [
        ("dotenv", "", "(umask 077; credhelper env --format dotenv r/1 > r-1.env)"),
        ("docker", "", "(umask 077; credhelper env --format docker r/1 > r-1.env)"),
        ("json", "", "(umask 077; credhelper env --format json r/1 > r-1.json)"),
        ("sts", "", "(umask 077; credhelper env --format sts r/1 > r-1.json)"),
        ("bash", "", 'eval "$(credhelper env --format bash r/1)"'),
        ("fish", "", "credhelper env --format fish r/1 | source"),
        ("nushell", "", "credhelper env --format nushell r/1 | from json | load-env"),
        ("powershell", "", "credhelper env --format powershell r/1 | Out-String | Invoke-Expression"),
        ("", "/bin/bash", 'eval "$(credhelper env r/1)"'),
        ("", "/usr/bin/nu", "credhelper env r/1 | from json | load-env"),
        ("", "/usr/bin/pwsh", "credhelper env r/1 | Out-String | Invoke-Expression"),
    ],
)
def test_hint_at_a_terminal_is_not_what_was_refused(tmp_path: Path, style: str, shell: str, expected: str) -> None:
    with FakeSts() as sts:
        home = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url, SHELL=shell)
        home.add_user()
        home.add_role("r/1")
        arguments = ["env", *(["--format", style] if style else []), "r/1"]
        with Typist(home, arguments, is_standard=True) as person:
            assert person.process.wait(60) == 2
            person.wait_for(f"hint: {expected}\r\n")
        if "umask" in expected:
            path = f"{Path(PROGRAM[0]).parent}{os.pathsep}{home.environ['PATH']}"
            with Typist(home, command=["/bin/sh", "-c", expected], is_standard=True, PATH=path) as person:
                assert person.process.wait(60) == 0
            file = home.path / expected.rsplit(maxsplit=1)[-1].rstrip(")")
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert "ASIA" in file.read_text()
            file.unlink()
