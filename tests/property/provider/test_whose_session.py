"""Whose session it is: what a hit or a waiter hands out was obtained by the source that botocore finds for this caller.

Random pairs of AWS files, random environments, one cache. The server names the role session after whoever signed the
request, so that every answer tells whose it is.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import botocore.session
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from credhelper.errors import CredhelperError
from credhelper.model import process_document
from credhelper.model.credentials import Credentials
from credhelper.provider import hit
from credhelper.provider.effects import Effects
from credhelper.provider.get import get
from credhelper.provider.hit import Unanswered
from credhelper.provider.miss import Miss
from credhelper.provider.resolve import Resolved
from credhelper.settings import from_environment
from credhelper.system import clock
from credhelper.system.deadline import Deadline
from fakes.key_note import choose_store
from fakes.signer_sts import SignerSts, session_of

# More with a larger number; `make torture` asks for 400.
WORLDS = int(os.environ.get("WHOSE_WORLDS", "20"))
NAMES = ("one", "two", "three")
KEY_IDS = ("AKIAALICE00000000001", "AKIABOB0000000000002")
ROLE = "arn:aws:iam::222222222222:role/prod"


def role(name: str) -> str:
    return f"arn:aws:iam::111111111111:role/{name}"


@dataclass(frozen=True)
class World:
    """Both files as text."""

    config: str
    credentials: str


@st.composite
def profiles(draw: st.DrawFn) -> World:
    """Draw profiles that refer to one another in any way, with keys in either file, and ours on top of them."""
    config, credentials = ["[default]\nregion = us-east-1\n"], []
    for name in NAMES:
        lines = [f"[profile {name}]", "region = us-east-1"]
        kind = draw(
            st.sampled_from(["static", "elsewhere", "role", "environment", "ours", "ours-environment", "mixed"])
        )
        source = draw(st.sampled_from(NAMES))
        keys = [f"aws_access_key_id = {draw(st.sampled_from(KEY_IDS))}", "aws_secret_access_key = secret"]
        if kind in ("static", "mixed"):
            lines += keys
        if kind == "elsewhere":
            credentials += [f"[{name}]", *keys]
        if kind in ("role", "mixed"):
            lines += [f"role_arn = {role(name)}", f"source_profile = {source}"]
        if kind == "environment":
            lines += [f"role_arn = {role(name)}", "credential_source = Environment"]
        if kind == "ours":
            lines += [f"credhelper_role_arn = {role(name)}", f"credhelper_source_profile = {source}"]
        if kind == "ours-environment":
            lines += [f"credhelper_role_arn = {role(name)}", "credhelper_credential_source = Environment"]
        config += ["\n".join(lines), ""]
    for name in NAMES:
        # What botocore makes of each as a source.
        config += [f"[profile oracle-{name}]", f"role_arn = {role(f'oracle-{name}')}", f"source_profile = {name}"]
        config += ["region = us-east-1", ""]
    config += ["[profile prod]", f"credhelper_role_arn = {ROLE}", "credhelper_source_profile = one", ""]
    return World("\n".join(config), "\n".join([*credentials, ""]))


ENVIRONMENT = st.fixed_dictionaries(
    {},
    optional={
        "AWS_ACCESS_KEY_ID": st.sampled_from(["AKIACAROL0000000003", "AKIADAVID0000000004"]),
        "AWS_SECRET_ACCESS_KEY": st.just("secret"),
        "AWS_PROFILE": st.sampled_from(NAMES),
        "AWS_REGION": st.sampled_from(["us-east-1", "eu-west-1"]),
    },
)


@contextmanager
def environment(environ: Mapping[str, str]) -> Iterator[None]:
    """Be a process with this environment: botocore reads os.environ itself."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def owner(name: str, world: Path, environ: Mapping[str, str], sts: SignerSts, seen: tuple[str, ...] = ()) -> str | None:
    """Return the access key id that asks for the role of a profile of ours, None where there can be none.

    botocore finds it, in a session of its own; a profile of ours on the way is the role session that its own source
    would be given.
    """
    if name in seen:
        return None
    full = botocore.session.Session().full_config["profiles"]
    section = full.get(name, {})
    if "credhelper_role_arn" in section:
        if any(key in section for key in ("aws_access_key_id", "aws_secret_access_key")):
            return None
        source = section.get("credhelper_source_profile")
        signer = environ_owner(environ) if source is None else owner(source, world, environ, sts, (*seen, name))
        return None if signer is None else session_of(signer, section["credhelper_role_arn"])
    sts.signers.pop(role(f"oracle-{name}"), None)
    try:
        found = botocore.session.Session(profile=f"oracle-{name}").get_credentials()
        found.get_frozen_credentials()
    except Exception:  # noqa: BLE001 - whatever botocore raises for such files: there are no credentials
        return None
    return sts.signers.get(role(f"oracle-{name}"))


def environ_owner(environ: Mapping[str, str]) -> str | None:
    return environ.get("AWS_ACCESS_KEY_ID") if environ.get("AWS_SECRET_ACCESS_KEY") else None


def effects(sts: SignerSts) -> Effects:
    """Return effects that load the source for real, and ask the server without botocore's client: it is faster."""

    def assume_role(resolved: Resolved, source: Credentials, _token: str | None, _deadline: Deadline) -> Credentials:
        key_id = session_of(source.access_key_id, resolved.request.role_arn)
        return Credentials(key_id, "secret", "token", int(clock.now().wall_s) + 3600, "222222222222")

    return Effects(assume_role=assume_role)


@pytest.mark.timeout(300 + 15 * WORLDS)
@settings(max_examples=WORLDS, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(world=profiles(), callers=st.lists(ENVIRONMENT, min_size=2, max_size=4))
def test_every_answer_was_obtained_by_the_callers_own_source(
    signer_sts: SignerSts, world: World, callers: list[dict[str, str]]
) -> None:
    sts = signer_sts
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        (home / ".aws").mkdir(mode=0o700)
        choose_store(home)
        for name, text in (("config", world.config), ("credentials", world.credentials)):
            (home / ".aws" / name).write_text(text)
            (home / ".aws" / name).chmod(0o600)
            os.utime(home / ".aws" / name, (1, 1))
        for caller in callers:
            environ = {
                "HOME": directory, "PATH": os.defpath, "AWS_ENDPOINT_URL_STS": sts.url,
                "AWS_EC2_METADATA_DISABLED": "true", **caller,
            }  # fmt: skip
            with environment(environ):
                check(environ, home, sts)


def check(environ: dict[str, str], home: Path, sts: SignerSts) -> None:
    """Ask as a waiter, as a hit and as a miss, and compare each answer with botocore's."""
    own = from_environment(environ)
    signer = owner("one", home, environ, sts)
    expected = None if signer is None else session_of(signer, ROLE)
    request = Miss(own, environ, Deadline(60)).request("prod")
    waiting = request.find()
    followed = None
    try:
        followed = request.follow()
    except CredhelperError:
        assert expected is None, "a failure of another caller was shared"
    if followed is not None:
        assert key_id(followed.document) == expected, f"a waiter was served another's session {waiting}"
    answered = hit.answer(own, "prod", environ, clock.now())
    if not isinstance(answered, Unanswered):
        assert key_id(answered.document) == expected, "a hit handed out another's session"
        return
    try:
        payload = get("prod", own, environ, (), Deadline(60), effects=effects(sts), unanswered=answered)
    except CredhelperError as error:
        refused = error.message
    else:
        assert key_id(payload.document) == expected
        return
    assert expected is None, f"refused: {refused}"


def key_id(document: bytes) -> str:
    return process_document.decode(document).access_key_id
