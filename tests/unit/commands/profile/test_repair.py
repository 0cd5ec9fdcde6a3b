"""`profile repair`: what is dead, temporary or versioned is written again in one edit; what others start stays."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import credhelper
from credhelper.awsconfig.file.editor import EditOptions
from credhelper.awsconfig.profiles.catalogue import profile_sections
from credhelper.commands.profile import add, adopt, check, rename, undo
from credhelper.commands.profile import list as profile_list
from credhelper.commands.profile import set as profile_set
from credhelper.commands.profile.line import DEAD, OTHER, VERSIONED, Lines, Watch, watch_file
from credhelper.commands.profile.repair import repair
from credhelper.errors import InputError
from credhelper.model.shell import open_at
from credhelper.settings import Settings
from fakes.home import ROLE_ARN
from fakes.profiles import write_settled

HOW = EditOptions()
TYPED = {"role_arn": ROLE_ARN, "source_profile": "default"}
SCRIPT = str(Path(credhelper.__file__).with_name("__main__.py"))


def new_line(name: str) -> str:
    return f"{sys.executable} -I -S {sys.prefix}/share/credhelper/get.py get {name}"


def other_install(directory: Path) -> str:
    script = directory / "share" / "credhelper" / "get.py"
    script.parent.mkdir(parents=True)
    script.touch()
    return f"{sys.executable} -I -S {script}"


def write(config: Path, lines: dict[str, str]) -> None:
    sections = (
        f"[profile {name}]\ncredential_process = {start} get {name}\ncredhelper_role_arn = {ROLE_ARN}\n"
        "credhelper_source_profile = default\n"
        for name, start in lines.items()
    )
    write_settled(config, "# mine\n[default]\nregion = us-east-1\n" + "".join(sections))


def line_of(config: Path, name: str) -> str:
    return dict(profile_sections(config.read_bytes()))[name]["credential_process"]


GONE = "/nowhere/lib/python3.1/site-packages/credhelper/__main__.py"
DEAD_STARTS = [
    f"{sys.executable} -I -S {GONE}",
    f"/nowhere/bin/python -I -S {SCRIPT}",
    "/nowhere/bin/python -I -S /nowhere/share/credhelper/get.py",
    "/opt/homebrew/Cellar/credhelper/0.1.0/bin/credhelper",
    "/usr/bin/env /nowhere/credhelper",
    "~/nowhere/bin/credhelper",
]


@pytest.mark.parametrize("start", DEAD_STARTS)
@pytest.mark.parametrize("how", ["repair", "named", "set", "rename", "add --force"])
def test_line_with_a_file_that_is_gone_is_written_again(own: Settings, config: Path, start: str, how: str) -> None:
    write(config, {"p1": start})
    name = "p1"
    if how == "set":
        profile_set.set_keys(own, "p1", {}, {"output": "json"}, HOW)
    elif how == "add --force":
        add.add(own, "p1", TYPED, HOW, is_forced=True)
    elif how == "rename":
        name = "p2"
        rename.rename(own, "p1", "p2", HOW)
    else:
        done = repair(own, ["p1"] if how == "named" else [], HOW)
        assert [(one.name, one.fault) for one in done.repairs] == [("p1", DEAD)]
    assert line_of(config, name) == new_line(name)
    assert watch_file(own).notice == ""


def test_interpreter_that_is_a_dangling_link_is_gone(own: Settings, config: Path, tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to(tmp_path / "nothing")
    write(config, {"p1": f"{tmp_path}/python -I -S {SCRIPT}"})
    assert [one.fault for one in repair(own, [], HOW).repairs] == [DEAD]


def test_all_lines_are_one_edit_with_one_undo_and_the_rest_keeps_its_bytes(
    own: Settings, config: Path, tmp_path: Path
) -> None:
    works = other_install(tmp_path / "other")
    starts = {"dead": DEAD_STARTS[0], "old": f"{sys.executable} -I -S {SCRIPT}", "other": works}
    write(config, starts)
    config.write_text(config.read_text() + "[profile vault]\ncredential_process = /nowhere/aws-vault get vault\n")
    before = config.read_bytes()
    dry = repair(own, [], replace(HOW, is_dry_run=True))
    assert config.read_bytes() == before
    done = repair(own, [], HOW)
    assert done.repairs == dry.repairs
    assert [(one.name, one.fault) for one in done.repairs] == [("dead", DEAD), ("old", VERSIONED)]
    assert [name for name, _ in done.left] == ["other"]
    lines = config.read_text().splitlines()
    changed = [new for new, old in zip(lines, before.decode().splitlines(), strict=True) if new != old]
    assert changed == [f"credential_process = {new_line(name)}" for name in ("dead", "old")]
    undo.undo(own, HOW)
    assert config.read_bytes() == before
    assert [one.fault for one in repair(own, [], HOW, is_all=True).repairs] == [DEAD, VERSIONED, OTHER]
    assert repair(own, [], HOW, is_all=True).repairs == ()
    assert line_of(config, "vault") == "/nowhere/aws-vault get vault"


def test_named_profile_of_another_program_is_refused(own: Settings, config: Path) -> None:
    write(config, {})
    config.write_text("[profile vault]\ncredential_process = /nowhere/aws-vault get vault\n")
    with pytest.raises(InputError, match="does not start credhelper"):
        repair(own, ["vault"], HOW)
    with pytest.raises(InputError, match="no profile"):
        repair(own, ["valt"], HOW)


@pytest.mark.parametrize("start", [f"/usr/bin/env A=b {sys.executable} -I -S {SCRIPT}", f"/bin/sh {SCRIPT}"])
def test_line_that_is_made_by_hand_and_works_is_left(own: Settings, config: Path, start: str) -> None:
    write(config, {"p1": start})
    assert repair(own, [], HOW, is_all=True).repairs == ()


def test_profile_in_two_spellings_does_not_stop_the_others(own: Settings, config: Path) -> None:
    write(config, {"a": DEAD_STARTS[0], "b": DEAD_STARTS[0]})
    config.write_text("[profile 'a']\noutput = json\n" + config.read_text())
    done = repair(own, [], HOW)
    assert [one.name for one in done.repairs] == ["b"]
    assert [name for name, _ in done.left] == ["a"]


def test_temporary_installation_writes_into_temporary_files_only(
    own: Settings, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places, starter = {own.config_file: ""}, f"{sys.prefix}/share/credhelper/get.py"
    monkeypatch.setattr(
        "credhelper.system.installation.temporary",
        lambda *paths: places.get(paths[0], "the cache of uv" if starter in paths else ""),
    )
    write(config, {"dead": DEAD_STARTS[0], "lives": other_install(tmp_path / "other")})
    config.write_text(config.read_text() + f"[profile native]\nrole_arn = {ROLE_ARN}\nsource_profile = default\n")
    before = config.read_bytes()
    values = {"role_arn": ROLE_ARN, "source_profile": "default"}
    for command in (
        lambda: repair(own, ["dead"], HOW),
        lambda: adopt.adopt(own, ["native"], HOW),
        lambda: add.add(own, "new", values, HOW),
        lambda: profile_set.set_keys(own, "dead", {}, {"output": "json"}, HOW),
        lambda: rename.rename(own, "lives", "moved", HOW),
    ):
        with pytest.raises(InputError) as caught:
            command()
        assert "is a temporary one, in the cache of uv" in caught.value.message
        assert caught.value.hint == "uv tool install credhelper"
    assert config.read_bytes() == before
    # A line that works needs no other.
    assert [name for name, _ in repair(own, ["lives"], HOW).left] == ["lives"]
    profile_set.set_keys(own, "lives", {}, {"output": "json"}, HOW)
    places[own.config_file] = "a directory for temporary files"
    assert Lines(own).line("a").endswith(" get a")


def test_line_of_another_profile_hides_none_that_is_dead(own: Settings, config: Path) -> None:
    write(config, {"a": DEAD_STARTS[0], "b": DEAD_STARTS[0]})
    config.write_text(config.read_text().replace(" get a", " get elsewhere"))
    assert watch_file(own).dead == 1


def test_notice_counts_profiles_and_looks_for_each_program_once(own: Settings, config: Path) -> None:
    looked: list[str] = []
    write(config, {f"p{number}": DEAD_STARTS[0] for number in range(50)} | {"fine": f"{sys.executable} -I -S {SCRIPT}"})

    def exists(path: str) -> bool:
        looked.append(path)
        return os.path.exists(path)

    watch = Watch(exists)
    sections = profile_list.open_sections(own)
    list(profile_list.list_profiles(sections, "nothing", watch.see))
    assert watch.notice == "note: 50 profiles start a program that is gone\nhint: credhelper profile repair"
    assert len(looked) == 3
    repair(own, [], HOW)
    assert watch_file(own).notice == ""


@pytest.mark.parametrize("named", [[], ["p1"]])
def test_line_in_the_credentials_file_is_named_with_its_place(own: Settings, config: Path, named: list[str]) -> None:
    """That file is not edited, so what is left is to remove the line by hand."""
    write(config, {"p1": f"{sys.prefix}/bin/credhelper"})
    repair(own, [], HOW, is_all=True)
    credentials = Path(own.credentials_file)
    write_settled(credentials, f"[p1]\ncredential_process = {DEAD_STARTS[0]} get p1\n")
    done = repair(own, named, HOW)
    assert (done.repairs, len(done.left)) == ((), 1)
    (found,) = [one for one in check.check_file(own) if one.name == "credhelper-moved"]
    assert (found.line, found.is_in_credentials) == (2, True)
    for text in (done.left[0][1], found.fix):
        assert f"remove that line: {open_at(str(credentials), 2)}" in text
    write_settled(credentials, "")
    assert [one for one in check.check_file(own) if one.name == "credhelper-moved"] == []


@pytest.mark.parametrize("name", ["r&d", "\u043f", "-x"])
def test_name_that_no_line_can_have_does_not_keep_the_others_from_it(own: Settings, config: Path, name: str) -> None:
    role = f"credhelper_role_arn = {ROLE_ARN}\ncredhelper_source_profile = default\n"
    gone = "credential_process = /gone/credhelper get"
    write_settled(config, f"[profile {name}]\n{gone} {name}\n{role}[profile p]\n{gone} p\n{role}")
    done = repair(own, [], HOW)
    assert [one.name for one in done.repairs] == ["p"]
    assert [left for left, _ in done.left] == [name]
    with pytest.raises(InputError, match=f"the name of profile {name} cannot be part of a command"):
        repair(own, [name], HOW)
