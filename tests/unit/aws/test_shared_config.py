"""The shared files as botocore reads them, and what is said about a broken one."""

import os
from pathlib import Path

import botocore.session
import pytest

from credhelper.aws.shared_config import SharedConfig
from credhelper.awsconfig.document.document import Document
from credhelper.errors import InputError, MachineError
from fakes import canary

SECRET = canary.secret_key("config")


def shared(tmp_path: Path, config: str | bytes | None = None, credentials: str | bytes | None = None) -> SharedConfig:
    for name, content in (("config", config), ("credentials", credentials)):
        if content is not None:
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return SharedConfig(str(tmp_path / "config"), str(tmp_path / "credentials"))


def test_profiles_are_botocores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = shared(
        tmp_path,
        "[default]\nregion = a\n[profile one]\nREGION = b\naws_access_key_id = X\ns3 =\n  x = y\n"
        "[profile 'a b']\nregion = c\n[two]\nregion = lost\n[profile a b]\nregion = lost\n"
        "[sso-session s]\nsso_region = d\n[services v]\nsts =\n  endpoint_url = https://e\n",
        "[one]\naws_access_key_id = Y\n[three]\naws_access_key_id = Z\n",
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", files.config_file)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", files.credentials_file)
    assert files.full_config == botocore.session.Session().full_config
    assert files.profiles == {
        "default": {"region": "a"},
        "one": {"region": "b", "aws_access_key_id": "Y"},
        "a b": {"region": "c"},
        "three": {"aws_access_key_id": "Z"},
    }
    assert files.services == {"v": {"sts": {"endpoint_url": "https://e"}}}


def test_merging_changes_neither_file_as_read(tmp_path: Path) -> None:
    files = shared(tmp_path, "[profile one]\naws_access_key_id = X\n", "[one]\naws_access_key_id = Y\n")
    assert files.profiles["one"]["aws_access_key_id"] == "Y"
    assert files.config_sections["profiles"]["one"]["aws_access_key_id"] == "X"


@pytest.mark.parametrize("kind", ["missing", "empty", "directory", "null device"])
def test_no_file_is_an_empty_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "config"
    if kind == "empty":
        path.touch()
    elif kind == "directory":
        path.mkdir()
    config_file = os.devnull if kind == "null device" else str(path)
    files = SharedConfig(config_file, str(tmp_path / "credentials"))
    assert files.profiles == {}
    assert files.services == {}


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (f"[a]\nx = 1\n[a]\naws_secret_access_key = {SECRET}\n", 3, "twice"),
        (f"[a]\nx = {SECRET}\nX = {SECRET}\n", 3, "twice"),
        (f"\naws_secret_access_key = {SECRET}\n", 2, "no section header"),
        (f"[a]\nx = 1\n{SECRET}\n", 3, "neither a section header nor key = value"),
        (b"[a]\nx = 1\ny = caf\xe9" + SECRET.encode() + b"\n", 3, "not UTF-8"),
    ],
)
@pytest.mark.parametrize("name", ["config", "credentials"])
def test_broken_file_is_named_with_its_line_and_without_its_content(
    tmp_path: Path, name: str, text: str | bytes, line: int, reason: str
) -> None:
    files = shared(tmp_path, **{name: text})
    with pytest.raises(InputError) as caught:
        _ = files.profiles
    assert caught.value.message.startswith(f"line {line} of {tmp_path / name}: ")
    assert reason in caught.value.message
    assert SECRET not in caught.value.message
    assert caught.value.hint == "credhelper profile check"
    assert caught.value.__suppress_context__
    assert caught.value.__cause__ is None
    data = text if isinstance(text, bytes) else text.encode()
    assert caught.value.message.partition(": ")[2] == refusal_of_an_edit(data)


def refusal_of_an_edit(data: bytes) -> str:
    """Return what an edit of such a file is refused with: the same mistake has the same text."""
    with pytest.raises(InputError) as caught:
        Document.parse(data).require_sound()
    return caught.value.message.partition(": ")[2]


def test_nested_block_that_is_no_block_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nested block"):
        _ = shared(tmp_path, "[default]\ns3 =\n  garbage\n").profiles


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom a file mode can stop")
def test_unreadable_file_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    files = shared(tmp_path, "[default]\n")
    (tmp_path / "config").chmod(0)
    with pytest.raises(MachineError, match="permission denied"):
        _ = files.profiles


@pytest.mark.skipif(os.name == "nt", reason="POSIX symlinks")
def test_symlink_loop_is_an_error_with_the_path(tmp_path: Path) -> None:
    (tmp_path / "config").symlink_to("config")
    with pytest.raises(MachineError, match="symbolic links") as caught:
        _ = shared(tmp_path).profiles
    assert str(tmp_path / "config") in caught.value.message


def test_path_that_botocore_would_expand_again_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELSEWHERE", "/nowhere")
    with pytest.raises(InputError, match="names a variable"):
        _ = SharedConfig(str(tmp_path / "$ELSEWHERE"), "").profiles


def test_session_is_bound_to_its_profile_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "other")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    files = shared(tmp_path, "[profile one]\nregion = eu-north-1\n[profile other]\nregion = eu-south-1\n")
    assert files.session("one").get_config_variable("region") == "eu-north-1"
    assert files.session("one").get_config_variable("config_file") == files.config_file
