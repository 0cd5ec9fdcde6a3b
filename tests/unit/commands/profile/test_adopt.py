"""`profile adopt` and `release`: there and back byte for byte, and why a profile stays as it is."""

from pathlib import Path

import pytest

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.awsconfig.lint.rules import rule_of
from credhelper.commands.profile import add, adopt, release, show
from credhelper.commands.profile import list as profile_list
from credhelper.commands.profile.check import check_file
from credhelper.commands.profile.set import set_keys
from credhelper.errors import InputError
from credhelper.settings import Settings
from fakes.home import ROLE_ARN
from fakes.profiles import NATIVE, VALUES, write_settled

HOW = EditOptions()


def test_adopt_and_release_give_the_bytes_back(own: Settings, config: Path) -> None:
    write_settled(config, NATIVE)
    edited = adopt.adopt(own, [], HOW, is_all=True)
    assert [remark.partition(" ")[0] for remark in edited.remarks] == ["self"]
    sections = profile_list.open_sections(own)
    kinds = {row.name: row.kind for row in profile_list.list_profiles(sections)}
    assert kinds == {"Native": "credhelper", "base": "static", "self": "role", "chain": "credhelper"}
    assert profile_list.row_of("chain", sections).sources == ("Native", "base")
    assert show.show(own, "Native").problem is None
    release.release(own, [], HOW, is_all=True)
    assert config.read_text() == NATIVE


def test_adopt_all_passes_over_a_profile_in_two_spellings(own: Settings, config: Path) -> None:
    twice = f"[default]\nrole_arn = {ROLE_ARN}\nsource_profile = base\n[profile default]\nx = 1\n"
    write_settled(config, f"{twice}[profile one]\nrole_arn = {ROLE_ARN}\nsource_profile = base\n")
    # Which of the two sections is meant is for a person to say, whichever of them has the role.
    write_settled(config, config.read_text().replace("x = 1", f"role_arn = {ROLE_ARN}\nsource_profile = base"))
    edited = adopt.adopt(own, [], HOW, is_all=True)
    assert "default stays as it is: profile default is defined twice" in edited.remarks[0]
    assert config.read_text().count("credhelper_role_arn") == 1


@pytest.mark.parametrize(
    ("name", "reason"), [("base", "no role_arn"), ("self", "its own source|two kinds"), ("nobody", "no profile nobody")]
)
def test_adopt_explains_what_it_cannot(own: Settings, config: Path, name: str, reason: str) -> None:
    write_settled(config, NATIVE)
    with pytest.raises(InputError, match=reason):
        adopt.adopt(own, [name], HOW)
    assert config.read_text() == NATIVE


def test_adopt_explains_a_program_beside_the_role(own: Settings, config: Path) -> None:
    write_settled(config, f"[profile x]\nrole_arn = {ROLE_ARN}\nsource_profile = y\ncredential_process = /x\n")
    with pytest.raises(InputError, match="credential_process beside its role"):
        adopt.adopt(own, ["x"], HOW)


def test_release_refuses_settings_that_aws_has_no_key_for(own: Settings) -> None:
    add.add(own, "prod-s3", {**VALUES, "tags": "a=b"}, HOW)
    with pytest.raises(InputError, match="tags"):
        release.release(own, ["prod-s3"], HOW)


KEYS = "aws_access_key_id = AKIAX\naws_secret_access_key = y\n"


def _roles(**sources: str) -> str:
    return "".join(
        f"[profile {name}]\nrole_arn = {ROLE_ARN}\nsource_profile = {source}\n" for name, source in sources.items()
    )


@pytest.mark.parametrize(
    ("loop", "names"),
    [
        ({"a": "b", "b": "a"}, {"a", "b"}),
        ({"a": "b", "b": "c", "c": "a"}, {"a", "b", "c"}),
        ({"a": "b", "b": "a", "leads": "a"}, {"a", "b", "leads"}),
        ({"leads": "last", "last": "last"}, {"leads", "last"}),
    ],
)
def test_adopt_all_skips_profiles_in_a_loop_and_says_so(
    own: Settings, config: Path, loop: dict[str, str], names: set[str]
) -> None:
    before = f"[default]\n{KEYS}{_roles(**loop, good='default', further='good')}"
    write_settled(config, before)
    edited = adopt.adopt(own, [], HOW, is_all=True)
    assert set(edited.names) == {"good", "further"}
    assert {remark.partition(" ")[0] for remark in edited.remarks} == names
    assert all("loop: " in remark or "its own source" in remark for remark in edited.remarks)
    sections = profile_list.open_sections(own)
    assert {row.name for row in profile_list.list_profiles(sections) if row.kind == "credhelper"} == {"good", "further"}
    release.release(own, [], HOW, is_all=True)
    assert config.read_text() == before


@pytest.mark.parametrize("has_keys", [True, False])
def test_hint_of_a_loop_opens_it(own: Settings, config: Path, *, has_keys: bool) -> None:
    write_settled(config, (f"[default]\n{KEYS}" if has_keys else "") + _roles(a="b", b="a", leads="a"))
    for name, opened in (("leads", "a"), ("b", "b")):
        with pytest.raises(InputError, match="form a loop: ") as caught:
            adopt.adopt(own, [name], HOW)
        expected = f"profile set {opened} source_profile=default" if has_keys else "aws configure --profile default"
        assert caught.value.hint.endswith(expected)
    if has_keys:
        set_keys(own, "a", {}, {"source_profile": "default"}, HOW)
        assert adopt.adopt(own, [], HOW, is_all=True).names == ("a", "b", "leads")


def test_profile_that_comes_again_with_its_keys_is_no_loop(own: Settings, config: Path) -> None:
    write_settled(Path(own.credentials_file), f"[a]\n{KEYS}")
    write_settled(config, _roles(a="b", b="a"))
    assert "source-loop" in _found(own)  # botocore takes no profile twice, whatever it has
    adopt.adopt(own, ["b"], HOW)
    # Now it asks credhelper for b, which signs with the keys of a.
    assert "source-loop" not in _found(own)
    rows = {row.name: row.sources for row in profile_list.list_profiles(profile_list.open_sections(own))}
    assert rows == {"a": ("b", "a"), "b": ("a",)}


def test_fix_of_a_loop_that_check_names_leads_out_of_it(own: Settings, config: Path) -> None:
    write_settled(config, _roles(leads="a", a="b", b="a"))
    loops = [one for one in check_file(own) if one.name == "source-loop"]
    assert {rule_of(one).fix.partition(": ")[2] for one in loops} == {"aws configure --profile default"}
    write_settled(config, _roles(leads="a", a="b", b="a") + f"[profile keys]\n{KEYS}")
    loops = [one for one in check_file(own) if one.name == "source-loop"]
    assert [rule_of(one).fix.split()[-1] for one in loops] == ["source_profile=keys"] * 2


def test_own_source_without_keys_is_a_loop_and_no_mixture(own: Settings, config: Path) -> None:
    write_settled(config, f"[profile keys]\n{KEYS}{_roles(a='a')}")
    with pytest.raises(InputError, match="loop: a -> a") as caught:
        adopt.adopt(own, ["a"], HOW)
    assert caught.value.hint.endswith("profile set a source_profile=keys")


def _found(own: Settings) -> set[str]:
    return {one.name for one in check_file(own)}
