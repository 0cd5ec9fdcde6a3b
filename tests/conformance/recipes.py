"""How the clients come to be here and are started, by language."""

import os
import shutil
import sys
from collections.abc import Callable

from conformance import debian
from conformance.client import ENDPOINT, MissingError
from conformance.toolchain import CACHE, SOURCES, build, fetch, need

NEWEST, OLD, MOTO = "py", "py-old", "py-moto"
_REQUIREMENTS = {NEWEST: "requirements.txt", OLD: "requirements-old.txt", MOTO: "requirements-moto.txt"}


def inside(environment: str, program: str) -> list[str]:
    """Return the argv of a program of a Python environment."""
    return [str(CACHE / environment / "bin" / program)]


def script(name: str, environment: str = NEWEST) -> Callable[[str, str], list[str]]:
    """Return how a Python client starts an action."""
    script = str(SOURCES / "python" / f"{name}_client.py")
    return lambda action, argument: [*inside(environment, "python"), script, action, argument]


def program(name: str, action: str, argument: str) -> list[str]:
    """Return the argv of an action of a compiled client."""
    return [str(CACHE / name), action, argument]


def java(action: str, argument: str) -> list[str]:
    """Return the argv of an action of the Java client."""
    directory = CACHE / "java_v2"
    return ["java", "-cp", f"{directory}/classes:{directory}/lib/*", "Client", action, argument]


def build_python(environment: str) -> None:
    """Make an environment with exactly the pinned packages."""
    wanted = SOURCES / "python" / _REQUIREMENTS[environment]
    stamp = CACHE / environment / wanted.name
    if stamp.exists() and stamp.read_bytes() == wanted.read_bytes():
        return
    fetch([sys.executable, "-m", "venv", str(CACHE / environment)])
    fetch([*inside(environment, "python"), "-m", "pip", "install", "--only-binary", ":all:", "-r", str(wanted)])
    shutil.copy(wanted, stamp)


def build_js() -> None:
    """Install the packages of the lock file."""
    need("node", 20)
    need("npm")
    directory = CACHE / "js_v3"
    had = directory / "node_modules/.package-lock.json"
    shutil.copytree(SOURCES / "js_v3", directory, dirs_exist_ok=True)
    lock = directory / "package-lock.json"
    if not had.exists() or had.stat().st_mtime < lock.stat().st_mtime:
        fetch(["npm", "ci", "--no-audit", "--no-fund"], directory)


def build_go(module: str) -> None:
    """Compile every program of a module."""
    need("go")
    fetch(["go", "mod", "download"], SOURCES / module)
    (CACHE / "bin").mkdir(parents=True, exist_ok=True)
    build(["go", "build", "-o", f"{CACHE / 'bin'}/", "./..."], SOURCES / module)


def minio() -> str:
    """Return the program of MinIO that the caller has; "" if none is named."""
    return os.environ.get("CONFORMANCE_MINIO", "")


def need_minio(commit: str) -> None:
    """Raise MissingError unless the caller has a MinIO of this commit: it is under the AGPL, and not fetched."""
    if not minio():
        raise MissingError("not fetched, it is under the AGPL; CONFORMANCE_MINIO=PROGRAM runs one")
    if commit not in fetch([minio(), "--version"]):
        raise MissingError(f"{minio()} is not of commit {commit}")


def build_java() -> None:
    """Fetch the jars and compile against them."""
    need("javac", 17)
    need("java")
    need("mvn")
    directory = CACHE / "java_v2"
    pom = SOURCES / "java_v2/pom.xml"
    stamp = directory / "pom.xml"
    if not stamp.exists() or stamp.read_bytes() != pom.read_bytes():
        shutil.rmtree(directory / "lib", ignore_errors=True)
        own = [f"-Dmaven.repo.local={CACHE / 'maven'}", f"-DoutputDirectory={directory / 'lib'}"]
        plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
        fetch(["mvn", "-q", "-B", *own, plugin], pom.parent)
        shutil.copy(pom, stamp)
    source = pom.parent / "src/main/java/Client.java"
    build(["javac", "-cp", f"{directory}/lib/*", "-d", f"{directory}/classes", str(source)])


def build_rust() -> None:
    """Compile with the crates of the lock file."""
    # What its dependencies say they need.
    need("cargo", 1, 94)
    need("cc")
    fetch(["cargo", "fetch", "--locked"], SOURCES / "rust")
    build(["cargo", "build", "--locked", "--offline", "--target-dir", str(CACHE / "rust")], SOURCES / "rust")


def unpack(package: str, version: str, environ: Callable[[], dict[str, str]], *ask: str) -> None:
    """Unpack a package of Debian; raise MissingError unless its program says that it has the table's version."""
    debian.unpack(package)
    said = fetch(list(ask), SOURCES, **environ())
    if version not in said:
        raise MissingError(f"Debian's {package} is not {version} on this machine")


def cli_v2_environ() -> dict[str, str]:
    """Let the machine's Python find the unpacked AWS CLI."""
    packages = debian.root("awscli") / "usr/lib/python3/dist-packages"
    return {**debian.environ("awscli"), "PYTHONPATH": str(packages)}


def ruby_environ() -> dict[str, str]:
    """Let the unpacked Ruby find its libraries."""
    below = debian.root("ruby-aws-sdk-s3")
    libraries = ["usr/lib/ruby/vendor_ruby", "usr/lib/ruby/3.*", "usr/lib/*/ruby/3.*"]
    libraries += ["usr/share/rubygems-integration/all/gems/*/lib", "usr/lib/ruby/gems/3.*/gems/rexml-*/lib"]
    found = [str(path) for pattern in libraries for path in sorted(below.glob(pattern))]
    return {**debian.environ("ruby-aws-sdk-s3"), "RUBYLIB": ":".join(found), "RUBYOPT": "--disable-gems"}


def rclone_environ() -> dict[str, str]:
    """Describe a remote called "aws" to rclone."""
    settings = {"TYPE": "s3", "PROVIDER": "Other", "ENV_AUTH": "true", "ENDPOINT": ENDPOINT, "REGION": "us-east-1"}
    named = {f"RCLONE_CONFIG_AWS_{name}": value for name, value in settings.items()}
    return {**debian.environ("rclone"), "RCLONE_CONFIG": "", "AWS_SDK_LOAD_CONFIG": "1", **named}
