"""`profile list` reads both files, and finds profiles by parts and patterns of their names."""

from pathlib import Path

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.commands.profile import add, check
from credhelper.commands.profile import list as profile_list
from credhelper.settings import Settings
from fakes.profiles import NATIVE, VALUES, write_settled

HOW = EditOptions()


def test_list_matches_parts_and_patterns_and_shows_both_files(own: Settings, config: Path) -> None:
    write_settled(config, NATIVE)
    Path(own.credentials_file).write_text("[default]\naws_access_key_id = AKIACANARY\n")
    sections = profile_list.open_sections(own)
    assert [row.name for row in profile_list.list_profiles(sections, "static")] == ["base", "default"]
    assert [row.name for row in profile_list.list_profiles(sections, "ch*")] == ["chain"]
    assert profile_list.row_of("default", sections).file == "credentials"
    assert profile_list.row_of("Native", sections).account_id == "222222222222"


def test_symlinked_files_are_read_and_edited(own: Settings, config: Path, tmp_path: Path) -> None:
    for name in ("config", "credentials"):
        (tmp_path / name).write_text(NATIVE if name == "config" else "[default]\naws_access_key_id = AKIACANARY\n")
        (config.parent / name).symlink_to(tmp_path / name)
    assert profile_list.row_of("chain", profile_list.open_sections(own)).kind == "role"
    add.add(own, "prod-s3", VALUES, HOW)
    assert config.is_symlink()
    assert "prod-s3" in (tmp_path / "config").read_text()
    assert check.check_file(own)
