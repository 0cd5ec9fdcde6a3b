"""Which command renews the session of a source, by how the source gets it."""

from pathlib import Path

import pytest

from credhelper.aws.explain import origin
from credhelper.aws.shared_config import SharedConfig

KEYS = "aws_access_key_id = ASIACANARY\naws_secret_access_key = made-up\n"


@pytest.mark.parametrize(
    ("config", "credentials", "hint"),
    [
        ("", f"[x]\n{KEYS}aws_session_token = t\n", "${EDITOR:-vi} +2 CREDENTIALS"),
        (f"[profile x]\nregion = eu-west-1\n{KEYS}aws_session_token = t\n", "", "${EDITOR:-vi} +3 CONFIG"),
        ("", f"[x]\n{KEYS}", ""),
        ("[profile x]\nsso_session = s\n", "", "renew them: aws sso login --profile x"),
        ("[profile x]\nsso_start_url = https://a.awsapps.com/start\n", "", "renew them: aws sso login --profile x"),
        (
            "[profile x]\nlogin_session = arn:aws:iam::111111111111:user/David\n",
            "",
            "renew them: aws login --profile x",
        ),
        ("[profile x]\nrole_arn = arn:aws:iam::111111111111:role/x\nsource_profile = y\nsso_session = s\n", "", ""),
        ("[profile x]\ncredential_process = /bin/true\n", "", ""),
        ("", "", ""),
    ],
)
def test_session_is_renewed_where_it_comes_from(tmp_path: Path, config: str, credentials: str, hint: str) -> None:
    paths = {"CONFIG": tmp_path / "config", "CREDENTIALS": tmp_path / "credentials"}
    paths["CONFIG"].write_text(config)
    paths["CREDENTIALS"].write_text(credentials)
    found = origin.renewal("x", SharedConfig(*map(str, paths.values())))
    for name, path in paths.items():
        found = found.replace(str(path), name)
    assert found.endswith(hint) if hint else found == ""
