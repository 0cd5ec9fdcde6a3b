"""What another program says is quoted without its secrets, and still says why it failed."""

import base64
import hashlib
import json
import string
import time
import urllib.parse
import uuid
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credhelper.model.printable import one_line
from credhelper.model.redaction import is_secret_run

BARE = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
PASSWORD = "hunt3r!2"

FORMS = [
    '{ "SecretAccessKey" : "%s"}',
    '{"SecretAccessKey":  "%s"}',
    "SecretAccessKey=%s",
    "secret_access_key: %s",
    "aws_secret_access_key = %s",
    "aws_security_token\t=\t%s",
    "export AWS_SESSION_TOKEN=%s",
    "set -gx AWS_SESSION_TOKEN '%s'",
    "set AWS_SESSION_TOKEN %s",
    '$env:AWS_SESSION_TOKEN="%s"',
    "SecretAccessKey : %s",
    "<SecretAccessKey>%s</SecretAccessKey>",
    '{\\"clientSecret\\":\\"%s\\"}',
    '"refresh_token": "%s",',
    "{'token': '%s'}",
    '"token":["%s"]',
    "token=%s&x=1",
    "token := %s",
    "client-secret => %s",
    "SESSION_TOKEN|%s",
    "api key: %s",
    "accessKey: %s",
    "password is %s",
    "--password %s",
    "--password=%s",
    "password: >- %s",
    'DB_PASSWORD: "%s and more"',
    "passcode: %s",
    "Authorization: Bearer %s",
    "https://user:%s@example.com/",
    "pass=%s",
    "pw: %s",
    "Passwort: %s",
    "Cookie: sid=%s",
    "Password for david: %s",
    "“password”: “%s”",
    '{\\\\\\"password\\\\\\":\\\\\\"%s\\\\\\"}',
    "<SecretAccessKey type='x'>%s</SecretAccessKey>",
    '<password value="%s"/>',
    '<add key="password" value="%s"/>',
    '{"name": "DB_PASSWORD", "value": "%s"}',
    "{'SecretAccessKey': b'%s'}",
    "password=$'%s'",
    "password\uff1a%s",
    "pass\u200bword: %s",
    "\uff50assword: %s",
    "&quot;password&quot;:&quot;%s&quot;",
    "password\\075%s",
    "arn:aws:iam::111111111111:role/x,secret=%s",
    "Cookie: sid=a1; theme=b2;other=%s",
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", [BARE, PASSWORD, "abcdEFGH1", "x9"])
@pytest.mark.parametrize("is_shouted", [False, True])
def test_labelled_value_is_dropped_in_every_notation(form: str, value: str, *, is_shouted: bool) -> None:
    before, after = form.split("%s")
    said = one_line(f"{before.upper() if is_shouted else before}{value}{after}")
    assert value not in said
    assert "***" in said


@pytest.mark.parametrize("blank", [" ", "  ", "\t", "\r\n", "\n    "])
def test_blanks_between_label_and_value_do_not_matter(blank: str) -> None:
    assert BARE[:13] not in one_line(f'{{"SecretAccessKey"{blank}:{blank}"{BARE}"}}')
    assert PASSWORD not in one_line(f'"password"{blank}={blank}"{PASSWORD}"')


@pytest.mark.parametrize(
    "said",
    [
        "totp 123456",
        "code: 123 456",
        "MFA code is 123456.",
        "token_code=123456",
        "passcode 654321",
        '"otp": "12345678"',
        "your OTP, 123456, is wrong",
        "otp [123456]",
        "123456 is not a valid MFA code",
        "'123 456' is no code of this device",
    ],
)
def test_one_time_code_is_dropped(said: str) -> None:
    assert not any(character.isdigit() for character in one_line(said))


WORDS = "horse staple7 battery"
VALUES_WITH_BLANKS = [
    "password: %s",
    "password = %s",
    "Password for user david: %s",
    'password="%s"',
    "passphrase='%s'",
    "password `%s`",
    "password: “%s”",
    "password='it''s %s'",
    '{"password": "a \\"%s\\" b"}',
    '{\\"password\\": \\"%s\\", \\"n\\": 1}',
    "<password>%s</password>",
    "<Password>\n  %s\n</Password>",
    "--password '%s'",
    "client_secret: %s",
    "secret_access_key : %s",
    "authorization: Bearer %s",
    "Authorization: Basic %s",
    "x-amz-security-token: %s",
    "Set-Cookie: %s",
    "user: david\npassword: %s\nhost: db",
    "export DB_PASSWORD='%s'",
    "{'password': b'%s'}",
    "password=$'%s'",
    '<password value="%s"/>',
    '{"name":"DB_PASSWORD","value":"%s"}',
]


@pytest.mark.parametrize("form", VALUES_WITH_BLANKS)
def test_value_of_several_words_is_dropped_to_its_end(form: str) -> None:
    said = one_line(form % WORDS)
    assert not any(word in said for word in WORDS.split())
    assert "***" in said


@pytest.mark.parametrize(
    "said",
    [
        "Bearer a1b2c3 d4e5f6",
        "got Bearer abc.def ghi.jkl",
        "-----BEGIN PRIVATE KEY-----\na1b2c3\nd4e5f6\nabc.def\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY----- a1b2c3 d4e5f6 abc.def",
        "https://user:a1b2c3/d4e5f6@host/",
        "postgres://u:a1b2c3/x/d4e5f6@host:5432/db",
        "https://user:a1b2c3@d4e5f6@host/x@y",
        "https://user:a1b2c3?d4e5f6#abc.def@host",
        "https://ghp_a1b2c3d4e5f6@github.com/x",
        "{%22password%22%3A%22a1b2c3%22}",
        "pass\\u0077ord=a1b2c3",
        "token%253Da1b2c3",
        "&#112;assword: a1b2c3",
    ],
)
def test_secret_is_dropped_by_its_shape(said: str) -> None:
    shown = one_line(said)
    assert not any(part in shown for part in ("a1b2c3", "d4e5f6", "abc.def"))
    assert "***" in shown


ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "quoted for a URL": lambda text: urllib.parse.quote(text, safe=""),
    "quoted twice": lambda text: urllib.parse.quote(urllib.parse.quote(text, safe=""), safe=""),
    "quoted whole": lambda text: "".join(f"%{ord(one):02x}" for one in text),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[1:-1],
    "JSON, whole": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "C": lambda text: "".join(f"\\x{ord(one):02X}" for one in text),
    "XML": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "XML, in hex": lambda text: "".join(f"&#x{ord(one):x};" for one in text),
}
FRAMES = [
    "%s",
    "the key %s was rejected",
    '{"SecretAccessKey": "%s", "Version": 1}',
    "SecretAccessKey=%s&Version=1",
    "<Secret>%s</Secret>",
    "https://user:%s@host/path",
    "aws_secret_access_key = %s\nregion = us-east-1",
    "curl -H 'X-Key: %s' https://host",
    "Authorization: Bearer %s",
    "line one\n\n\t%s\nline three",
]


@settings(derandomize=True)
@given(
    st.binary(min_size=30, max_size=60),
    st.sampled_from(sorted(ENCODINGS)),
    st.sampled_from(FRAMES),
    st.sampled_from(["", "\n", "\n    ", "\\\n", "\r\n\t", "\\n", "\\r\\n"]),
    st.integers(11, 40),
)
def test_secret_in_any_frame_encoded_or_folded_is_not_shown(
    data: bytes, encoding: str, frame: str, fold: str, width: int
) -> None:
    secret = base64.b64encode(hashlib.sha256(data).digest()[:30]).decode()
    encoded = ENCODINGS[encoding]
    pieces = [secret[start : start + width] for start in range(0, len(secret), width)] if fold else [secret]
    said = one_line(frame % fold.join(encoded(piece) for piece in pieces), 10_000)
    for start in range(len(secret) - 9):
        piece = secret[start : start + 10]
        assert piece not in said
        assert encoded(piece) not in said


# The same drawings in every run: of millions, one will look like a name.
@settings(derandomize=True)
@given(st.binary(min_size=30, max_size=300), st.sampled_from(["", "AKIAIOSFODNN7EXAMPLE ", "a=", "/home/david/"]))
def test_run_drawn_by_chance_is_dropped_in_every_alphabet(data: bytes, before: str) -> None:
    # What is drawn by chance: hypothesis would shrink to zeroes, which are no secret.
    drawn = b"".join(hashlib.sha256(data + bytes([place])).digest() for place in range(3))
    for run in (
        base64.b64encode(drawn[:30]).decode(),
        base64.b64encode(drawn).decode(),
        base64.urlsafe_b64encode(drawn).decode(),
        base64.b64encode(drawn[:30]).decode().replace("/", "\\/"),
        base64.b64encode(drawn[:30]).decode().replace("/", "%2F").replace("+", "%2B"),
        base64.b32encode(drawn[:40]).decode(),
        drawn[:16].hex(),
        drawn.hex().upper(),
    ):
        said = one_line(f"{before}{run} rejected", 1000)
        assert run not in said
        assert "***" in said


# What names a password, by language; a language has some in the way that keyboards without its letters write it.
LABELS = [
    *("Passwort", "KENNWORT", "contraseña", "contrasena", "clave", "mot de passe", "mot_de_passe", "MotDePasse", "mdp"),
    *("senha", "palavra-passe", "parola", "parolă", "wachtwoord", "lösenord", "adgangskode", "passord", "salasana"),
    *("hasło", "haslo", "heslo", "geslo", "lozinka", "jelszó", "şifre", "sifre", "пароль", "ПАРОЛЬ", "лозинка"),
    *("κωδικός", "密码", "密碼", "口令", "パスワード", "暗証番号", "비밀번호", "암호", "mật khẩu", "kata sandi"),
    *("รหัสผ่าน", "पासवर्ड", "كلمة المرور", "סיסמה", "storepass", "DB_CONTRASEÑA"),
]
LABEL_FRAMES = [
    "{}: %s",
    "{} : %s",
    "{}=%s",
    "{} = '%s'",
    '{{"{}": "%s"}}',
    "<{0}>%s</{0}>",
    "{}\uff1a%s",
    "--{} '%s'",
    '{{"name": "{}", "value": "%s"}}',
    "x=1&{}=%s&y=2",
]


@pytest.mark.parametrize("label", LABELS)
def test_label_is_one_in_every_language(label: str) -> None:
    for frame in LABEL_FRAMES:
        for value in ("hunt3r!2", "hunter", BARE):
            assert value not in one_line(frame.format(label) % value), frame
    for frame in ("%s: {}", "%s = {}", "error\n%s: {}\nhost: db"):
        assert "staple" not in one_line(frame.format("horse staple7 battery") % label)


@pytest.mark.parametrize(
    "said",
    [
        "la contraseña es %s",
        "le mot de passe est %s",
        "das Passwort lautet %s",
        "密码是%s",
        "パスワードは%s です",
        "비밀번호는 %s",
        "Passwort für david: %s",
        "mot de passe de david : %s",
        "wachtwoord voor david: %s",
        "mot de passe (david): %s",
        "password(david)=%s",
        "пароль пользователя: %s",
        "le mot de passe : « %s »",
        "„Passwort“: „%s“",
        "»Passwort«: »%s«",
        "パスワード：「%s」",
        "password → %s",
        "hasło to: %s",
        "DB_PASS=%s",
        "SSHPASS=%s sshpass -e ssh host",
        "REDISCLI_AUTH=%s",
        "PGPASSWORD %s",
        "PASSWORD %s was rejected",
        "password %s was rejected",
        "mot de passe %s",
    ],
)
def test_value_behind_a_label_in_a_sentence_is_dropped(said: str) -> None:
    for value in ("hunter2", "hunt3r!2", BARE):
        assert value not in one_line(said % value)


OPTIONS = [
    "curl -u %s https://host",
    "curl -sSLu %s https://host",
    "curl -u%s https://host",
    "curl --user=%s https://host",
    "curl --proxy-user %s https://host",
    "wget --auth %s https://host",
    "http -a %s GET https://host",
    "smbclient //host/share -U %s",
]
PASSWORD_OPTIONS = [
    "sshpass -p %s ssh host",
    "sshpass -p%s ssh host",
    "mysql -h db -u root -p%s shop",
    "/usr/bin/mysqldump -p%s",
    "mariadb-admin -p%s ping",
    "mongosh -u david -p %s",
    "7z x -p%s a.7z",
    "unzip -P %s a.zip",
    "docker login -u david -p %s registry",
    "helm registry login host -u david -p %s",
    "redis-cli -h db -a %s ping",
    "sqlcmd -S db -P %s",
    "ldapsearch -x -D cn=admin -w %s",
    "openssl rsa -passin pass:%s",
    "keytool -storepass %s",
    "keytool -keypass %s",
]


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_password_of_an_option_is_dropped(quote: str) -> None:
    values = ["hunter2", "hunt3r!2", "hunter2:x"] + (["hunter2 and more"] if quote else [])
    for value in values:
        for form in OPTIONS:
            for user in ("david:", "CORP\\david:", "david%" if "-U" in form else "d:"):
                assert "hunter2" not in one_line(form % f"{quote}{user}{value}{quote}")
        for form in PASSWORD_OPTIONS:
            assert value not in one_line(form % f"{quote}{value}{quote}")


LISTS: list[Callable[[list[str]], str]] = [
    repr,
    json.dumps,
    lambda items: f"Command '{items}' returned non-zero exit status 1.",
    lambda items: repr(tuple(items)),
    lambda items: json.dumps({"argv": items}, separators=(",", ":")),
    lambda items: f"[{' '.join(items)}]",
]


@pytest.mark.parametrize("write", LISTS)
def test_list_of_arguments_is_looked_at_as_a_command_line(write: Callable[[list[str]], str]) -> None:
    values = ["hunter2", "hunt3r!2"] + (["hunter2 and more"] if write is not LISTS[-1] else [])
    for value in values:
        for before in ("curl -s -u", "smbclient //host/share -U"):
            assert value not in one_line(write([*before.split(), f"david:{value}", "x"]))
        for before in (
            "sshpass -p",
            "docker login -u david -p",
            "tool --client-secret",
            "tool --password",
            "redis-cli -a",
        ):
            assert value not in one_line(write([*before.split(), value, "x"]))
        for before in ("mysql -u root -p", "7z x -p", "sshpass -p"):
            items = before.split()
            assert value not in one_line(write([*items[:-1], f"{items[-1]}{value}", "x"]))


@pytest.mark.parametrize(
    "token",
    [
        *(
            "xoxb-1-hunt3r",
            "xoxe.xoxp-1-hunt3r",
            "xapp-1-A0-hunt3r",
            "ghp_hunt3r2",
            "github_pat_hunt3r",
            "glpat-hunt3r12",
        ),
        *(
            "sk_live_hunt3r",
            "rk_test_hunt3r",
            "whsec_hunt3r",
            "hvs.hunt3r",
            "pypi-hunt3r",
            "sk-proj-hunt3r",
            "ya29.hunt3r",
        ),
    ],
)
@pytest.mark.parametrize("form", ["%s was rejected", "x=%s", '{"a":"%s"}', "https://host/?q=%s&x", "(%s)"])
def test_short_token_is_dropped_by_its_beginning(token: str, form: str) -> None:
    assert "hunt3r" not in one_line(form % token)


@pytest.mark.parametrize(
    "said",
    [
        "password&equals;hunter",
        "password&colon;&nbsp;hunter",
        "client&lowbar;secret&equals;hunter",
        "&LT;password&GT;hunter&LT;/password&GT;",
        "&quot;password&QUOT;&colon;hunter",
        "password&NewLine;&equals;&Tab;hunter",
        "password&amp;equals;hunter",
        "password&#0000000061;hunter",
        "password&#x0000003d;hunter",
        "password%u003dhunter",
        "password\\u{3d}hunter",
        "password\\U0000003dhunter",
    ],
)
def test_no_escape_hides_a_label(said: str) -> None:
    assert "hunter" not in one_line(said)


def test_character_that_is_not_shown_does_not_divide_a_secret() -> None:
    assert one_line(f"{BARE[:11]}\u200b{BARE[11:]} rejected") == "*** rejected"


READABLE = [
    "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_a1b2c3d4e5f60718",
    "AWSReservedSSO_AdministratorAccess_a1b2c3d4e5f60718",
    "arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-AbCdEf",
    "User: arn:aws:sts::111111111111:assumed-role/OrganizationAccountAccessRole/botocore-session-1700000000 may not",
    "not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket",
    "bearer authentication failed",
    "request id 01234567-89ab-cdef-0123-456789abcdef",
    "ExpiredToken: The security token included in the request is invalid",
    "/home/user/Projects/MyApplication2/node_modules/some-package/lib/index",
    "/usr/lib/python3/dist-packages/botocore/data/endpoints",
    "C:\\Users\\David\\AppData\\Local\\Programs\\Python\\Python311\\python.exe",
    "sts.us-east-1.amazonaws.com",
    "vpce-0a1b2c3d4e5f67890-abcdefgh.sts.us-east-1.vpce.amazonaws.com",
    "my-company-production-data-bucket-2024-us-east-1",
    "OrganizationAccountAccessRoleForProduction2024",
    "Error loading SSO Token: Token for default does not exist",
    "AWS_SESSION_TOKEN is not set",
    "the password is wrong",
    "password authentication failed for user david",
    "the secret 'prod/db' was not found",
    'secrets "db-credentials" not found',
    "Token: has expired, log in again",
    "Authorization: the header is missing",
    "basic auth is not supported, use bearer",
    "8 tests pass: 3 of 5, 2 left",
    "no role arn:aws:iam::111111111111:role/a,b and no code 404 after 123456 ms",
    "the password and the value: one of them is missing",
    "http://proxy.example.com:3128/path/to@place",
    "git@github.com:someone/project.git and ssh://git@github.com/someone/project",
    "https://david@example.com/ asks for a name",
    "100%25 of C:\\new\\table and \\u00e9t\\xe9 &#233;",
    "the bypass=true of compass: north",
    "status code 403",
    "TokenRefreshRequired: refresh it",
    "web_identity_token_file=/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
    "Credential should be scoped to a valid region. 20151229/us-east-1/sts/aws4_request",
    "docker run -u 1000:1000 -p 8080:80 image",
    "docker -p 8080:80 login",
    "rsync -a host:/data /backup",
    "ssh -p 2222 -u host",
    "curl --user https://host/path has no value",
    "mysql -h db -P 3306 -u root -p shop",
    "Access denied for user 'root'@'localhost' (using password: YES)",
    "git log -p file; 7z x archive.7z -y",
    "Command '['ssh', '-p', '2222', 'a host']' returned non-zero exit status 255.",
    '["docker","run","-p","8080:80"] and ("a", "b")',
    "using password: NO",
    "missing: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']",
    "AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN: both are not set",
    "s3_disable_express_session_auth=(of ours)",
    "aplay -Dplug:dmix",
    "the password (of david) is wrong",
    "sudo -u david ls /x:y",
    "psql -U david -h db",
    "密码错误",
    "パスワードが間違っています",
    "Пароль неверен",
    "Das Passwort ist falsch",
    "le mot de passe est expiré",
    "la contraseña es incorrecta",
    "비밀번호가 틀렸습니다",
    "THE TOKEN EXPIRED",
    "the parole board and the enclave: none",
    "a &notanentity; of x",
    "sk-learn 1.2, gl-2024-bucket, my-xoxb-role and xoxb- itself",
    "sg-0a1b2c3d4e5f67890 SG.2",
    "Fehler für /etc/x: fehlt",
    "Signature expired: 20270115T080000Z is now earlier than 20270115T080140Z (20270115T081640Z - 15 min.)",
]


@pytest.mark.parametrize("said", READABLE)
def test_what_says_why_it_failed_stays_readable(said: str) -> None:
    assert one_line(said, 1000) == said


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n  "])
def test_lines_of_words_paths_and_ids_are_no_folded_secret(end: str) -> None:
    lines = [
        "Traceback",
        "/usr/lib/python3/dist-packages/app",
        "my-company-production",
        "i-0abc123def4567890",
        "us-east-1",
    ]
    assert one_line(end.join(lines), 1000) == " ".join(lines)


words = st.lists(st.text(string.ascii_lowercase, min_size=4, max_size=12), min_size=1, max_size=12)


@given(words, st.sampled_from(["/", "-", ".", "_"]), st.uuids())
def test_names_paths_hosts_and_request_ids_stay_readable(parts: list[str], sign: str, request_id: uuid.UUID) -> None:
    name = sign.join(parts)
    assert not is_secret_run(name)
    assert not is_secret_run(sign.join(part.capitalize() for part in parts))
    assert str(request_id) in one_line(f"see {request_id}")


@pytest.mark.parametrize(
    "part",
    [
        *("a", "token ", "token", "password='", "-", "eyJ", "a:", "x@", "://", "arn:aws:", "$", "code ", "access key "),
        *("-a", "otp-", "arn:aws-", "wJalr/", "'\\", "secret\\'", "token[", "\u200b", "bearer ", "https://u:"),
        *(
            "-u",
            "-u a",
            "sshpass ",
            "mysql ",
            "mysql -p",
            "http -a ",
            "docker login ",
            "ldapx -",
            "пароль",
            "password is ",
        ),
        *("['a', ", "('", "['a']", "xoxb-", "xoxb-1", "&a;", "&equals;", "\\U0000003d", "mot de passe de ", "ghp_a"),
    ],
)
def test_no_text_takes_long(part: str) -> None:
    started = time.process_time()
    one_line(part * (400_000 // len(part)))
    assert time.process_time() - started < 1.0


def test_secret_at_the_place_where_a_long_text_is_cut_is_dropped_whole() -> None:
    for shift in range(0, 40, 5):
        assert BARE[:8] not in one_line("# " * ((4096 - shift) // 2) + BARE, 10_000)
