"""The real clients, in the order of the table, and those that cannot be had anywhere we can reach."""

from functools import partial

from conformance import debian, pins, recipes
from conformance.client import (
    BY_EXEC,
    CREDENTIALS,
    ENDPOINT,
    IDENTITY,
    LIST,
    LOOP,
    NO_SHELL,
    NO_SHELL_INHERITED,
    PROFILE,
    SHELL_CAPTURED,
    SHELL_DROPPED,
    SHELL_INHERITED,
    SHELL_MIXED,
    Client,
)
from conformance.servers import Server
from conformance.toolchain import CACHE, SOURCES
from fakes.home import PROGRAM

_WITHOUT_IDENTITY = (LIST, CREDENTIALS, LOOP)
_LOOK = "run `credhelper get NAME` to see our message"
_NO_WAY = "its AssumeRole takes neither an endpoint without TLS nor a proxy"
_DENIED = "AWS Error ACCESS_DENIED during ListObjectsV2"
_CLI_V2, _RCLONE, _RUBY = "2.9.19", "1.60.1", "3.168.1"
_MINIO = "7aac2a2c5b7c"  # the commit, of 2026-02-12

NOT_TO_BE_HAD = {
    "aws-sdk-php": "comes through Packagist only; Debian has no package of it",
    "Terraform, OpenTofu": "released as downloads only; aws-sdk-go-base, their way to credentials, is run",
    "s5cmd": "`go install` of 2.3.0 is refused by the Go module proxy; aws-sdk-go v1, which it is made with, is run",
    "aws-sdk-net, aws-sdk-swift": "their toolchains are in none of the package registries that the suite uses",
    "LocalStack": "its package starts no server without the container image; its STS answers with moto's code",
    "SeaweedFS": "`go install` refuses its `replace` directives; the shape of its answer is in `test_sts_response.py`",
    "Ceph": "its gateway needs a whole cluster; the shape of its answer is in `test_sts_response.py`",
}


def all_clients() -> list[Client]:
    """Return every client in the order of the table."""
    return [*_python(), *_compiled(), *_debian(), *_cpp(), _without_process()]


def all_servers() -> list[Server]:
    """Return every server that is not AWS, in the order of the table."""
    python = recipes.inside(recipes.MOTO, "python")
    return [
        Server(
            "moto", pins.of("python/requirements-moto.txt", "moto"), partial(recipes.build_python, recipes.MOTO),
            lambda port, _: [*python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            "AKIAMOTO000000000001", "moto-takes-any-secret-key", is_naming=True,
            no_wrong_key="it takes any key",
        ),
        Server(
            "MinIO", _MINIO, partial(recipes.need_minio, _MINIO),
            lambda port, directory: [
                recipes.minio(), "server", "--quiet", "--address", f"127.0.0.1:{port}", str(directory / "data")
            ],
            "minioadmin", "minioadmin-secret", is_naming=False,
            environ={"MINIO_ROOT_USER": "minioadmin", "MINIO_ROOT_PASSWORD": "minioadmin-secret"},
            limits="any role gives its user's own rights; its sessions cannot assume another role",
        ),
    ]  # fmt: skip


def _python() -> list[Client]:
    version = partial(pins.of, "python/requirements.txt")
    newest = partial(recipes.build_python, recipes.NEWEST)
    return [
        Client(
            "AWS CLI v1", version("awscli"), NO_SHELL,
            lambda action, bucket: [*recipes.inside(recipes.NEWEST, "aws"), *_cli(action, bucket)],
            newest, (IDENTITY, LIST),
        ),
        Client("boto3", version("boto3"), NO_SHELL, recipes.script("boto3"), newest, margin_s=900),
        Client("botocore", version("botocore"), NO_SHELL, recipes.script("botocore"), newest, margin_s=900),
    ]  # fmt: skip


def _compiled() -> list[Client]:
    return [
        Client(
            "aws-sdk-js-v3", pins.of("js_v3/package.json", "@aws-sdk/client-sts"), SHELL_CAPTURED,
            lambda action, argument: ["node", str(CACHE / "js_v3/client.mjs"), action, argument], recipes.build_js,
            margin_s=300,
            says_instead="Could not load credentials from any providers", limits=_LOOK,
        ),
        Client(
            "aws-sdk-go-v2", pins.of("go_v2/go.mod", "github.com/aws/aws-sdk-go-v2"), SHELL_INHERITED,
            partial(recipes.program, "bin/sdk"), partial(recipes.build_go, "go_v2"), margin_s=0,
        ),
        Client(
            "aws-sdk-go-base (Terraform)", pins.of("go_v2/go.mod", "github.com/hashicorp/aws-sdk-go-base/v2"),
            SHELL_INHERITED, partial(recipes.program, "bin/base"), partial(recipes.build_go, "go_v2"), margin_s=0,
        ),
        Client(
            "aws-sdk-go v1", pins.of("go_v1/go.mod", "github.com/aws/aws-sdk-go"), SHELL_INHERITED,
            partial(recipes.program, "bin/go_v1"), partial(recipes.build_go, "go_v1"), margin_s=0,
            limits="reads `~/.aws/config` only with `AWS_SDK_LOAD_CONFIG=1`",
            environ=lambda: {"AWS_SDK_LOAD_CONFIG": "1"},
        ),
        Client(
            "aws-sdk-java-v2", pins.of("java_v2/pom.xml", "sts"), SHELL_CAPTURED, recipes.java, recipes.build_java,
            margin_s=15,
            says_instead="Unable to load credentials from any of the providers in the chain", limits=_LOOK,
        ),
        Client(
            "aws-sdk-rust", pins.of("rust/Cargo.toml", "aws-config"), SHELL_CAPTURED,
            partial(recipes.program, "rust/debug/conformance-rust"), recipes.build_rust, margin_s=15,
            limits="a provider used without a service client keeps nothing and starts us at every read",
        ),
    ]  # fmt: skip


def _debian() -> list[Client]:
    aws = ["/usr/bin/python3", str(debian.root("awscli") / "usr/bin/aws")]
    ruby = ["ruby", "-e", "require 'aws-sdk-s3'; puts Aws::CORE_GEM_VERSION"]
    return [
        Client(
            "AWS CLI v2", _CLI_V2, NO_SHELL,
            lambda action, bucket: [*aws, "--endpoint-url", ENDPOINT, *_cli(action, bucket)],
            partial(recipes.unpack, "awscli", _CLI_V2, recipes.cli_v2_environ, *aws, "--version"),
            (IDENTITY, LIST), environ=recipes.cli_v2_environ,
        ),
        Client(
            "aws-sdk-ruby", _RUBY, NO_SHELL_INHERITED,
            lambda action, argument: ["ruby", str(SOURCES / "ruby/client.rb"), action, argument],
            partial(recipes.unpack, "ruby-aws-sdk-s3", _RUBY, recipes.ruby_environ, *ruby),
            margin_s=300, starts_at_once=4, limits="starts us twice where once would do", environ=recipes.ruby_environ,
        ),
        Client(
            "rclone (aws-sdk-go v1)", _RCLONE, SHELL_INHERITED, lambda _, bucket: ["rclone", "lsf", f"aws:{bucket}"],
            partial(recipes.unpack, "rclone", _RCLONE, recipes.rclone_environ, "rclone", "version"), (LIST,),
            limits="needs `env_auth = true`", environ=recipes.rclone_environ,
        ),
    ]  # fmt: skip


def _cpp() -> list[Client]:
    version = partial(pins.of, "python/requirements.txt")
    unsigned = f"after a failure of credhelper it sends an unsigned request; {_LOOK}"
    newest = partial(recipes.build_python, recipes.NEWEST)
    return [
        Client(
            "AWS CRT (awscrt)", version("awscrt"), SHELL_DROPPED, recipes.script("awscrt"), newest,
            margin_s=300,
            says_instead="Attempt to sign an http request without credentials", no_chain=_NO_WAY, limits=_LOOK,
        ),
        Client(
            "aws-sdk-cpp on the CRT (pyarrow)", version("pyarrow"), SHELL_DROPPED,
            recipes.script("pyarrow"), newest, _WITHOUT_IDENTITY, margin_s=300, starts_at_once=4,
            says_instead=_DENIED, no_chain=_NO_WAY, limits=unsigned,
        ),
        Client(
            "aws-sdk-cpp, own parser (pyarrow)", pins.of("python/requirements-old.txt", "pyarrow"),
            SHELL_MIXED, recipes.script("pyarrow", recipes.OLD),
            partial(recipes.build_python, recipes.OLD), _WITHOUT_IDENTITY, margin_s=0,
            says_instead=_DENIED, no_chain="its default chain knows no roles", limits=unsigned,
        ),
        Client(
            "DuckDB (httpfs, aws)", version("duckdb"), SHELL_MIXED, recipes.script("duckdb"), newest,
            _WITHOUT_IDENTITY, margin_s=0, learns_by_refusal=True, says_instead="Secret Validation Failure",
            no_chain="takes roles from its own secrets only", limits=_LOOK,
        ),
    ]  # fmt: skip


def _without_process() -> Client:
    script = recipes.script("obstore")
    return Client(
        "object_store (obstore)", pins.of("python/requirements.txt", "obstore"), BY_EXEC,
        lambda action, bucket: [*PROGRAM, "exec", PROFILE, "--", *script(action, bucket)],
        partial(recipes.build_python, recipes.NEWEST), (LIST, CREDENTIALS), no_chain="knows no profiles",
        limits="keeps what `credhelper exec` gave it until that ends",
    )  # fmt: skip


def _cli(action: str, bucket: str) -> list[str]:
    if action == IDENTITY:
        return ["sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
    return ["s3api", "list-objects-v2", "--bucket", bucket, "--query", "Contents[].Key", "--output", "text"]
