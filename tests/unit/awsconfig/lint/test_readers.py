"""Every mixture of credentials in a profile, as botocore reads it here and as Go was measured to read it."""

import json
from pathlib import Path

import botocore.credentials
import botocore.exceptions
import botocore.session
import botocore.tokens
import pytest

from credhelper.awsconfig.lint import readers
from credhelper.awsconfig.lint.both import catalogue_of, check
from credhelper.awsconfig.lint.rules import Rule, rule_of
from vectors import credential_kinds
from vectors.credential_kinds import CONFIG, CREDENTIALS, PARTS, ROLE_ARN, SSO, cases, files_of, name_of

MEASURED = json.loads(credential_kinds.FILE.read_text())
# Older releases of botocore know no login session.
HAS_LOGIN = hasattr(botocore.credentials, "LoginProvider")
CASES = {name_of(case): files_of(case) for case in cases() if HAS_LOGIN or "login" not in name_of(case)}
GO = {name: MEASURED[name] for name in CASES}
# What botocore's providers are called, and what they take.
METHODS = {
    "assume-role": "role",
    "assume-role-with-web-identity": "web-identity",
    "sso": "sso",
    "shared-credentials-file": "static",
    "config-file": "static",
    "custom-process": "process",
    "login": "login",
}
REJECTED = (
    botocore.exceptions.InvalidConfigError,
    botocore.exceptions.PartialCredentialsError,
    botocore.exceptions.InfiniteLoopConfigError,
)

ABSENT = (
    botocore.exceptions.CredentialRetrievalError,
    botocore.exceptions.MissingDependencyException,
)


class Started:
    """A program that has ended."""

    returncode = 0

    def __init__(self, *_arguments: object, **_options: object) -> None:
        pass

    def communicate(self) -> tuple[bytes, bytes]:
        return b'{"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "made-up"}', b""


def taken_by_botocore(profile: str = "p") -> str:
    """Return what botocore takes of a profile of this environment's files, `rejected` or `settings`."""
    session = botocore.session.Session(profile=profile, include_builtin_handlers=False)
    for provider in botocore.credentials.create_credential_resolver(session, region_name="us-east-1").providers:
        if isinstance(provider, botocore.credentials.ProcessProvider):
            provider._popen = Started
        if isinstance(provider, botocore.credentials.ContainerProvider):
            break  # from here on it is the machine's, not the profile's
        try:
            found = provider.load()
            if found is None:
                continue
            if METHODS[provider.METHOD] == "sso":
                # What it looks at when the credentials are asked for.
                botocore.tokens.SSOTokenProvider(session, profile_name=profile).load_token()
        except REJECTED:
            return "rejected"
        except ABSENT:
            pass  # what it takes is not here
        return METHODS[provider.METHOD]
    return "settings"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What botocore takes in each case."""
    found = {}
    place = tmp_path_factory.mktemp("aws")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(place))
        patch.setenv("AWS_CONFIG_FILE", str(place / "config"))
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(place / "credentials"))
        for name, (config, credentials) in CASES.items():
            (place / "config").write_text(config)
            (place / "credentials").write_text(credentials)
            found[name] = taken_by_botocore()
    return found


def findings(name: str) -> list[Rule]:
    config, credentials = CASES[name]
    return [rule_of(finding) for finding in check(config.encode(), credentials.encode())]


def test_each_mixture_was_measured() -> None:
    assert set(MEASURED) == {name_of(case) for case in cases()}
    assert {*MEASURED.values()} >= {"rejected", "role", "static", "sso", "process", "login", "web-identity"}


def test_what_each_takes_is_what_was_measured(measured: dict[str, str]) -> None:
    for name, (config, credentials) in CASES.items():
        catalogue = catalogue_of(config.encode(), credentials.encode())
        sessions = readers.sessions_of(catalogue)
        by_botocore, by_go = (read("p", catalogue, sessions) for read in (readers.botocore, readers.go))
        assert (name, "rejected" if by_botocore.fault else by_botocore.taken) == (name, measured[name])
        assert (name, "rejected" if by_go.fault else by_go.taken) == (name, GO[name])


def test_check_says_exactly_who_rejects_a_profile_and_who_takes_what(measured: dict[str, str]) -> None:
    for name in CASES:
        found = findings(name)
        rejecting = {sdk for rule in found if "reject" in rule.effect for sdk in rule.sdks}
        said = [sdk for sdk, taken in (("botocore", measured[name]), ("Go v2", GO[name])) if taken == "rejected"]
        assert (name, sorted(rejecting)) == (name, sorted(said))
        differs = not said and measured[name] != GO[name] and measured[name] != "settings"
        assert (name, bool(found)) == (name, bool(said) or differs)


def test_what_goes_before_credhelper_is_what_was_measured(measured: dict[str, str]) -> None:
    """A profile of credhelper's is one with a program: neither reads the keys that are credhelper's own."""
    own = f"credential_process = /opt/credhelper get p\ncredhelper_role_arn = {ROLE_ARN}\n"
    own += "credhelper_source_profile = default"
    seen = set()
    for name in [name for name in CASES if "process@C" in name.split()]:
        config, credentials = CASES[name]
        catalogue = catalogue_of(config.replace(PARTS["process"], own).encode(), credentials.encode())
        shadow = catalogue.shadow_of("p")
        found = "none" if shadow is None else "all" if shadow.is_for_all else "some"
        is_asked = [taken[name] == "process" for taken in (measured, GO)]
        assert (name, found) == (name, "none" if all(is_asked) else "some" if is_asked[0] else "all")
        seen.add(found)
    assert seen == {"none", "some", "all"}


def test_a_short_arn_is_one_that_botocore_does_not_send() -> None:
    """It says so when it asks, which is too late for the measurement."""
    for arn, is_rejected in (("", True), ("foo", True), ("arn:xxx:xxx:xxx:xxxx", False), (ROLE_ARN, False)):
        found = check(f"[profile p]\nrole_arn = {arn}\nsource_profile = default\n".encode(), CREDENTIALS.encode())
        assert ("role-arn" in {finding.name for finding in found}) == is_rejected, arn


@pytest.mark.parametrize(
    ("header", "name", "sdks"),
    [
        ("[sso-session my]", "my", ()),
        ("[sso-session  my]", "my", ()),
        ("[sso-session\tmy]", "my", ()),
        ('[sso-session "my own"]', "my own", ("Go v2",)),
        ("[sso-session my own]", "my own", ("botocore",)),
        ("[ sso-session my]", "my", ("botocore",)),
    ],
)
def test_session_is_found_by_the_names_that_each_finds_it_by(header: str, name: str, sdks: tuple[str, ...]) -> None:
    """Each was measured: botocore reads quotes, Go does not."""
    session = f"{header}\nsso_start_url = https://x\nsso_region = us-east-1\n"
    found = check(f"{session}[profile p]\nsso_session = {name}\n{SSO}\n".encode())
    assert [rule_of(one).sdks for one in found if one.name == "missing-sso-session"] == ([sdks] if sdks else [])


def test_session_in_the_credentials_file_is_one_for_go_only() -> None:
    found = check(f"[profile p]\nsso_session = s\n{SSO}\n".encode(), CONFIG.encode())
    assert [(one.name, one.is_in_credentials, rule_of(one).sdks) for one in found] == [
        ("missing-sso-session", False, ("botocore",))
    ]


@pytest.mark.parametrize(
    ("key", "text", "is_found"),
    [
        ("external_id", "", True), ("external_id", "a", True), ("external_id", "ab", False),
        ("role_session_name", "x", True), ("role_session_name", "xy", False),
        ("mfa_serial", "12345678", True), ("mfa_serial", "123456789", False),
        ("duration_seconds", "899", True), ("duration_seconds", "900", False), ("duration_seconds", "x", False),
    ],
)  # fmt: skip
def test_setting_that_botocore_does_not_send_is_found(
    key: str, text: str, *, is_found: bool, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = f"[profile p]\nrole_arn = {ROLE_ARN}\nsource_profile = default\nregion = us-east-1\n{key} = {text}\n"
    (place / "config").write_text(config)
    (place / "credentials").write_text(CREDENTIALS)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    session = botocore.session.Session(profile="p")
    session.get_component("credential_provider").get_provider("assume-role")._prompter = lambda _text: "123456"
    credentials = session.get_credentials()
    with pytest.raises(
        botocore.exceptions.ParamValidationError if is_found else botocore.exceptions.EndpointConnectionError
    ):
        credentials.get_frozen_credentials()
    found = [finding for finding in check(config.encode(), CREDENTIALS.encode()) if finding.name == "role-setting"]
    assert [finding.line for finding in found] == ([5] if is_found else [])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


@pytest.mark.parametrize(
    ("case", "name", "effect", "fix"),
    [
        ("role@C", "role-without-source",
         "botocore rejects the profile: its role has no source; Go assumes the role with its machine's role",
         "credhelper profile set p source_profile=default"),
        ("static@C role@C", "role-without-source",
         "its role has no source; Go assumes the role with its own keys",
         "credhelper profile set p source_profile=p"),
        ("role@C sso@C", "role-without-source",
         "Go assumes the role with its own single sign-on",
         "make two profiles of it, and p the source of the role"),
        ("environment@C", "source-without-role",
         "Go rejects the profile: it has a source and no role; botocore finds no credentials",
         "credhelper profile unset p credential_source"),
        ("static@C login@C", "keys-and-login",
         "Go signs with the keys, botocore takes the login session", "make two profiles of it"),
        ("session@C process@C", "credentials-differ",
         "Go takes the single sign-on, botocore starts the program", "make two profiles of it"),
        ("secret@C", "half-keys",
         "Go rejects the profile: one of its two keys is missing; botocore finds no credentials",
         "aws configure --profile p"),
        ("no-session@C", "missing-sso-session",
         "botocore and Go reject the profile: there is no sso-session", "aws configure sso-session"),
        ("half-sso@C", "sso-incomplete",
         "botocore rejects the profile: a part of its single sign-on is missing; Go takes",
         "aws configure sso --profile p"),
        ("other-region@C", "sso-conflict",
         "botocore and Go reject the profile: its sso-session says something else",
         "credhelper profile unset p sso_region"),
    ],
)  # fmt: skip
def test_effect_and_fix_fit_the_profile(case: str, name: str, effect: str, fix: str) -> None:
    if case not in CASES:
        pytest.skip("this release of botocore knows no login session")
    (rule,) = findings(case)
    assert rule.name == name
    assert effect in rule.effect
    assert rule.fix.startswith(fix)
