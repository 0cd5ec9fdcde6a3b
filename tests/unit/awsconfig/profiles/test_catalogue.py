"""Both files as botocore merges them: whose key is taken, where it is, and whose role leads where."""

import pytest

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.profiles import principal
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.awsconfig.profiles.source_chain import leads_back_to

KEYS = "aws_access_key_id = AKIACANARY\naws_secret_access_key = made-up\n"
ROLE = "role_arn = arn:aws:iam::222222222222:role/x\nsource_profile = "
OURS = "credential_process = /opt/credhelper get p\ncredhelper_role_arn = x\ncredhelper_source_profile = q\n"


def catalogue(config: str, credentials: str = "") -> Catalogue:
    return Catalogue(Document.parse(config.encode()), Document.parse(credentials.encode()), paths=("/c", "/k"))


@pytest.mark.parametrize(
    ("config", "credentials", "kind", "place"),
    [
        (f"[profile p]\n{ROLE}q\n", f"[p]\n{KEYS}", "role", "line 2 of /c"),
        (f"[profile p]\n{ROLE}q\nweb_identity_token_file = /t\n", f"[p]\n{KEYS}", "web-identity", "line 4 of /c"),
        ("[profile p]\nsso_account_id = 1\n", f"[p]\n{KEYS}", "sso", "line 2 of /c"),
        ("[profile p]\nlogin_session = 1\n", f"[p]\n{KEYS}", "static", "line 2 of /k"),
        (f"[profile p]\n{OURS}", f"[p]\n{KEYS}", "static", "line 2 of /k"),
        (f"[profile p]\n{OURS}login_session = 1\n", "", "login", "line 5 of /c"),
        (f"[profile p]\n{OURS}{KEYS}", "", "credhelper", "line 2 of /c"),
        ("[profile p]\ncredential_process = /x\n", "", "process", "line 2 of /c"),
        (f"[profile p]\n{OURS}", "[p]\ncredential_process = /x\n", "process", "line 2 of /k"),
        (f"[profile p]\n{KEYS}", "[p]\nregion = x\n", "static", "line 2 of /c"),
    ],
)
def test_first_of_botocore_s_providers_is_taken(config: str, credentials: str, kind: str, place: str) -> None:
    found = catalogue(config, credentials)
    taken, key = found.taken("p")
    assert (taken, str(found.place_of("p", key))) == (kind, place)


def test_section_of_the_credentials_file_has_no_prefix() -> None:
    found = catalogue("[profile p]\nregion = x\n", f"[profile p]\n{KEYS}[ default ]\n{KEYS}")
    assert list(found) == ["p", "profile p", " default "]
    assert found.taken("p") == ("settings", "")


@pytest.mark.parametrize(
    ("config", "credentials", "loop"),
    [
        (f"[profile a]\n{ROLE}b\n[profile b]\n{ROLE}a\n", "", ["a", "b", "a"]),
        (f"[profile a]\n{ROLE}b\n[profile b]\n{ROLE}b\n", "", ["b", "b"]),
        (f"[profile a]\n{ROLE}a\n", "", ["a", "a"]),
        (f"[profile a]\n{ROLE}a\n", f"[a]\n{KEYS}", []),
        (f"[profile a]\n{ROLE}b\n[profile b]\n{ROLE}a\n", f"[b]\n{KEYS}", []),
        (f"[profile a]\n{ROLE}b\n[profile b]\n{ROLE}a\nweb_identity_token_file = /t\n", "", []),
        ("[profile a]\ncredhelper_role_arn = x\ncredhelper_source_profile = a\n", f"[a]\n{KEYS}", ["a", "a"]),
    ],
)
def test_loop_ends_where_keys_or_a_token_are(config: str, credentials: str, loop: list[str]) -> None:
    assert principal.loop_of("a", catalogue(config, credentials)) == loop


def test_token_leads_no_further() -> None:
    role = {"role_arn": "x", "source_profile": "a"}
    assert leads_back_to("b", ["a"], {"b": role}) == "a"
    assert leads_back_to("b", ["a"], {"b": {**role, "web_identity_token_file": "/t"}}) is None


def test_edit_is_read_again_where_it_was_made() -> None:
    before = catalogue(f"[profile p]\n{ROLE}default\n[default]\n{KEYS}")
    assert before["p"]["source_profile"] == "default"
    after = before.with_config(before.config.set("p", {"source_profile": "other"}))
    assert after["p"]["source_profile"] == "other"
    assert principal.changed(before, after, {}) == ["p"]
