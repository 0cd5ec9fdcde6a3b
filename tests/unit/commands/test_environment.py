"""What tools without --profile take, held against botocore itself in every combination of variables and profiles."""

import itertools
import os
from pathlib import Path

import botocore.exceptions
import botocore.session
import pytest

from credhelper.commands import environment
from credhelper.commands.environment import choose
from credhelper.commands.profile.list import open_sections
from credhelper.errors import InputError
from credhelper.settings import from_environment

ROLE = "arn:aws:iam::222222222222:role/read"
SECRET = "of-no-worth"
PROFILES = {
    "none": "",
    "settings": "[{}]\nregion = us-east-1\n",
    "static": f"[{{}}]\naws_access_key_id = AKIAX\naws_secret_access_key = {SECRET}\n",
    "role": f"[{{}}]\nrole_arn = {ROLE}\nsource_profile = base\nregion = us-east-1\n",
    "sso": "[{}]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 222222222222\n"
    "sso_role_name = R\n",
    "web": f"[{{}}]\nrole_arn = {ROLE}\nweb_identity_token_file = /token\nregion = us-east-1\n",
}
# What the environment may have, each alone and with the others.
NAMED: list[dict[str, str]] = [
    {},
    {"AWS_PROFILE": "a"},
    {"AWS_DEFAULT_PROFILE": "a", "AWS_PROFILE": "missing"},
    {"AWS_DEFAULT_PROFILE": "missing", "AWS_PROFILE": "a"},
    {"AWS_PROFILE": ""},
]
KEYS: list[dict[str, str]] = [
    {},
    {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": SECRET},
    {"AWS_ACCESS_KEY_ID": "AKIAENV"},
    {"AWS_SECRET_ACCESS_KEY": SECRET},
    {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": SECRET},
]
TOKENS: list[dict[str, str]] = [
    {},
    {"AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": ROLE},
    {"AWS_WEB_IDENTITY_TOKEN_FILE": "/token"},
]
# Nothing answers there.
CONTAINERS: list[dict[str, str]] = [{}, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/"}]
STATIC = "profile a has aws_access_key_id (static)"
METHODS = {
    "env": environment.KEYS,
    "assume-role": environment.PROFILE,
    "sso": environment.PROFILE,
    "config-file": environment.PROFILE,
    "shared-credentials-file": environment.PROFILE,
}


def of_botocore() -> str:
    """Return what botocore takes, "" where it fails before that."""
    try:
        found = botocore.session.Session().get_credentials()
    except (botocore.exceptions.CredentialRetrievalError, botocore.exceptions.MetadataRetrievalError):
        return environment.CONTAINER
    except botocore.exceptions.BotoCoreError:
        return ""
    if found is None:
        return environment.INSTANCE
    if found.method == "assume-role-with-web-identity":
        has_variable = "AWS_WEB_IDENTITY_TOKEN_FILE" in os.environ
        return environment.WEB_IDENTITY if has_variable else environment.PROFILE
    return METHODS[found.method]


def ours() -> tuple[str, str]:
    """Return what we say is taken, with the profile; "" where it fails."""
    try:
        found = choose(os.environ, open_sections(from_environment(os.environ)))
    except InputError as error:
        return "", error.message
    assert found.reasons
    return found.kind, found.profile


WORLDS = list(itertools.product(PROFILES, PROFILES, NAMED, KEYS, TOKENS, CONTAINERS))
# Every so-manieth of 5,400; each of them with ENVIRONMENTS=5400.
STEP = len(WORLDS) // int(os.environ.get("ENVIRONMENTS", "150"))


def test_botocore_takes_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Path(os.environ["HOME"], ".aws", "config")
    base = PROFILES["static"].format("profile base")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
    seen = set()
    for default, named, *parts in WORLDS[:: max(1, STEP | 1)]:
        config.write_text(PROFILES[default].format("default") + PROFILES[named].format("profile a") + base)
        variables = {name: value for part in parts for name, value in part.items()}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            kind, _profile = ours()
            assert kind == of_botocore(), (default, named, variables)
            seen.add(kind)
    assert len(seen) == 6  # one of them is that nothing is taken


def reasons(monkeypatch: pytest.MonkeyPatch, text: str, **variables: str) -> list[str]:
    config = Path(os.environ["HOME"], ".aws", "config")
    config.write_text(text)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = choose(os.environ, open_sections(from_environment(os.environ)))
    return [f"{one.text} {one.place.file}:{one.place.line}" if one.place else one.text for one in found.reasons]


def test_keys_before_a_profile_are_named_with_what_they_go_before(monkeypatch: pytest.MonkeyPatch) -> None:
    said = reasons(monkeypatch, PROFILES["static"].format("profile a"), AWS_PROFILE="a", **KEYS[1])
    assert said == [
        "AWS_ACCESS_KEY_ID is set, and goes before AWS_PROFILE; tools with --profile do not look at it",
        "AWS_PROFILE names profile a",
    ]


def test_line_that_decides_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    said = reasons(monkeypatch, PROFILES["role"].format("profile a"), AWS_PROFILE="a")
    file = Path(os.environ["HOME"], ".aws", "config")
    assert said == ["AWS_PROFILE names profile a", f"profile a has role_arn (role) {file}:2"]


def test_two_variables_that_differ_are_both_named(monkeypatch: pytest.MonkeyPatch) -> None:
    text = PROFILES["static"].format("profile a")
    said = reasons(monkeypatch, text, AWS_DEFAULT_PROFILE="a", AWS_PROFILE="b")
    assert said[:2] == [
        "AWS_DEFAULT_PROFILE names profile a",
        "AWS_PROFILE names b: SDKs other than the AWS CLI's take that one",
    ]


def test_other_files_and_who_put_the_keys_there_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "elsewhere"
    file.write_text(PROFILES["static"].format("profile a"))
    said = reasons(monkeypatch, "", AWS_CONFIG_FILE=str(file), AWS_PROFILE="a")
    assert said == ["AWS_PROFILE names profile a", f"AWS_CONFIG_FILE names the file {file}", f"{STATIC} {file}:2"]
    said = reasons(monkeypatch, "", CREDHELPER_PROFILE="prod-s3", **KEYS[1])
    assert "CREDHELPER_PROFILE says that credhelper put them there, for profile prod-s3" in said


@pytest.mark.parametrize(
    ("variables", "message", "hint"),
    [
        ({"AWS_PROFILE": ""}, "AWS_PROFILE is set and empty", "unset AWS_PROFILE"),
        ({"AWS_PROFILE": "aa"}, "AWS_PROFILE names profile aa, which is not there", "did you mean a? see them: "),
        (KEYS[2], "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not", "unset AWS_ACCESS_KEY_ID"),
        (TOKENS[2], "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not", "unset AWS_WEB_IDENTITY_TOKEN_FILE"),
    ],
)
def test_what_stops_botocore_is_an_error_with_the_way_out(
    variables: dict[str, str], message: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError) as caught:
        reasons(monkeypatch, PROFILES["settings"].format("profile a"), **variables)
    assert caught.value.message.startswith(message)
    assert caught.value.hint.startswith(hint)
