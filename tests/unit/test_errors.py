"""A hint names the real thing: no text of the program holds a placeholder for what it knows."""

import ast
import errno
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

import credhelper
from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.profiles.role_profile import RoleProfile
from credhelper.errors import EDIT, PROFILE, InputError, MachineError, MfaError, about, unexpected
from credhelper.mfa.code import prompt_token

ROOT = Path(credhelper.__file__).parent
# ARN, VALUE and COMMAND are left out: those only the user can supply.
PLACEHOLDER = re.compile(r"(?<![A-Z_])(PROFILE|NAME|SOURCE|SOURCE_PROFILE|ANOTHER|OTHER|ROLE|USER)(?![A-Z_])")
# How a value is formed, in the documentation of AWS and in ours; not part of a command.
SHAPE = re.compile(r"arn:aws:iam::ACCOUNT:role/NAME|USER@HOST|--prod-admin PROFILE|LOGNAME\|USER\|USERNAME")
ROLE_ARN = "arn:aws:iam::222222222222:role/reader"


def texts_of(tree: ast.AST) -> Iterator[str]:
    """Yield every text in a module but its docstrings; the texts of an f-string one by one."""
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in statements:
            yield node.value


def placeholders(source: str) -> list[str]:
    """Return the texts with a placeholder in them; one that is nothing else is a metavar or a column's title."""
    found = [text for text in texts_of(ast.parse(source)) if PLACEHOLDER.search(SHAPE.sub("", text))]
    return [text for text in found if not PLACEHOLDER.fullmatch(text.strip("[]"))]


def edited_hints(source: str) -> list[str]:
    """Return the expressions that change the text of a hint."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    return [ast.unparse(node) for node in nodes if re.search(r"\bhint\.[a-z]+$", ast.unparse(node))]


# Interpolated in a hint without `word`: what is made for a command already, or of our own words only.
MADE_FOR_COMMANDS = {
    *("PROFILE", "EDIT", "command", "hint"),
    # Names of variables, settings, options and files of our own, and numbers.
    *("variable", "setting.replace('_', '-')", "value", "near", "near[0]"),
    *("CREDENTIAL_SOURCES[0]", "', '.join(KEY_STORES)", "', '.join(destinations(settings))"),
    # Properties that are made by `word`, and names of regions, files and variables of our own.
    *("origin.as_profile", "way.as_profile", "way.root", "way.address", "way.look_at_proxy", "_quoted(used)", "own"),
    *("way.another_region", "way.look_up", "list_proxies"),
    *("self['as_source']", "RETRY_AFTER_S", "file_name", "MAXIMUM_TIMEOUT_S"),
    *("wait_s", "way_out"),
    # The end of a hint, with the place of a profile's name.
    *("way.otherwise", "otherwise"),
    # Sentences, not a command: `write it as [profile x]`.
    *("header", "self._header_line(name)"),
}
# The same in one file: `config` or `credentials`, the name of a variable of AWS's, and a section in a sentence.
MADE_HERE = {
    ("network_rules.py", "origin"),
    ("endpoint.py", "origin"),
    ("source_refused.py", "origin"),
    ("role_profile.py", "_EXAMPLES['source_profile']"),
    ("role_profile.py", "_EXAMPLES.get(key, 'VALUE')"),
    ("role_profile.py", "credential_source"),
    ("role_profile.py", "key"),
    ("set.py", "key"),
    # What was typed, each word of it quoted in cli/session.py; a test types it.
    ("consent.py", "terms.consenting"),
    ("other_profile.py", "terms.again"),
    # Of the letters that AWS uses for it only, in a command of AWS's.
    ("explain.py", "told.encoded"),
    # In sentences: `write it as [profile x]`, and a section to move.
    ("edit.py", "name"),
    # What is to be written to a file, in a sentence.
    ("facts.py", "document"),
    # The words of the group that was typed.
    ("options.py", "within"),
    # Commands, and sentences with their values quoted, that are put together from such.
    *(("remedies.py", value) for value in ("option", "_caller_admin(known)", "_put(known, one)", "given", "meant")),
    *(("environment.py", "guess"), ("trial_run.py", "by_hand"), ("whoami.py", "error.hint"), ("whoami.py", "unset")),
    # A number, and words that are quoted one line above.
    *(("shell.py", value) for value in ("line", "words")),
    # A part of what own_command quotes.
    ("role_profile.py", "source"),
    # A word of ours, AWS's names of actions, and what stands in a sentence.
    *(("facts.py", value) for value in ("kind", "' and '.join(actions)", "role", "told[1]", "document")),
}
# These make a command of what they are given; their own bodies are checked as hints are.
COMMAND_FUNCTIONS = {
    *("_with_credentials", "flag_of", "open_at", "command_for_another", "_command", "_add", "look_hint"),
    *("own_command", "of_profile", "source_command"),
}
HINT_FUNCTIONS = COMMAND_FUNCTIONS | {
    *("_hint", "keys_hint", "_set", "_owner_hint", "_advice", "_as_source", "_set_key", "_allow"),
}
QUOTED = re.compile(
    r"word\(.*\)|' '\.join\(map\(word, .*\)\)|word\(.*\) if .* else .*"
    rf"|({'|'.join(sorted(COMMAND_FUNCTIONS))})\(.*\)"
    # Names of variables of our own, and what Machine quotes itself.
    r"|((.*\.)?machine|this_machine\(\))\.((unset|look_up|list_\w+)\(.*\)|see_what_runs)"
)


def is_hint(node: ast.keyword | ast.Assign) -> bool:
    """Tell whether a hint is passed or assigned here."""
    if isinstance(node, ast.keyword):
        return node.arg == "hint"
    return any("hint" in ast.unparse(target) for target in node.targets)


def unquoted_values(source: str) -> list[str]:
    """Return what is put into hints without passing `word`: by a keyword `hint`, a name with it, or in a function."""
    tree = ast.parse(source)
    hints: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword | ast.Assign) and is_hint(node):
            hints.append(node.value)
        elif isinstance(node, ast.FunctionDef) and node.name in HINT_FUNCTIONS:
            hints += [one for one in ast.walk(node) if isinstance(one, ast.JoinedStr)]
    # Only what begins with the name of a program, with or without words before it, is a command.
    values = [
        ast.unparse(value.value)
        for hint in hints
        for joined in ast.walk(hint)
        if isinstance(joined, ast.JoinedStr)
        for value in joined.values
        if isinstance(value, ast.FormattedValue)
    ]
    return [value for value in values if not QUOTED.fullmatch(value)]


MODULES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_of_a_module_has_a_placeholder(path: Path) -> None:
    # The tables of causes are texts of docs/troubleshooting.md, where NAME is any profile's; so are those of --explain.
    has_no_profile = path.parent.name in ("causes", "pasted") or path.name == "explain_text.py"
    assert placeholders(path.read_text("utf-8")) == [] or has_no_profile
    assert edited_hints(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_value_in_a_hint_is_quoted_for_the_shell(path: Path) -> None:
    found = unquoted_values(path.read_text("utf-8"))
    assert [value for value in found if value not in MADE_FOR_COMMANDS and (path.name, value) not in MADE_HERE] == []


# A name in a command of credhelper's, or after the AWS CLI's --profile, that may begin with -.
# `exec` takes what is no option of its own for the profile.
BARE_NAME = re.compile(r"(credhelper (profile [a-z]+|get|login|logout|env)|--profile) $")


def bare_names(source: str) -> list[str]:
    """Return the values that stand in a command where a name that begins with - would be an option."""
    found = []
    for joined in ast.walk(ast.parse(source)):
        if isinstance(joined, ast.JoinedStr):
            for before, value in zip(joined.values, joined.values[1:], strict=False):
                text = before.value if isinstance(before, ast.Constant) else ""
                if isinstance(value, ast.FormattedValue) and BARE_NAME.search(str(text)):
                    found.append(ast.unparse(value.value))
    return [value for value in found if value != "PROFILE"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_command_has_a_name_where_it_could_be_an_option(path: Path) -> None:
    # `of_profile` asks first whether the name begins with -; the names of the demo are its own.
    allowed = {"shell.py": ["word(name)"]}.get(path.name, [])
    assert bare_names(path.read_text("utf-8")) == allowed or path.parent.name == "demo"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('f"see it: credhelper profile show {word(name)}"', ["word(name)"]),
        ('f"aws configure --profile {word(name)}"', ["word(name)"]),
        ('f"credhelper login {name}"', ["name"]),
        ("f\"see it: {own_command('profile show', name)}\"", []),
        ('f"credhelper exec {word(name)} -- COMMAND"', []),
    ],
)
def test_name_that_could_be_an_option_is_found(source: str, found: list[str]) -> None:
    assert bare_names(source) == found


@pytest.mark.parametrize(
    ("hint", "name", "shown"),
    [
        (f"credhelper profile show {PROFILE}", "-x", "credhelper profile show -- -x"),
        (f"credhelper profile {EDIT} {PROFILE} --tags VALUE", "-x", "credhelper profile set --tags VALUE -- -x"),
        (
            f"credhelper profile set {PROFILE} --region x; or see: y",
            "-x",
            "credhelper profile set --region x -- -x; or see: y",
        ),
        (f"try: credhelper profile unset {PROFILE} tags", "--all", "try: credhelper profile unset -- --all tags"),
        (f"aws configure --profile {PROFILE}", "-x", "aws configure --profile=-x"),
        (
            f"credhelper login {PROFILE}; if that is not it: credhelper doctor {PROFILE}",
            "-x",
            "credhelper login -- -x; if that is not it: credhelper doctor -- -x",
        ),
        (
            f"credhelper profile set {PROFILE} --mfa-serial ARN; credhelper doctor {PROFILE}",
            "-x",
            "credhelper profile set --mfa-serial ARN -- -x; credhelper doctor -- -x",
        ),
        (
            f"aws iam x --profile {PROFILE}; credhelper doctor {PROFILE}",
            "-x",
            "aws iam x --profile=-x; credhelper doctor -- -x",
        ),
        (f"aws configure --profile {PROFILE}", "a b", "aws configure --profile 'a b'"),
        (f"credhelper profile {EDIT} {PROFILE} --tags VALUE", "{edit}", "credhelper profile set '{edit}' --tags VALUE"),
    ],
)
def test_name_that_begins_with_a_dash_is_no_option(hint: str, name: str, shown: str) -> None:
    error = InputError("x", hint=hint)
    error.add_facts(profile=name)
    assert error.hint == shown


def test_every_exception_is_used() -> None:
    sources = {path: path.read_text("utf-8") for path in MODULES}
    found = {(path.name, value) for path, source in sources.items() for value in unquoted_values(source)}
    assert MADE_FOR_COMMANDS - {value for _, value in found} == set()
    assert MADE_HERE - found == set()
    assert {value for _, value in MADE_HERE} & MADE_FOR_COMMANDS == set()
    trees = [ast.parse(source) for source in sources.values()]
    functions = {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert functions >= HINT_FUNCTIONS
    calls = {ast.unparse(node.func) for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert {name.rpartition(".")[2] for name in calls} >= COMMAND_FUNCTIONS


@pytest.mark.parametrize(
    "source",
    [
        'raise InputError("x", hint=f"credhelper profile show {name}")',
        'hint = f"ls -l {path}"',
        'hint = (f"ls -l {word(path)} {path}", 1)',
        'def look_hint(origin: str) -> str:\n    return f"aws configure --profile {origin}"',
        'def _add(name: str) -> str:\n    shown = f"credhelper profile add {name}"\n    return shown',
        'def open_at(path: str, line: int) -> str:\n    return f"vi {path}"',
    ],
)
def test_value_in_a_hint_that_is_not_quoted_is_found(source: str) -> None:
    assert len(unquoted_values(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        'raise InputError("x", hint="credhelper profile show NAME")',
        'hint = f"credhelper profile set {name} --source-profile ANOTHER"',
        'TABLE = {"rule": ("x", "credhelper login PROFILE")}',
        'def hint() -> str:\n    """Return NAME."""\n    return "credhelper profile add ROLE --role-arn ARN"',
    ],
)
def test_placeholder_is_found_wherever_a_hint_is_made(source: str) -> None:
    assert len(placeholders(source)) == 1


def test_hint_that_is_edited_as_text_is_found() -> None:
    assert edited_hints('raise InputError(error.message, hint=error.hint.replace("set", "add"))') != []
    assert edited_hints("raise InputError(error.message, hint=error.hint)") == []


def test_hint_is_filled_in_by_the_block_nearest_to_the_cause() -> None:
    error = InputError("x", hint=f"credhelper profile {EDIT} {PROFILE}")
    with pytest.raises(InputError), about(profile="outer", edit="add"), about(profile="a b"):
        raise error
    assert error.hint == "credhelper profile add 'a b'"


@pytest.mark.parametrize(
    ("error", "lacked"),
    [
        (MemoryError(), "memory"),
        (SystemError("initialization failed without raising an exception"), "memory"),
        (OSError(errno.ENOMEM, "x"), "memory"),
        (ImportError("libx.so: failed to map segment from shared object"), "memory"),
        (ssl.SSLError(786688, "unknown error"), "memory"),
        (ssl.SSLError(20 << 23 | 786688, "unknown error"), "memory"),
        (ssl.SSLError("[X509] malloc failure (_ssl.c:4170)"), "memory"),
        (ssl.SSLError(1, "[SSL: MALLOC_FAILURE] x"), "memory"),
        (OSError(errno.EMFILE, "x"), "file descriptors"),
        (OSError(errno.EAGAIN, "x"), "processes"),
        (RuntimeError("can't start new thread"), "threads"),
    ],
)
def test_what_a_process_lacked_is_no_bug(error: Exception, lacked: str) -> None:
    shown = unexpected(error)
    assert (type(shown), lacked in shown.message, shown.is_shared) == (MachineError, True, False)


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (OSError(errno.EIO, "a secret"), "unexpected OSError EIO"),
        (FileNotFoundError(errno.ENOENT, "a secret"), "unexpected FileNotFoundError ENOENT"),
        (OSError("a secret"), "unexpected OSError"),
        (OSError(99999, "a secret"), "unexpected OSError 99999"),
        (ValueError("a secret"), "unexpected ValueError"),
        (ssl.SSLError(1, "a secret"), "unexpected SSLError EPERM"),
        (ssl.SSLError(786689, "a secret"), "unexpected SSLError 786689"),
    ],
)
def test_bug_is_named_by_its_kind_and_not_by_its_text(error: Exception, named: str) -> None:
    assert unexpected(error).message == named


def refused_by_role_profile(setting: str, text: str) -> str:
    section = {"credhelper_role_arn": ROLE_ARN, "credhelper_source_profile": "default", setting: text}
    with pytest.raises(InputError) as caught:
        RoleProfile.from_section("prod-s3", section)
    return caught.value.hint


@pytest.mark.parametrize(
    ("setting", "text", "hint"),
    [
        ("credhelper_tags", "x", "credhelper profile set prod-s3 --tags VALUE"),
        ("credhelper_duration_seconds", "5", "credhelper profile set prod-s3 --duration-seconds 3600"),
        ("credhelper_mfa_process", "/bin/code", "credhelper profile set prod-s3 --mfa-serial ARN"),
        (
            "credhelper_credential_source",
            "Environment",
            "credhelper profile unset prod-s3 credhelper_credential_source",
        ),
        ("role_arn", ROLE_ARN, "credhelper profile unset prod-s3 role_arn"),
        (
            "credhelper_tag",
            "x",
            "did you mean credhelper_tags? remove it: credhelper profile unset prod-s3 credhelper_tag",
        ),
    ],
)
def test_refused_setting_names_its_profile(setting: str, text: str, hint: str) -> None:
    assert refused_by_role_profile(setting, text) == hint


def test_refused_value_names_its_profile_in_new_and_old_sections() -> None:
    document = Document.parse(b"[profile dev]\nx = 1\n")
    with pytest.raises(InputError) as caught:
        document.set("dev", {"output": "a # b"})
    assert caught.value.hint == "to remove it: credhelper profile unset dev output"
    with pytest.raises(InputError) as caught:
        document.add("prod-s3", {"output": ""})
    assert caught.value.hint == "to remove it: credhelper profile unset prod-s3 output"


def test_code_that_cannot_be_asked_for_names_its_profile(tmp_path: Path) -> None:
    with pytest.raises(MfaError) as caught:
        prompt_token("arn:aws:iam::111111111111:mfa/David", "prod-s3", timeout_s=1, terminal=str(tmp_path / "tty"))
    assert caught.value.hint == "run in a terminal: credhelper login prod-s3"
