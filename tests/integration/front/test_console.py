"""The sign-in before MiniStack, whose front knows whose session it is: links that work, durations as AWS has them."""

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from credhelper.commands import console
from credhelper.commands.console import Link
from credhelper.demo.emulator import Emulator
from credhelper.errors import InputError
from credhelper.model.console_links import Wanted
from fakes.front.signin import Signin
from fakes.front.sts import StsRules
from fakes.front.two_accounts import TwoAccounts, policy, story
from fakes.home import Home


class World:
    """David with a role in Prod, one behind it, and a session of GetSessionToken; all of AWS is the front."""

    def __init__(self, it: TwoAccounts, signin: Signin, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.it, self.signin = it, signin
        keys = it.make_david("sts:GetSessionToken")
        it.make_role(it.trust([it.root, f"arn:aws:iam::{it.prod}:root"]))
        again = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": it.role_arn})
        it.client("iam", it.prod).put_role_policy(RoleName=it.role, PolicyName="again", PolicyDocument=again)
        self.home = home = Home(directory / "david")
        monkeypatch.setenv("HOME", str(home.path))
        home.add_user(keys["AccessKeyId"], keys["SecretAccessKey"])
        session = it.client("sts", keys).get_session_token()["Credentials"]
        home.add_user(session["AccessKeyId"], session["SecretAccessKey"], "session")
        with (home.aws / "credentials").open("a") as file:
            file.write(f"aws_session_token = {session['SessionToken']}\n")
        # As for an emulator: the config file names it for all that the profile asks.
        for name, source in (("prod-s3", "default"), ("chained", "prod-s3")):
            home.add_role(name, source, it.role_arn)
        home.config.write_text(
            home.config.read_text().replace("us-east-1\n", f"us-east-1\nendpoint_url = {it.front.url}\n")
            + f"[profile session]\nregion = us-east-1\nendpoint_url = {it.front.url}\n"
        )
        home.config.chmod(0o600)

    def link(self, profile: str, duration_s: int | None = None) -> Link:
        def give_up(outcome: object) -> None:
            raise AssertionError(outcome)

        wanted = Wanted(duration_s=duration_s)
        return console.SignIn(self.home.settings(), self.home.environ, profile, wanted).link(give_up)


@pytest.fixture
def world(aws: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    signin = Signin()
    it = story(aws, StsRules(), signin)
    with it.front:
        yield World(it, signin, tmp_path, monkeypatch)


def test_link_leads_to_the_console_and_durations_are_refused_where_aws_does(world: World) -> None:
    link = world.link("prod-s3", duration_s=3600)
    assert (link.account, link.arn) == (world.it.prod, world.it.role_arn)
    parts = urlsplit(link.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Location")) == (
        302,
        "https://us-east-1.console.aws.amazon.com/console/home?region=us-east-1&account=" + world.it.prod,
    )
    connection.close()
    assert [one.get("SessionDuration") for one in world.signin.asked] == ["3600", None]
    world.link("chained")
    assert "SessionDuration" not in world.signin.asked[-1]
    asked = len(world.signin.asked)
    with pytest.raises(InputError, match="chained has a chained session"):
        world.link("chained", duration_s=7200)
    with pytest.raises(InputError, match="session has a session of a user"):
        world.link("session", duration_s=7200)
    assert len(world.signin.asked) == asked
    assert world.link("session").arn == world.it.david
