"""A name that is not known is one error, with the same words and the nearest names wherever it is met."""

from collections.abc import Callable
from pathlib import Path

import pytest

from credhelper.aws import source_credentials
from credhelper.aws.shared_config import SharedConfig
from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.file.editor import EditOptions
from credhelper.awsconfig.profiles.role_profile import RoleProfile
from credhelper.commands.profile import adopt, release, remove, rename, show
from credhelper.commands.profile import set as profile_set
from credhelper.errors import InputError
from credhelper.model.nearest import nearest, unknown_profile
from credhelper.provider.record import Record
from credhelper.provider.resolve import resolve
from credhelper.settings import Settings

OPTIONS = EditOptions()
TEXT = "[profile prod-s3]\nregion = us-east-1\n"


def load_source(own: Settings, name: str) -> None:
    profile = RoleProfile(name="a", role_arn="arn:aws:iam::222222222222:role/x", source_profile=name)
    source_credentials.load(profile, SharedConfig(own.config_file, own.credentials_file), lambda *_: "")


@pytest.mark.parametrize(
    "meet",
    [
        show.show,
        load_source,
        lambda own, name: resolve(name, own, Record({})),
        lambda own, name: profile_set.set_keys(own, name, {}, {"x": "1"}, OPTIONS),
        lambda own, name: remove.remove(own, name, OPTIONS),
        lambda own, name: rename.rename(own, name, "new", OPTIONS),
        lambda own, name: adopt.adopt(own, [name], OPTIONS),
        lambda own, name: release.release(own, [name], OPTIONS),
        lambda own, name: Document.parse(Path(own.config_file).read_bytes()).remove(name),
    ],
)
def test_profile_that_is_not_there_has_one_text(own: Settings, meet: Callable[[Settings, str], object]) -> None:
    Path(own.config_file).write_text(TEXT)
    with pytest.raises(InputError, match=r"^there is no profile prod-s4\b") as caught:
        meet(own, "prod-s4")
    assert caught.value.hint.startswith("did you mean prod-s3? ")


def test_error_says_which_files_were_read_and_who_needs_the_profile() -> None:
    error = unknown_profile("base", ["other"], files=("/a/config", "/a/credentials"), source_of="prod-s3")
    assert error.message.startswith(
        "there is no profile base in /a/config or /a/credentials, and profile prod-s3 has it"
    )
    assert error.hint == "create it: aws configure --profile base"


def test_nearest_names_come_first_and_far_ones_not_at_all() -> None:
    assert nearest("prod", ["test", "prd", "prod-s3", "prod1"]) == ["prod1", "prd", "prod-s3"]
    assert nearest("prod", ["xyz"]) == []
    assert nearest("prod", ["xyz"], cutoff=0.0) == ["xyz"]


@pytest.mark.parametrize("name", ["", " "])
def test_name_of_a_variable_that_is_not_set_is_said_to_be_empty(name: str) -> None:
    found = unknown_profile(name, ["prod-s3"], files=["/a/config"])
    assert found.message == "the name of the profile is empty"
    assert found.hint.endswith("credhelper profile list")
