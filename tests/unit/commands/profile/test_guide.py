"""What the guided `profile add` asks, what it proposes, and what it makes of the answers; without a terminal."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.commands.profile import add, guide, show
from credhelper.commands.profile.list import open_sections
from credhelper.errors import InputError
from credhelper.settings import Settings
from fakes.home import ROLE_ARN

NAME = "acc-to-read-prod-s3-bucket-222222222222"
KEYS = "aws_access_key_id = AKIACANARY\naws_secret_access_key = made-up\n"
DEVICE = "arn:aws:iam::111111111111:mfa/david"
ROLE = f"role_arn = {ROLE_ARN}\nsource_profile = default\n"


class Script:
    """A person whose answers are known beforehand; each question with what Enter means is noted."""

    def __init__(self, answers: Sequence[str]) -> None:
        self.asked: list[tuple[str, str]] = []
        self.told: list[str] = []
        self._answers = list(answers)

    @property
    def person(self) -> guide.Person:
        return guide.Person(self._ask, self.told.append)

    def _ask(self, question: str, default: str) -> str:
        self.asked.append((question, default))
        return self._answers.pop(0)

    @property
    def is_done(self) -> bool:
        return not self._answers


@pytest.fixture
def keys(own: Settings) -> Path:
    path = Path(own.credentials_file)
    path.write_text(f"[default]\n{KEYS}")
    return path


def answers(own: Settings, script: Script, **values: str) -> tuple[str, dict[str, str]]:
    return guide.ask_for_profile(own, values, script.person)


@pytest.mark.usefixtures("keys")
def test_enter_takes_the_one_source_and_the_proposed_name(own: Settings) -> None:
    script = Script(["", ROLE_ARN, ""])
    assert answers(own, script) == (NAME, {"source_profile": "default", "role_arn": ROLE_ARN})
    assert script.asked == [("Source profile", "default"), ("Role ARN", ""), ("Profile name", NAME)]
    assert script.is_done


@pytest.mark.parametrize(
    ("values", "given", "asked"),
    [
        ({}, ["2", ROLE_ARN, "x"], ["Source profile", "Role ARN", "Profile name"]),
        ({"source_profile": "default"}, [ROLE_ARN, "x"], ["Role ARN", "Profile name"]),
        ({"credential_source": "Environment"}, [ROLE_ARN, "x"], ["Role ARN", "Profile name"]),
        ({"role_arn": ROLE_ARN}, ["", "x"], ["Source profile", "Profile name"]),
        ({"role_arn": ROLE_ARN, "source_profile": "default", "external_id": "ab"}, ["x"], ["Profile name"]),
    ],
)
def test_what_is_given_as_an_option_is_not_asked(
    own: Settings, keys: Path, values: dict[str, str], given: list[str], asked: list[str]
) -> None:
    keys.write_text(f"[other]\n{KEYS}[default]\n{KEYS}")
    script = Script(given)
    name, found = answers(own, script, **values)
    assert [question for question, _ in script.asked] == asked
    assert (name, found["role_arn"]) == ("x", ROLE_ARN)
    assert found.items() >= values.items()
    if not values:
        assert found["source_profile"] == "other"


@pytest.mark.usefixtures("keys")
def test_wrong_answers_are_said_at_once_and_asked_again(own: Settings) -> None:
    Path(own.config_file).write_text("[profile taken]\nregion = eu-west-1\n")
    script = Script(
        ["defalt", "taken", "7", "0", "", "", "arn:aws:iam::22222222222:role/x", f" '{ROLE_ARN}' ", "a b", "taken", "x"]
    )
    assert answers(own, script) == ("x", {"source_profile": "default", "role_arn": ROLE_ARN})
    assert script.is_done
    said = "\n".join(script.told)
    for text in (
        "There is no profile defalt; did you mean default?",
        "Profile taken has no credentials",
        "There is no profile 7; type its number or its name",
        "It is on the page of the role",
        "the account 22222222222 has 11 digits and not 12",
        "This profile name is not one that every SDK reads",
        "There is a profile taken already",
    ):
        assert text in said


def test_nearest_source_is_what_enter_means_after_a_mistake(own: Settings, keys: Path) -> None:
    keys.write_text(f"[default]\n{KEYS}[prod]\n{KEYS}")
    script = Script(["prd", "", ROLE_ARN, ""])
    assert answers(own, script)[1]["source_profile"] == "prod"
    assert script.asked[1] == ("Source profile", "prod")


@pytest.mark.parametrize(
    ("config", "credentials", "devices"),
    [
        ("", f"[default]\n{KEYS}mfa_serial = {DEVICE}\n", [DEVICE]),
        (f"[profile r]\n{ROLE}mfa_serial = {DEVICE}\n", f"[default]\n{KEYS}", [DEVICE]),
        (
            f"[profile r]\n{ROLE}mfa_serial = {DEVICE}\n".replace("\n", "\ncredhelper_", 3),
            f"[default]\n{KEYS}",
            [DEVICE],
        ),
        (
            f"[profile a]\n{ROLE}mfa_serial = GAHT12345678\n" + 2 * f"[profile b]\n{ROLE}mfa_serial = {DEVICE}\n"
            f"[profile c]\n{ROLE}mfa_serial = {DEVICE}\n",
            f"[default]\n{KEYS}",
            [DEVICE, "GAHT12345678"],
        ),
        (f"[profile r]\n{ROLE}mfa_serial = a b\n", f"[default]\n{KEYS}", []),
        (f"[profile r]\n{ROLE}".replace("default", "x") + f"mfa_serial = {DEVICE}\n", f"[default]\n{KEYS}", []),
        (f"[default]\nsso_session = s\nsso_account_id = 1\n[profile r]\n{ROLE}mfa_serial = {DEVICE}\n", "", []),
        ("", f"[default]\n{KEYS}", []),
    ],
)
def test_device_of_the_source_is_proposed(
    own: Settings, keys: Path, config: str, credentials: str, devices: list[str]
) -> None:
    Path(own.config_file).write_text(config)
    keys.write_text(credentials)
    assert guide.devices_of("default", open_sections(own)) == devices


@pytest.mark.parametrize(
    ("typed", "device"),
    [([""], DEVICE), (["none"], None), (["-"], None), (["x y", "GAHT12345678"], "GAHT12345678")],
)
def test_device_is_taken_by_enter_or_left_out(own: Settings, keys: Path, typed: list[str], device: str | None) -> None:
    keys.write_text(f"[default]\n{KEYS}mfa_serial = {DEVICE}\n")
    script = Script(["", ROLE_ARN, "", *typed])
    assert answers(own, script)[1].get("mfa_serial") == device
    assert script.is_done


@pytest.mark.parametrize(
    ("arn", "taken", "name"),
    [
        (ROLE_ARN, [], NAME),
        (ROLE_ARN, [NAME], f"{NAME}-2"),
        (ROLE_ARN, [NAME, f"{NAME}-2"], f"{NAME}-3"),
        ("arn:aws:iam::222222222222:role/team/x", [], "x-222222222222"),
        ("arn:aws:iam::222222222222:role/a=b,c", [], "a-b-c-222222222222"),
        ("arn:aws:iam::222222222222:role/-x", [], "x-222222222222"),
        ("arn:aws:iam::222222222222:role/=", [], "role-222222222222"),
    ],
)
def test_proposed_name_is_of_the_role_and_its_account_and_free(
    own: Settings, keys: Path, arn: str, taken: list[str], name: str
) -> None:
    keys.write_text("".join(f"[{one}]\n{KEYS}" for one in ["default", *taken]))
    assert guide.proposed_name(arn, open_sections(own)) == name
    add.add(own, name, {"role_arn": arn, "source_profile": "default"}, EditOptions())
    assert show.show(own, name).problem is None


def test_without_any_source_nothing_is_asked(own: Settings) -> None:
    Path(own.config_file).write_text("[default]\nregion = eu-west-1\n")
    script = Script([])
    with pytest.raises(InputError, match="no profile yet") as caught:
        answers(own, script)
    assert caught.value.hint.endswith("aws configure")


@pytest.mark.usefixtures("keys")
def test_option_that_is_wrong_is_refused_before_a_question(own: Settings) -> None:
    with pytest.raises(InputError, match="--role-arn is not the ARN of a role"):
        answers(own, Script([]), role_arn="x")


def test_many_sources_are_cut_and_each_is_found_by_name(own: Settings, keys: Path) -> None:
    keys.write_text("".join(f"[p{number}]\n{KEYS}" for number in range(300)))
    script = Script(["p299", ROLE_ARN, ""])
    assert answers(own, script)[1]["source_profile"] == "p299"
    assert any("and 280 more" in text for text in script.told)
    assert max(len(line) for text in script.told for line in text.splitlines()) < 80


def test_name_that_steers_a_terminal_is_shown_as_its_escapes(own: Settings, keys: Path) -> None:
    keys.write_text(f"[a\x1b[2Jb]\n{KEYS}")
    script = Script(["x\u202ey", "1", ROLE_ARN, ""])
    assert answers(own, script)[1]["source_profile"] == "a\x1b[2Jb"
    assert not any("\x1b" in text or "\u202e" in text for text in script.told)
