"""Who is asked for a code again, what is sent twice, and who waits: with a device, a clock and an STS in the hand."""

import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.errors import AwsError, CredhelperError
from credhelper.model.code_errors import NotACodeError, PausedError, RefusedCodeError, SpentCodeError
from credhelper.model.credentials import Credentials
from credhelper.model.freshness import Moment
from credhelper.provider.effects import Claim, Effects
from credhelper.provider.miss import Miss
from credhelper.provider.request import BACKGROUND, LOGIN, NOW, PERSON
from credhelper.provider.resolve import Resolved
from credhelper.settings import Settings, from_environment
from credhelper.system.deadline import Deadline
from fakes import canary
from fakes.key_note import choose_store

SERIAL = "arn:aws:iam::111111111111:mfa/David"
KEYS = "credhelper_role_arn = arn:aws:iam::222222222222:role/r\ncredhelper_source_profile = default\n"


@dataclass
class World:
    """A device whose codes are told one after the other, and an AWS that takes some of them."""

    codes: list[str | CredhelperError]
    right: tuple[str, ...] = ("111111",)
    wall_s: float = 1_800_000_010.0
    lifetime_s: int = 3600
    sent: list[str | None] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    source_failures: list[CredhelperError] = field(default_factory=list)
    native: list[str] = field(default_factory=list)
    native_sent: list[str] = field(default_factory=list)

    def now(self) -> Moment:
        return Moment(self.wall_s, b"boot-1", self.wall_s - 1_800_000_000)

    def pass_time(self, seconds: float) -> None:
        self.wall_s += seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_time(seconds)

    def ask(self, _resolved: Resolved, _deadline: Deadline) -> str:
        code = self.codes.pop(0)
        if isinstance(code, CredhelperError):
            raise code
        return code

    def source(self, _resolved: Resolved, _deadline: Deadline, claim: Claim) -> Credentials:
        if self.source_failures:
            raise self.source_failures.pop(0)
        if self.native:  # a role of AWS's own, which asks for a code of the device
            code = self.native.pop(0)
            claim(SERIAL, code)
            self.native_sent.append(code)
            if code not in self.right:
                raise RefusedCodeError("AWS refused it", hint="wait")
        return Credentials("AKIAACC", canary.secret_key("user"))

    def assume(self, resolved: Resolved, _source: Credentials, code: str | None, _deadline: Deadline) -> Credentials:
        self.sent.append(code)
        if resolved.request.mfa_serial and code not in self.right:
            raise RefusedCodeError("AWS refused it", hint="wait")
        expiration = int(self.wall_s) + self.lifetime_s
        return Credentials(f"ASIA{len(self.sent)}", canary.secret_key(), canary.session_token(), expiration, "2")

    def effects(self) -> Effects:
        return Effects(
            source_credentials=self.source,
            assume_role=self.assume,
            token_code=self.ask,
            tell=self.told.append,
            now=self.now,
            sleep=self.sleep,
            jitter=lambda: 0.0,
        )


Ask = Callable[..., object]


@pytest.fixture(autouse=True)
def quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("credhelper.mfa.ledger._HASH_N", 2)


@pytest.fixture
def ask(own: Settings) -> Ask:
    lines = [f"[profile {name}]\n{KEYS}credhelper_mfa_serial = {SERIAL}\n" for name in ("a", "b", "pa", "pb")]
    lines.append(f"[profile n]\n{KEYS}")
    lines = [line + "credhelper_mfa_process = code\n" * ("profile p" in line) for line in lines]
    Path(own.config_file).write_text("".join(lines))

    def ask(world: World, profile: str, urgency: int = BACKGROUND, left_s: float = 40.0) -> object:
        deadline = Deadline(left_s, lambda: world.wall_s)
        return Miss(own, {}, deadline, world.effects(), urgency=urgency).answer(profile)

    return ask


WRONG = NotACodeError("it is not a code", hint="again")


@pytest.mark.parametrize("urgency", [BACKGROUND, PERSON, LOGIN, NOW])
@pytest.mark.parametrize(
    ("codes", "sent", "told"),
    [
        (["111111"], ["111111"], 0),
        ([WRONG, "111111"], ["111111"], 1),
        (["222222", "111111"], ["222222", "111111"], 1),
        ([WRONG, "222222", "111111"], ["222222", "111111"], 2),
        (["222222", "222222", "111111"], ["222222", "111111"], 2),
    ],
)
def test_person_is_asked_again_for_a_wrong_code(
    ask: Ask, urgency: int, codes: list[str | CredhelperError], sent: list[str], told: int
) -> None:
    world = World(list(codes))
    ask(world, "a", urgency)
    assert (world.sent, len(world.told)) == (sent, told)
    assert all("about 20 s" in text or "nothing was sent" in text for text in world.told)


@pytest.mark.parametrize("codes", [[WRONG] * 3, ["222222", "333333", "444444"], [WRONG, "222222", WRONG]])
def test_third_try_is_the_last(ask: Ask, codes: list[str | CredhelperError]) -> None:
    world = World(list(codes))
    with pytest.raises((NotACodeError, RefusedCodeError)):
        ask(world, "a", LOGIN)
    assert world.codes == []


def test_other_failures_are_not_tried_again(ask: Ask) -> None:
    world = World([AwsError("cancelled"), "111111"])
    with pytest.raises(AwsError):
        ask(world, "a", LOGIN)
    assert world.codes == ["111111"]


def test_nothing_is_asked_again_once_the_time_is_up(ask: Ask) -> None:
    world = World([WRONG, "111111"])
    with pytest.raises(NotACodeError):
        ask(world, "a", LOGIN, left_s=0.0)
    assert world.codes == ["111111"]


def test_source_that_asks_for_a_code_itself_is_tried_again(ask: Ask) -> None:
    world = World(["111111"], source_failures=[WRONG, RefusedCodeError("no")])
    ask(world, "a", LOGIN)
    assert len(world.told) == 2


def test_native_role_of_the_source_shares_the_ledger_of_its_device(ask: Ask) -> None:
    ask(World(["111111"]), "a")
    world = World([], native=["111111", "222222"], right=("222222",))
    ask(world, "n")
    assert (world.native_sent, len(world.told)) == (["222222"], 1)
    assert "was used already" in world.told[0]
    after = World(["222222", "333333"], right=("333333",))
    ask(after, "b")
    assert after.sent == ["333333"]


def test_person_may_insist_on_a_code_of_a_native_role(ask: Ask) -> None:
    ask(World(["111111"]), "a")
    world = World([], native=["111111", "111111"])
    ask(world, "n")
    assert world.native_sent == ["111111"]


def test_refused_code_of_a_native_role_is_a_pause_for_programs(ask: Ask) -> None:
    with pytest.raises(RefusedCodeError):
        ask(World([], native=["222222", "333333", "444444"]), "n")
    with pytest.raises(PausedError):
        ask(World(["111111"], wall_s=1_800_000_015.0), "pa")
    ask(World([], native=["111111"], wall_s=1_800_000_045.0), "n", LOGIN)
    ask(World(["555555"], right=("555555",), wall_s=1_800_000_075.0), "pa")


def test_code_of_another_profile_with_the_device_is_sent_only_if_the_person_insists(ask: Ask) -> None:
    ask(World(["111111"]), "a")
    world = World(["111111", "111111"])
    ask(world, "b")
    assert (world.sent, len(world.told)) == (["111111"], 1)


def test_program_waits_for_the_next_code_when_another_profile_sent_this_one(ask: Ask) -> None:
    ask(World(["111111"]), "pa")
    world = World(["111111", "222222"], right=("222222",))
    ask(world, "pb")
    assert world.sent == ["222222"]
    assert world.slept == [pytest.approx(20.2)]


def test_code_that_was_sent_after_the_wait_is_spent_for_the_next(ask: Ask) -> None:
    ask(World(["111111"]), "pa")
    ask(World(["111111", "222222"], right=("222222",)), "pb")
    person = World(["222222", "222222"], right=("222222",), wall_s=1_800_000_031.0)
    ask(person, "a", PERSON)
    assert len(person.told) == 1


def test_accepted_code_ends_the_row_of_refused_ones(ask: Ask) -> None:
    start_s = 1_800_000_010.0
    with pytest.raises(RefusedCodeError):
        ask(World(["222222"], wall_s=start_s), "pa")
    ask(World(["111111"], wall_s=start_s + 31), "a", PERSON)
    world = World(["333333"], wall_s=start_s + 62)
    with pytest.raises(RefusedCodeError):
        ask(world, "pa")
    # The first pause of a new row: one step, not two.
    ask(World(["444444"], right=("444444",), wall_s=start_s + 93), "pb")


def test_program_that_prints_one_code_for_ever_does_not_send_it_twice(ask: Ask) -> None:
    ask(World(["111111"]), "pa")
    world = World(["111111"] * 4)
    with pytest.raises(SpentCodeError):
        ask(world, "pb")
    assert world.sent == []


def test_server_that_is_not_aws_says_itself_what_a_code_for_ever_is_worth(own: Settings, ask: Ask) -> None:
    with Path(own.config_file).open("a") as file:
        file.write("[default]\nendpoint_url = https://sts.example\n")
    lines = Path(own.config_file).read_text().replace("[profile p", "[profile other-p")
    Path(own.config_file).write_text(lines.replace("= code\n", "= code\nendpoint_url = https://sts.example\n"))
    ask(World(["111111"]), "other-pa")
    world = World(["111111", "111111"])
    ask(world, "other-pb")
    assert world.sent == ["111111"]


def test_next_code_that_another_process_took_meanwhile_is_not_sent(ask: Ask) -> None:
    ask(World(["111111"]), "pa")
    ask(World(["222222"], right=("222222",), wall_s=1_800_000_031.0), "a", PERSON)
    world = World(["111111", "222222", "333333"], right=("333333",), wall_s=1_800_000_025.0)
    ask(world, "pb")
    assert world.sent == ["333333"]
    assert world.slept == [pytest.approx(5.2), pytest.approx(30.0)]


@pytest.mark.parametrize("urgency", [BACKGROUND, PERSON])
def test_no_key_store_is_no_reason_to_send_a_code_twice(
    monkeypatch: pytest.MonkeyPatch, own: Settings, ask: Ask, urgency: int
) -> None:
    monkeypatch.setattr("credhelper.provider.miss.key_of", lambda *_: None)
    ask(World(["111111"]), "pa", urgency)
    world = World(["111111", "222222"], right=("222222",))
    ask(world, "pb", urgency)
    assert world.sent == ["222222"]
    assert not list(Path(own.cache_dir).glob("*.entry"))


def test_second_wait_that_would_take_too_long_is_not_begun(ask: Ask) -> None:
    ask(World(["111111"]), "pa")
    ask(World(["222222"], right=("222222",), wall_s=1_800_000_031.0), "a", PERSON)
    world = World(["111111", "222222"], wall_s=1_800_000_025.0)
    with pytest.raises(SpentCodeError) as caught:
        ask(world, "pb", left_s=35.0)
    assert world.sent == []
    assert world.slept == [pytest.approx(5.2)]
    assert caught.value.hint.startswith("try again in 30 seconds")


@dataclass
class Aws(World):
    """A world in which each device shows a code for half a minute, and AWS takes it once."""

    lifetime_s: int = 61
    typed: str = ""
    taken: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def code(self) -> str:
        return f"{int(self.wall_s // 30) % 1_000_000:06d}"

    def ask(self, resolved: Resolved, _deadline: Deadline) -> str:
        if not resolved.profile.mfa_process and self.typed == self.code():
            self.pass_time(30)  # a person who is told that it was sent waits for the next one
        self.typed = self.code()
        return self.typed

    def take(self, serial: str, code: str) -> None:
        if (serial, code) in self.taken:
            self.refused.append((serial, code))
            raise RefusedCodeError("AWS refused it", hint="wait")
        self.taken.append((serial, code))

    def source(self, resolved: Resolved, _deadline: Deadline, claim: Claim) -> Credentials:
        if resolved.profile.name == "n":
            if self.typed == self.code():
                self.pass_time(30)
            self.typed = code = self.code()
            claim(SERIAL, code)
            self.take(SERIAL, code)
        return Credentials("AKIAACC", canary.secret_key("user"))

    def assume(self, resolved: Resolved, source: Credentials, code: str | None, deadline: Deadline) -> Credentials:
        if code is not None:
            self.take(resolved.request.mfa_serial or "", code)
        return World.assume(replace(self, right=(code or "",)), resolved, source, code, deadline)


@dataclass
class Step:
    """One request in a random row: whose device, how long after the last one, by a program or a person."""

    profile: str
    after_s: float
    urgency: int


requests = st.lists(
    st.builds(
        Step,
        st.sampled_from(["a", "b", "pa", "pb", "n", "qa", "qb"]),
        st.sampled_from([0.0, 1.0, 14.0, 29.0, 31.0, 75.0]),
        st.sampled_from([BACKGROUND, LOGIN, NOW]),
    ),
    min_size=2,
    max_size=12,
)


@hypothesis.settings(max_examples=30)
@given(requests)
def test_aws_sees_each_code_of_a_device_once_in_any_row_of_requests(steps: list[Step]) -> None:
    """Two devices show a code for each half minute, and no person insists on one that was sent."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        (home / ".aws").mkdir(mode=0o700)
        choose_store(home)
        own = from_environment({"HOME": directory})
        lines = [f"[profile {name}]\n{KEYS}credhelper_mfa_serial = {SERIAL}\n" for name in ("a", "b", "pa", "pb")]
        lines += [f"[profile {name}]\n{KEYS}credhelper_mfa_serial = {SERIAL}2\n" for name in ("qa", "qb")]
        lines.append(f"[profile n]\n{KEYS}")
        programs = [line + "credhelper_mfa_process = code\n" * (line[9] in "pq") for line in lines]
        Path(own.config_file).write_text("".join(programs))
        aws = Aws([])
        for step in steps:
            aws.wall_s += step.after_s
            with contextlib.suppress(CredhelperError):
                Miss(own, {}, Deadline(40), aws.effects(), urgency=step.urgency).answer(step.profile)
        assert len(aws.taken) == len(set(aws.taken)) >= 1
        assert aws.refused == []


def test_program_whose_next_code_comes_too_late_says_when(ask: Ask) -> None:
    ask(World(["111111"]), "pa")
    world = World(["111111"])
    with pytest.raises(SpentCodeError) as caught:
        ask(world, "pb", left_s=15.0)
    assert caught.value.hint == "try again in 20 seconds, or let it wait: export CREDHELPER_TIMEOUT=45"
    assert (world.sent, world.slept) == ([], [])
    world = World(["222222"], right=("222222",), wall_s=1_800_000_010.5)
    ask(world, "pb", left_s=15.0)  # the start after that is not told the failure of the one before
    assert world.sent == ["222222"]


def test_who_has_a_valid_entry_does_not_wait_for_a_code_and_login_does(ask: Ask) -> None:
    ask(World(["111111"], lifetime_s=900), "pb")
    later_s = 1_800_000_010.0 + 720
    ask(World(["333333"], right=("333333",), wall_s=later_s), "pa")
    world = World(["333333"], wall_s=later_s, lifetime_s=900)
    ask(world, "pb")
    assert (world.sent, world.slept) == ([], [])
    world = World(["333333", "444444"], right=("444444",), wall_s=later_s + 0.5, lifetime_s=900)
    ask(world, "pb", LOGIN)
    assert world.sent == ["444444"]


def test_refused_program_pauses_and_a_person_does_not(ask: Ask) -> None:
    start_s = 1_800_000_010.0
    for after_s, code in ((0.0, "222222"), (35.0, "555555")):
        with pytest.raises(RefusedCodeError):
            ask(World([code], wall_s=start_s + after_s), "pa")
    for after_s in (40.0, 60.0, 94.0):
        world = World(["333333"], wall_s=start_s + after_s)
        with pytest.raises(PausedError) as caught:
            ask(world, "pb")
        assert f"for {95 - after_s:.0f} s" in caught.value.message
        assert world.codes == ["333333"], "the program was started"
    ask(World(["111111"], wall_s=start_s + 94), "pa", PERSON)
    ask(World(["444444"], right=("444444",), wall_s=start_s + 125), "pb")


@pytest.mark.parametrize("urgency", [PERSON, LOGIN, NOW])
def test_pause_that_began_after_a_person_is_not_theirs(own: Settings, ask: Ask, urgency: int) -> None:
    with pytest.raises(RefusedCodeError):
        ask(World(["222222"]), "pa")
    began = World([], wall_s=1_800_000_015.0).now()
    with pytest.raises(PausedError):
        ask(World([], wall_s=1_800_000_016.0), "pa")
    world = World(["111111"], wall_s=1_800_000_017.0)
    Miss(own, {}, Deadline(40), world.effects(), started=began, urgency=urgency).answer("pa")
    assert world.sent == ["111111"]
