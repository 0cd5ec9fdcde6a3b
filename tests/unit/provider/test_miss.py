"""The miss with a clock that is set and an STS that counts: who is asked, when, and what is served meanwhile."""

import dataclasses
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credhelper.cache import store
from credhelper.errors import AwsError, CredhelperError, UnreachableError
from credhelper.model import process_document
from credhelper.model.credentials import Credentials
from credhelper.model.freshness import Moment
from credhelper.provider import inputs
from credhelper.provider.effects import Claim, Effects
from credhelper.provider.miss import Miss
from credhelper.provider.resolve import Resolved
from credhelper.settings import Settings
from credhelper.system.deadline import Deadline
from fakes import canary
from fakes.sso import SESSION, token_path

ROLE_ARN = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"


@dataclass
class World:
    """AWS and the clocks, as far as the miss can see them."""

    wall_s: float = field(default_factory=time.time)
    up_s: float = 1000.0
    boot: bytes = b"boot-1"
    true_s: float = field(default_factory=time.time)
    calls: int = 0
    failure: CredhelperError | None = None
    source_failure: CredhelperError | None = None
    # What happens while the source is asked.
    meanwhile: Callable[[Resolved], None] = lambda _resolved: None

    def now(self) -> Moment:
        return Moment(self.wall_s, self.boot, self.up_s)

    def pass_time(self, seconds: float) -> None:
        self.wall_s += seconds
        self.up_s += seconds
        self.true_s += seconds

    def source(self, resolved: Resolved, _deadline: Deadline, _claim: Claim) -> Credentials:
        self.meanwhile(resolved)
        if self.source_failure is not None:
            raise self.source_failure
        return Credentials("AKIAACC", canary.secret_key("user"))

    def assume_role(
        self, resolved: Resolved, _source: Credentials, _token: str | None, _deadline: Deadline
    ) -> Credentials:
        if self.failure is not None:
            raise self.failure
        self.calls += 1
        expiration = int(self.true_s) + resolved.request.duration_seconds
        return Credentials(
            f"ASIA{self.calls:04}", canary.secret_key(), canary.session_token(), expiration, "222222222222"
        )

    def effects(self) -> Effects:
        return Effects(
            source_credentials=self.source,
            assume_role=self.assume_role,
            token_code=lambda _resolved, _deadline: "123456",
            now=self.now,
            sleep=lambda _seconds: None,
            jitter=lambda: 0.0,
        )


@pytest.fixture
def config(own: Settings) -> Path:
    path = Path(own.config_file)
    path.write_text(f"[profile prod-s3]\ncredhelper_role_arn = {ROLE_ARN}\ncredhelper_source_profile = default\n")
    os.utime(path, (1, 1))
    return path


def ask(own: Settings, world: World, profile: str = "prod-s3", **environ: str) -> Credentials:
    miss = Miss(own, environ, Deadline(5), world.effects())
    return process_document.decode(miss.answer(profile).document)


def test_fresh_entry_is_served_without_a_call(own: Settings, config: Path) -> None:
    world = World()
    assert {ask(own, world).access_key_id for _ in range(5)} == {"ASIA0001"}


def test_due_entry_is_renewed(own: Settings, config: Path) -> None:
    world = World()
    ask(own, world)
    world.pass_time(3600 - 899)
    assert ask(own, world).access_key_id == "ASIA0002"


def test_due_entry_is_served_while_aws_cannot_be_reached_and_never_once_dead(own: Settings, config: Path) -> None:
    world = World()
    ask(own, world)
    world.failure = UnreachableError("down", hint="try again")
    world.pass_time(3600 - 899)
    for _ in range(20):
        assert ask(own, world).access_key_id == "ASIA0001"
        world.pass_time(40)
    world.pass_time(100)
    with pytest.raises(UnreachableError):
        ask(own, world)


def test_refusal_of_a_renewal_still_serves_what_is_valid(own: Settings, config: Path) -> None:
    world = World()
    ask(own, world)
    world.pass_time(3600 - 899)
    world.failure = AwsError("denied", hint="ask")
    assert ask(own, world).access_key_id == "ASIA0001"


def test_failed_renewal_is_not_repeated_for_half_a_minute(own: Settings, config: Path) -> None:
    world = World()
    ask(own, world)
    world.pass_time(3600 - 899)
    world.failure = UnreachableError("down", hint="try again")
    ask(own, world)
    world.failure = None
    world.pass_time(20)
    assert ask(own, world).access_key_id == "ASIA0001"
    world.pass_time(20)
    assert ask(own, world).access_key_id == "ASIA0002"


def test_shared_failure_does_not_outlive_its_memory_however_often_it_is_asked_for(own: Settings, config: Path) -> None:
    world = World(failure=AwsError("denied", hint="ask"))
    with pytest.raises(AwsError):
        ask(own, world)
    world.failure = None
    for _ in range(2):
        world.pass_time(1.4)
        with pytest.raises(AwsError, match="denied"):
            ask(own, world)
    world.pass_time(1.4)
    assert ask(own, world).access_key_id == "ASIA0001"


@pytest.mark.parametrize(
    "variable",
    [
        *("AWS_CA_BUNDLE", "https_proxy", "NO_PROXY", "AWS_REGION", "AWS_ENDPOINT_URL_STS"),
        *("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
        *("AWS_EC2_METADATA_DISABLED", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_DEFAULTS_MODE", "CREDHELPER_CHAIN"),
        "AWS_A_VARIABLE_OF_TOMORROW",
    ],
)
def test_failure_under_other_variables_is_not_shared(own: Settings, config: Path, variable: str) -> None:
    world = World(failure=UnreachableError("no way", hint="see your proxy"))
    with pytest.raises(UnreachableError):
        ask(own, world)
    world.failure = None
    environ = {variable: "https://127.0.0.1"}
    answer = Miss(own, environ, Deadline(5), world.effects()).answer("prod-s3")
    assert process_document.decode(answer.document).access_key_id == "ASIA0001"


def test_note_of_a_failure_has_no_trace_of_a_proxys_password(own: Settings, config: Path) -> None:
    notes = set()
    for password in ("one", "other"):
        world = World(failure=UnreachableError("no way", hint="see your proxy"))
        miss = Miss(own, {"HTTPS_PROXY": f"http://me:{password}@proxy:3128"}, Deadline(5), world.effects())
        with pytest.raises(UnreachableError):
            miss.answer("prod-s3")
        note = json.loads(Path(store.failure_path(own, store.entry_name(own.config_file, "prod-s3"))).read_text())
        notes.add(note["environment"])
        store.forget(own, store.entry_name(own.config_file, "prod-s3"))
    assert len(notes) == 1


def test_failure_since_the_process_began_is_its_own_however_late_it_asks(own: Settings, config: Path) -> None:
    world = World(failure=AwsError("denied", hint="ask"))
    began = world.now()
    with pytest.raises(AwsError):
        ask(own, world)
    world.failure = None
    world.pass_time(20)
    with pytest.raises(AwsError, match="denied"):
        Miss(own, {}, Deadline(5), world.effects(), started=began).answer("prod-s3")
    assert ask(own, world).access_key_id == "ASIA0001"


def test_other_source_key_is_another_identity(own: Settings, config: Path) -> None:
    world = World()
    credentials = Path(own.credentials_file)
    for key_id, expected in (("AKIAALICE", "ASIA0001"), ("AKIABOB", "ASIA0002")):
        credentials.write_text(f"[default]\naws_access_key_id = {key_id}\naws_secret_access_key = x\n")
        assert ask(own, world).access_key_id == expected


def test_source_that_cannot_be_asked_now_costs_no_valid_entry(own: Settings, config: Path) -> None:
    world = World()
    ask(own, world)
    config.write_text(config.read_text() + "[profile unrelated]\nregion = us-east-1\n")
    world.source_failure = AwsError("the SSO session has expired", hint="aws sso login")
    assert ask(own, world).access_key_id == "ASIA0001"


def test_touched_config_keeps_the_entry_and_renews_its_inputs(own: Settings, config: Path) -> None:
    world = World()
    ask(own, world)
    os.utime(config, (2, 2))
    assert ask(own, world).access_key_id == "ASIA0001"
    entry = store.read(own, store.entry_name(own.config_file, "prod-s3"))
    assert dict(entry.files)[own.config_file][2] in (2_000_000_000, 0)


@pytest.mark.parametrize("is_second_later", [False, True])
def test_terminals_with_other_variables_outlive_each_other(
    own: Settings, config: Path, *, is_second_later: bool
) -> None:
    config.write_text(
        config.read_text().replace("= default", "= process") + "[profile process]\ncredential_process = /x\n"
    )
    os.utime(config, (1, 1))
    world = World()
    first, second = {"AWS_A": "1"}, {"AWS_A": "2"}
    ask(own, world, **first)
    world.pass_time(1800)
    assert ask(own, world, **second).access_key_id == "ASIA0002"
    world.pass_time(1801)  # the first one's is dead
    if is_second_later:
        assert ask(own, world, **first).access_key_id == "ASIA0003"
    for _ in range(3):
        assert ask(own, world, **second).access_key_id == "ASIA0002"
        assert ask(own, world, **first).access_key_id == "ASIA0003"
    assert world.calls == 3


def test_dead_entry_is_served_from_no_place(own: Settings, config: Path) -> None:
    config.write_text(
        config.read_text().replace("= default", "= process") + "[profile process]\ncredential_process = /x\n"
    )
    os.utime(config, (1, 1))
    world = World()
    for value in "12":
        ask(own, world, AWS_A=value)
    world.pass_time(3600)
    world.failure = UnreachableError("down", hint="try again")
    for value in "123":
        with pytest.raises(UnreachableError):
            ask(own, world, AWS_A=value)


def test_dead_entry_makes_room_where_there_is_none_beside_it(own: Settings, config: Path) -> None:
    config.write_text(
        config.read_text().replace("= default", "= process") + "[profile process]\ncredential_process = /x\n"
    )
    os.utime(config, (1, 1))
    world = World()
    ask(own, world, AWS_A="1")
    world.pass_time(3600)
    for _ in range(2):
        assert ask(own, world, AWS_A="2").access_key_id == "ASIA0002"
    assert len(list(store.names(own))) == 1


TERMINALS = st.lists(
    st.dictionaries(st.sampled_from(["LOGNAME", "USER", "USERNAME"]), st.sampled_from(["", "david", "ceo"])),
    min_size=2,
    max_size=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(terminals=TERMINALS, is_second_later=st.booleans())
def test_terminals_of_one_user_share_and_those_of_others_find_theirs(
    own: Settings, config: Path, terminals: list[dict[str, str]], *, is_second_later: bool
) -> None:
    """One call for each name that the session gets, in whichever variable it is, and in any order."""
    for name in list(store.names(own)):
        store.forget(own, name)
    world = World()
    seen: dict[str, set[str]] = {}
    for _ in range(2):
        for environ in terminals:
            user = inputs.user_name(environ)
            seen.setdefault(user, set()).add(ask(own, world, **environ).access_key_id)
        world.pass_time(60 if is_second_later else 0)
    assert world.calls == len(seen)
    assert len(set.union(*seen.values())) == len(seen)
    assert {len(keys) for keys in seen.values()} == {1}


def signed_in(own: Settings, person: str) -> str:
    """Sign a person in to the session that the source of `prod-s3` has, and return the content of its file."""
    path = token_path(Path(own.home))
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"accessToken": f"access-{person}", "refreshToken": f"refresh-{person}"})
    path.write_text(content)
    return content


def sso_config(config: Path, above: str = "") -> None:
    role = f"credhelper_role_arn = {ROLE_ARN}\n"
    config.write_text(
        f"[sso-session {SESSION}]\nsso_start_url = https://x\nsso_region = us-east-1\n"
        f"[profile dev]\nsso_session = {SESSION}\n[profile between]\n{role}credhelper_source_profile = dev\n"
        f"[profile prod-s3]\n{role}credhelper_source_profile = {above or 'dev'}\n"
    )
    os.utime(config, (1, 1))


@pytest.mark.parametrize("above", ["", "between"])
@pytest.mark.parametrize("is_used_before", [False, True])
def test_person_who_signs_in_while_the_source_is_asked_is_whose_session_it_is(
    own: Settings, config: Path, above: str, *, is_used_before: bool
) -> None:
    sso_config(config, above)
    world = World()
    signed_in(own, "dan")

    def sign_in(resolved: Resolved) -> None:
        before = json.dumps({"accessToken": "access-dan", "refreshToken": "refresh-dan"})
        after = signed_in(own, "erin")
        resolved.record.used(token_path(Path()).name, (before if is_used_before else after).encode())

    world.meanwhile = sign_in
    first = ask(own, world).access_key_id
    world.meanwhile = lambda _resolved: None
    served = {}
    for person in ("dan", "erin"):
        signed_in(own, person)
        served[person] = ask(own, world).access_key_id
    owner, other = ("dan", "erin") if is_used_before else ("erin", "dan")
    assert served[other] != first
    # Dan asks first: where it is not his, his own takes its place.
    assert (served[owner] == first) is is_used_before


def overwrite(path: Path, text: str) -> None:
    path.write_text(text)


@pytest.mark.parametrize("kind", ["web", "container"])
def test_file_of_a_source_that_changes_while_it_is_asked_makes_an_entry_for_none(
    own: Settings, config: Path, kind: str
) -> None:
    path = Path(own.home) / "token"
    source = {"web": f"[profile web]\nrole_arn = {ROLE_ARN}\nweb_identity_token_file = {path}\n"}
    line = {"web": "source_profile = web", "container": "credential_source = EcsContainer"}[kind]
    environ = {"container": {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(path)}}.get(kind, {})
    config.write_text(f"{source.get(kind, '')}[profile prod-s3]\ncredhelper_role_arn = {ROLE_ARN}\ncredhelper_{line}\n")
    os.utime(config, (1, 1))
    world = World()
    path.write_text("dan's")
    world.meanwhile = lambda _resolved: overwrite(path, "erin's")
    ask(own, world, **environ)
    world.meanwhile = lambda _resolved: None
    for number, text in enumerate(["dan's", "erin's"], start=2):
        path.write_text(text)
        assert ask(own, world, **environ).access_key_id == f"ASIA000{number}"


def test_file_that_changes_while_aws_is_asked_is_looked_at_once_more(own: Settings, config: Path) -> None:
    world = World()

    def edit(_resolved: Resolved) -> None:
        config.write_text(config.read_text() + "[profile unrelated]\nregion = us-east-1\n")
        time.sleep(0.15)
        world.wall_s = time.time()

    world.meanwhile = edit
    ask(own, world)
    name = store.entry_name(own.config_file, "prod-s3")
    assert inputs.are_files_unchanged(store.read(own, name))


def test_role_that_changes_while_aws_is_asked_is_not_the_one_that_answered(own: Settings, config: Path) -> None:
    world = World()

    def edit(_resolved: Resolved) -> None:
        config.write_text(config.read_text().replace("acc-to-read", "acc-to-write"))
        time.sleep(0.15)
        world.wall_s = time.time()

    world.meanwhile = edit
    assert ask(own, world).access_key_id == "ASIA0001"
    world.meanwhile = lambda _resolved: None
    assert ask(own, world).access_key_id == "ASIA0002"


@pytest.mark.parametrize("broken", ["[profile prod-s3", "[profile prod-s3]\ncredhelper_role_arn = x\n"])
def test_file_that_breaks_while_aws_is_asked_costs_no_answer(own: Settings, config: Path, broken: str) -> None:
    world = World()
    text = config.read_text()
    world.meanwhile = lambda _resolved: overwrite(config, broken)
    assert ask(own, world).access_key_id == "ASIA0001"
    assert list(store.failure_names(own)) == []
    world.meanwhile = lambda _resolved: None
    config.write_text(text)
    assert ask(own, world).access_key_id == "ASIA0001"


def test_credentials_that_are_dead_on_arrival_blame_the_clock(own: Settings, config: Path) -> None:
    world = World()
    world.wall_s += 7200
    with pytest.raises(CredhelperError, match="clock"):
        ask(own, world)


@pytest.mark.parametrize("slow_s", [120, 3600, 86_400])
def test_clock_that_was_slow_all_along_does_not_make_credentials_live_longer(
    own: Settings, config: Path, slow_s: int
) -> None:
    world = World()
    world.wall_s -= slow_s
    ask(own, world)
    world.failure = UnreachableError("down", hint="try again")
    world.pass_time(3600 - 61)
    assert ask(own, world).access_key_id == "ASIA0001"
    world.pass_time(2)
    with pytest.raises(UnreachableError):
        ask(own, world)


def test_answer_survives_a_cache_that_cannot_be_written(own: Settings, config: Path) -> None:
    Path(own.cache_dir).parent.mkdir(parents=True)
    Path(own.cache_dir).write_text("a file where the directory should be")
    world = World()
    assert ask(own, world).access_key_id == "ASIA0001"
    assert ask(own, world).access_key_id == "ASIA0002"


# `make torture` asks for 10,000 and more.
JUMPS = int(os.environ.get("CLOCK_JUMPS", "100"))
Steps = list[tuple[str, float]]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pass"), st.floats(0, 4000)),
        st.tuples(st.just("jump"), st.floats(-86_400, 86_400)),
        st.tuples(st.just("reboot"), st.floats(0, 4000)),
        st.tuples(st.just("outage"), st.booleans()),
    ),
    max_size=12,
)


@settings(max_examples=JUMPS, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_nothing_expired_is_served_whatever_the_clock_does(own: Settings, config: Path, steps: Steps) -> None:
    world = World()
    store.forget(own, store.entry_name(own.config_file, "prod-s3"))
    for kind, amount in steps:
        if kind == "jump":
            world.wall_s += amount
        elif kind == "outage":
            world.failure = UnreachableError("down", hint="try again") if amount else None
        else:
            world.pass_time(amount)
        if kind == "reboot":
            world.boot += b"'"
            world.up_s = 0.0
        try:
            served = ask(own, world)
        except CredhelperError:
            continue
        assert served.expiration is not None
        assert served.expiration > world.true_s


def test_effects_and_miss_cannot_be_changed_under_way(own: Settings) -> None:
    miss = Miss(own, {}, Deadline(1))
    with pytest.raises(dataclasses.FrozenInstanceError):
        miss.chain = ("a",)  # type: ignore[misc]  # the point of the test


def test_document_is_what_the_miss_stored(own: Settings, config: Path) -> None:
    world = World()
    document = Miss(own, {}, Deadline(5), world.effects()).answer("prod-s3").document
    assert json.loads(document)["AccessKeyId"] == "ASIA0001"
    assert store.read(own, store.entry_name(own.config_file, "prod-s3")).document == document
