"""Every hint of an edit is followed, from every kind of profile: it ends, and never where it began.

The commands run in this process. What a hint names that is not credhelper's (`aws configure`, an editor) leads out, and
is typed into a real shell in tests/integration/test_hint_commands.py.
"""

import re
import shlex
from pathlib import Path

import pytest

from credhelper.awsconfig.lint.rules import rule_of
from credhelper.cli import app
from credhelper.commands.profile import check
from credhelper.settings import Settings
from fakes.home import HELPER, ROLE_ARN

KEYS = "aws_access_key_id = AKIACANARY\naws_secret_access_key = made-up\n"
ROLE = f"role_arn = {ROLE_ARN}\nsource_profile = default\n"
OURS = f"credhelper_role_arn = {ROLE_ARN}\ncredhelper_source_profile = default\n"
LINE = f"credential_process = {' '.join(HELPER)} get NAME\n"
DEVICE = "arn:aws:iam::111111111111:mfa/david"
# What the config file says of a profile, and what the credentials file does.
KINDS = {
    "none": ("", ""),
    "settings": ("region = us-east-1\n", ""),
    "keys": (KEYS, ""),
    "keys there": ("region = us-east-1\n", KEYS),
    "role": (ROLE, ""),
    "role there": ("", ROLE),
    "role of the machine": (f"role_arn = {ROLE_ARN}\ncredential_source = Environment\n", ""),
    "role without source": (f"role_arn = {ROLE_ARN}\n", ""),
    "role and keys": (ROLE + KEYS, ""),
    "role of its own": (f"role_arn = {ROLE_ARN}\nsource_profile = NAME\n", ""),
    "sso": ("sso_session = s\nsso_account_id = 222222222222\nsso_role_name = x\n", ""),
    "program": ("credential_process = /bin/true\n", ""),
    "token": (f"role_arn = {ROLE_ARN}\nweb_identity_token_file = /t\n", ""),
    "half of credhelper's": ("credhelper_external_id = abc\n", ""),
    "credhelper's": (LINE + OURS, ""),
    "credhelper's with more": (f"{LINE}{OURS}credhelper_tags = a=b\nmfa_serial = {DEVICE}\n", ""),
    "credhelper's with two sources": (f"{LINE}{OURS}credhelper_credential_source = Environment\n", ""),
    "credhelper's shadowed": (LINE + OURS, KEYS),
    "credhelper's without a line": (OURS, ""),
    "credhelper's with another line": (f"credential_process = /bin/true\n{OURS}", ""),
}
COMMANDS = {
    "set tags": ("set NAME --tags a=b"),
    "set source": ("set NAME --source-profile other"),
    "set machine": ("set NAME --credential-source Environment"),
    "set role": (f"set NAME --role-arn {ROLE_ARN}"),
    "set AWS's role": (f"set NAME role_arn={ROLE_ARN}"),
    "set AWS's source": ("set NAME source_profile=other"),
    "set AWS's machine": ("set NAME credential_source=Environment"),
    "set AWS's device": (f"set NAME mfa_serial={DEVICE}"),
    "set a setting as a key": ("set NAME credhelper_external_id=abc"),
    "set a program": ("set NAME credential_process=/bin/true"),
    "unset source": ("unset NAME source_profile"),
    "unset role": ("unset NAME role_arn"),
    "adopt": ("adopt NAME"),
    "release": ("release NAME"),
    "repair": ("repair NAME"),
    "rename": ("rename NAME new"),
    "remove": ("remove NAME"),
    "add": (f"add NAME --role-arn {ROLE_ARN} --source-profile default"),
}
_ERROR = re.compile(r"^credhelper: error: (.*)$", re.MULTILINE)
_HINT = re.compile(r"^hint: (.*)$", re.MULTILINE)
_COMMAND = re.compile(r"(?:^|[:?] )(credhelper [a-z](?:(?!: |, or |; ).)*)$")
_LOOKS = ("show", "list", "check")
# Sentences that say what only a person can do.
_SENTENCES = ("use letters, digits and _", "aws ", "${EDITOR")
_MAXIMUM_STEPS = 4


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Run a command; return its code, its error and its hint."""
    code = app._run(arguments)
    shown = capsys.readouterr().err
    error, hint = _ERROR.search(shown), _HINT.search(shown)
    return code, error[1] if error else "", hint[1] if hint else ""


def command_in(hint: str) -> list[str]:
    """Return the arguments of the command of ours that a hint ends with, none where it is another program's."""
    found = _COMMAND.search(re.split(r", or |; ", hint)[0])
    if found is None or any(place in found[1] for place in (" VALUE", "COMMAND")):
        assert found is not None or any(one in hint for one in _SENTENCES), hint
        return []
    words = shlex.split(re.sub(r"\bARN\b", ROLE_ARN, found[1].partition(" && ")[0]))
    assert "PROFILE" not in words
    return words[1:]


def typed(command: str, name: str) -> list[str]:
    """Return the arguments as a person types them: a name that begins with - needs --, behind the options."""
    words = ["profile", *command.split()]
    options = [word for word in words if word.startswith("--")]
    if not name.startswith("-"):
        return [word.replace("NAME", name) for word in words]
    place = words.index(options[0]) if options else len(words)
    values = words[place:]
    return [*words[:2], *values, "--", name, *words[3:place]]


@pytest.fixture
def paths(own: Settings) -> tuple[Path, Path]:
    paths = Path(own.config_file), Path(own.credentials_file)
    paths[0].parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return paths


def write(paths: tuple[Path, Path], kind: str, name: str) -> None:
    config, credentials = (text.replace("NAME", name) for text in {**KINDS, **BROKEN}[kind])
    header = f"[profile '{name}']" if " " in name else f"[profile {name}]"
    paths[0].write_text(f"{header}\n{config}[profile other]\nregion = us-east-1\n[sso-session s]\n" if config else "")
    paths[1].write_text(f"[default]\n{KEYS}[other]\n{KEYS}" + (f"[{name}]\n{credentials}" if credentials else ""))
    for path in paths:
        path.chmod(0o600)


# The names that a command has to be careful with, each with some of the kinds.
NAMED = [
    *((kind, "p") for kind in KINDS),
    *((kind, "-x") for kind in ("none", "settings", "keys", "role", "role and keys", "role without source")),
    *((kind, "a b") for kind in ("settings", "keys", "role", "role of its own", "sso", "credhelper's")),
]


@pytest.mark.parametrize(("kind", "name"), NAMED)
def test_hints_are_followed_to_an_end(
    paths: tuple[Path, Path], kind: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in COMMANDS.values():
        write(paths, kind, name)
        first = typed(command, name)
        states: list[tuple[bytes, ...]] = []
        path_taken: list[tuple[list[str], str]] = []
        while True:
            state = tuple(path.read_bytes() for path in paths)
            assert state not in states, f"nothing came of it: {kind}, {first}: {path_taken}"
            states.append(state)
            path_taken = followed(first, capsys)
            last = path_taken[-1]
            is_about_it = last[0][1] == first[1] and name in last[0] and not _is_done_by_an_option(first, last[0])
            if last[0] == first or last[1] or last[0][1] in _LOOKS or not is_about_it:
                break


def followed(first: list[str], capsys: pytest.CaptureFixture[str]) -> list[tuple[list[str], str]]:
    """Type a command, and the one of each hint, until one works or leads out; return them, each with its error."""
    taken: list[tuple[list[str], str]] = []
    arguments = first
    for _step in range(_MAXIMUM_STEPS):
        code, error, hint = run(arguments, capsys)
        where = f"{taken} -> {arguments}: {error}; {hint}"
        assert not re.search("no such option|missing (argument|parameter)|unexpected", error, re.IGNORECASE), where
        assert not code or error not in [said for _, said in taken], f"in a circle: {where}"
        # A name that a hint itself gave is one that can be used.
        assert not taken or "use letters" not in hint, where
        taken.append((arguments, error))
        following = command_in(hint) if code else []
        if not following:
            return taken
        assert following != arguments, f"the same again: {where}"
        arguments = following
    pytest.fail(f"no end: {taken}")


def _is_done_by_an_option(first: list[str], last: list[str]) -> bool:
    """Tell whether what was asked for in another way was done by an option of ours."""
    return first != last and any(word.startswith("--") and word != "--" for word in last)


# What `profile check` has a command for, in one profile; the values are of every kind that it knows.
BROKEN = {
    **{kind: texts for kind, texts in KINDS.items() if kind != "none"},
    "region": ("region = us_east_1\n", ""),
    "attempts": (f"{ROLE}max_attempts = x\nretry_mode = fast\n", ""),
    "services": ("services = none\noutput = xml\n", ""),
    "endpoint": ("endpoint_url = x\nuse_fips_endpoint = yes\n", ""),
    "gone": ("credential_process = /gone/tool\n", ""),
    "setting": (f"{LINE}{OURS}credhelper_transitive_tag_keys = x\n", ""),
    "unknown setting": (f"{LINE}{OURS}credhelper_tag = x\n", ""),
    "two sources": (f"{ROLE}credential_source = Environment\n", ""),
    "a source alone": ("source_profile = default\n", ""),
    "no such source": (f"role_arn = {ROLE_ARN}\ncredential_source = Machine\n", ""),
    "loop": (f"role_arn = {ROLE_ARN}\nsource_profile = NAME\n", ""),
}


@pytest.mark.parametrize("name", ["p", "-x", "a b"])
@pytest.mark.parametrize("kind", BROKEN)
def test_fix_of_a_finding_ends_it(
    own: Settings, paths: tuple[Path, Path], kind: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(paths, kind, name)
    findings: dict[tuple[str, str, str], str] = {}
    for _step in range(6):
        findings = {(one.name, one.about, one.effect): rule_of(one).fix for one in check.check_file(own)}
        fixes = {one: command_in(fix) for one, fix in findings.items() if "credhelper profile " in fix}
        finding = next((one for one, words in fixes.items() if words and words[1] not in _LOOKS), None)
        if finding is None:
            break
        code, error, _ = run(fixes[finding], capsys)
        if code and name == "-x":
            assert "name of profile -x cannot be part of a command" in error
            break
        assert code == 0, f"{finding}: {fixes[finding]}: {error}"
        after = {(one.name, one.about, one.effect) for one in check.check_file(own)}
        assert finding not in after, f"{fixes[finding]} changes nothing of it"
    else:
        pytest.fail(f"no end: {findings}")
