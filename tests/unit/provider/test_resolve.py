"""What is refused before AWS is asked, and which region and endpoint a role is asked for at."""

import hashlib
import json
from pathlib import Path

import pytest

from credhelper.errors import InputError
from credhelper.model.role_request import RoleRequest
from credhelper.provider import inputs
from credhelper.provider.record import Record
from credhelper.provider.resolve import Resolved, resolve
from fakes.home import Home
from fakes.web_tokens import jwt

KEYS = "aws_access_key_id = AKIAACC\naws_secret_access_key = secret\n"


def request_of(home: Home, name: str = "prod-s3", **environ: str) -> RoleRequest:
    return resolved(home, name, **environ).request


def resolved(home: Home, name: str = "prod-s3", **environ: str) -> Resolved:
    return resolve(name, home.settings(), Record({**home.environ, **environ}))


def is_served_to(home: Home, **environ: str) -> bool:
    """Tell whether the entry of a caller with this home's variables is handed to one with these beside them."""
    looked_at = resolved(home).record.variables
    mine, theirs = (inputs.hash_environment({**home.environ, **more}, looked_at) for more in ({}, environ))
    return mine == theirs


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "david")
    made.add_user()
    return made


@pytest.mark.parametrize(
    ("partition", "shell", "region"),
    [
        ("aws", "eu-west-1", "eu-west-1"),
        ("aws", "cn-north-1", "us-east-1"),
        ("aws-cn", "us-east-1", "cn-northwest-1"),
        ("aws-cn", "cn-north-1", "cn-north-1"),
        ("aws-us-gov", "", "us-gov-west-1"),
        ("aws-iso", "us-east-1", "us-iso-east-1"),
        ("aws-iso-b", "", "us-isob-east-1"),
        ("aws-eusc", "eu-central-1", "eusc-de-east-1"),
        ("aws", "garage", "garage"),
    ],
)
def test_region_of_the_shell_counts_in_the_roles_partition_only(
    home: Home, partition: str, shell: str, region: str
) -> None:
    home.add_role(role_arn=f"arn:{partition}:iam::222222222222:role/x")
    home.config.write_text(home.config.read_text().replace("region = us-east-1\n", ""))
    assert request_of(home, AWS_DEFAULT_REGION=shell).region == region


@pytest.mark.parametrize(
    ("line", "region"),
    [
        ("region = eu-west-1", "eu-west-1"),
        ("region =", "us-east-1"),
        ("region = eu-west-1  # mine", "us-east-1"),
        ('region = "eu-west-1"', "us-east-1"),
        ("region = EU-WEST-1", "us-east-1"),
        ("region = \u00fc", "us-east-1"),
    ],
)
def test_region_of_a_source_counts_where_it_is_one(home: Home, line: str, region: str) -> None:
    """`profile add` says that it does not copy the others; the role is asked for all the same."""
    home.add_role()
    text = home.config.read_text().replace("region = us-east-1\n", "region =\n")
    home.config.write_text(f"[default]\n{line}\n{text}", "utf-8")
    assert request_of(home).region == region


@pytest.mark.parametrize("owner", ["the profile", "its source"])
def test_region_of_another_partition_is_the_fault(home: Home, owner: str) -> None:
    home.add_role(role_arn="arn:aws-cn:iam::222222222222:role/x")
    if owner == "its source":
        text = home.config.read_text().replace("region = us-east-1\n", "")
        home.config.write_text(f"[default]\nregion = us-east-1\n{text}")
    with pytest.raises(InputError, match="region us-east-1 is in partition aws, and the role is in aws-cn") as caught:
        request_of(home)
    assert "--region cn-northwest-1" in caught.value.hint


@pytest.mark.parametrize("file", ["config", "credentials"])
@pytest.mark.parametrize("key", ["aws_access_key_id = AKIAX\n", "aws_secret_access_key = x\n"])
def test_credhelper_profile_with_keys_of_its_own_is_no_source(home: Home, file: str, key: str) -> None:
    home.add_role("parent")
    home.add_role(source="parent")
    path = home.aws / file
    header = "[profile parent]\n" if file == "config" else "[parent]\n"
    text = path.read_text()
    path.write_text(text.replace(header, header + key) if header in text else f"{text}{header}{key}")
    line = path.read_text().splitlines().index(key.strip()) + 1
    with pytest.raises(
        InputError, match=f"line {line} of {path}: profile parent is a source, and it has {key.split(maxsplit=1)[0]}"
    ):
        request_of(home)


def test_circle_of_which_one_member_is_native_is_a_loop(home: Home) -> None:
    home.add_role(source="native")
    with home.config.open("a") as file:
        file.write("[profile native]\nrole_arn = arn:aws:iam::222222222222:role/n\nsource_profile = prod-s3\n")
    with pytest.raises(InputError, match="the source profiles form a loop: prod-s3 -> native"):
        request_of(home)
    with (home.aws / "credentials").open("a") as file:
        file.write(f"[native]\n{KEYS}")
    assert request_of(home).role_arn


@pytest.mark.parametrize(
    ("named", "variable", "is_configured"),
    [
        ("http://127.0.0.1:9000", "", True),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000", True),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9001", False),
        ("", "http://127.0.0.1:9000", False),
        ("", "", False),
    ],
)
def test_endpoint_is_the_config_files_or_a_variables(
    home: Home, named: str, variable: str, *, is_configured: bool
) -> None:
    home.add_role()
    if named:
        home.config.write_text(f"{home.config.read_text().rstrip()}\nendpoint_url = {named}\n")
    home.environ.pop("AWS_ENDPOINT_URL_STS", None)
    assert request_of(home, AWS_ENDPOINT_URL_STS=variable).is_endpoint_configured is is_configured


def test_other_home_has_other_entries_with_the_same_files_named(home: Home) -> None:
    """Tokens, and the files that a variable leaves out, are found by it."""
    home.add_role()
    home.environ |= {"AWS_CONFIG_FILE": str(home.config), "AWS_SHARED_CREDENTIALS_FILE": str(home.aws / "credentials")}
    assert is_served_to(home, TERM="dumb")
    assert not is_served_to(home, HOME="/home/bob")


PROGRAMS = {
    "./tool/vault": False,
    "tool/vault --x": False,
    "../vault": False,
    "~/bin/vault": False,
    "'./my tool' --x": False,
    "./vault 'open": True,  # starts nothing
    "vault ./relative": True,
    "/opt/tool/vault": True,
    "'/opt/my tool/vault' ./x": True,
}


@pytest.mark.parametrize("link", ["source", "below a native role", "below a native role of another"])
@pytest.mark.parametrize(("command", "is_taken"), PROGRAMS.items())
def test_program_is_one_in_every_directory(home: Home, command: str, link: str, *, is_taken: bool) -> None:
    native = "role_arn = arn:aws:iam::222222222222:role/n\nsource_profile ="
    home.config.write_text(
        f"[profile end]\ncredential_process = {command}\n[profile one]\n{native} end\n[profile two]\n{native} one\n"
    )
    home.add_role(source={"source": "end", "below a native role": "one"}.get(link, "two"))
    if is_taken:
        assert request_of(home).role_arn
        return
    with pytest.raises(InputError, match="decides who the source of prod-s3 is, and is a relative path") as caught:
        request_of(home)
    assert "credhelper profile show" in caught.value.hint


@pytest.mark.parametrize(
    ("mine", "theirs", "is_same"),
    [
        ({"LOGNAME": "david"}, {"LOGNAME": "ceo"}, False),
        ({"USER": "david"}, {"USER": "ceo"}, False),
        ({"USERNAME": "david"}, {"LOGNAME": "ceo"}, False),
        ({}, {"LOGNAME": "ceo"}, False),
        ({"LOGNAME": "david"}, {"LOGNAME": "david", "USER": "ceo"}, True),
        ({"LOGNAME": "", "USER": "david"}, {"LOGNAME": "", "USER": "david", "USERNAME": "ceo"}, True),
        ({"LOGNAME": "david"}, {"USER": "david"}, True),
        ({"LOGNAME": "david", "USER": "ceo"}, {"LOGNAME": "", "USERNAME": "david"}, True),
        ({"LOGNAME": "david", "USER": "ceo"}, {"LOGNAME": "ceo", "USER": "david"}, False),
        ({}, {"LOGNAME": "", "USERNAME": ""}, True),
    ],
)
@pytest.mark.parametrize("name", ["prod-s3", "child", "fixed"])
def test_user_who_names_the_session_is_part_of_who_asks(
    home: Home, name: str, mine: dict[str, str], theirs: dict[str, str], *, is_same: bool
) -> None:
    home.add_role()
    home.add_role("child", source="prod-s3", role_session_name="fixed")
    home.add_role("fixed", role_session_name="fixed")
    first, second = (resolved(home, name, **environ) for environ in (mine, theirs))
    is_one = is_same or name == "fixed"
    assert (first.identity == second.identity) == is_one
    assert (first.session_name == second.session_name) == (is_one or name == "child")
    hashes = {inputs.hash_environment({**home.environ, **more}, first.record.variables) for more in (mine, theirs)}
    assert (len(hashes) == 1) == is_one


@pytest.mark.parametrize("variable", ["", "https://sts.corp.example"])
def test_endpoint_that_is_refused_is_removed_by_the_hint(home: Home, variable: str) -> None:
    home.add_role("parent")
    home.config.write_text(home.config.read_text().rstrip() + "\nendpoint_url = http://sts.corp.example\n")
    home.add_role(source="parent")
    with pytest.raises(InputError, match="neither https nor a loopback address") as caught:
        resolved(home, AWS_ENDPOINT_URL_STS=variable)
    assert caught.value.hint.endswith("credhelper profile unset parent endpoint_url")


def test_hosts_name_is_no_part_of_who_asks(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.add_role()
    seen = []
    for host in ("laptop", "laptop.office"):
        monkeypatch.setattr("socket.gethostname", lambda host=host: host)
        seen.append(resolved(home, LOGNAME="david"))
    assert [one.session_name for one in seen] == ["david@laptop", "david@laptop.office"]
    assert seen[0].identity == seen[1].identity


@pytest.mark.parametrize(("command", "is_served"), [("vault", False), ("/opt/vault", True)])
def test_program_without_a_directory_is_that_of_the_path(home: Home, command: str, *, is_served: bool) -> None:
    home.config.write_text(f"[profile end]\ncredential_process = {command}\n")
    home.add_role(source="end")
    assert is_served_to(home, PATH="/elsewhere") is is_served


ROLE = "role_arn = arn:aws:iam::222222222222:role/n"
POD = {"iss": "https://oidc", "sub": "app", "aud": ["sts.amazonaws.com"]}
LOGIN = {"accessToken": {"accountId": "111111111111", "accessKeyId": "ASIA0"}, "dpopKey": "k", "refreshToken": "r"}
SIGN_IN = {"startUrl": "https://x", "accessToken": "access", "refreshToken": "r"}
LEGACY = {"startUrl": "https://x", "accessToken": "access"}
# Of each kind of source with a token in a file: its section, the file, and the token as it is, refreshed, another's.
# There is no refresh of the old form of SSO.
TOKENS: dict[str, tuple[str, str, object, object, object]] = {
    "sso-session": (
        "[sso-session s]\nsso_start_url = https://x\n[profile end]\nsso_session = s",
        f".aws/sso/cache/{hashlib.sha1(b's', usedforsecurity=False).hexdigest()}.json",
        SIGN_IN,
        {**SIGN_IN, "accessToken": "new"},
        {**SIGN_IN, "refreshToken": "s"},
    ),
    "legacy SSO": (
        "[profile end]\nsso_start_url = https://x",
        f".aws/sso/cache/{hashlib.sha1(b'https://x', usedforsecurity=False).hexdigest()}.json",
        LEGACY,
        None,
        {**LEGACY, "accessToken": "new"},
    ),
    "login": (
        "[profile end]\nlogin_session = arn:aws:iam::111111111111:user/David",
        f".aws/login/cache/{hashlib.sha256(b'arn:aws:iam::111111111111:user/David').hexdigest()}.json",
        LOGIN,
        {**LOGIN, "accessToken": {"accountId": "111111111111", "accessKeyId": "ASIA1"}, "refreshToken": "s"},
        {**LOGIN, "dpopKey": "l"},
    ),
    "web identity": (
        f"[profile end]\n{ROLE}\nweb_identity_token_file = HOME/token",
        "token",
        jwt({**POD, "exp": 1}),
        jwt({**POD, "exp": 2}),
        jwt({**POD, "exp": 1, "sub": "another"}),
    ),
}


@pytest.mark.parametrize("link", ["source", "below a native role", "below one of ours"])
@pytest.mark.parametrize("kind", TOKENS)
def test_refreshed_token_is_the_same_source_and_anothers_is_not(home: Home, kind: str, link: str) -> None:
    section, name, before, refreshed, anothers = TOKENS[kind]
    file = home.path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    home.config.write_text(f"{section.replace('HOME', str(home.path))}\n[profile hop]\n{ROLE}\nsource_profile = end\n")
    home.add_role("ours", "end")
    home.add_role(source={"source": "end", "below a native role": "hop"}.get(link, "ours"))

    def identity_with(token: object) -> bytes:
        file.write_text(token if isinstance(token, str) else json.dumps(token))
        return resolved(home).identity

    signed_in = identity_with(before)
    assert identity_with(before) == signed_in
    assert refreshed is None or identity_with(refreshed) == signed_in
    assert identity_with(anothers) != signed_in
    file.unlink()
    assert resolved(home).identity not in (signed_in, identity_with(anothers))


@pytest.mark.parametrize("variable", ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])
def test_token_of_a_pod_that_is_made_once_more_is_the_same_source(home: Home, variable: str) -> None:
    home.add_role(source="", credential_source="EcsContainer")
    file = home.path / "token"
    seen = []
    for claims in ({**POD, "exp": 1}, {**POD, "exp": 2}, {**POD, "sub": "another"}):
        file.write_text(jwt(claims))
        seen.append(resolved(home, **{variable: str(file)}).identity)
    assert seen[0] == seen[1] != seen[2]


# What of the caller's environment is part of who a program says they are: what you cannot assume, in the threat model.
OF_THE_PROGRAM = {
    **dict.fromkeys(["HOME", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"], True),
    **dict.fromkeys(["AWS_ACCESS_KEY_ID", "AWS_VAULT", "AWS_SSO_SESSION", "AWS_SOME_NEW_NAME", "LOGNAME"], True),
    **dict.fromkeys(["AWS_PAGER", "AWS_DEFAULT_OUTPUT", "AWS_MAX_ATTEMPTS", "AWS_EXECUTION_ENV"], False),
    **dict.fromkeys(
        ["VAULT_ADDR", "VAULT_TOKEN", "OP_ACCOUNT", "XDG_CONFIG_HOME", "WINDOWID", "PATH", "aws_profile"], False
    ),
}


@pytest.mark.parametrize("link", ["source", "below a native role"])
@pytest.mark.parametrize(("variable", "is_recorded"), OF_THE_PROGRAM.items())
def test_variables_of_a_source_s_program_that_belong_to_the_identity(
    home: Home, variable: str, link: str, *, is_recorded: bool
) -> None:
    home.config.write_text(
        "[profile end]\ncredential_process = /opt/vault\n"
        "[profile one]\nrole_arn = arn:aws:iam::222222222222:role/n\nsource_profile = end\n"
    )
    home.add_role(source="end" if link == "source" else "one")
    assert is_served_to(home, **{variable: "/elsewhere"}) is not is_recorded
