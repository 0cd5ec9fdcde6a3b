"""No edit of the config file makes a profile someone else, in random pairs of files, with botocore as the oracle.

The server names each role session after whoever signed the request, and the line of a profile of credhelper's is
answered by credhelper's own resolution: the access key id that botocore ends up with is who a profile is.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import botocore.credentials
import botocore.session
import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from credhelper.aws import source_credentials
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles import principal
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.commands.profile import add, adopt, release, remove, rename
from credhelper.commands.profile import list as profile_list
from credhelper.commands.profile import set as profile_set
from credhelper.errors import CredhelperError, InputError
from credhelper.model import process_document
from credhelper.model.credentials import Credentials
from credhelper.provider.record import Record
from credhelper.provider.resolve import resolve
from credhelper.settings import Settings, from_environment
from fakes.signer_sts import SignerSts, session_of

# More with a larger number; `make torture` asks for 1,000.
WORLDS = int(os.environ.get("IDENTITY_WORLDS", "40"))
HOW = EditOptions(linger_s=0)
NAMES = ("default", "one", "two", "three")
EVERY_NAME = (*NAMES, "new", "r&d")


def role(name: str) -> str:
    return "arn:aws:iam::222222222222:role/" + name.replace("&", "-")


def keys(name: str) -> list[str]:
    return [f"aws_access_key_id = AKIA{name.upper()}0000000000", "aws_secret_access_key = secret"]


def line_of(name: str) -> str:
    return f"/opt/credhelper/python get {name}"


@st.composite
def sections(draw: st.DrawFn, name: str) -> list[str]:
    """Draw what one of the files says of a profile: nothing, one kind of credentials, or two."""
    kinds = ("settings", "static", "role", "web", "process", "ours", "sso", "environment")
    common = st.sampled_from(("static", "role", "role", "ours", "settings"))
    found: list[str] = []
    mixed = st.lists(st.sampled_from(kinds), min_size=2, max_size=2, unique=True)
    for kind in draw(st.one_of(common.map(lambda kind: [kind]), common.map(lambda kind: [kind]), mixed)):
        source = draw(st.sampled_from((*EVERY_NAME, "default", "default", "one")))
        found += {
            "settings": ["output = json"],
            "static": keys(draw(st.sampled_from(("alice", "bob")))),
            "role": [f"role_arn = {role(name)}", f"source_profile = {source}"],
            "environment": ["external_id = abc", "credential_source = Environment"],
            "web": ["web_identity_token_file = /nowhere/token"],
            "process": [f"credential_process = /opt/tool {source}"],
            "ours": [
                f"credential_process = {line_of(name)}",
                f"credhelper_role_arn = {role(name)}",
                f"credhelper_source_profile = {source}",
            ],
            "sso": ["sso_session = s", "sso_account_id = 222222222222", "sso_role_name = x"],
        }[kind]
    return list({line.partition(" =")[0]: line for line in found}.values())


@st.composite
def worlds(draw: st.DrawFn) -> tuple[str, str]:
    """Draw both files as text."""
    config, credentials = ["[sso-session s]\nsso_start_url = https://x\nsso_region = us-east-1\n"], []
    for name in (*NAMES, *draw(st.sampled_from([(), ("r&d",)]))):
        header = "[default]" if name == "default" else f"[profile {name}]"
        if draw(st.integers(0, 9)):
            config += [header, "region = us-east-1", *draw(sections(name)), ""]
        if not draw(st.integers(0, 3)):
            credentials += [f"[{name}]", *draw(sections(name)), ""]
    return "\n".join(config), "\n".join(credentials)


@dataclass(frozen=True)
class World:
    """A home with both files, in whose environment this process is."""

    own: Settings
    environ: dict[str, str]
    # As they were when all were last asked for: the profiles for which botocore started credhelper, and the sections.
    asked: set[str] = field(default_factory=set)
    sections: dict[str, dict[str, str]] = field(default_factory=dict)

    def who(self, name: str) -> str | None:
        """Return the access key id that botocore ends up with for a profile, None where it finds none."""
        session = botocore.session.Session(profile=name)
        try:
            resolver = botocore.credentials.create_credential_resolver(session)
            self._take_over(resolver.providers)
            found = resolver.load_credentials()
            return None if found is None else str(found.get_frozen_credentials().access_key)
        except Exception:  # noqa: BLE001 - whatever botocore raises for such files: there are no credentials
            return None

    def _take_over(self, providers: list[Any]) -> list[Any]:
        """Leave botocore's choice to its providers, and let nothing but the STS of this test be asked."""
        for provider in providers:
            if isinstance(provider, botocore.credentials.ProcessProvider):
                provider._popen = self._start
            if isinstance(provider, botocore.credentials.SSOProvider):
                provider.load = partial(_signed_on, provider)
            if isinstance(provider, botocore.credentials.AssumeRoleWithWebIdentityProvider):
                provider._client_creator, provider._token_loader_cls = _TokenSts, lambda _path: lambda: "token"
            if isinstance(provider, botocore.credentials.AssumeRoleProvider):
                builder = provider._profile_provider_builder
                builder.providers = partial(_taken_over, self._take_over, builder.providers)
        return providers

    def _start(self, command: list[str], **_options: object) -> "_Done":
        if command[0] == "/opt/tool":
            return _Done(f"AKIATOOL{command[1].upper()}")
        name = command[-1] if command[-2] == "get" else command[-2]
        self.asked.add(name)
        try:
            return _Done(self.helped(name))
        except CredhelperError:
            return _Done(None)

    def helped(self, name: str, chain: tuple[str, ...] = ()) -> str:
        """Return the access key id that credhelper answers with for one of its profiles."""
        resolved = resolve(name, self.own, Record(self.environ), chain)
        if resolved.parent is not None:
            signer = self.helped(resolved.parent, (*chain, name))
        else:
            with pytest.MonkeyPatch.context() as patch:
                load = source_credentials._load
                patch.setattr(source_credentials, "_load", lambda providers: load(self._take_over(providers)))
                signer = source_credentials.load(
                    resolved.profile, resolved.shared, lambda _text, _serial: ""
                ).access_key_id
        return session_of(signer, resolved.request.role_arn)

    def everyone(self) -> dict[str, str | None]:
        catalogue = self.catalogue()
        self.asked.clear()
        self.sections.clear()
        self.sections.update(botocore.session.Session().full_config["profiles"])
        found = {name: self.who(name) for name in catalogue}
        for name, key_id in found.items():
            assert (principal.principal(name, catalogue) is None) == (key_id is None), f"{name}: {self.files()[0]}"
        return found

    def catalogue(self) -> Catalogue:
        return profile_list.open_sections(self.own)

    def files(self) -> tuple[str, str]:
        paths = (Path(self.own.config_file), Path(self.own.credentials_file))
        return tuple(path.read_text() for path in paths)  # type: ignore[return-value]  # two of them


def _taken_over(
    take_over: Callable[[list[Any]], list[Any]], providers: Callable[..., list[Any]], **of: Any
) -> list[Any]:
    return take_over(providers(**of))


def _signed_on(provider: Any) -> Any:
    config = provider._load_sso_config()
    return config and botocore.credentials.Credentials("AKIASSO" + config["sso_account_id"], "secret", "token")


class _TokenSts:
    """A client of STS that takes any token."""

    def __init__(self, *_arguments: object, **_options: object) -> None:
        pass

    def assume_role_with_web_identity(self, **request: str) -> dict[str, dict[str, str]]:
        key_id, expiration = session_of("token", request["RoleArn"]), "2099-01-01T00:00:00Z"
        keys = {"AccessKeyId": key_id, "SecretAccessKey": "secret", "SessionToken": "token", "Expiration": expiration}
        return {"Credentials": keys}


class _Done:
    """A program that has ended, as botocore's provider sees one."""

    def __init__(self, key_id: str | None) -> None:
        self.returncode = 0 if key_id else 1
        found = None if key_id is None else Credentials(key_id, "secret", "token", 4_000_000_000, None)
        self._output = b"" if found is None else process_document.encode(found)

    def communicate(self, **_options: object) -> tuple[bytes, bytes]:
        return self._output, b""


def commands(own: Settings) -> dict[str, Callable[[str, str], EditResult]]:
    """Return every command that edits, of one profile and a further name."""
    values = {"role_arn": role("typed"), "source_profile": "one"}
    return {
        "adopt": lambda name, _new: adopt.adopt(own, [name], HOW, line_of=line_of),
        "adopt all": lambda _name, _new: adopt.adopt(own, [], HOW, is_all=True, line_of=line_of),
        "release": lambda name, _new: release.release(own, [name], HOW),
        "release all": lambda _name, _new: release.release(own, [], HOW, is_all=True),
        "rename": lambda name, new: rename.rename(own, name, new, HOW),
        "add": lambda _name, new: add.add(own, new, values, HOW, line_of=line_of),
        "add --force": lambda name, _new: add.add(own, name, values, HOW, is_forced=True, line_of=line_of),
        "set": lambda name, _new: profile_set.set_keys(own, name, values, {}, HOW),
        "set output": lambda name, _new: profile_set.set_keys(own, name, {}, {"output": "text"}, HOW),
        "remove": lambda name, _new: remove.remove(own, name, HOW),
    }


def allowed(command: str, name: str, new: str, world: World) -> set[str]:
    """Return the profiles that a command may make someone else: those it names, and says so.

    By what botocore reads in the files and did with them, not by what the commands themselves find there.
    """
    sections = world.sections
    if command in ("add", "add --force", "remove"):
        named = new if command == "add" else name
        was_helped = named in world.asked and "role_arn" not in sections[named]
        return users_of(named, sections) if was_helped else {named}
    return users_of(name, sections) if command == "set" else set()


def users_of(name: str, sections: dict[str, dict[str, str]]) -> set[str]:
    """Return the profiles whose sources lead to this one, and it."""
    found = {name}
    while more := {
        user
        for user, section in sections.items()
        if user not in found and {section.get("source_profile"), section.get("credhelper_source_profile")} & found
    }:
        found |= more
    return found


def test_users_of_a_profile_are_those_whose_sources_lead_to_it() -> None:
    sections = {
        "one": {"source_profile": "default"}, "two": {"credhelper_source_profile": "one"},
        "three": {"source_profile": "new"}, "new": {"source_profile": "three"}, "default": {},
    }  # fmt: skip
    assert users_of("default", sections) == {"default", "one", "two"}
    assert users_of("three", sections) == {"three", "new"}
    assert users_of("two", sections) == {"two"}


COMMANDS = tuple(commands(from_environment({"HOME": "/nowhere"})))
PAIRS = tuple((name, new) for name in NAMES for new in EVERY_NAME)
# A command that is refused is tried again, of other profiles: it has cost nothing.
TRIES = 10
# How often each has changed a file of this run.
EDITED: Counter[str] = Counter()


@pytest.mark.timeout(60 + 3 * WORLDS)
def test_no_command_makes_a_profile_someone_else(signer_sts: SignerSts) -> None:
    EDITED.clear()
    compare_before_and_after(signer_sts)
    # Each is tried in every world, and most are refused in most of them.
    assert [command for command in COMMANDS if not EDITED[command]] == []


@settings(max_examples=WORLDS, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(
    world=worlds(),
    order=st.permutations(COMMANDS),
    names=st.permutations(PAIRS),
)
def compare_before_and_after(
    sts: SignerSts, world: tuple[str, str], order: list[str], names: list[tuple[str, str]]
) -> None:
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        home = Path(directory)
        (home / ".aws").mkdir(mode=0o700)
        for file, text in zip(("config", "credentials"), world, strict=True):
            (home / ".aws" / file).write_text(text)
            (home / ".aws" / file).chmod(0o600)
            os.utime(home / ".aws" / file, (1, 1))
        environ = {
            "HOME": directory, "PATH": os.defpath, "AWS_ENDPOINT_URL_STS": sts.url,
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIAENVIRONMENT0000", "AWS_SECRET_ACCESS_KEY": "secret",
        }  # fmt: skip
        for variable in list(os.environ):
            patch.delenv(variable)
        for variable, value in environ.items():
            patch.setenv(variable, value)
        tried = World(from_environment(environ), environ)
        who = tried.everyone()
        for command in order:
            for name, new in names[:TRIES]:
                if (after := check(tried, who, command, name, new)) is not None:
                    who = after
                    os.utime(home / ".aws" / "config", (1, 1))
                    break


def check(
    world: World, before: dict[str, str | None], command: str, name: str, new: str
) -> dict[str, str | None] | None:
    """Run a command, compare who every profile is before and afterwards, and return the latter; None if refused."""
    files = world.files()
    try:
        result = commands(world.own)[command](name, new)
    except InputError as error:
        event(f"{command}: refused")
        assert world.files() == files
        assert error.hint  # noqa: PT017 - that it is raised is not what is tested
        return None
    event(f"{command}: {'done' if result.changed else 'nothing to change'}")
    EDITED[command] += result.changed
    assert world.files()[1] == files[1], "the credentials file was edited"
    exempt = allowed(command, name, new, world)
    after = world.everyone()
    moved = {name: new} if command == "rename" and name not in after else {}
    for one, was in before.items():
        if was is not None and one not in exempt:
            assert after.get(moved.get(one, one)) == was, f"{command} made {one} someone else"
    for one in (*result.names, *((new,) if command == "add" else (name,) if command == "add --force" else ())):
        if command.startswith(("adopt", "add")):
            assert world.catalogue().shadow_of(one) is None
            assert world.catalogue().taken(one)[0] == "credhelper"
    return after
