"""Variables that a project sets: none makes a library open a file or run code, whichever library knows the name."""

import ctypes
import functools
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

import botocore
import pytest

import credhelper
from credhelper import settings
from credhelper.system import hardening
from fakes.home import HELPER, PROGRAM, Home, error, key_id
from fakes.sts import FakeSts

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify and shared objects are Linux's here")

# What is looked at all the same, each with its reason. No other variable may have a file opened.
EXCEPTIONS = {
    "HOME": "where the user's files are",
    "PATH": "where a program without a path is, for sh and for a source's credential_process",
    "TMPDIR": "the tests look there for secrets",
    "TZ": "the C library reads it before the first line of any Python",
    "XDG_CACHE_HOME": "our own files, which only this user may have written",
    "XDG_STATE_HOME": "the same",
    "XDG_RUNTIME_DIR": "the same",
    "AWS_CONFIG_FILE": "AWS's: the config of all its tools; its entries are its own",
    "AWS_SHARED_CREDENTIALS_FILE": "AWS's: the same",
    "AWS_CA_BUNDLE": "AWS's: a company's authority; its own rule",
    "REQUESTS_CA_BUNDLE": "the same, as botocore takes it",
    "HTTP_PROXY": "no file; a text that is no URL is no proxy",
    "http_proxy": "the same",
    **dict.fromkeys(
        (
            "AWS_ACCOUNT_ID_ENDPOINT_MODE",
            "AWS_REQUEST_CHECKSUM_CALCULATION",
            "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
            "AWS_RESPONSE_CHECKSUM_VALIDATION",
            "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH",
            "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT",
        ),
        "AWS's: no file; botocore refuses a text that is not one of its words",
    ),
    "_CREDHELPER_COMPLETE": "the shell asks for a completion, and nothing else is done",
    "CREDHELPER_KEY_STORE": "one of our words; any other is refused",
    "CREDHELPER_TIMEOUT": "a number; any other text is refused",
}
# Of the C library and its loader, which obey them before the first line of any program. (C7)
LOADER = re.compile(r"LD_|LOCPATH$|GCONV_PATH$|NLSPATH$|GLIBC_|MALLOC_")
# CPython obeys these in spite of -I, before our first line. The command's script unsets them.
INTERPRETER = ("PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__")
# Known to be obeyed by some build of these libraries, in case their strings do not show the names.
KNOWN = set(
    re.findall(
        r"\S+",
        """
OPENSSL_CONF OPENSSL_CONF_INCLUDE OPENSSL_MODULES OPENSSL_ENGINES OPENSSL_TRACE OPENSSL_MALLOC_FAILURES
OPENSSL_ia32cap OPENSSL_WIN32_UTF8 SSL_CERT_FILE SSL_CERT_DIR SSL_CIPHER CTLOG_FILE RANDFILE QLOGDIR SSLKEYLOGFILE
CURL_CA_BUNDLE BOTO_CONFIG AWS_CREDENTIAL_FILE AWS_DATA_PATH BOTOCORE_EXPERIMENTAL__PLUGINS AWS_LOGIN_CACHE_DIRECTORY
AWS_WEB_IDENTITY_TOKEN_FILE AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE XDG_CONFIG_HOME XDG_DATA_HOME XDG_DATA_DIRS
PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONUSERBASE PYTHONPLATLIBDIR PYTHONPYCACHEPREFIX PYTHONWARNINGS
PYTHONBREAKPOINT PYTHONCASEOK PYTHONINSPECT PYTHONDUMPREFSFILE PYTHONPERFSUPPORT PYTHON_KEYRING_BACKEND
PYTHON_HISTORY PYTHON_GIL KEYRING_PROPERTY_KEYRING_PATH KEYCHAIN_PATH LANGUAGE LANG LC_ALL LC_MESSAGES LC_CTYPE
PAGER LESS EDITOR VISUAL BROWSER TERMINFO TERMINFO_DIRS INPUTRC NETRC KRB5_CONFIG HOSTALIASES RES_OPTIONS
GI_TYPELIB_PATH GIO_EXTRA_MODULES GTK_PATH PSMODULEPATH BASH_ENV ENV CDPATH
""",
    )
)
_IN_A_BINARY = re.compile(rb"(?<![A-Za-z0-9_])_{0,2}[A-Z][A-Z0-9_]{3,40}(?![A-Za-z0-9_])")
_IN_PYTHON = re.compile(r"['\"](_{0,2}[A-Z][A-Z0-9_]{3,60})['\"]")
_IN_OPEN, _IN_NONBLOCK = 0x20, 0o4000

# What a shared object does as soon as it is loaded.
_CONSTRUCTOR = """
#include <fcntl.h>
#include <unistd.h>
__attribute__((constructor)) static void ran(void) { close(open("%s", O_CREAT | O_WRONLY, 0600)); }
"""
_OPENSSL = """
openssl_conf = init
[init]
providers = prov
[prov]
evil = evil_sect
default = default_sect
[default_sect]
activate = 1
[evil_sect]
module = ${ENV::PWD}/evil.so
activate = 1
"""


@pytest.fixture(scope="module")
def sts() -> Iterator[FakeSts]:
    with FakeSts() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, sts: FakeSts) -> Home:
    made = Home(tmp_path / "david", AWS_ENDPOINT_URL_STS=sts.url)
    made.add_user()
    made.add_role()
    return made


def libraries() -> set[str]:
    """Return the files of this interpreter and of every OpenSSL that it loads."""
    assert ssl.OPENSSL_VERSION
    with open("/proc/self/maps") as file:
        mapped = {line.split(maxsplit=5)[5].strip() for line in file if line.count("/") > 1}
    wanted = re.compile(r"lib(crypto|ssl)[.-]|/_ssl\.|/_hashlib\.|/libpython|/bin/python")
    package = Path(sysconfig.get_path("platlib"), "cryptography")
    return {path for path in mapped if wanted.search(path)} | {str(path) for path in package.rglob("*.so")}


@functools.cache
def names() -> frozenset[str]:
    """Return every name that could be a variable in what the helper loads."""
    found = KNOWN | hardening.VARIABLES
    for library in libraries():
        found |= {name.decode() for name in _IN_A_BINARY.findall(Path(library).read_bytes())}
    for module in Path(botocore.__file__).parent.rglob("*.py"):
        found |= set(_IN_PYTHON.findall(module.read_text("utf-8")))
    return frozenset(name for name in found if not LOADER.match(name))


class Trap:
    """A directory with a file, and an ear for whoever opens either of them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.file = directory / "trap.py"
        directory.mkdir()
        self.file.write_text("raise SystemExit('the trap is executed')\n")
        # What gettext opens where a language is the name of this directory.
        translations = directory / "LC_MESSAGES" / "messages.mo"
        translations.parent.mkdir()
        translations.write_bytes(b"")
        library = ctypes.CDLL(None, use_errno=True)
        self._fd = library.inotify_init1(_IN_NONBLOCK)
        assert self._fd >= 0
        for path in (directory, self.file, translations):
            assert library.inotify_add_watch(self._fd, os.fsencode(path), _IN_OPEN) >= 0

    def is_sprung(self) -> bool:
        """Tell whether anything has been opened since this was last asked."""
        try:
            return os.read(self._fd, 1 << 16) != b""
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self._fd)


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Trap]:
    made = Trap(tmp_path / "trap")
    yield made
    made.close()


COMMANDS = {
    "miss": [*HELPER, "get", "prod-s3"],
    "hit": [*HELPER, "get", "prod-s3"],
    "login": [*PROGRAM, "login", "prod-s3"],
    "exec": [*PROGRAM, "exec", "prod-s3", "--", "/bin/true"],
    "env": [*PROGRAM, "env", "prod-s3"],
    "status": [*PROGRAM, "status", "--json"],
    "key show": [*PROGRAM, "key", "show"],
}


def trapped(value: str, left_out: Iterable[str] = ()) -> dict[str, str]:
    return dict.fromkeys(names() - set(EXCEPTIONS) - set(left_out), value)


@pytest.mark.parametrize("kind", ["file", "directory"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_file_that_a_variable_names_is_opened(home: Home, trap: Trap, command: str, kind: str) -> None:
    if command == "hit":
        key_id(home.get())
    value = str(trap.file if kind == "file" else trap.directory)
    done = home.start(COMMANDS[command], trapped(value, INTERPRETER if command in ("hit", "miss") else ()))
    # `login` says that keys in the environment go before any profile.
    said = [line.partition(b",")[0] for line in done.stderr.splitlines()]
    assert (done.returncode, said) == (0, [b"note: AWS_ACCESS_KEY_ID is set"] if command == "login" else [])
    assert not trap.is_sprung()


def test_libraries_are_known_by_their_strings(trap: Trap, home: Home) -> None:
    """The other test would pass for ever where no name is found, or where opening goes unnoticed."""
    known = names()
    assert {"OPENSSL_CONF", "SSL_CERT_FILE", "BOTOCORE_EXPERIMENTAL__PLUGINS", "PYTHONPATH"} <= known
    assert len(known) > 500
    code = "import ssl; ssl.create_default_context()"
    home.start([sys.executable, "-I", "-c", code], {"OPENSSL_CONF": str(trap.file)})
    assert trap.is_sprung()
    assert not trap.is_sprung()


@pytest.mark.parametrize("command", COMMANDS)
def test_shared_object_that_openssl_would_load_does_not_run(home: Home, tmp_path: Path, command: str) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler here to make a shared object with")
    project = tmp_path / "project"
    project.mkdir()
    (project / "openssl.cnf").write_text(_OPENSSL)
    (project / "evil.c").write_text(_CONSTRUCTOR % (project / "ran"))
    subprocess.run([compiler, "-shared", "-fPIC", "-o", "evil.so", "evil.c"], cwd=project, check=True)
    hostile = {"OPENSSL_CONF": "openssl.cnf", "PWD": str(project)}
    home.start([sys.executable, "-I", "-c", "import ssl; ssl.create_default_context()"], hostile, cwd=project)
    assert (project / "ran").exists(), "OpenSSL does not load it anyway"
    (project / "ran").unlink()
    if command == "hit":
        key_id(home.get())
    done = home.start(COMMANDS[command], hostile, cwd=project)
    assert (done.returncode, done.stderr) == (0, b"")
    assert not (project / "ran").exists()


def test_module_that_botocore_would_import_does_not_run(home: Home, tmp_path: Path) -> None:
    browser = tmp_path / "browser.sh"
    browser.write_text(f"#!/bin/sh\n: > {tmp_path}/ran\n")
    browser.chmod(0o700)
    key_id(home.get(BOTOCORE_EXPERIMENTAL__PLUGINS="x=antigravity", BROWSER=str(browser)))
    assert not (tmp_path / "ran").exists()


# What Python itself would load, if it looked there.
_MODULES = ("sitecustomize", "usercustomize", "json", "os", "site", "credhelper/__init__", "credhelper/__main__")


@pytest.mark.parametrize("shell", ["", "bash"])
@pytest.mark.parametrize("command", ["login", "exec", "status", "key show"])
def test_command_of_a_person_starts_isolated(home: Home, tmp_path: Path, command: str, shell: str) -> None:
    if shell and shutil.which(shell) is None:
        pytest.skip("no bash here to be /bin/sh")
    project = tmp_path / "project"
    trap = f"open({str(project / 'ran')!r}, 'w')\n"
    library = project / "lib" / f"python3.{sys.version_info.minor}"
    for directory in (project, library, library / "encodings"):
        for module in (*_MODULES, "__init__"):
            path = directory / f"{module}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(trap)
    (project / "pyvenv.cfg").write_text(f"home = {project}/bin\n")
    hostile = {
        **dict.fromkeys(("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "CDPATH"), "."),
        **dict.fromkeys(("PYTHONSTARTUP", "BASH_ENV", "ENV"), str(project / "json.py")),
        **dict.fromkeys(INTERPRETER, str(project / "bin" / "python")),
        "PYTHONPLATLIBDIR": "lib",
        "PYTHONINSPECT": "1",
        **{f"BASH_FUNC_{name}%%": f"() {{ : > {project}/ran; }}" for name in ("[", "cd", "command", "exec", "unset")},
    }
    line = COMMANDS[command]
    if shell:  # as the systems do whose /bin/sh is bash
        (tmp_path / "sh").symlink_to(shutil.which(shell) or shell)
        line = [str(tmp_path / "sh"), *line]
    done = home.start(line, hostile, cwd=project)
    assert (done.returncode, done.stderr) == (0, b"")
    assert not (project / "ran").exists()


def test_programs_that_the_configuration_names_get_the_whole_environment(
    home: Home, tmp_path: Path, sts: FakeSts
) -> None:
    program = tmp_path / "source"
    document = {"Version": 1, "AccessKeyId": "AKIAACC", "SecretAccessKey": "x" * 40}
    program.write_text(f"#!/bin/sh\nenv > {tmp_path}/seen\necho '{json.dumps(document)}'\n")
    program.chmod(0o700)
    with home.config.open("a") as file:
        file.write(f"[profile vault]\ncredential_process = {program}\n")
    home.add_role("of-vault", source="vault")
    code = tmp_path / "code"
    code.write_text(f"#!/bin/sh\nenv > {tmp_path}/seen-code\necho 123456\n")
    code.chmod(0o700)
    home.add_role("with-code", mfa_serial="arn:aws:iam::111111111111:mfa/david", mfa_process=str(code))
    variables = {"OPENSSL_CONF": "/nonexistent", "VAULT_ADDR": "https://vault.example", "PYTHONPATH": "/nonexistent"}
    home.get("of-vault", **variables)
    home.get("with-code", **variables)
    for seen in ("seen", "seen-code"):
        lines = (tmp_path / seen).read_text().splitlines()
        assert {f"{name}={value}" for name, value in variables.items()} <= set(lines)


# Every place that starts a program, and what the program's environment is there.
STARTS = {
    "aws/source_credentials.py": "the configuration's: Resolved.child_environ",
    "mfa/program.py": "the configuration's: Resolved.child_environ",
    "cli/session.py": "the command of exec: hardening.environment_of_caller",
    "commands/helper_line.py": "the line of the config file, as an SDK starts it: hardening.environment_of_caller",
    "commands/doctor/local.py": "the line of the config file, with --version: the variables of the list",
    "system/browser.py": "a browser: a list of its own, in the module",
    "commands/profile/trial.py": "ours: our own command, with the variables of the list",
    "demo/emulator.py": "ours: a table in the module",
    "demo/home.py": "ours: the demo's own home",
}
_START = re.compile(r"\b(subprocess\.(Popen|run|call|check_)|(os|pty)\.(exec|spawn|posix_spawn|system|popen|fork))")


def test_every_place_that_starts_a_program_is_known() -> None:
    root = Path(credhelper.__file__).parent
    found = {path.relative_to(root).as_posix() for path in root.rglob("*.py") if _START.search(path.read_text("utf-8"))}
    # `Popen` is a type there.
    assert found - {"system/program_output.py", "commands/console.py"} == STARTS.keys()


def test_program_that_a_library_starts_gets_the_variables_of_the_list_only(home: Home) -> None:
    """As keyring's backends or ctypes.util do: with the environment of this process, in C as in Python."""
    root = str(Path(credhelper.__file__).parents[1])
    code = (
        f"import sys; sys.path.append({root!r})\n"
        "from credhelper.system import hardening\nhardening.keep_known_variables()\n"
        "import os, subprocess\n"
        "subprocess.run(['/usr/bin/env'], check=True)\n"
        "sys.stdout.flush(); os.system('/usr/bin/env')\n"
    )
    hostile = dict.fromkeys(names() | {"PATH_OF_A_PROJECT", "GIT_DIR"}, "/nonexistent")
    for name in (*EXCEPTIONS, *INTERPRETER):
        hostile.pop(name, None)
    done = home.start([sys.executable, "-I", "-c", code], hostile)
    assert done.returncode == 0, done.stderr
    seen = {line.partition("=")[0] for line in done.stdout.decode().splitlines() if "=" in line}
    own_of_the_shell = {"PWD", "OLDPWD", "SHLVL", "_"}
    strange = {name for name in seen - own_of_the_shell if not name.startswith(hardening.PREFIXES)}
    assert strange <= hardening.VARIABLES | {hardening.NO_OLD_CIPHERS}
    assert "HOME" in seen


HOMES = {"unset": None, "empty": "", "relative": "project", "a dot": "."}


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("value", HOMES)
def test_home_is_the_accounts_where_the_variable_names_none(
    home: Home, tmp_path: Path, value: str, is_known: bool
) -> None:
    """Our files, AWS's and botocore's caches are below one and the same home, and never below the directory."""
    root = str(Path(credhelper.__file__).parents[1])
    account = str(tmp_path / "account") if is_known else None
    code = (
        f"import sys; sys.path.append({root!r})\n"
        "import os, pwd\n"
        "class Account:\n    pw_dir = sys.argv[1]\n"
        "def getpwuid(_):\n    if not sys.argv[1]: raise KeyError\n    return Account\n"
        "pwd.getpwuid = getpwuid\n"
        "from credhelper.system import hardening\nhardening.keep_known_variables()\n"
        "from credhelper import settings\n"
        "import botocore.tokens, botocore.utils\n"
        "print(settings.home_of(os.environ))\n"
        "print(os.path.expanduser('~'))\n"
        "print(botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR.removesuffix('/.aws/sso/cache'))\n"
        "print(hardening.environment_of_caller(os.environ).get('HOME'))\n"
    )
    environ = {name: text for name, text in home.environ.items() if name != "HOME"}
    if (given := HOMES[value]) is not None:
        environ["HOME"] = given
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, account or ""],
        env=environ, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    *homes, callers = done.stdout.splitlines()
    assert homes == [account or settings.NO_HOME] * 3
    assert callers == str(given)


def test_child_of_exec_gets_the_whole_environment(home: Home) -> None:
    variables = {
        "OPENSSL_CONF": "/nonexistent",
        "PYTHONPATH": "/nonexistent",
        "bin": "1",
        "target": "2",
        "LC_ALL": "a/b",
    }
    done = home.run("exec", "prod-s3", "--", "env", **variables)
    assert {f"{name}={value}" for name, value in variables.items()} <= set(done.stdout.decode().splitlines())


def test_variable_in_the_name_of_an_aws_file_is_expanded(home: Home) -> None:
    environ = {"OUR_FILES": str(home.aws), "AWS_CONFIG_FILE": "$OUR_FILES/config"}
    assert key_id(home.start(home.line(), environ))
    assert key_id(home.start(home.line(), environ)) == key_id(home.start(home.line(), environ))


def test_chain_that_a_project_sets_is_named_with_the_way_out(home: Home) -> None:
    text = error(home.get(CREDHELPER_CHAIN="prod-s3"), 2)
    assert text.endswith(
        "hint: credhelper profile show prod-s3; if that does not lead back here: unset CREDHELPER_CHAIN\n"
    )


def test_loop_that_no_variable_makes_has_no_variable_in_its_hint(home: Home) -> None:
    home.add_role("a", source="b")
    home.add_role("b", source="a")
    assert "CREDHELPER_CHAIN" not in error(home.get("a"), 2)


def test_httpoxy_is_still_seen_by_urllib() -> None:
    """A CGI program's HTTP_PROXY comes from its client; urllib knows such a program by REQUEST_METHOD."""
    assert "REQUEST_METHOD" in hardening.VARIABLES


def test_library_leaves_the_environment_of_its_program_alone(home: Home) -> None:
    root = str(Path(credhelper.__file__).parents[1])
    code = (
        f"import sys; sys.path.append({root!r}); import os, credhelper.awsconfig.api; print(os.environ['OPENSSL_CONF'])"
    )
    done = home.start([sys.executable, "-I", "-c", code], {"OPENSSL_CONF": "/nonexistent"})
    assert done.stdout.strip() == b"/nonexistent"


def test_start_leaves_old_ciphers_unloaded(home: Home) -> None:
    look = (
        "from credhelper.system import hardening\nhardening.keep_known_variables()\n"
        "from cryptography.hazmat.bindings._rust import openssl\nprint(openssl._legacy_provider_loaded)\n"
        "raise SystemExit"
    )
    done = home.start(home.line_with(look), {})
    assert (done.stdout, done.stderr) == (b"False\n", b"")
