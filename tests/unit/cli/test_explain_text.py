"""What `doctor --explain` prints of a pasted message."""

import io
import json
import sys
from pathlib import Path

import pytest

from credhelper.cli import explain_text
from credhelper.errors import InputError
from fakes.home import Home

USER = "arn:aws:iam::111111111111:user/David"
ROLE = "arn:aws:iam::222222222222:role/reader"
SAID = f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
NO_POLICY = f"{SAID} because no identity-based policy allows the sts:AssumeRole action"


def test_cause_comes_with_its_certainty_its_way_out_and_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain_text.show(NO_POLICY, as_json=False) == 4
    cause, hint, page = capsys.readouterr().out.splitlines()
    assert cause.startswith(" certain   identity-policy   ")
    assert f"({USER}: sts:AssumeRole on {ROLE})" in cause
    assert hint.startswith("hint: an administrator of the caller's account allows it")
    assert page == "see: docs/troubleshooting.md#identity-policy"


def test_what_is_left_open_is_listed_and_not_called_certain(capsys: pytest.CaptureFixture[str]) -> None:
    explain_text.show(SAID, as_json=False)
    words = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert words == ["likely", *["possible"] * (len(words) - 3), "hint:", "see:"]


def test_programs_get_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain_text.show(NO_POLICY, as_json=True) == 4
    told = json.loads(capsys.readouterr().out)
    assert told["first"] == "identity-policy"
    (found,) = told["findings"]
    assert set(found) == {"cause", "certainty", "text", "hint", "page"}
    assert explain_text.show("hello", as_json=True) == 2
    assert json.loads(capsys.readouterr().out) == {"first": None, "findings": []}


def test_text_that_says_nothing_is_no_cause() -> None:
    with pytest.raises(InputError, match="nothing in this text"):
        explain_text.show("hello", as_json=False)


def test_stdin_that_is_closed_has_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="no stdin"):
        explain_text.show("-", as_json=False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_in_a_file_of_powershell_is_read(
    encoding: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(NO_POLICY.encode(encoding))))
    assert explain_text.show("-", as_json=False) == 4
    assert "(arn:aws:iam::111111111111:user/David: sts:AssumeRole" in capsys.readouterr().out


@pytest.mark.parametrize("size", [8193, 10**7])
def test_text_on_stdin_is_read_no_further_than_its_limit(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = io.TextIOWrapper(io.BytesIO(b"x" * size))
    monkeypatch.setattr(sys, "stdin", typed)
    with pytest.raises(InputError, match="longer than 8 kB"):
        explain_text.show("-", as_json=False)
    assert typed.buffer.tell() <= 2**17


def test_text_on_stdin_that_is_no_utf_8_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\x80 " + NO_POLICY.encode())))
    assert explain_text.show("-", as_json=False) == 4
    assert "identity-policy" in capsys.readouterr().out


def test_nothing_in_it_reaches_the_terminal_as_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    explain_text.show(NO_POLICY.replace("reader", "\x1b]0;x\x07read\u202eer\x9b2J"), as_json=False)
    said = capsys.readouterr().out
    assert not set(said) & set("\x1b\x07\u202e\x9b")


def test_hint_names_the_one_profile_of_the_role(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path / "home")
    monkeypatch.setenv("HOME", str(home.path))

    def hint(said: str) -> str:
        explain_text.show(said, as_json=True)
        told = json.loads(capsys.readouterr().out)["findings"][0]["hint"]
        explain_text.show(said, as_json=False)
        assert f"hint: {told}\n" in capsys.readouterr().out
        return str(told)

    assert "credhelper doctor NAME --prod-admin PROFILE" in hint(SAID)
    for section, command in (('"prod s3"', "'prod s3' --prod-admin PROFILE"), ("-x", "--prod-admin PROFILE -- -x")):
        home.config.unlink(missing_ok=True)
        home.add_role(section, role_arn=ROLE)
        assert f"credhelper doctor {command}," in hint(SAID)
    assert "credhelper doctor NAME" in hint(SAID.replace("222222222222", "333333333333"))
    home.config.write_bytes(b"\xff[profile")
    assert "credhelper doctor NAME" in hint(SAID)
