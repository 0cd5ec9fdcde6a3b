"""Keys of boto 2 and of EC2's first tools: held against botocore's own chain, and none of their text in an error."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import botocore.exceptions
import botocore.session
import pytest

from credhelper.aws import old_keys
from credhelper.errors import CredhelperError, InputError, MachineError
from fakes import canary

SECRET = canary.secret_key("old")
BOTO = f"[Credentials]\naws_access_key_id = AKIABOTO\naws_secret_access_key = {SECRET}\n"
EC2 = f"AWSAccessKeyId=AKIAEC2\nAWSSecretKey={SECRET}\n"
HALF = "[Credentials]\naws_access_key_id = AKIABOTO\n"
NOT_BOTOS = "[Boto]\ndebug = 0\n"
USUAL, OTHER, FIRST = ".boto", "boto of old", "ec2.txt"


Make = Callable[[dict[str, str]], Path]


@pytest.fixture
def make() -> Iterator[Make]:
    """Write files into the home, which hold a secret as they should, and take them away."""
    home = Path(os.environ["HOME"])
    written = []

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            written.append(home / name)
            written[-1].write_text(text)
            written[-1].chmod(0o600)
        return home

    yield write
    for path in written:
        path.unlink()


def of_botocore() -> str:
    """Return the key that botocore takes, "" for none, "fails" where it stops."""
    try:
        found = botocore.session.Session().get_credentials()
    except (botocore.exceptions.BotoCoreError, KeyError):
        return "fails"
    return found.access_key if found is not None else ""


def ours() -> str:
    try:
        found = old_keys.find(os.environ, lambda _: None)
    except InputError:
        return "fails"
    return found.credentials.access_key_id if found is not None else ""


@pytest.mark.parametrize(
    ("files", "named", "key"),
    [
        ({}, {}, ""),
        ({USUAL: BOTO}, {}, "AKIABOTO"),
        ({USUAL: NOT_BOTOS}, {}, ""),
        ({USUAL: HALF}, {}, "fails"),
        ({USUAL: BOTO}, {"BOTO_CONFIG": OTHER}, ""),
        ({USUAL: HALF, OTHER: BOTO}, {"BOTO_CONFIG": OTHER}, "AKIABOTO"),
        ({FIRST: EC2, USUAL: BOTO}, {"AWS_CREDENTIAL_FILE": FIRST}, "AKIAEC2"),
        ({FIRST: "Other=1\n", USUAL: BOTO}, {"AWS_CREDENTIAL_FILE": FIRST}, "AKIABOTO"),
        ({FIRST: "AWSAccessKeyId=AKIAEC2\n"}, {"AWS_CREDENTIAL_FILE": FIRST}, "fails"),
        ({USUAL: BOTO}, {"AWS_CREDENTIAL_FILE": FIRST}, "fails"),
    ],
)
def test_key_is_the_one_that_botocore_takes(
    make: Make, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], named: dict[str, str], key: str
) -> None:
    home = make(files)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for variable, name in named.items():
        monkeypatch.setenv(variable, str(home / name))
    assert (ours(), of_botocore()) == (key, key)


def test_file_that_fails_is_named_and_not_quoted(make: Make) -> None:
    home = make({USUAL: f"{SECRET}\n"})
    with pytest.raises(InputError) as caught:
        old_keys.find({}, lambda _: None)
    assert str(home / USUAL) in caught.value.message
    assert not canary.find(repr(caught.value.__dict__).encode())


def test_file_is_noted_before_it_is_read(make: Make) -> None:
    make({USUAL: HALF})

    def refuse(path: str) -> None:
        raise MachineError(f"{path} is another's", hint="ls")

    with pytest.raises(CredhelperError, match="is another's"):
        old_keys.find({}, refuse)


def test_key_is_not_part_of_what_it_shows(make: Make) -> None:
    make({USUAL: BOTO})
    assert SECRET not in repr(old_keys.find({}, lambda _: None))
