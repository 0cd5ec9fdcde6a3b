"""`profile remove` and `rename` keep the profiles that refer to one another whole."""

from pathlib import Path

import pytest

from credhelper.awsconfig.file.editor import EditOptions
from credhelper.commands.profile import adopt, check, remove, rename
from credhelper.errors import InputError
from credhelper.settings import Settings
from fakes.profiles import NATIVE, write_settled

HOW = EditOptions()


def test_rename_moves_the_command_and_every_reference(own: Settings, config: Path) -> None:
    write_settled(config, NATIVE)
    adopt.adopt(own, ["Native"], HOW)
    rename.rename(own, "Native", "prod", HOW)
    text = config.read_text()
    assert "Native" not in text
    assert "get prod\n" in text
    assert text.endswith("source_profile = prod\nduration_seconds = 900")


def test_remove_refuses_the_source_of_others_unless_told(own: Settings, config: Path) -> None:
    write_settled(config, NATIVE)
    with pytest.raises(InputError, match="source of Native"):
        remove.remove(own, "base", HOW)
    remove.remove(own, "base", HOW, is_forced=True)
    assert "[profile base]" not in config.read_text()
    assert "missing-source" in [finding.name for finding in check.check_file(own)]


@pytest.mark.parametrize("is_forced", [False, True])
def test_remove_of_keys_alone_says_where_they_are_and_who_uses_them(
    own: Settings, config: Path, *, is_forced: bool
) -> None:
    credentials = Path(own.credentials_file)
    text = "[x]\nregion = x\n[dev]\naws_access_key_id = AKIAX\naws_secret_access_key = y\n"
    credentials.write_text(text)
    write_settled(config, "[profile p]\nrole_arn = arn:aws:iam::222222222222:role/x\nsource_profile = dev\n")
    with pytest.raises(InputError, match="only, which this command does not edit") as caught:
        remove.remove(own, "dev", HOW, is_forced=is_forced)
    assert caught.value.message.endswith("; it is the source of p")
    assert caught.value.hint.startswith("remove its section there: ")
    assert caught.value.hint.endswith(f"+3 {credentials}")
    assert credentials.read_text() == text
