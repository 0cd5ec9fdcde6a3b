"""Where credentials come from, link by link: each kind, its deciding line, and no secret."""

import pytest

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.links import Link, links
from fakes import canary

ROLE = "arn:aws:iam::222222222222:role/read"
LINE = "/usr/bin/credhelper get {}"
OURS = f"credhelper_role_arn = {ROLE}\ncredhelper_source_profile = {{}}\n"
CONFIG = f"""\
[profile ours]
credential_process = {LINE.format("ours")}
{OURS.format("default")}[profile behind]
credential_process = {LINE.format("behind")}
{OURS.format("ours")}[profile native]
role_arn = {ROLE}
source_profile = default
[profile with-keys]
role_arn = {ROLE}
source_profile = with-keys
[profile over-keys]
role_arn = {ROLE}
source_profile = with-keys
[profile of-container]
role_arn = {ROLE}
credential_source = EcsContainer
[profile asks]
credential_process = {LINE.format("ours")}
[profile vault]
credential_process = /opt/vault export --token {canary.secret_key("argument")}
[profile open]
credential_process = /opt/vault 'export
[profile sso]
sso_session = corp
sso_account_id = 333333333333
sso_role_name = Reader
[profile web]
web_identity_token_file = /token
role_arn = {ROLE}
[profile login]
login_session = arn:aws:iam::111111111111:user/David
[profile region]
region = us-east-1
[profile lost]
role_arn = {ROLE}
source_profile = nowhere
[profile a]
role_arn = {ROLE}
source_profile = b
[profile b]
role_arn = {ROLE}
source_profile = a
[profile shadowed]
credential_process = {LINE.format("shadowed")}
{OURS.format("default")}"""
CREDENTIALS = "".join(
    f"[{name}]\naws_access_key_id = AKIAEXAMPLE{end}\naws_secret_access_key = {canary.secret_key(name)}\n"
    for name, end in (("default", "7Q2A"), ("with-keys", "8R3B"), ("shadowed", "9S4C"))
)
CATALOGUE = Catalogue(Document.parse(CONFIG.encode()), Document.parse(CREDENTIALS.encode()))
DEFAULT = ("default", "static", "aws_access_key_id", "key …7Q2A")
KEYS = ("with-keys", "static", "aws_access_key_id", "key …8R3B")
ROLE_OF = ("role", "role_arn", ROLE)
OURS_LINK = ("ours", "credhelper", "credhelper_role_arn", ROLE)
CASES: dict[str, list[tuple[str, str, str, str]]] = {
    "default": [DEFAULT],
    "ours": [OURS_LINK, DEFAULT],
    "behind": [("behind", "credhelper", "credhelper_role_arn", ROLE), OURS_LINK, DEFAULT],
    "native": [("native", *ROLE_OF), DEFAULT],
    "with-keys": [("with-keys", *ROLE_OF), KEYS],
    "over-keys": [("over-keys", *ROLE_OF), KEYS],
    "of-container": [("of-container", *ROLE_OF), ("EcsContainer", "credential-source", "credential_source", "")],
    "asks": [("asks", "process", "credential_process", "/usr/bin/credhelper"), OURS_LINK, DEFAULT],
    "vault": [("vault", "process", "credential_process", "/opt/vault")],
    "open": [("open", "process", "credential_process", "")],
    "sso": [("sso", "sso", "sso_account_id", "Reader of account 333333333333, by corp")],
    "web": [("web", "web-identity", "web_identity_token_file", ROLE)],
    "login": [("login", "login", "login_session", "arn:aws:iam::111111111111:user/David")],
    "region": [("region", "settings", "", "")],
    "lost": [("lost", *ROLE_OF), ("nowhere", "missing", "", "")],
    "a": [("a", *ROLE_OF), ("b", *ROLE_OF), ("a", *ROLE_OF)],
    "shadowed": [("shadowed", "static", "aws_access_key_id", "key …9S4C")],
}


def line_of(link: Link) -> str:
    """Return the text of the line that a link names."""
    assert link.place is not None
    text = CREDENTIALS if link.place.file == "credentials" else CONFIG
    return text.splitlines()[link.place.line - 1]


@pytest.mark.parametrize("profile", CASES)
def test_each_link_has_its_kind_its_line_and_no_secret(profile: str) -> None:
    found = links(profile, CATALOGUE)
    assert [(one.name, one.kind, one.key, one.detail) for one in found] == CASES[profile]
    for one in found:
        if one.kind != "missing":
            assert line_of(one).startswith(one.key or f"[profile {one.name}]")
    assert not canary.find(repr(found).encode())


def test_every_profile_is_a_case() -> None:
    assert set(CATALOGUE) - {"b"} == set(CASES)
