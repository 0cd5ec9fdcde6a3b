"""The real clients, in the order of the table, and those that cannot be had anywhere we can reach."""

import shutil
import sys
from collections.abc import Callable
from functools import partial

from conformance import debian, pins
from conformance.client import (
    ALL,
    CREDENTIALS,
    ENDPOINT,
    IDENTITY,
    LIST,
    LOOP,
    POPEN,
    SHELL,
    SHLEX,
    Client,
    MissingError,
)
from conformance.toolchain import CACHE, SOURCES, build, fetch, need

_WITHOUT_IDENTITY = (LIST, CREDENTIALS, LOOP)
_LOOK = "run `credhelper get NAME` to see it"
_NEWEST, _OLD = "py", "py-old"
_OWN_ENDPOINT = "its AssumeRole takes no other endpoint than AWS's own"
_CLI_V2, _RCLONE, _RUBY = "2.9.19", "1.60.1", "3.168.1"

NOT_TO_BE_HAD = {
    "aws-sdk-php": "comes through Packagist only; Debian has no package of it",
    "Terraform, OpenTofu": "released as downloads, in no package registry; aws-sdk-go-base, their way to credentials, is run",
    "s5cmd": "`go install` of 2.3.0 is refused by the Go module proxy; aws-sdk-go v1, which it is made with, is run",
    "aws-sdk-net, aws-sdk-kotlin, aws-sdk-swift": "no toolchain for them is at hand",
}


def all_clients() -> list[Client]:
    """Return every client in the order of the table."""
    return [*_python(), *_compiled(), *_debian(), *_cpp()]


def _python() -> list[Client]:
    version = partial(pins.of, "python/requirements.txt")
    return [
        Client(
            "AWS CLI v1", version("awscli"), SHLEX, lambda action, bucket: [*_in(_NEWEST, "aws"), *_cli(action, bucket)],
            partial(_build_python, _NEWEST), (IDENTITY, LIST),
        ),
        Client("boto3", version("boto3"), SHLEX, _script("boto3"), partial(_build_python, _NEWEST), margin_s=900),
        Client(
            "botocore", version("boto3"), SHLEX, _script("botocore"), partial(_build_python, _NEWEST), margin_s=900
        ),
    ]  # fmt: skip


def _compiled() -> list[Client]:
    return [
        Client(
            "aws-sdk-js-v3", pins.of("js_v3/package.json", "@aws-sdk/client-sts"), SHELL,
            lambda action, argument: ["node", str(CACHE / "js_v3/client.mjs"), action, argument], _build_js,
            margin_s=300, shows_stderr=False, limits=f"its default chain hides our message; {_LOOK}",
        ),
        Client(
            "aws-sdk-go-v2", pins.of("go_v2/go.mod", "github.com/aws/aws-sdk-go-v2"), SHELL,
            partial(_program, "bin/sdk"), partial(_build_go, "go_v2"), margin_s=0,
        ),
        Client(
            "aws-sdk-go-base (Terraform)", pins.of("go_v2/go.mod", "github.com/hashicorp/aws-sdk-go-base/v2"), SHELL,
            partial(_program, "bin/base"), partial(_build_go, "go_v2"), margin_s=0,
        ),
        Client(
            "aws-sdk-go v1", pins.of("go_v1/go.mod", "github.com/aws/aws-sdk-go"), SHELL,
            partial(_program, "bin/go_v1"), partial(_build_go, "go_v1"), margin_s=0,
            limits="reads `~/.aws/config` only with `AWS_SDK_LOAD_CONFIG=1`", environ=lambda: {"AWS_SDK_LOAD_CONFIG": "1"},
        ),
        Client(
            "aws-sdk-java-v2", pins.of("java_v2/pom.xml", "sts"), SHELL, _java, _build_java,
            margin_s=300, shows_stderr=False, limits=f"its default chain does not show our message; {_LOOK}",
        ),
        Client(
            "aws-sdk-rust", pins.of("rust/Cargo.toml", "aws-config"), SHELL,
            partial(_program, "rust/debug/conformance-rust"), _build_rust, margin_s=15,
        ),
    ]  # fmt: skip


def _debian() -> list[Client]:
    aws = ["/usr/bin/python3", str(debian.root("awscli") / "usr/bin/aws")]
    ruby = ["ruby", "-e", "require 'aws-sdk-s3'; puts Aws::CORE_GEM_VERSION"]
    return [
        Client(
            "AWS CLI v2", _CLI_V2, SHLEX,
            lambda action, bucket: [*aws, "--endpoint-url", ENDPOINT, *_cli(action, bucket)],
            partial(_unpack, "awscli", _CLI_V2, _cli_v2_environ, *aws, "--version"),
            (IDENTITY, LIST), no_chain=_OWN_ENDPOINT, environ=_cli_v2_environ,
        ),
        Client(
            "aws-sdk-ruby", _RUBY, SHELL,
            lambda action, argument: ["ruby", str(SOURCES / "ruby/client.rb"), action, argument],
            partial(_unpack, "ruby-aws-sdk-s3", _RUBY, _ruby_environ, *ruby),
            margin_s=300, starts_at_once=2, limits="starts us twice at once", environ=_ruby_environ,
        ),
        Client(
            "rclone (aws-sdk-go v1)", _RCLONE, SHELL, lambda _, bucket: ["rclone", "lsf", f"aws:{bucket}"],
            partial(_unpack, "rclone", _RCLONE, _rclone_environ, "rclone", "version"), (LIST,), no_chain=_OWN_ENDPOINT,
            limits="needs `env_auth = true`", environ=_rclone_environ,
        ),
    ]  # fmt: skip


def _cpp() -> list[Client]:
    version = partial(pins.of, "python/requirements.txt")
    unsigned = "after a failure it sends an unsigned request; run `credhelper get NAME` to see why"
    newest = partial(_build_python, _NEWEST)
    return [
        Client(
            "AWS CRT (awscrt)", version("awscrt"), f"{POPEN}, stderr thrown away", _script("awscrt"), newest,
            margin_s=300, shows_stderr=False, limits=f"throws our message away; {_LOOK}",
        ),
        Client(
            "aws-sdk-cpp on the CRT (pyarrow)", version("pyarrow"), f"{POPEN}, stderr thrown away", _script("pyarrow"),
            newest, _WITHOUT_IDENTITY, margin_s=300, shows_stderr=False, limits=unsigned,
        ),
        Client(
            "aws-sdk-cpp, own parser (pyarrow)", pins.of("python/requirements-old.txt", "pyarrow"),
            f"{POPEN}, stderr into stdout", _script("pyarrow", _OLD), partial(_build_python, _OLD), _WITHOUT_IDENTITY,
            margin_s=0, shows_stderr=False, no_chain="its default chain knows no roles", limits=unsigned,
        ),
        Client(
            "DuckDB (httpfs, aws)", version("duckdb"), f"{POPEN}, stderr thrown away", _script("duckdb"), newest,
            _WITHOUT_IDENTITY, margin_s=0, shows_stderr=False, limits=f"does not show our message; {_LOOK}",
        ),
    ]  # fmt: skip


def _cli(action: str, bucket: str) -> list[str]:
    if action == IDENTITY:
        return ["sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
    return ["s3api", "list-objects-v2", "--bucket", bucket, "--query", "Contents[].Key", "--output", "text"]


def _in(environment: str, program: str) -> list[str]:
    return [str(CACHE / environment / "bin" / program)]


def _script(name: str, environment: str = _NEWEST) -> Callable[[str, str], list[str]]:
    script = str(SOURCES / "python" / f"{name}_client.py")
    return lambda action, argument: [*_in(environment, "python"), script, action, argument]


def _program(name: str, action: str, argument: str) -> list[str]:
    return [str(CACHE / name), action, argument]


def _java(action: str, argument: str) -> list[str]:
    directory = CACHE / "java_v2"
    return ["java", "-cp", f"{directory}/classes:{directory}/lib/*", "Client", action, argument]


def _build_python(environment: str) -> None:
    wanted = SOURCES / "python" / {_NEWEST: "requirements.txt", _OLD: "requirements-old.txt"}[environment]
    stamp = CACHE / environment / wanted.name
    if stamp.exists() and stamp.read_bytes() == wanted.read_bytes():
        return
    fetch([sys.executable, "-m", "venv", str(CACHE / environment)])
    fetch([*_in(environment, "python"), "-m", "pip", "install", "--only-binary", ":all:", "-r", str(wanted)])
    shutil.copy(wanted, stamp)


def _build_js() -> None:
    need("node", 20)
    need("npm")
    directory = CACHE / "js_v3"
    had = directory / "node_modules/.package-lock.json"
    shutil.copytree(SOURCES / "js_v3", directory, dirs_exist_ok=True)
    lock = directory / "package-lock.json"
    if not had.exists() or had.stat().st_mtime < lock.stat().st_mtime:
        fetch(["npm", "ci", "--no-audit", "--no-fund"], directory)


def _build_go(module: str) -> None:
    need("go")
    fetch(["go", "mod", "download"], SOURCES / module)
    (CACHE / "bin").mkdir(parents=True, exist_ok=True)
    build(["go", "build", "-o", f"{CACHE / 'bin'}/", "./..."], SOURCES / module)


def _build_java() -> None:
    need("javac", 17)
    need("java")
    need("mvn")
    directory = CACHE / "java_v2"
    pom = SOURCES / "java_v2/pom.xml"
    stamp = directory / "pom.xml"
    if not stamp.exists() or stamp.read_bytes() != pom.read_bytes():
        fetch(
            ["mvn", "-q", "-B", f"-Dmaven.repo.local={CACHE / 'maven'}", "dependency:copy-dependencies",
             f"-DoutputDirectory={directory / 'lib'}"], pom.parent,
        )  # fmt: skip
        shutil.copy(pom, stamp)
    source = pom.parent / "src/main/java/Client.java"
    build(["javac", "-cp", f"{directory}/lib/*", "-d", f"{directory}/classes", str(source)])


def _build_rust() -> None:
    # Its dependencies say that they need Rust 1.94.
    need("cargo")
    fetch(["cargo", "fetch", "--locked"], SOURCES / "rust")
    build(["cargo", "build", "--locked", "--offline", "--target-dir", str(CACHE / "rust")], SOURCES / "rust")


def _unpack(package: str, version: str, environ: Callable[[], dict[str, str]], *ask: str) -> None:
    debian.unpack(package)
    said = fetch(list(ask), SOURCES, **environ())
    if version not in said:
        raise MissingError(f"Debian's {package} is not {version} on this machine")


def _cli_v2_environ() -> dict[str, str]:
    packages = debian.root("awscli") / "usr/lib/python3/dist-packages"
    return {**debian.environ("awscli"), "PYTHONPATH": str(packages)}


def _ruby_environ() -> dict[str, str]:
    below = debian.root("ruby-aws-sdk-s3")
    libraries = ["usr/lib/ruby/vendor_ruby", "usr/lib/ruby/3.*", "usr/lib/*/ruby/3.*"]
    libraries.append("usr/share/rubygems-integration/all/gems/*/lib")
    found = [str(path) for pattern in libraries for path in sorted(below.glob(pattern))]
    return {**debian.environ("ruby-aws-sdk-s3"), "RUBYLIB": ":".join(found), "RUBYOPT": "--disable-gems"}


def _rclone_environ() -> dict[str, str]:
    settings = {"TYPE": "s3", "PROVIDER": "AWS", "ENV_AUTH": "true", "ENDPOINT": ENDPOINT, "REGION": "us-east-1"}
    named = {f"RCLONE_CONFIG_AWS_{name}": value for name, value in settings.items()}
    return {**debian.environ("rclone"), "RCLONE_CONFIG": "", "AWS_SDK_LOAD_CONFIG": "1", **named}
