"""Source credentials are those of exactly the profile that was named."""

import hashlib
import json
import os
import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import botocore.credentials
import pytest

from credhelper.aws import source_credentials
from credhelper.aws.shared_config import SharedConfig
from credhelper.awsconfig.profiles.role_profile import RoleProfile
from credhelper.errors import PROFILE, AwsError, CredhelperError, InputError, MachineError, MfaError, UnreachableError
from credhelper.model.credentials import Credentials
from fakes import canary
from fakes.loopback import LoopbackServer, QuietHandler
from fakes.sts import Behaviour, FakeSts

SECRET = canary.secret_key("source")
TOKEN = canary.session_token("source")
WEB_TOKEN = canary.session_token("web")
STATIC = f"aws_access_key_id = AKIASTATIC\naws_secret_access_key = {SECRET}\n"
KEYS = {"AccessKeyId": "AKIAPROCESS", "SecretAccessKey": SECRET, "SessionToken": TOKEN}


def shared(tmp_path: Path, config: str = "", credentials: str = "") -> SharedConfig:
    (tmp_path / "config").write_text(config)
    (tmp_path / "credentials").write_text(credentials)
    return SharedConfig(str(tmp_path / "config"), str(tmp_path / "credentials"))


def no_code(_device: str, _question: str) -> str:
    raise AssertionError("no one-time code is needed")


def from_profile(
    files: SharedConfig, name: str, prompter: source_credentials.Prompter = no_code, **options: float
) -> Credentials:
    return source_credentials.from_profile(files, name, prompter, **options)  # type: ignore[arg-type]  # timeout_s only


def program(tmp_path: Path, body: str) -> str:
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent(body))
    return f"{sys.executable} -I {path}"


def printing(tmp_path: Path, document: object) -> str:
    return program(tmp_path, f"print({json.dumps(json.dumps(document))})")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSts]:
    with FakeSts() as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", fake.url)
        yield fake


@pytest.mark.parametrize("file", ["config", "credentials"])
def test_static_keys_of_either_file(tmp_path: Path, file: str) -> None:
    header = "[profile acc]" if file == "config" else "[acc]"
    text = f"{header}\n{STATIC}aws_account_id = 111111111111\n"
    files = shared(tmp_path, config=text) if file == "config" else shared(tmp_path, credentials=text)
    found = from_profile(files, "acc")
    assert (found.access_key_id, found.secret_access_key) == ("AKIASTATIC", SECRET)
    assert found.session_token is None
    assert found.expiration is None
    assert found.account_id == "111111111111"


def test_credentials_file_wins_over_a_process(tmp_path: Path) -> None:
    config = f"[profile acc]\ncredential_process = {printing(tmp_path, {'Version': 1, **KEYS})}\n"
    assert from_profile(shared(tmp_path, config, f"[acc]\n{STATIC}"), "acc").access_key_id == "AKIASTATIC"


def test_process_wins_over_the_config_file(tmp_path: Path) -> None:
    config = f"[profile acc]\n{STATIC}credential_process = {printing(tmp_path, {'Version': 1, **KEYS})}\n"
    assert from_profile(shared(tmp_path, config), "acc").access_key_id == "AKIAPROCESS"


def test_environment_names_neither_profile_nor_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.setenv(name, "other")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", canary.secret_key("other"))
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::333333333333:role/other")
    files = shared(tmp_path, credentials=f"[default]\n{STATIC}[other]\n{STATIC.replace('STATIC', 'OTHER')}")
    assert from_profile(files, "default").access_key_id == "AKIASTATIC"


def test_process_expiry_is_known(tmp_path: Path) -> None:
    document = {"Version": 1, **KEYS, "Expiration": "2099-01-01T00:00:00Z", "AccountId": "111111111111"}
    config = f"[profile acc]\ncredential_process = {printing(tmp_path, document)}\n"
    found = from_profile(shared(tmp_path, config), "acc")
    assert found.expiration == 4070908800
    assert found.session_token == TOKEN
    assert found.account_id == "111111111111"


def test_process_gets_the_recursion_guard_and_an_empty_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDHELPER_CHAIN", "prod-s3")
    body = f"""
        import json, os, sys
        assert os.environ["CREDHELPER_CHAIN"] == "prod-s3"
        assert sys.stdin.read() == ""
        print(json.dumps({{"Version": 1, **{KEYS!r}}}))
    """
    config = f"[profile acc]\ncredential_process = {program(tmp_path, body)}\n"
    reader, writer = os.pipe()
    saved = os.dup(0)
    os.dup2(reader, 0)
    try:
        assert from_profile(shared(tmp_path, config), "acc").access_key_id == "AKIAPROCESS"
    finally:
        os.dup2(saved, 0)
        for fd in (saved, reader, writer):
            os.close(fd)


def test_process_that_fails_is_quoted_in_one_harmless_line(tmp_path: Path) -> None:
    body = f"import sys; sys.exit('\\x1b[31mno luck\\r\\n SecretAccessKey: {SECRET}.')"
    config = f"[profile acc]\ncredential_process = {program(tmp_path, body)}\n"
    with pytest.raises(MachineError) as caught:
        from_profile(shared(tmp_path, config), "acc")
    assert "the credential_process of profile acc failed: [31mno luck SecretAccessKey: ***" in caught.value.message
    assert caught.value.message.isprintable()
    assert SECRET not in str(caught.value)


def test_process_that_hangs_is_killed(tmp_path: Path) -> None:
    body = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    config = f"[profile acc]\ncredential_process = {program(tmp_path, body)}\n"
    started = time.monotonic()
    with pytest.raises(UnreachableError, match="did not end in time"):
        from_profile(shared(tmp_path, config), "acc", timeout_s=1.0)
    assert time.monotonic() - started < 5
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("/nonexistent/program", MachineError, "/nonexistent/program: no such file"),
        ("'open quote", InputError, "malformed"),
        ("", InputError, "malformed"),
    ],
)
def test_process_that_cannot_start_is_explained(
    tmp_path: Path, line: str, kind: type[CredhelperError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        from_profile(shared(tmp_path, f"[profile acc]\ncredential_process = {line}\n"), "acc")


@pytest.mark.parametrize(
    ("document", "kind", "words"),
    [
        ({"Version": 2, **KEYS}, MachineError, "failed"),
        ({"Version": 1, "AccessKeyId": "AKIA"}, MachineError, "SecretAccessKey"),
        ({"Version": 1, **KEYS, "Expiration": "2000-01-01T00:00:00Z"}, AwsError, "already expired"),
        ({"Version": 1, **KEYS, "Expiration": "2099-01-01T00:00:00"}, InputError, "malformed"),
        ([SECRET], CredhelperError, "acc"),
        (SECRET, CredhelperError, "acc"),
    ],
)
def test_process_output_that_is_no_document_is_not_shown(
    tmp_path: Path, document: object, kind: type[CredhelperError], words: str
) -> None:
    config = f"[profile acc]\ncredential_process = {printing(tmp_path, document)}\n"
    with pytest.raises(kind, match=words) as caught:
        from_profile(shared(tmp_path, config), "acc")
    assert SECRET not in str(caught.value)


def test_output_that_is_not_json_is_not_shown(tmp_path: Path) -> None:
    config = f"[profile acc]\ncredential_process = {program(tmp_path, f'print({SECRET!r})')}\n"
    with pytest.raises(InputError, match="malformed") as caught:
        from_profile(shared(tmp_path, config), "acc")
    assert caught.value.__suppress_context__
    assert caught.value.__cause__ is None


def test_profile_that_does_not_exist_says_where_we_looked(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        from_profile(shared(tmp_path), "acc")
    for path in ("config", "credentials"):
        assert str(tmp_path / path) in caught.value.message
    assert caught.value.hint == "see them: credhelper profile list"


def test_profile_without_credentials_does_not_fall_through_to_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1/")
    with pytest.raises(
        InputError, match=r"has no credentials: no keys, role_arn, .* in the config or credentials file"
    ):
        from_profile(shared(tmp_path, "[default]\nregion = us-east-1\n"), "default")


def test_half_a_key_pair_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="aws_secret_access_key is missing"):
        from_profile(shared(tmp_path, credentials="[acc]\naws_access_key_id = AKIA\n"), "acc")


@pytest.mark.parametrize("secret", [f"{SECRET[:20]} {SECRET[20:]}", f"{SECRET}\n  x", f"\u201c{SECRET}"])
def test_stray_character_in_a_key_is_reported_without_the_key(tmp_path: Path, secret: str) -> None:
    files = shared(tmp_path, credentials=f"[acc]\naws_access_key_id = AKIA\naws_secret_access_key = {secret}\n")
    with pytest.raises(InputError, match="the secret access key of acc holds a space, a line break") as caught:
        from_profile(files, "acc")
    assert "CANARY" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("key", ["aws_access_key_id", "aws_secret_access_key"])
def test_empty_key_is_reported(tmp_path: Path, key: str) -> None:
    text = "".join(line if not line.startswith(key) else f"{key} =\n" for line in STATIC.splitlines(keepends=True))
    with pytest.raises(InputError, match="is empty"):
        from_profile(shared(tmp_path, credentials=f"[acc]\n{text}"), "acc")


ROLE = (
    "[profile role]\nrole_arn = arn:aws:iam::333333333333:role/hop\nsource_profile = acc\nrole_session_name = david\n"
)


def test_native_role_as_a_source(tmp_path: Path, server: FakeSts) -> None:
    files = shared(tmp_path, f"{ROLE}region = eu-west-1\n", f"[acc]\n{STATIC}")
    found = from_profile(files, "role")
    assert found.access_key_id == "ASIAFAKE00000001"
    assert found.expiration is not None
    assert found.expiration > time.time()
    assert server.requests[0]["RoleArn"] == "arn:aws:iam::333333333333:role/hop"


def test_native_role_with_mfa_asks_the_prompter(tmp_path: Path, server: FakeSts) -> None:
    config = f"{ROLE}region = eu-west-1\nmfa_serial = arn:aws:iam::111111111111:mfa/David\n"
    asked: list[str] = []

    def prompter(device: str, question: str) -> str:
        asked.extend((device, question))
        return "123456"

    from_profile(shared(tmp_path, config, f"[acc]\n{STATIC}"), "role", prompter)
    assert asked == ["arn:aws:iam::111111111111:mfa/David", "Enter MFA code for arn:aws:iam::111111111111:mfa/David: "]
    assert server.requests[0]["TokenCode"] == "123456"


def test_cancelled_mfa_prompt_of_a_native_role_stays_what_it_is(tmp_path: Path, server: FakeSts) -> None:
    def prompter(_device: str, _question: str) -> str:
        raise MfaError("cancelled")

    config = f"{ROLE}region = eu-west-1\nmfa_serial = arn:aws:iam::111111111111:mfa/David\n"
    with pytest.raises(MfaError, match="cancelled"):
        from_profile(shared(tmp_path, config, f"[acc]\n{STATIC}"), "role", prompter)
    assert server.count() == 0


def test_native_role_that_is_denied_is_an_aws_error(tmp_path: Path, server: FakeSts) -> None:
    server.behaviour = Behaviour(error=(403, "AccessDenied", "no way."))
    with pytest.raises(AwsError, match="refused AssumeRole for the credentials of role: AccessDenied: no way"):
        from_profile(shared(tmp_path, f"{ROLE}region = eu-west-1\n", f"[acc]\n{STATIC}"), "role")


def test_native_role_is_not_asked_for_over_plain_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://192.0.2.1")
    with pytest.raises(InputError, match="neither https nor a loopback"):
        from_profile(shared(tmp_path, f"{ROLE}region = eu-west-1\n", f"[acc]\n{STATIC}"), "role")


def test_loop_of_native_roles_is_refused(tmp_path: Path) -> None:
    config = f"{ROLE}[profile acc]\nrole_arn = arn:aws:iam::333333333333:role/b\nsource_profile = role\n"
    with pytest.raises(InputError, match="Infinite loop"):
        from_profile(shared(tmp_path, config), "role")


def test_web_identity_as_a_source(tmp_path: Path, server: FakeSts) -> None:
    (tmp_path / "token").write_text(WEB_TOKEN)
    config = (
        "[profile web]\nrole_arn = arn:aws:iam::333333333333:role/web\nregion = eu-west-1\n"
        f"web_identity_token_file = {tmp_path / 'token'}\nendpoint_url = {server.url}\n"
    )
    assert from_profile(shared(tmp_path, config), "web").access_key_id.startswith("ASIAFAKE")
    assert server.requests[0]["WebIdentityToken"] == WEB_TOKEN


def test_missing_web_identity_token_names_the_file(tmp_path: Path, server: FakeSts) -> None:
    config = "[profile web]\nrole_arn = arn:aws:iam::333333333333:role/web\nweb_identity_token_file = /nonexistent\n"
    with pytest.raises(MachineError, match="need /nonexistent: no such file"):
        from_profile(shared(tmp_path, config), "web")


SSO = (
    "[profile sso]\nsso_session = s\nsso_account_id = 111111111111\nsso_role_name = dev\n"
    "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n"
)
LEGACY_SSO = (
    "[profile sso]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n"
    "sso_account_id = 111111111111\nsso_role_name = dev\n"
)


@pytest.mark.parametrize("config", [SSO, LEGACY_SSO])
def test_sso_without_a_login_names_the_command(tmp_path: Path, config: str) -> None:
    """In a process of its own: botocore fixes the place of the token cache, below HOME, when it is imported."""
    shared(tmp_path, config)
    code = (
        "import sys\n"
        "from credhelper.aws import source_credentials\n"
        "from credhelper.aws.shared_config import SharedConfig\n"
        "from credhelper.errors import AwsError\n"
        "try:\n    source_credentials.from_profile(SharedConfig(*sys.argv[1:]), 'sso', lambda *_: '')\n"
        "except AwsError as error:\n    print(error.hint)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "config"), str(tmp_path / "credentials")],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout == "aws sso login --profile sso\n"


def test_sso_session_that_does_not_exist_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        from_profile(shared(tmp_path, SSO.replace("[sso-session s]", "[sso-session t]")), "sso")


@pytest.mark.skipif(not hasattr(botocore.credentials, "LoginProvider"), reason="a botocore without `aws login`")
@pytest.mark.parametrize("link", ["the profile", "below a native role"])
def test_token_of_a_login_that_was_used_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: FakeSts, link: str
) -> None:
    # Only a refresh needs the elliptic curves that botocore[crt] has.
    monkeypatch.setattr(botocore.credentials, "EC", object())
    monkeypatch.setenv("AWS_LOGIN_CACHE_DIRECTORY", str(tmp_path))
    session = "arn:aws:iam::111111111111:user/David"
    path = tmp_path / f"{hashlib.sha256(session.encode()).hexdigest()}.json"
    keys = {"accessKeyId": "ASIALOGIN", "secretAccessKey": SECRET, "sessionToken": TOKEN}
    access = {**keys, "accountId": "111111111111", "expiresAt": "2099-01-01T00:00:00Z"}
    path.write_text(json.dumps({"accessToken": access, "refreshToken": "r", "dpopKey": "k", "clientId": "c"}))
    noted: dict[str, bytes] = {}
    name = "login" if link == "the profile" else "hop"
    source_credentials.from_profile(
        shared(
            tmp_path,
            f"[profile login]\nlogin_session = {session}\nregion = us-east-1\n[profile hop]\n"
            "role_arn = arn:aws:iam::111111111111:role/hop\nsource_profile = login\nregion = us-east-1\n",
        ),
        name,
        no_code,
        note_token=lambda called, content, _before: noted.update({called: content}),
    )
    assert {called: json.loads(content) for called, content in noted.items()} == {
        path.name: json.loads(path.read_bytes())
    }


def test_environment_as_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", "2099-01-01T00:00:00Z")
    found = source_credentials.from_credential_source("Environment", shared(tmp_path))
    assert found.access_key_id == "AKIAENVIRONMENT"
    assert found.expiration == 4070908800


@pytest.mark.parametrize(
    ("kind", "words"),
    [("Environment", "AWS_ACCESS_KEY_ID is not set"), ("EcsContainer", "_FULL_URI are not set")],
)
def test_credential_source_that_has_none_says_where_we_looked(tmp_path: Path, kind: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        source_credentials.from_credential_source(kind, shared(tmp_path))


def test_unknown_credential_source_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Environment, Ec2InstanceMetadata, EcsContainer"):
        source_credentials.from_credential_source("environment", shared(tmp_path))


@contextmanager
def metadata(document: dict[str, str], status: int = 200) -> Iterator[str]:
    class Handler(QuietHandler):
        def do_GET(self) -> None:
            is_listing = self.path.endswith("/security-credentials/")
            self.answer(status, b"instance-role" if is_listing else json.dumps(document).encode())

        def do_PUT(self) -> None:
            self.do_GET()

    with LoopbackServer(Handler) as server:
        yield server.url


HANDED_OUT = {
    "Code": "Success",
    "AccessKeyId": "ASIAMACHINE",
    "SecretAccessKey": SECRET,
    "Token": TOKEN,
    "Expiration": "2099-01-01T00:00:00Z",
}


def test_container_as_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with metadata(HANDED_OUT) as url:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{url}/creds")
        found = source_credentials.from_credential_source("EcsContainer", shared(tmp_path))
    assert (found.access_key_id, found.expiration) == ("ASIAMACHINE", 4070908800)


CONTAINER = "AWS_CONTAINER_CREDENTIALS_"


@pytest.mark.parametrize(
    ("name", "uri", "host"),
    [
        (f"{CONTAINER}FULL_URI", "https://collector.example/x", "collector.example"),
        (f"{CONTAINER}FULL_URI", "http://10.0.0.5/x", "10.0.0.5"),
        (f"{CONTAINER}FULL_URI", "https://169.254.169.254/x", "169.254.169.254"),
        (f"{CONTAINER}FULL_URI", "x", "of no plain URL"),
        (f"{CONTAINER}RELATIVE_URI", "@collector.example/x", "collector.example"),
    ],
)
def test_token_of_a_container_is_not_sent_where_a_variable_points(
    name: str, uri: str, host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", lambda _self, request: sent.append(request.url))
    monkeypatch.setenv(name, uri)
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", TOKEN)
    role = "arn:aws:iam::333333333333:role/hop"
    files = shared(tmp_path, f"[profile hop]\nrole_arn = {role}\ncredential_source = EcsContainer\n")
    for load in (
        partial(from_profile, files, "hop"),
        partial(source_credentials.from_credential_source, "EcsContainer", files),
    ):
        with pytest.raises(InputError, match=f"{name} would send .* to the host {re.escape(host)}: ") as caught:
            load()
        assert caught.value.hint == f"use one of these, or: unset {name}"
    assert sent == []


def test_instance_as_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with metadata(HANDED_OUT) as url:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
        found = source_credentials.from_credential_source("Ec2InstanceMetadata", shared(tmp_path))
    assert (found.access_key_id, found.session_token) == ("ASIAMACHINE", TOKEN)


def test_container_that_fails_is_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
    with metadata({}, status=500) as url:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{url}/creds")
        with pytest.raises(UnreachableError, match="EcsContainer"):
            source_credentials.from_credential_source("EcsContainer", shared(tmp_path))


def test_role_profile_is_loaded_from_the_source_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    files = shared(tmp_path, credentials=f"[acc]\n{STATIC}")
    role_arn = "arn:aws:iam::333333333333:role/hop"
    by_profile = RoleProfile(name="prod", role_arn=role_arn, source_profile="acc")
    by_source = RoleProfile(name="prod", role_arn=role_arn, credential_source="Environment")
    assert source_credentials.load(by_profile, files, no_code).access_key_id == "AKIASTATIC"
    assert source_credentials.load(by_source, files, no_code).access_key_id == "AKIAENVIRONMENT"


def test_missing_source_names_the_profile_that_needs_it(tmp_path: Path) -> None:
    files = shared(tmp_path, credentials=f"[acc]\n{STATIC}")
    profile = RoleProfile(name="prod", role_arn="arn:aws:iam::333333333333:role/hop", source_profile="acd")
    with pytest.raises(InputError, match=r"there is no profile acd in /.*profile prod has it as its source") as caught:
        source_credentials.load(profile, files, no_code)
    assert caught.value.hint == "did you mean acc? take it: credhelper profile set prod --source-profile acc"


def test_code_that_was_not_given_names_the_profile_that_asked(tmp_path: Path) -> None:
    def cancelled(_device: str, _question: str) -> str:
        raise MfaError("cancelled", hint=f"try again: credhelper login {PROFILE}")

    config = f"{ROLE}region = eu-west-1\nmfa_serial = arn:aws:iam::111111111111:mfa/David\n"
    files = shared(tmp_path, config, f"[acc]\n{STATIC}")
    profile = RoleProfile(name="prod", role_arn="arn:aws:iam::333333333333:role/hop", source_profile="role")
    with pytest.raises(MfaError) as caught:
        source_credentials.load(profile, files, cancelled)
    assert caught.value.hint == "try again: credhelper login prod"


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
def test_instance_metadata_is_never_asked_through_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://proxy.example:3128")
    providers = source_credentials._named_providers(shared(tmp_path).session(None))
    fetchers = [found._role_fetcher for found in providers if hasattr(found, "_role_fetcher")]
    assert fetchers
    assert all(fetcher._session._session._proxy_config._proxies == {} for fetcher in fetchers)
