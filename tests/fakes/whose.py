"""Random pairs of AWS's files, and who each profile in them is, with botocore as the oracle.

The server names each role session after whoever signed the request, and the line of a profile of credhelper's is
answered by credhelper's own resolution: the access key id that botocore ends up with is who a profile is.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import botocore.credentials
import botocore.loaders
import botocore.session
import pytest
from hypothesis import strategies as st

from credhelper.aws import source_credentials
from credhelper.awsconfig.profiles import principal
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.commands.profile import list as profile_list
from credhelper.errors import CredhelperError
from credhelper.model import process_document
from credhelper.model.credentials import Credentials
from credhelper.provider.record import Record
from credhelper.provider.resolve import resolve
from credhelper.settings import Settings, from_environment
from fakes.signer_sts import SignerSts, session_of

NAMES = ("default", "one", "two", "three")
EVERY_NAME = (*NAMES, "new", "r&d")
# What botocore knows of services and endpoints, read once.
DATA = botocore.loaders.create_loader()


def role(name: str) -> str:
    return "arn:aws:iam::222222222222:role/" + name.replace("&", "-")


def keys(name: str) -> list[str]:
    return [f"aws_access_key_id = AKIA{name.upper()}0000000000", "aws_secret_access_key = secret"]


def line_of(name: str) -> str:
    return f"/opt/credhelper/python get {name}"


@st.composite
def sections(draw: st.DrawFn, name: str) -> list[str]:
    """Draw what one of the files says of a profile: nothing, one kind of credentials, or two."""
    kinds = ("settings", "static", "role", "web", "process", "ours", "theirs", "sso", "environment")
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
            "theirs": [f"credential_process = {line_of(source)}"],
            "sso": ["sso_session = s", "sso_account_id = 222222222222", "sso_role_name = x"],
        }[kind]
    return list({line.partition(" =")[0]: line for line in found}.values())


@st.composite
def worlds(draw: st.DrawFn, *, in_credentials: int = 25) -> tuple[str, str]:
    """Draw both files as text; so many of a hundred profiles have a part in the credentials file."""
    config, credentials = ["[sso-session s]\nsso_start_url = https://x\nsso_region = us-east-1\n"], []
    for name in (*NAMES, *draw(st.sampled_from([(), ("r&d",)]))):
        header = "[default]" if name == "default" else f"[profile {name}]"
        if draw(st.integers(0, 9)):
            config += [header, "region = us-east-1", *draw(sections(name)), ""]
        if draw(st.integers(0, 99)) < in_credentials:
            credentials += [f"[{name}]", *draw(sections(name)), ""]
    return "\n".join(config), "\n".join(credentials)


def users_of(name: str, sections: dict[str, dict[str, str]]) -> set[str]:
    """Return the profiles whose sources or lines lead to this one, and it."""
    found = {name}
    while more := {
        user
        for user, section in sections.items()
        if user not in found
        and (
            {section.get("source_profile"), section.get("credhelper_source_profile")} & found
            or section.get("credential_process", "") in map(line_of, found)
        )
    }:
        found |= more
    return found


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
        # STS needs none of the handlers of other services, and botocore's own data does not change.
        session = botocore.session.Session(profile=name, include_builtin_handlers=False)
        session.register_component("data_loader", DATA)
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

    def write(self, files: tuple[str, str]) -> None:
        """Put both files in their places, as if they had been there for long."""
        for path, text in zip((self.own.config_file, self.own.credentials_file), files, strict=True):
            Path(path).write_text(text)
        self.settle()

    def settle(self) -> None:
        """Let both files be old enough that no program can be in the middle of writing them."""
        for path in (self.own.config_file, self.own.credentials_file):
            os.utime(path, (1, 1))


@contextmanager
def world_at(sts: SignerSts, files: tuple[str, str]) -> Iterator[World]:
    """Make a home with these two files, and its environment that of this process."""
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        home = Path(directory)
        (home / ".aws").mkdir(mode=0o700)
        for file in ("config", "credentials"):
            (home / ".aws" / file).touch(mode=0o600)
        environ = {
            "HOME": directory, "PATH": os.defpath, "AWS_ENDPOINT_URL_STS": sts.url,
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIAENVIRONMENT0000", "AWS_SECRET_ACCESS_KEY": "secret",
        }  # fmt: skip
        for variable in list(os.environ):
            patch.delenv(variable)
        for variable, value in environ.items():
            patch.setenv(variable, value)
        world = World(from_environment(environ), environ)
        world.write(files)
        yield world


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
