"""`--with-credentials`: rename takes keys along, adopt moves a role; no byte of a secret goes anywhere else."""

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.commands.profile import adopt, release, rename, undo
from credhelper.commands.profile import list as profile_list
from credhelper.commands.profile.line import Lines
from credhelper.errors import CredhelperError, InputError, MachineError
from credhelper.settings import Settings
from fakes import canary
from fakes.home import ROLE_ARN
from fakes.profiles import write_settled

HOW = EditOptions(linger_s=0)
DRY = EditOptions(linger_s=0, is_dry_run=True)
SECRET = canary.secret_key()
KEYS = f"aws_access_key_id = AKIACANARY\naws_secret_access_key = {SECRET}\n"
ROLE = f"role_arn = {ROLE_ARN}\nsource_profile = default\n"
USER = f"[default]\n{KEYS}"


def line_of(name: str) -> str:
    return f"/opt/credhelper/python get {name}"


@pytest.fixture
def credentials(own: Settings) -> Path:
    path = Path(own.credentials_file)
    write_settled(path, USER)
    path.chmod(0o600)
    return path


def move(own: Settings, name: str, new: str, how: EditOptions = HOW) -> EditResult:
    return rename.rename(own, name, new, how, with_credentials=True)


def take(own: Settings, *names: str, how: EditOptions = HOW) -> EditResult:
    return adopt.adopt(own, names, how, is_all=not names, with_credentials=True, line_of=line_of)


def test_rename_takes_the_keys_along_and_says_so(own: Settings, config: Path, credentials: Path) -> None:
    write_settled(
        config, f"[profile dev]\nregion = us-east-1\n\n[profile q]\nrole_arn = {ROLE_ARN}\nsource_profile = dev\n"
    )
    write_settled(credentials, f"{USER}\n# of dev\n[dev] ; mine\n{KEYS}\n[last]\nx = 1\n")
    with pytest.raises(InputError, match="would stay behind") as refused:
        rename.rename(own, "dev", "new", HOW)
    assert refused.value.hint.endswith("credhelper profile rename dev new --with-credentials")
    edited = move(own, "dev", "new")
    assert edited.remarks == (f"[dev] in {credentials} becomes [new], with its keys",)
    assert edited.changed_paths == [str(config), str(credentials)]
    assert credentials.read_text() == f"{USER}\n# of dev\n[new] ; mine\n{KEYS}\n[last]\nx = 1\n"
    assert config.read_text() == (
        f"[profile new]\nregion = us-east-1\n\n[profile q]\nrole_arn = {ROLE_ARN}\nsource_profile = new\n"
    )


def test_rename_of_keys_alone_is_one_edit_of_one_file(own: Settings, config: Path, credentials: Path) -> None:
    write_settled(credentials, f"[dev]\n{KEYS}")
    edited = move(own, "dev", "new")
    assert edited.changed_paths == [str(credentials)]
    assert credentials.read_text() == f"[new]\n{KEYS}"
    assert not config.exists()


def test_rename_of_a_profile_of_the_config_file_leaves_the_other_alone(
    own: Settings, config: Path, credentials: Path
) -> None:
    write_settled(config, f"[profile dev]\n{ROLE}")
    before = credentials.stat()
    edited = move(own, "dev", "new")
    assert edited.changed_paths == [str(config)]
    assert (credentials.stat().st_mtime_ns, credentials.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    undo.undo(own, HOW)
    assert config.read_text() == f"[profile dev]\n{ROLE}"


def test_rename_follows_sources_in_the_credentials_file(own: Settings, config: Path, credentials: Path) -> None:
    write_settled(config, f"[profile dev]\n{KEYS}")
    write_settled(credentials, f"[q]\nrole_arn = {ROLE_ARN}\nsource_profile = dev\n")
    edited = move(own, "dev", "new")
    assert edited.remarks == (f"{credentials}: the source of q becomes new",)
    assert credentials.read_text() == f"[q]\nrole_arn = {ROLE_ARN}\nsource_profile = new\n"


def test_renaming_that_stopped_after_a_line_of_the_credentials_file_goes_on(
    own: Settings, config: Path, credentials: Path
) -> None:
    """The line of another profile there asked credhelper for the old name, and asks for the new one by now."""
    role = f"credhelper_role_arn = {ROLE_ARN}\ncredhelper_source_profile = default\n"
    lines = {"dev": line_of("dev"), "new": Lines(own).line("new")}
    sections = [f"[profile {name}]\ncredential_process = {line}\n{role}" for name, line in lines.items()]
    write_settled(config, "".join(sections))
    write_settled(credentials, f"{USER}[q]\ncredential_process = {line_of('new')}\n")
    move(own, "dev", "new")
    assert config.read_text().count("[profile ") == 1
    assert "[profile new]" in config.read_text()


def test_source_that_was_missing_is_no_reason_to_refuse(own: Settings, config: Path, credentials: Path) -> None:
    write_settled(config, f"[profile dev]\n{KEYS}[profile waits]\nrole_arn = {ROLE_ARN}\nsource_profile = new\n")
    write_settled(credentials, f"[q]\nrole_arn = {ROLE_ARN}\nsource_profile = dev\n")
    move(own, "dev", "new")
    assert profile_list.open_sections(own)["q"]["source_profile"] == "new"


@pytest.mark.parametrize("with_credentials", [False, True])
def test_profile_that_cannot_be_used_is_not_renamed_onto_keys(
    own: Settings, config: Path, credentials: Path, *, with_credentials: bool
) -> None:
    line = f"credential_process = {line_of('p')}\ncredhelper_role_arn = {ROLE_ARN}\ncredhelper_source_profile = none\n"
    write_settled(config, f"[profile p]\n{line}")
    write_settled(credentials, f"[q]\n{KEYS}")
    with pytest.raises(InputError, match="has credentials for q already"):
        rename.rename(own, "p", "q", HOW, with_credentials=with_credentials)


def test_role_that_uses_the_keys_of_its_own_name_moves_with_them(
    own: Settings, config: Path, credentials: Path
) -> None:
    write_settled(config, f"[profile dev]\nrole_arn = {ROLE_ARN}\nsource_profile = dev\n")
    write_settled(credentials, f"[dev]\n{KEYS}")
    move(own, "dev", "new")
    assert config.read_text() == f"[profile new]\nrole_arn = {ROLE_ARN}\nsource_profile = new\n"
    assert credentials.read_text() == f"[new]\n{KEYS}"


UNCLEAR = {
    "has credentials for b already": ("[profile a]\nregion = x\n", f"[a]\n{KEYS}[b]\n{ROLE}"),
    "profile b exists already": (f"[profile a]\n{KEYS}[profile b]\nregion = x\n", USER),
    "b exists already": ("[profile a]\nregion = x\n[profile b]\nregion = x\n", USER),
    "profile b exists": ("[profile b]\nregion = x\n", f"[a]\n{KEYS}"),
    "has credentials for b": ("[profile a]\nregion = x\n", f"[a]\n{KEYS}[b]\noutput = json\n"),
    "profile b exists al": ("[profile a]\nregion = x\n[profile b]\noutput = json\n", f"[a]\n{KEYS}"),
    "b exists alr": ("[profile a]\nx = 1\ns3 =\n  max_queue_size = 1\n[profile b]\nx = 1\n", f"[a]\n{KEYS}"),
    "credentials: line 7: this section": ("[profile a]\nregion = x\n", f"[a]\n{KEYS}[c]\n{KEYS}[c]\n{KEYS}"),
    "credentials: line 1 spells profile a": ("[profile a]\nregion = x\n", f"[ a ]\n{KEYS}"),
    "both files have credentials for a": (
        f"[profile a]\n{ROLE}",
        f"[a]\nsource_profile = other\n{KEYS}[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = x\n{USER}",
    ),
}


@pytest.mark.parametrize("refusal", UNCLEAR)
def test_rename_that_is_not_clear_changes_nothing(own: Settings, config: Path, credentials: Path, refusal: str) -> None:
    write_settled(config, UNCLEAR[refusal][0])
    write_settled(credentials, UNCLEAR[refusal][1])
    with pytest.raises(InputError, match=refusal) as refused:
        move(own, "a", "b")
    assert refused.value.hint
    assert (config.read_text(), credentials.read_text()) == UNCLEAR[refusal]


def test_adopt_moves_a_role_out_of_the_credentials_file(own: Settings, config: Path, credentials: Path) -> None:
    write_settled(config, "[profile p]\nregion = us-east-1\n")
    write_settled(credentials, f"{USER}\n[p]\n{ROLE}external_id = abc\noutput = json\n\n[q]\n{ROLE}\n[last]\nx = 1\n")
    with pytest.raises(InputError, match="has role_arn of profile p") as refused:
        adopt.adopt(own, ["p"], HOW, line_of=line_of)
    assert refused.value.hint.endswith("credhelper profile adopt p --with-credentials")
    edited = take(own, "p", "q")
    assert edited.names == ("p", "q")
    assert edited.remarks == (
        f"the roles of p, q: from {credentials} to {config}, where `credhelper profile release` leaves them",
    )
    assert credentials.read_text() == f"{USER}\n[p]\noutput = json\n\n[last]\nx = 1\n"
    ours = f"credhelper_role_arn = {ROLE_ARN}\ncredhelper_source_profile = default\n"
    assert config.read_text() == (
        f"[profile p]\nregion = us-east-1\ncredential_process = {line_of('p')}\n{ours}credhelper_external_id = abc\n\n"
        f"[profile q]\ncredential_process = {line_of('q')}\n{ours}"
    )
    assert release.release(own, ["p", "q"], HOW).remarks == (
        f"the roles of p, q were in {credentials} before; release leaves them in {config}",
    )
    assert f"[profile q]\n{ROLE}" in config.read_text()


def test_adopt_gathers_a_role_that_was_in_both_files(own: Settings, config: Path, credentials: Path) -> None:
    write_settled(config, f"[profile p]\n{ROLE}duration_seconds = 900\n")
    write_settled(credentials, f"{USER}[p]\nduration_seconds = 1800\nmfa_serial = arn:aws:iam::111111111111:mfa/me\n")
    take(own, "p")
    assert credentials.read_text() == USER
    assert profile_list.open_sections(own)["p"] == {
        "credential_process": line_of("p"),
        "credhelper_role_arn": ROLE_ARN,
        "credhelper_source_profile": "default",
        "credhelper_duration_seconds": "1800",
        "credhelper_mfa_serial": "arn:aws:iam::111111111111:mfa/me",
    }


def test_adopt_all_moves_roles_only_where_that_is_asked_for(own: Settings, config: Path, credentials: Path) -> None:
    before = f"{USER}[p]\n{ROLE}[shadowed]\n{ROLE}{KEYS}"
    write_settled(config, f"[profile plain]\n{ROLE}")
    write_settled(credentials, before)
    edited = adopt.adopt(own, [], DRY, is_all=True, line_of=line_of)
    assert edited.names == ("plain",)
    assert any(remark.startswith("p stays as it is: ") and "role_arn" in remark for remark in edited.remarks)
    edited = take(own)
    assert edited.names == ("plain", "p")
    assert [remark.partition(" ")[0] for remark in edited.remarks] == ["shadowed", "the"]
    assert credentials.read_text() == f"{USER}[shadowed]\n{ROLE}{KEYS}"


def test_keys_stay_where_they_are(own: Settings, config: Path, credentials: Path) -> None:
    """They would shadow a role of their name, which gets a name of its own, as without the option."""
    write_settled(credentials, f"{USER}[p]\n{ROLE}{KEYS}")
    with pytest.raises(InputError, match="beside its role") as refused:
        take(own, "p")
    assert "credhelper profile add p-role" in refused.value.hint


def test_settings_of_credhelper_in_the_credentials_file_are_not_moved(
    own: Settings, config: Path, credentials: Path
) -> None:
    write_settled(config, f"[profile p]\n{ROLE}")
    write_settled(credentials, f"{USER}[p]\ncredhelper_external_id = abc\n")
    with pytest.raises(
        InputError, match="has credhelper_external_id of profile p, and credhelper's settings belong in"
    ):
        take(own, "p")


def test_move_of_a_role_that_was_broken_off_is_ended(own: Settings, config: Path, credentials: Path) -> None:
    write_settled(credentials, f"{USER}[p]\n{ROLE}")
    take(own, "p")
    end = config.read_text()
    write_settled(credentials, f"{USER}[p]\n{ROLE}")
    with pytest.raises(InputError, match="has role_arn of profile p") as refused:
        adopt.adopt(own, ["p"], HOW, line_of=line_of)
    assert refused.value.hint.endswith("credhelper profile adopt p --with-credentials")
    assert take(own).names == ("p",)
    assert (config.read_text(), credentials.read_text()) == (end, USER)
    # With another program in its place it is not ours, and neither is the role.
    write_settled(config, end.replace(line_of("p"), "/opt/tool"))
    write_settled(credentials, f"{USER}[p]\n{ROLE}")
    assert take(own).names == ()
    loop = ROLE.replace("default", "p")
    write_settled(config, f"[profile p]\ncredential_process = /opt/tool\n{loop.replace('role', 'credhelper_role', 1)}")
    write_settled(config, config.read_text().replace("\nsource", "\ncredhelper_source"))
    write_settled(credentials, f"{USER}[p]\n{loop}")
    assert take(own).names == ()


def test_dry_run_shows_both_files_and_no_secret(own: Settings, config: Path, credentials: Path) -> None:
    text, keys = f"[profile dev]\n{ROLE}", f"{USER}[dev]\noutput = json\n[q]\nsource_profile = dev\n{KEYS}"
    write_settled(config, text)
    write_settled(credentials, keys)
    edited = move(own, "dev", "new", DRY)
    assert (config.read_text(), credentials.read_text()) == (text, keys)
    shown = edited.diff()
    assert f"--- {config}" in shown
    assert f"--- {credentials}" in shown
    assert "-[dev]\n+[new]" in shown
    assert "aws_secret_access_key = (hidden)" in shown
    assert SECRET not in shown + repr(edited) + "".join(edited.remarks)
    assert not os.path.exists(own.state_dir)


def test_no_file_of_ours_ever_holds_a_byte_of_the_credentials_file(
    own: Settings, config: Path, credentials: Path
) -> None:
    write_settled(config, f"[profile dev]\nregion = x\n[profile p]\n{ROLE}")
    write_settled(credentials, f"{USER}[dev]\n{KEYS}[r]\n{ROLE}\nmark = no-secret-but-not-ours\n")
    edits: list[Callable[[], EditResult]] = [
        lambda: move(own, "dev", "new"),
        lambda: take(own, "r"),
        lambda: take(own),
        lambda: move(own, "new", "newer"),
        lambda: release.release(own, [], HOW, is_all=True),
    ]
    for edit in edits:
        assert edit().changed
        held = [path.read_bytes() for path in Path(own.state_dir).rglob("*") if path.is_file()]
        assert held
        for text in (SECRET, "AKIACANARY", "not-ours"):
            assert not any(text.encode() in data for data in held)
        assert sorted(os.listdir(credentials.parent)) == ["config", "credentials"]


@pytest.mark.parametrize("mode", [0o600, 0o400 | 0o200 | 0o040])
def test_mode_of_the_credentials_file_stays(own: Settings, config: Path, credentials: Path, mode: int) -> None:
    write_settled(credentials, f"[dev]\n{KEYS}")
    credentials.chmod(mode)
    move(own, "dev", "new")
    assert stat.S_IMODE(credentials.stat().st_mode) == mode


def test_symlink_to_the_credentials_file_stays(own: Settings, config: Path, credentials: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "dotfiles" / ".aws" / "credentials"
    elsewhere.parent.mkdir(parents=True, mode=0o700)
    credentials.rename(elsewhere)
    credentials.symlink_to(elsewhere)
    write_settled(elsewhere, f"[dev]\n{KEYS}")
    move(own, "dev", "new")
    assert credentials.is_symlink()
    assert elsewhere.read_text() == f"[new]\n{KEYS}"


def test_files_that_are_one_are_not_edited_as_two(own: Settings, config: Path, credentials: Path) -> None:
    config.symlink_to(credentials)
    with pytest.raises(InputError, match="are one file"):
        move(own, "default", "new")


def test_others_may_not_write_to_what_is_edited(own: Settings, config: Path, credentials: Path) -> None:
    text = f"[profile dev]\nregion = x\n[profile p]\nrole_arn = {ROLE_ARN}\nsource_profile = dev\n"
    write_settled(config, text)
    write_settled(credentials, f"[dev]\n{KEYS}")
    credentials.chmod(0o622)
    with pytest.raises(MachineError, match="others may write"):
        move(own, "dev", "new")
    assert (config.read_text(), credentials.read_text()) == (text, f"[dev]\n{KEYS}")


def test_undo_names_the_command_that_goes_back(own: Settings, config: Path, credentials: Path) -> None:
    write_settled(config, f"[profile dev]\nregion = x\n[profile r&d]\n{ROLE}")
    write_settled(credentials, f"[dev]\n{KEYS}[p]\nrole_arn = {ROLE_ARN}\nsource_profile = dev\n")
    move(own, "dev", "new")
    for is_forced in (False, True):
        with pytest.raises(InputError, match="no copy is kept") as refused:
            undo.undo(own, HOW, is_forced=is_forced)
        assert refused.value.hint == "revert it: credhelper profile rename new dev --with-credentials"
    move(own, "new", "dev")
    assert credentials.read_text() == f"[dev]\n{KEYS}[p]\nrole_arn = {ROLE_ARN}\nsource_profile = dev\n"
    take(own, "p")
    with pytest.raises(InputError) as refused:
        undo.undo(own, HOW)
    assert refused.value.hint == "revert it: credhelper profile release p"
    release.release(own, ["p"], HOW)
    undo.undo(own, HOW)
    assert profile_list.open_sections(own).taken("p")[0] == "credhelper"


def test_undo_names_no_command_that_would_be_refused_or_do_more(own: Settings, config: Path, credentials: Path) -> None:
    write_settled(config, "[profile r&d]\nregion = x\n")
    write_settled(credentials, f"{USER}[r&d]\n{KEYS}" + "".join(f"[p{n}]\n{ROLE}" for n in range(101)))
    move(own, "r&d", "new")
    with pytest.raises(InputError) as refused:
        undo.undo(own, HOW)
    assert refused.value.hint == "see it: credhelper profile show new"
    take(own)
    with pytest.raises(InputError) as refused:
        undo.undo(own, HOW)
    assert refused.value.hint == "see it: credhelper profile list"


def test_undo_does_not_reach_behind_an_edit_of_the_credentials_file_alone(
    own: Settings, config: Path, credentials: Path
) -> None:
    write_settled(config, f"[profile p]\n{ROLE}")
    rename.rename(own, "p", "q", HOW)
    write_settled(credentials, f"[dev]\n{KEYS}")
    move(own, "dev", "new")
    with pytest.raises(InputError, match="no copy is kept"):
        undo.undo(own, HOW)
    assert "[profile q]" in config.read_text()


def test_failure_between_the_files_says_that_it_is_in_part_and_the_command_ends_it(
    own: Settings, config: Path, credentials: Path
) -> None:
    write_settled(config, f"[profile dev]\nregion = x\n[profile p]\nrole_arn = {ROLE_ARN}\nsource_profile = dev\n")
    write_settled(credentials, f"[dev]\n{KEYS}")

    def full(source: str, target: str) -> None:
        if target.endswith("config"):
            raise OSError(28, "No space left on device")
        os.replace(source, target)

    with pytest.raises(CredhelperError, match="made in part, and the same command ends it") as failed:
        move(own, "dev", "new", replace(HOW, rename=full))
    assert "unchanged" not in failed.value.message
    assert credentials.read_text().count(SECRET) == 2
    # What was never made takes no place in the history.
    assert not [path for path in Path(own.state_dir, "undo").rglob("*") if path.is_file()]
    with pytest.raises(InputError, match="no edit to undo"):
        undo.undo(own, HOW)
    move(own, "dev", "new")
    assert credentials.read_text() == f"[new]\n{KEYS}"


def test_credentials_file_that_is_a_mount_point_is_never_written_in_place(
    own: Settings, config: Path, credentials: Path
) -> None:
    write_settled(credentials, f"[dev]\n{KEYS}")

    def busy(_source: str, _target: str) -> None:
        raise OSError(16, "Device or resource busy")

    with pytest.raises(MachineError, match="mount point") as refused:
        move(own, "dev", "new", replace(HOW, rename=busy, in_place=True))
    assert "--in-place" not in refused.value.hint
    assert credentials.read_text() == f"[dev]\n{KEYS}"
