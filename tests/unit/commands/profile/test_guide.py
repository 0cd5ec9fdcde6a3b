"""What the guided `profile add` asks, what it proposes, and what it makes of the answers; without a terminal."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.commands.profile import add, guide, show
from credhelper.commands.profile.list import open_sections
from credhelper.commands.profile.proposals import devices_of, proposed_name
from credhelper.errors import InputError, MachineError
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
    if os.path.exists(own.config_file):
        os.utime(own.config_file, (1, 1))  # no other program is writing it
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
    assert devices_of("default", open_sections(own)) == devices


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
    assert proposed_name(arn, open_sections(own)) == name
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
    keys.write_text(f"[a\x1b[2Jb]\n{KEYS}[good]\n{KEYS}")
    script = Script(["x\u202ey", "1", "good", ROLE_ARN, ""])
    assert answers(own, script)[1]["source_profile"] == "good"
    assert any("a\\x1b[2Jb is not the name of a profile" in text for text in script.told)
    assert not any("\x1b" in text or "\u202e" in text for text in script.told)


GOV, CN = "arn:aws-us-gov:iam::222222222222:role/x", "arn:aws-cn:iam::222222222222:role/x"
IN_GOV = "region = us-gov-west-1\n"


@pytest.mark.parametrize(
    ("config", "given", "said"),
    [
        ("", "nope", "There is no profile nope"),
        ("", "defalt", "There is no profile defalt; did you mean default?"),
        ("[profile dev]\nregion = eu-west-1\n", "dev", "Profile dev has no credentials"),
        (
            f"[profile a]\n{ROLE}[profile b]\n{ROLE}".replace("default", "b", 1).replace("e = default", "e = a"),
            "a",
            "loop: a -> b -> a",
        ),
        (f"[profile a]\n{ROLE}".replace("default", "gone"), "a", "no credentials that can be found"),
        ("[profile a]\naws_access_key_id = AKIAHALF\n", "a", "no credentials that can be found"),
    ],
)
@pytest.mark.parametrize("is_option", [True, False])
@pytest.mark.usefixtures("keys")
def test_source_that_cannot_be_one_is_said_at_once_and_asked_again(
    own: Settings, config: str, given: str, said: str, *, is_option: bool
) -> None:
    Path(own.config_file).write_text(config)
    script = Script(["default", ROLE_ARN, ""] if is_option else [given, "default", ROLE_ARN, ""])
    _, found = answers(own, script, **({"source_profile": given} if is_option else {}))
    assert found["source_profile"] == "default"
    assert said in "\n".join(script.told)
    assert [question for question, _ in script.asked].count("Source profile") == (1 if is_option else 2)


@pytest.mark.parametrize(
    ("source", "role", "partitions"),
    [
        ("region = us-east-1\n", GOV, ("aws", "aws-us-gov")),
        ("region = eu-west-1\n", CN, ("aws", "aws-cn")),
        ("region = cn-north-1\n", ROLE_ARN, ("aws-cn", "aws")),
        (IN_GOV, CN, ("aws-us-gov", "aws-cn")),
    ],
)
def test_role_of_another_partition_is_said_at_once_and_taken_only_if_insisted_on(
    own: Settings, keys: Path, source: str, role: str, partitions: tuple[str, str]
) -> None:
    keys.write_text(f"[default]\n{KEYS}{source}")
    script = Script(["", role, "", "x"])
    name, found = answers(own, script)
    assert [question for question, _ in script.asked] == ["Source profile", "Role ARN", "Role ARN", "Profile name"]
    assert script.asked[2] == ("Role ARN", role)
    (said,) = [text for text in script.told if "partition" in text]
    assert all(f"of the partition {partitions[0]}" in said or one in said for one in partitions)
    add.add(own, name, found, EditOptions())
    assert found["region"].startswith({"aws-us-gov": "us-gov", "aws-cn": "cn", "aws": "us-east"}[partitions[1]])


def test_another_answer_is_taken_after_a_role_of_another_partition(own: Settings, keys: Path) -> None:
    keys.write_text(f"[default]\n{KEYS}region = us-east-1\n")
    script = Script(["", GOV, ROLE_ARN, "x"])
    assert answers(own, script)[1] == {"source_profile": "default", "role_arn": ROLE_ARN}


def test_source_of_another_partition_than_the_role_that_is_given_is_asked_again(own: Settings, keys: Path) -> None:
    keys.write_text(f"[default]\n{KEYS}region = us-east-1\n[gov]\n{KEYS}{IN_GOV}")
    script = Script(["gov", "x"])
    _, found = answers(own, script, role_arn=GOV, source_profile="default")
    assert found["source_profile"] == "gov"
    assert script.asked[0] == ("Source profile", "default")
    assert "region" not in found


@pytest.mark.usefixtures("keys")
def test_source_that_is_a_role_of_another_partition_is_never_taken(own: Settings) -> None:
    Path(own.config_file).write_text(f"[profile a]\n{ROLE}region = us-gov-west-1\n")
    script = Script(["a", GOV, GOV, ROLE_ARN, "x"])
    assert answers(own, script)[1]["role_arn"] == ROLE_ARN
    assert sum("by its role" in text for text in script.told) == 2


def test_region_that_is_given_says_which_partition_is_meant(own: Settings, keys: Path) -> None:
    keys.write_text(f"[default]\n{KEYS}region = us-east-1\n")
    script = Script(["", ROLE_ARN, GOV, "x"])
    _, found = answers(own, script, region="us-gov-east-1")
    assert (found["role_arn"], found["region"]) == (GOV, "us-gov-east-1")
    assert "region us-gov-east-1 is in partition aws-us-gov" in script.told[-1]


@pytest.mark.parametrize(
    "values",
    [
        {"source_profile": "default", "credential_source": "Environment"},
        {"role_arn": ROLE_ARN, "region": "us-gov-west-1"},
        {"transitive_tag_keys": "team"},
    ],
)
@pytest.mark.usefixtures("keys")
def test_options_that_do_not_go_together_are_refused_before_a_question(own: Settings, values: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        answers(own, Script([]), **values)
    assert caught.value.hint.endswith("credhelper profile add --help")


def test_program_for_codes_needs_a_device(own: Settings, keys: Path) -> None:
    keys.write_text(f"[default]\n{KEYS}")
    script = Script(["", ROLE_ARN, "x", "", "none", DEVICE])
    assert answers(own, script, mfa_process="/bin/code")[1]["mfa_serial"] == DEVICE
    assert script.is_done


@pytest.mark.usefixtures("keys")
def test_name_that_would_be_refused_is_said_before_the_next_question(own: Settings) -> None:
    Path(own.config_file).write_text(f"[profile a]\n{ROLE}mfa_serial = {DEVICE}\n")
    script = Script(["", ROLE_ARN, "default", "x", ""])
    found = guide.ask_for_profile(own, {}, script.person, is_forced=True)
    assert found[0] == "x"
    assert "Profile default cannot be its own source" in script.told


@pytest.mark.parametrize(
    ("config", "credentials", "reason"),
    [
        ("[default]\n[default]\n", KEYS, "defined twice"),
        ("", f"[default]\n{KEYS}[default]\n", "defined twice"),
        ("", "\ufeff[default]\n", "byte order mark"),
        ("region = x\n", "", "no section header"),
    ],
)
def test_file_that_no_reader_takes_is_said_before_a_question(
    own: Settings, config: str, credentials: str, reason: str
) -> None:
    Path(own.config_file).write_text(config)
    Path(own.credentials_file).write_text(credentials)
    with pytest.raises(InputError, match=reason) as caught:
        answers(own, Script([]))
    assert caught.value.hint.endswith("credhelper profile check")


@pytest.mark.usefixtures("keys")
def test_file_that_cannot_be_written_is_said_before_a_question(own: Settings) -> None:
    path = Path(own.config_file)
    path.write_text("[default]\n")
    path.chmod(0o400)
    with pytest.raises(MachineError, match="read-only"):
        answers(own, Script([]))
    script = Script(["", ROLE_ARN, ""])
    assert guide.ask_for_profile(own, {}, script.person, EditOptions(is_dry_run=True))[0] == NAME
