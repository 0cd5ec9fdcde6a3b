"""A line that asks credhelper for another profile, or starts another program: who a profile is by it, and its cure."""

from pathlib import Path

import pytest

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.awsconfig.profiles import principal
from credhelper.awsconfig.profiles.kinds import PROCESS_KEY
from credhelper.commands import shadows
from credhelper.commands.profile import adopt, check, release, remove, rename, show
from credhelper.commands.profile import list as profile_list
from credhelper.commands.profile import set as profile_set
from credhelper.commands.profile.line import FOREIGN, Lines, Watch
from credhelper.commands.profile.repair import repair
from credhelper.errors import InputError
from credhelper.settings import Settings
from fakes.home import ROLE_ARN
from fakes.profiles import write_settled

HOW = EditOptions(linger_s=0)
KEYS = "aws_access_key_id = AKIACANARY\naws_secret_access_key = made-up\n"
ROLE = f"role_arn = {ROLE_ARN}\nsource_profile = "


def ours(name: str, line: str, role: str = "") -> str:
    """Return a section of credhelper's with this line, which may be none."""
    process = f"{PROCESS_KEY} = {line}\n" if line else ""
    return f"[profile {name}]\n{process}credhelper_role_arn = {ROLE_ARN}{role or name}\ncredhelper_source_profile = d\n"


@pytest.fixture
def line_of_g(own: Settings, config: Path) -> str:
    write_settled(Path(own.credentials_file), f"[d]\n{KEYS}")
    return Lines(own).line("g")


def findings(own: Settings, name: str) -> dict[str, str]:
    return {one.name: one.fix for one in check.check_file(own) if one.about == name}


@pytest.mark.parametrize("line", ["own of g", "own of nothing", "/bin/echo other", "/bin/echo get e", ""])
def test_line_that_does_not_ask_for_its_own_profile_is_said_and_repaired(
    own: Settings, config: Path, line_of_g: str, line: str
) -> None:
    line = {"own of g": line_of_g, "own of nothing": f"{line_of_g}one"}.get(line, line)
    user = f"[profile u]\n{ROLE}e\n"
    write_settled(config, f"{ours('g', line_of_g)}{ours('e', line)}{user}")
    catalogue = profile_list.open_sections(own)
    if line:
        shadow = catalogue.shadow_of("e")
        assert shadow is not None
        assert (shadow.key, shadow.place.line, shadow.is_in_credentials) == (PROCESS_KEY, 6, False)
        assert findings(own, "e")["shadowed"] == "credhelper profile repair e"
        asked = {line_of_g: principal.principal("g", catalogue), f"{line_of_g}one": None}
        assert principal.principal("e", catalogue) == asked.get(line, ("process", line))
    else:
        assert "credhelper-command" in findings(own, "e")
    problem = show.show(own, "e").problem
    assert problem is not None
    assert "credential_process" in problem.message
    assert len(shadows.remarks(own, ["e", "g"], {})) == 1
    assert Watch().see_all(catalogue.items()).foreign == 1
    profile_set.set_keys(own, "e", {}, {"output": "json"}, HOW)
    before = profile_list.open_sections(own)
    told = repair(own, [], HOW).left
    assert [name for name, _ in told] == (["e"] if line else [])
    done = repair(own, ["e"], HOW)
    after = profile_list.open_sections(own)
    assert after["e"][PROCESS_KEY] == Lines(own).line("e")
    assert [one.fault for one in done.repairs] == ([FOREIGN] if line else [])
    assert after.shadow_of("e") is None
    assert show.show(own, "e").problem is None
    was = principal.principal("u", before)
    assert any(remark.startswith("u: ") for remark in done.edit.remarks) == (
        was is not None and was != principal.principal("u", after)
    )


@pytest.mark.parametrize("section", ["[profile z]\ncredential_process = {line}\n", ours("z", "{line}", "own")])
@pytest.mark.parametrize("with_credentials", [False, True])
def test_profile_that_asks_for_another_is_that_one_in_every_edit(
    own: Settings, config: Path, line_of_g: str, section: str, *, with_credentials: bool
) -> None:
    """And so are those whose source it is."""
    write_settled(
        config, f"{ours('g', line_of_g)}{section.format(line=line_of_g)}[profile y]\n{ROLE}z\n[profile last]\n{ROLE}y\n"
    )
    before = profile_list.open_sections(own)
    text = config.read_bytes()
    assert principal.principal("z", before) == principal.principal("g", before) is not None
    assert principal.dependents(["g"], before) == {"g", "z", "y", "last"}
    with pytest.raises(InputError, match="is the source of z"):
        remove.remove(own, "g", HOW)
    with pytest.raises(InputError, match="would change who last, y, z is"):
        release.release(own, ["g"], HOW)
    edited = release.release(own, [], HOW, is_all=True)
    assert any(remark.startswith("g stays as it is: ") for remark in edited.remarks)
    assert config.read_bytes() == text
    set_ = profile_set.set_keys(own, "g", {"role_arn": ROLE_ARN + "-2"}, {}, EditOptions(is_dry_run=True))
    assert any(remark.startswith("last, y, z: ") for remark in set_.remarks)
    rename.rename(own, "g", "new", HOW, with_credentials=with_credentials)
    after = profile_list.open_sections(own)
    assert "g" not in after
    for name in ("z", "y", "last"):
        assert principal.principal(name, after) == principal.principal(name, before)


@pytest.mark.parametrize(("name", "other"), [("-x", "x"), ("--help", "help"), ("-", "role")])
def test_name_that_is_an_option_stays_and_its_hint_works(
    own: Settings, config: Path, line_of_g: str, name: str, other: str
) -> None:
    write_settled(config, f"[profile {name}]\n{ROLE}d\n[profile plain]\n{ROLE}d\n")
    with pytest.raises(InputError) as caught:
        adopt.adopt(own, [name], HOW)
    assert caught.value.hint == f"credhelper profile rename -- {name} {other}"
    edited = adopt.adopt(own, [], HOW, is_all=True)
    assert edited.names == ("plain",)
    assert edited.remarks[0].startswith(f"{name} stays as it is: ")
    rename.rename(own, name, other, HOW)
    assert other in adopt.adopt(own, [other], HOW).names
    with pytest.raises(InputError, match="not one that every SDK reads"):
        Lines(own).line(name)
