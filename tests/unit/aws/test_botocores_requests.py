"""The requests that reach STS are botocore's own, for every shape of source: action, signer, role, parameters.

The same role is asked for twice: by botocore's AssumeRoleProvider from a native profile, and by credhelper from one of
its own with the same source.
"""

import os
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from credhelper.commands.profile import check
from credhelper.errors import CredhelperError
from credhelper.provider.get import get
from credhelper.settings import from_environment
from credhelper.system.deadline import Deadline
from fakes.home import Home
from fakes.sts import FakeSts
from vectors import credential_kinds

ROLE = "arn:aws:iam::222222222222:role/prod"
HOP = "role_arn = arn:aws:iam::333333333333:role/hop\nrole_session_name = david\nregion = us-east-1\n"
KEYS = "aws_access_key_id = AKIAALICE00000000001\naws_secret_access_key = secret\n"
OTHER = "[profile other]\naws_access_key_id = AKIABOB0000000000002\naws_secret_access_key = secret\n"
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "AKIACAROL0000000003", "AWS_SECRET_ACCESS_KEY": "secret"}

# Config of the source, its section in the credentials file, and what both make of it: the number of requests.
SHAPES = {
    "keys in the config file": (KEYS, "", 1),
    "keys in the credentials file": ("", KEYS, 1),
    "keys and a session token": (KEYS + "aws_session_token = t\n", "", 1),
    "keys in both files": (KEYS.replace("ALICE", "EVE"), KEYS, 1),
    "keys and a role in the config file": (f"{KEYS}{HOP}source_profile = other\n", "", 1),
    "a role here, keys there": (f"{HOP}source_profile = other\n", KEYS, 1),
    "a role that is its own source": (f"{HOP}source_profile = src\n", KEYS, 1),
    "keys and a role by credential_source": (f"{HOP}credential_source = Environment\n{KEYS}", "", 1),
    "a role": (f"{HOP}source_profile = other\n", "", 2),
    "a role with parameters": (f"{HOP}source_profile = other\nexternal_id = ext\nduration_seconds = 900\n", "", 2),
    "a role by credential_source": (f"{HOP}credential_source = Environment\n", "", 2),
    "half a pair": ("aws_access_key_id = AKIAALICE00000000001\n", "", 0),
    "the other half": ("", "aws_secret_access_key = secret\n", 0),
    "half a pair and a role": (f"{HOP}source_profile = other\naws_secret_access_key = x\n", "", 0),
    "a role without a source": (HOP, "", 0),
    "a role with two sources": (f"{HOP}source_profile = other\ncredential_source = Environment\n", "", 0),
    "a source that is not there": (f"{HOP}source_profile = missing\n", "", 0),
    "nothing": ("output = json\n", "", 0),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_request_is_botocores(shape: str, sts: FakeSts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, credentials, calls = SHAPES[shape]
    home = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url, AWS_EC2_METADATA_DISABLED="true", **ENVIRONMENT)
    native = (
        f"[profile native]\nrole_arn = {ROLE}\nsource_profile = src\nrole_session_name = david\nregion = us-east-1\n"
    )
    home.config.write_text(f"{native}[profile src]\n{config}{OTHER}")
    if credentials:
        (home.aws / "credentials").write_text(f"[src]\n{credentials}")
        (home.aws / "credentials").chmod(0o600)
    home.add_role(source="src", role_arn=ROLE, role_session_name="david")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in home.environ.items():
        monkeypatch.setenv(name, value)
    theirs = botocores(sts)
    sts.requests.clear()
    sts.signers.clear()
    own = credhelpers(sts, home)
    assert len(own) == calls
    assert own == theirs


@pytest.mark.parametrize("part", credential_kinds.PARTS)
def test_request_is_botocores_for_every_mixture_of_a_sources_credentials(
    part: str, sts: FakeSts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part alone and with each other one; where botocore refuses, credhelper does, and what it advises finds why."""
    for case in credential_kinds.cases():
        parts = [name for name, place in case if place == "C"]
        if len(parts) != len(case) or len(parts) > 2 or parts[0] != part:
            continue
        config, credentials = credential_kinds.files_of(case)
        home = Home(tmp_path / "-".join(parts), AWS_ENDPOINT_URL_STS=sts.url, AWS_EC2_METADATA_DISABLED="true")
        native = f"[profile native]\nrole_arn = {ROLE}\nsource_profile = p\nrole_session_name = david\n"
        home.config.write_text(f"{config}{native}region = us-east-1\n")
        home.config.chmod(0o600)
        (home.aws / "credentials").write_text(credentials)
        (home.aws / "credentials").chmod(0o600)
        home.add_role(source="p", role_arn=ROLE, role_session_name="david")
        for name, value in {**home.environ, "AWS_DEFAULT_REGION": "us-east-1", **ENVIRONMENT}.items():
            monkeypatch.setenv(name, value)
        theirs = botocores(sts)
        sts.requests.clear()
        sts.signers.clear()
        own = credhelpers(sts, home)
        assert (parts, nameless(own)) == (parts, nameless(theirs))
        sts.requests.clear()
        sts.signers.clear()


def nameless(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the name of a session that no profile gives a name."""
    return [
        {key: text for key, text in request.items() if key != "RoleSessionName" or text == "david"}
        for request in requests
    ]


def sent(sts: FakeSts) -> list[dict[str, Any]]:
    """Return what was asked; an hour is what STS gives where no duration is asked for."""
    requests = [{"DurationSeconds": "3600", **request} for request in sts.requests]
    return [{"signer": signer, **request} for signer, request in zip(sts.signers, requests, strict=True)]


def botocores(sts: FakeSts) -> list[dict[str, Any]]:
    try:
        botocore.session.Session(profile="native").get_credentials().get_frozen_credentials()
    except Exception:  # noqa: BLE001 - whatever it raises: the requests until then are compared
        return sent(sts)
    return sent(sts)


def credhelpers(sts: FakeSts, home: Home) -> list[dict[str, Any]]:
    own = from_environment(home.environ)
    hint = ""
    try:
        get("prod-s3", own, dict(os.environ), (), Deadline(60))
    except CredhelperError as error:
        hint = error.hint
    assert hint != "credhelper profile check" or check.check_file(own)
    return sent(sts)
