"""A sign-in with every kind of profile: who may, for how long, and what is said where AWS does not let one in."""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlsplit

import pytest

from credhelper.aws import federation
from credhelper.commands import console
from credhelper.commands.console import Link
from credhelper.errors import AwsError, CredhelperError, InputError, MachineError, UnreachableError
from credhelper.model.console_links import Wanted
from credhelper.settings import from_environment
from credhelper.system.one_shot import OneShot
from fakes import canary
from fakes.home import ROLE_ARN, Home
from fakes.signin import TOKEN, FakeSignin
from fakes.sso import FakeSso
from fakes.sts import FakeSts

VAULT_TOKEN = canary.session_token("vault")
PARTITIONS = {
    "aws": ("us-east-1", "signin.aws.amazon.com", "console.aws.amazon.com"),
    "aws-us-gov": ("us-gov-west-1", "signin.amazonaws-us-gov.com", "console.amazonaws-us-gov.com"),
    "aws-cn": ("cn-north-1", "signin.amazonaws.cn", "console.amazonaws.cn"),
    "aws-eusc": ("eusc-de-east-1", "eusc-de-east-1.signin.amazonaws-eusc.eu", "console.amazonaws-eusc.eu"),
}


@pytest.fixture
def signin() -> Iterator[FakeSignin]:
    with FakeSignin() as server:
        yield server


@pytest.fixture
def sso() -> Iterator[FakeSso]:
    with FakeSso() as server:
        yield server


def vault(home: Home, name: str, key: str, token: str | None) -> str:
    program = home.path / f"vault-{name}.sh"
    document = {"Version": 1, "AccessKeyId": key, "SecretAccessKey": canary.secret_key("vault")}
    document |= {"SessionToken": token} if token else {}
    program.write_text(f"#!/bin/sh\necho '{json.dumps(document)}'\n")
    program.chmod(0o700)
    return str(program)


class World:
    """A home with a profile of each kind, whose sign-in is on loopback; `environ` is this process's, too."""

    def __init__(
        self, directory: Path, sts: FakeSts, signin: FakeSignin, sso: FakeSso, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.sts, self.signin = sts, signin
        self.home = home = Home(directory / "david", AWS_ENDPOINT_URL_STS=sts.url)
        for name in ("HOME", "AWS_ENDPOINT_URL_STS"):
            monkeypatch.setenv(name, home.environ[name])
        here = "services = local\n"
        shared = f"[services local]\nsignin =\n  endpoint_url = {signin.url}\nsts =\n  endpoint_url = {sts.url}\n"
        shared += f"sso =\n  endpoint_url = {sso.url}\nsso_oidc =\n  endpoint_url = {sso.url}\n\n"
        native = f"[profile native]\nrole_arn = {ROLE_ARN}\nsource_profile = default\nregion = eu-west-1\n"
        further = f"[profile deeper]\nrole_arn = {ROLE_ARN}-2\nsource_profile = native\nregion = eu-west-1\n"
        text = shared + sso.sections("corp").replace("services = here", "services = local")
        text += f"{native}{here}{further}{here}"
        for name, key, token in (("vault", "ASIAVAULT", VAULT_TOKEN), ("vault-keys", "AKIAVAULT", None)):
            text += (
                f"[profile {name}]\nregion = eu-west-1\ncredential_process = {vault(home, name, key, token)}\n{here}"
            )
        home.config.write_text(text)
        home.config.chmod(0o600)
        home.add_user()
        self.add("prod-s3")
        self.add("chained", source="prod-s3")
        sso.write_token(home.path, left_s=3600)

    def add(self, name: str, *, region: str = "us-east-1", **keys: str) -> None:
        self.home.add_role(name, **keys)
        text = self.home.config.read_text().rstrip("\n").removesuffix("region = us-east-1")
        text += f"region = {region}" if region else ""
        self.home.config.write_text(f"{text}\nservices = local\n\n")

    def link(self, profile: str = "prod-s3", **wanted: Any) -> Link:
        return console.SignIn(self.home.settings(), self.home.environ, profile, Wanted(**wanted)).link(give_up)

    def refused(self, profile: str = "prod-s3", **wanted: Any) -> CredhelperError:
        with pytest.raises(CredhelperError) as caught:
            self.link(profile, **wanted)
        assert not canary.find(caught.value.shown().encode())
        return caught.value

    def lines(self) -> list[Mapping[str, str]]:
        path = Path(self.home.settings().state_dir, "handouts.jsonl")
        return [json.loads(line) for line in path.read_text().splitlines()]


def give_up(outcome: object) -> NoReturn:
    raise AssertionError(outcome)


def fields(link: Link) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(link.url).query, strict_parsing=True).items()}


@pytest.fixture
def world(tmp_path: Path, sts: FakeSts, signin: FakeSignin, sso: FakeSso, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, sts, signin, sso, monkeypatch)


def test_link_signs_in_as_the_role_and_leads_to_the_profiles_region(world: World) -> None:
    link = world.link()
    assert (link.is_secret, link.partition, link.account, link.arn) == (True, "aws", "222222222222", ROLE_ARN)
    assert link.url.startswith(f"{world.signin.url}/federation?Action=login&")
    assert not canary.find(repr(link).encode())
    assert fields(link) == {
        "Action": "login",
        "Issuer": "credhelper",
        "Destination": "https://us-east-1.console.aws.amazon.com/console/home?region=us-east-1&account=222222222222",
        "SigninToken": TOKEN,
    }
    assert link.valid_until_s is not None
    assert 0 < link.valid_until_s - time.time() <= 900
    ((method, asked),) = world.signin.asked
    assert (method, list(asked)) == ("POST", ["Action", "Session"])
    assert json.loads(asked["Session"])["sessionId"].startswith("ASIA")
    assert world.sts.count("GetCallerIdentity") == 0


def test_page_region_and_sign_out_are_as_they_were_asked_for(world: World) -> None:
    page = fields(world.link(service="s3", region="ap-south-1"))["Destination"]
    assert page == (
        "https://ap-south-1.console.aws.amazon.com/go/view?service=s3&region=ap-south-1&account=222222222222"
    )
    exact = "https://us-east-1.console.aws.amazon.com/s3/buckets/b?tab=objects#x"
    assert fields(world.link(destination=exact))["Destination"] == exact
    out = world.link(is_after_sign_out=True)
    assert out.url.startswith(f"{world.signin.url}/oauth?")
    assert fields(out)["Action"] == "logout"
    assert fields(out)["redirect_uri"].startswith(f"{world.signin.url}/federation?Action=login&")


@pytest.mark.parametrize("profile", ["prod-s3", "chained", "native", "deeper", "vault", "corp"])
def test_any_profile_with_a_session_may(world: World, profile: str) -> None:
    world.sts.behaviour.caller_arn = "arn:aws:sts::333333333333:assumed-role/dev/david"
    link = world.link(profile)
    assert fields(link)["SigninToken"] == TOKEN
    is_role = profile not in ("vault", "corp")
    assert link.account == ("222222222222" if is_role else "333333333333")
    assert world.sts.count("GetCallerIdentity") == (0 if is_role else 1)
    assert "SessionDuration" not in world.signin.asked[0][1]


def test_long_lived_keys_are_refused_with_the_role_to_switch_to(world: World) -> None:
    for profile, hint in (
        (
            "default",
            "or sign in with a password, then switch to it: credhelper console native --switch-role",
        ),
        ("vault-keys", "credhelper profile add"),
    ):
        told = world.refused(profile)
        assert isinstance(told, InputError)
        assert "has a long-lived key, and AWS's console takes temporary credentials only" in told.message
        assert hint in told.hint
    assert world.signin.asked == []
    # What the file says needs no look at anything else.
    assert [line["profile"] for line in world.lines()] == ["vault-keys"]
    link, _ = console.switch_role(world.home.settings(), "native")
    assert parse_qs(urlsplit(link.url).query)["roleName"] == ["acc-to-read-prod-s3-bucket"]


@pytest.mark.parametrize("partition", PARTITIONS)
def test_partition_is_the_roles_and_not_the_regions(
    world: World, partition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    region, signin, domain = PARTITIONS[partition]
    # Of another partition than the region that the shell has for all.
    environ = {"AWS_REGION": "eu-west-3" if partition != "aws" else "cn-north-1"}
    monkeypatch.setenv("AWS_REGION", environ["AWS_REGION"])
    world.home.environ.update(environ)
    world.add("other", region="", role_arn=ROLE_ARN.replace("arn:aws:", f"arn:{partition}:"))
    asked: list[str] = []
    original = federation.endpoint_of

    def endpoint_of(shared: Any, profile: str, own: str, environ: Any) -> str:
        asked.append(own)
        return original(shared, profile, own, environ)

    monkeypatch.setattr(federation, "endpoint_of", endpoint_of)
    link = world.link("other")
    assert asked == [f"https://{signin}"]
    default = "cn-northwest-1" if partition == "aws-cn" else region
    assert urlsplit(fields(link)["Destination"]).netloc == f"{default}.{domain}"
    assert fields(world.link("other", region=region))["Destination"].startswith(f"https://{region}.{domain}/")
    for other in set(PARTITIONS) - {partition}:
        assert "is no region of the partition" in world.refused("other", region=PARTITIONS[other][0]).message
        page = f"https://{PARTITIONS[other][2]}/"
        assert "is not at the console of the role's partition" in world.refused("other", destination=page).message


def test_partition_of_a_profile_without_a_role_is_the_one_that_sts_says(world: World) -> None:
    world.sts.behaviour.caller_arn = "arn:aws-us-gov:sts::333333333333:assumed-role/dev/david"
    link = world.link("vault")
    assert link.partition == "aws-us-gov"
    assert urlsplit(fields(link)["Destination"]).netloc == "us-gov-west-1.console.amazonaws-us-gov.com"


@pytest.mark.parametrize("partition", ["aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"])
def test_iso_is_refused_before_anything_is_asked(world: World, partition: str) -> None:
    world.add("iso", role_arn=ROLE_ARN.replace("arn:aws:", f"arn:{partition}:"))
    assert f"no console sign-in for the partition {partition}" in world.refused("iso").message
    assert (world.sts.requests, world.signin.asked) == ([], [])
    world.sts.behaviour.caller_arn = f"arn:{partition}:sts::333333333333:assumed-role/dev/david"
    assert partition in world.refused("vault").message
    assert world.signin.asked == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"destination": "https://evil.example/"},
        {"destination": "https://console.aws.amazon.com.evil.example/"},
        {"service": "s3/../../x"},
        {"region": "cn-north-1"},
        {"region": "nowhere"},
    ],
    ids=str,
)
def test_what_leads_elsewhere_is_refused_before_anything_is_asked(world: World, wanted: dict[str, str]) -> None:
    told = world.refused(**wanted)
    assert isinstance(told, InputError)
    assert "prod-s3" in told.hint or "console.aws.amazon.com" in told.hint
    assert (world.sts.requests, world.signin.asked) == ([], [])


def test_duration_is_sent_for_a_role_of_long_lived_keys(world: World) -> None:
    for profile in ("prod-s3", "native"):
        world.link(profile, duration_s=7200)
    assert [asked["SessionDuration"] for _, asked in world.signin.asked] == ["7200", "7200"]


@pytest.mark.parametrize(
    ("profile", "why"),
    [("chained", "a chained session"), ("deeper", "a chained session"), ("corp", "a session of IAM Identity Center")],
)
def test_duration_is_refused_with_the_reason_before_anything_is_asked(world: World, profile: str, why: str) -> None:
    told = world.refused(profile, duration_s=7200)
    assert isinstance(told, InputError)
    assert f"profile {profile} has {why}" in told.message
    assert told.hint == f"without it: credhelper console {profile}"
    assert (world.sts.requests, world.signin.asked) == ([], [])


@pytest.mark.parametrize("kind", ["user/David", "root"])
def test_duration_of_a_session_of_a_user_is_refused_once_that_is_known(world: World, kind: str) -> None:
    world.sts.behaviour.caller_arn = f"arn:aws:iam::333333333333:{kind}"
    assert "GetSessionToken" in world.refused("vault", duration_s=900).message
    assert world.signin.asked == []
    world.sts.behaviour.caller_arn = "arn:aws:sts::333333333333:federated-user/d"
    assert "GetFederationToken" in world.refused("vault", duration_s=900).message
    world.sts.behaviour.caller_arn = "arn:aws:sts::333333333333:assumed-role/dev/david"
    world.link("vault", duration_s=900)
    assert world.signin.asked[0][1]["SessionDuration"] == "900"


@pytest.mark.parametrize(
    ("profile", "wanted", "said", "hint"),
    [
        ("prod-s3", {}, "of profile prod-s3, and gives no reason", "credhelper login prod-s3 --refresh"),
        ("prod-s3", {"duration_s": 43200}, "or --duration 43200: it is more than", "credhelper console prod-s3"),
        ("native", {}, "of profile native", "aws sts get-caller-identity --profile native"),
        ("vault", {}, "AWS signs in roles and federated users only", "credhelper profile list"),
    ],
)
def test_refusal_of_aws_is_explained_and_on_the_trail(
    world: World, profile: str, wanted: dict[str, int], said: str, hint: str
) -> None:
    world.signin.status, world.signin.body = 400, b""
    told = world.refused(profile, **wanted)
    assert isinstance(told, AwsError)
    assert said in told.message
    assert hint in told.hint
    assert world.lines()[-1]["outcome"] == "denied"


def test_link_is_on_the_trail_and_nothing_of_it_is_secret(world: World) -> None:
    world.link()
    world.link("vault")
    outcomes = [(line["profile"], line["outcome"], line["role_arn"]) for line in world.lines()]
    assert outcomes == [
        ("prod-s3", "miss", ROLE_ARN),
        ("prod-s3", "console", ROLE_ARN),
        ("vault", "used", ""),
        ("vault", "console", ""),
    ]
    trail = Path(world.home.settings().state_dir, "handouts.jsonl").read_bytes()
    assert b"federation" not in trail
    assert not canary.find(trail)


def test_keys_of_the_way_to_sts_are_not_sent_where_a_variable_points(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeSignin() as other:
        for variable in ("AWS_ENDPOINT_URL_SIGNIN", "AWS_ENDPOINT_URL"):
            monkeypatch.setenv(variable, other.url)
        world.link()
        assert (len(world.signin.asked), other.asked) == (1, [])


def test_silent_sign_in_ends_by_the_deadline(world: World) -> None:
    world.signin.way = "drip"
    ended: list[object] = []

    def end(outcome: object) -> None:
        ended.append(outcome)
        world.signin._stopping.set()

    own = from_environment({**world.home.environ, "CREDHELPER_TIMEOUT": "2"})
    with pytest.raises(UnreachableError):
        console.SignIn(own, world.home.environ, "prod-s3", Wanted()).link(end)
    assert "did not answer within 2 s" in str(ended[0])


def test_session_that_is_due_is_renewed_first(world: World) -> None:
    world.link()
    world.link()
    assert world.sts.count() == 1
    world.home.make_due()
    world.link()
    assert world.sts.count() == 2


def test_profile_that_is_not_there_is_named_with_the_nearest(world: World) -> None:
    assert "prod-s3" in world.refused("prod-s4").hint
    with pytest.raises(InputError):
        console.switch_role(world.home.settings(), "prod-s4")


@pytest.mark.parametrize(
    ("keys", "left_out"),
    [
        ({}, ""),
        ({"external_id": "abcd"}, "the external ID"),
        ({"tags": "a=b", "source_identity": "david"}, "the source identity, the session tags"),
        ({"policy_arns": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, "the session policies"),
    ],
)
def test_switch_says_what_the_console_cannot_send(world: World, keys: dict[str, str], left_out: str) -> None:
    world.add("path", role_arn="arn:aws:iam::222222222222:role/ops/deploy", **keys)
    link, remark = console.switch_role(world.home.settings(), "path")
    assert link.url == (
        "https://signin.aws.amazon.com/switchrole?account=222222222222&roleName=ops%2Fdeploy&displayName=path"
    )
    assert not link.is_secret
    assert remark == (f"the console cannot send {left_out} of profile path" if left_out else "")
    assert (world.sts.requests, world.signin.asked) == ([], [])


def test_switch_needs_a_role(world: World) -> None:
    for profile, said in (("default", "has no role to switch to"), ("corp", "has no role to switch to")):
        with pytest.raises(InputError, match=said):
            console.switch_role(world.home.settings(), profile)
    world.add("bad", role_arn="arn:aws:iam::222222222222:user/x")
    with pytest.raises(InputError, match="the role of profile bad is not the ARN of a role"):
        console.switch_role(world.home.settings(), "bad")


# A browser that asks and does not mind what it gets; the last word is the URL.
ASKS = "import sys, urllib.request as r, contextlib as c\nwith c.suppress(OSError): r.urlopen(sys.argv[1], timeout=5)"


@pytest.mark.parametrize("is_asked_by_another", [False, True])
def test_link_that_no_browser_of_the_user_fetches_is_said_to_be_gone(
    monkeypatch: pytest.MonkeyPatch, is_asked_by_another: bool
) -> None:
    other = os.geteuid() + 1
    monkeypatch.setattr(console, "PATIENCE_S", 2.0 if is_asked_by_another else 0.3)
    monkeypatch.setattr(console, "OneShot", partial(OneShot, uid_of=lambda _: other))
    link = Link(url="https://signin.aws.amazon.com/x", is_secret=True, partition="aws", account="1", arn="a")
    program = ASKS if is_asked_by_another else ""
    with pytest.raises(MachineError, match=r"^no browser has fetched the link within . s, and it is gone") as caught:
        console.open_in(link, (sys.executable, "-I", "-S", "-c", program), os.environ)
    assert caught.value.hint == "credhelper console PROFILE --print"
    said = f"another user of this machine (uid {other}) asked, and did not get it"
    assert (said in caught.value.message) == is_asked_by_another
    assert "signin" not in caught.value.message
