"""The federation endpoint: keys in a body, to one host, and one clear line for whatever else comes back."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from credhelper.aws import federation
from credhelper.aws.federation import RefusedError, Signin
from credhelper.aws.shared_config import SharedConfig
from credhelper.errors import CredhelperError, InputError, UnreachableError
from credhelper.model.credentials import Credentials
from fakes import canary
from fakes.aws_names import AwsNames
from fakes.signin import TOKEN, FakeSignin

SESSION = Credentials("ASIASIGNIN", canary.secret_key("console"), canary.session_token("console"))
OWN = "https://signin.aws.amazon.com"


@pytest.fixture
def signin() -> Iterator[FakeSignin]:
    with FakeSignin() as server:
        yield server


def shared(directory: Path, text: str) -> SharedConfig:
    config = directory / "aws-config"
    config.write_text(text)
    return SharedConfig(str(config), str(directory / "none"))


def client(signin: FakeSignin, directory: Path) -> Signin:
    return Signin(signin.url, "p", shared(directory, "[profile p]\nregion = us-east-1\n"))


def test_keys_are_in_the_body_and_a_duration_only_where_it_is_given(signin: FakeSignin, tmp_path: Path) -> None:
    assert client(signin, tmp_path).token(SESSION) == TOKEN
    assert client(signin, tmp_path).token(SESSION, duration_s=7200) == TOKEN
    (method, plain), (_, timed) = signin.asked
    assert (method, plain["Action"]) == ("POST", "getSigninToken")
    assert json.loads(plain["Session"]) == {
        "sessionId": SESSION.access_key_id,
        "sessionKey": SESSION.secret_access_key,
        "sessionToken": SESSION.session_token,
    }
    assert "SessionDuration" not in plain
    assert timed["SessionDuration"] == "7200"
    assert signin.lines == ["/federation"] * 2


@pytest.mark.parametrize("status", [400, 404, 405, 411, 415, 501])
def test_query_is_tried_where_no_form_is_taken(signin: FakeSignin, tmp_path: Path, status: int) -> None:
    signin.refuses = {"POST": status}
    assert client(signin, tmp_path).token(SESSION) == TOKEN
    assert [method for method, _ in signin.asked] == [*["POST"] * (2 if status >= 500 else 1), "GET"]
    assert len({tuple(form.items()) for _, form in signin.asked}) == 1


def test_query_is_not_tried_where_a_proxy_could_write_it_down(
    signin: FakeSignin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with AwsNames(signin.url, tmp_path) as aws:
        monkeypatch.setenv("HTTPS_PROXY", aws.proxy_url)
        made = Signin(OWN, "p", shared(tmp_path, f"[profile p]\nca_bundle = {aws.ca_bundle}\n"))
        assert made.token(SESSION) == TOKEN
        assert aws.hosts == ["signin.aws.amazon.com"]
        signin.refuses = {"POST": 405}
        told = failure(made)
        assert "takes no form (405)" in told.message
        assert "set NO_PROXY=signin.aws.amazon.com and try again" in told.hint
        signin.refuses = {"POST": 400}
        assert isinstance(failure(made), RefusedError)
    assert [method for method, _ in signin.asked] == ["POST"] * 3
    assert signin.lines == ["/federation"] * 3


def test_certificate_that_is_not_trusted_gets_no_keys(
    signin: FakeSignin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with AwsNames(signin.url, tmp_path) as aws:
        monkeypatch.setenv("HTTPS_PROXY", aws.proxy_url)
        told = failure(Signin(OWN, "p", shared(tmp_path, "[profile p]\n")))
        assert "the certificate of signin.aws.amazon.com is not trusted" in told.message
        monkeypatch.setenv("AWS_CA_BUNDLE", str(aws.ca_bundle))
        told = failure(Signin(OWN, "p", shared(tmp_path, "[profile p]\n")))
        assert "that only the environment names" in told.message
    assert signin.asked == []


def failure(made: Signin) -> CredhelperError:
    with pytest.raises(CredhelperError) as caught:
        made.token(SESSION)
    assert not canary.find(caught.value.shown().encode())
    assert not canary.find(repr(caught.value.__context__).encode())
    assert caught.value.shown().count("\n") == 2 or isinstance(caught.value, RefusedError)
    return caught.value


@pytest.mark.parametrize("status", [400, 401, 403])
def test_refusal_is_aws_saying_no(signin: FakeSignin, tmp_path: Path, status: int) -> None:
    signin.status, signin.body = status, b"<html>" + TOKEN.encode()
    assert isinstance(failure(client(signin, tmp_path)), RefusedError)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>login page of the hotel</html>",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"SigninToken": null}',
        b'{"SigninToken": ""}',
        b'{"SigninToken": ["x"]}',
        b'{"SigninToken": "a b"}',
        b'{"SigninToken": "a\\r\\nSet-Cookie: x"}',
        b'{"SigninToken": "\\u00e9"}',
        b'{"SigninToken": "' + b"x" * 16385 + b'"}',
        b"[" * 100000,
        b"\xff\xfe\x00",
    ],
    ids=range(15),
)
def test_answer_without_a_token_is_not_the_sign_in(signin: FakeSignin, tmp_path: Path, body: bytes) -> None:
    signin.body = body
    told = failure(client(signin, tmp_path))
    assert isinstance(told, UnreachableError)
    assert "is not the sign-in of AWS's console: there is no token in its answer" in told.message


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("endless", "the answer does not end"),
        ("redirect", "it sends the request elsewhere (307), and credentials go to one host only"),
        ("close", "the connection to 127.0.0.1"),
    ],
)
def test_server_that_is_not_aws_is_one_line(signin: FakeSignin, tmp_path: Path, way: str, said: str) -> None:
    signin.way = way
    told = failure(client(signin, tmp_path))
    assert isinstance(told, UnreachableError)
    assert said in told.message
    assert [method for method, _ in signin.asked] == ["POST"]


def test_silence_ends(signin: FakeSignin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(federation, "READ_TIMEOUT_S", 0.3)
    signin.way = "silent"
    began_s = time.monotonic()
    assert "did not answer in time" in failure(client(signin, tmp_path)).message
    assert time.monotonic() - began_s < 5


@pytest.mark.parametrize("status", [402, 404, 405, 418, 451])
def test_other_answer_is_not_the_sign_in(signin: FakeSignin, tmp_path: Path, status: int) -> None:
    signin.status = status
    assert f"it answers with {status}" in failure(client(signin, tmp_path)).message


@pytest.mark.parametrize("status", [429, 500, 503])
def test_outage_is_tried_again_later(signin: FakeSignin, tmp_path: Path, status: int) -> None:
    signin.status = status
    told = failure(client(signin, tmp_path))
    assert isinstance(told, UnreachableError)
    assert len(signin.asked) == (1 if status == 429 else 2)


def test_nothing_listening_is_one_line(tmp_path: Path) -> None:
    made = Signin("http://127.0.0.1:9", "p", shared(tmp_path, "[profile p]\n"))
    assert isinstance(failure(made), UnreachableError)


@pytest.mark.parametrize(
    "variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SIGNIN", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_FEDERATION"]
)
def test_no_variable_points_the_keys_elsewhere(tmp_path: Path, variable: str) -> None:
    files = shared(tmp_path, "[profile p]\n")
    for url in ("https://evil.example", "http://127.0.0.1:1", "https://signin.aws.amazon.com.evil.example"):
        assert federation.endpoint_of(files, "p", OWN, {variable: url}) == OWN


def test_config_file_may_name_another(tmp_path: Path) -> None:
    files = shared(
        tmp_path,
        "[profile p]\nservices = s\n[services s]\nsignin =\n  endpoint_url = http://localhost:4566/\n"
        "[profile all]\nendpoint_url = https://aws.corp.example\n[profile bad]\nendpoint_url = http://evil.example\n"
        "[profile off]\nendpoint_url = https://aws.corp.example\nignore_configured_endpoint_urls = true\n",
    )
    assert federation.endpoint_of(files, "p", OWN, {}) == "http://localhost:4566"
    assert federation.endpoint_of(files, "all", OWN, {}) == "https://aws.corp.example"
    assert federation.endpoint_of(files, "off", OWN, {}) == OWN
    assert federation.endpoint_of(files, "none", OWN, {}) == OWN
    with pytest.raises(InputError, match="neither https nor a loopback address"):
        federation.endpoint_of(files, "bad", OWN, {})
