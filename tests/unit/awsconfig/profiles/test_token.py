"""What of a token's file is the same after a refresh, and what is another one's."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.awsconfig.profiles import token
from fakes.web_tokens import jwt

SSO = {
    "startUrl": "https://corp.awsapps.com/start",
    "region": "us-east-1",
    "accessToken": "access-0",
    "expiresAt": "2026-01-01T00:00:00Z",
    "clientId": "client",
    "clientSecret": "client-secret",
    "registrationExpiresAt": "2026-03-01T00:00:00Z",
    "refreshToken": "refresh-0",
}
LEGACY = {name: SSO[name] for name in ("startUrl", "region", "accessToken", "expiresAt")}
LOGIN = {
    "accessToken": {
        "accessKeyId": "ASIA0",
        "secretAccessKey": "secret-0",
        "sessionToken": "session-0",
        "accountId": "111111111111",
        "expiresAt": "2026-01-01T00:00:00Z",
    },
    "tokenType": "aws_sigv4",
    "refreshToken": "refresh-0",
    "idToken": "id-0",
    "clientId": "arn:aws:signin:::devtools/same-device",
    "dpopKey": "-----BEGIN EC PRIVATE KEY-----",
}
POD = {
    "iss": "https://oidc.eks.us-east-1.amazonaws.com/id/1",
    "sub": "system:serviceaccount:default:app",
    "aud": ["sts.amazonaws.com"],
    "iat": 1,
    "nbf": 1,
    "exp": 3601,
    "jti": "one",
    "kubernetes.io": {"namespace": "default", "pod": {"name": "app-1", "uid": "u-1"}},
}

ENTRA = {
    "iss": "https://sts.windows.net/tenant/",
    "sub": "object-1",
    "aud": "api://aws",
    "exp": 3601,
    "uti": "one",
    "aio": "a",
    "rh": "1.x",
}
GOOGLE = {"iss": "https://accounts.google.com", "sub": "1", "email": "david@example.com", "exp": 3601, "at_hash": "one"}
WARNED: dict[str, Any] = {**POD, "kubernetes.io": {"namespace": "default", "warnafter": 3607}}


def access(**changed: str) -> dict[str, Any]:
    return {**LOGIN, "accessToken": {**LOGIN["accessToken"], **changed}}  # type: ignore[dict-item]  # a dict, as above


# What a refresh by AWS's tools, or by the system that makes the token, leaves in the file.
SAME = {
    "SSO: another access token": (SSO, {**SSO, "accessToken": "access-1", "expiresAt": "2026-01-01T01:00:00Z"}),
    "Microsoft Entra: another copy": (
        jwt(ENTRA),
        jwt({**ENTRA, "exp": 7201, "uti": "two", "aio": "b", "rh": "1.y"}),
    ),
    "Google: another access token beside it": (jwt(GOOGLE), jwt({**GOOGLE, "exp": 7201, "at_hash": "two"})),
    "pod: warned later": (
        jwt(WARNED),
        jwt({**WARNED, "kubernetes.io": {**WARNED["kubernetes.io"], "warnafter": 7207}}),
    ),
    "SSO: in another order": (SSO, dict(reversed(SSO.items()))),
    "login: other keys, and another refresh token": (
        LOGIN,
        {
            **access(
                accessKeyId="ASIA1", secretAccessKey="secret-1", sessionToken="s", expiresAt="2026-01-01T01:00:00Z"
            ),
            "refreshToken": "refresh-1",
        },
    ),
    "a pod's token, once more": (
        jwt(POD),
        jwt({**POD, "iat": 9, "nbf": 9, "exp": 3609, "jti": "two"}, "2", "b3Ro") + "\n",
    ),
}
# What another person, account or pod leaves there; and where nothing stays that is one sign-in's alone.
OTHER = {
    "SSO: another refresh token": (SSO, {**SSO, "refreshToken": "refresh-1"}),
    "SSO: another portal": (SSO, {**SSO, "startUrl": "https://other.awsapps.com/start"}),
    "SSO: another client": (SSO, {**SSO, "clientId": "another"}),
    "SSO: a refresh token no more": (SSO, {name: SSO[name] for name in SSO if name != "refreshToken"}),
    "SSO: without a refresh token": (LEGACY, {**LEGACY, "accessToken": "access-1"}),
    "SSO: with an empty refresh token": ({**SSO, "refreshToken": ""}, {**SSO, "refreshToken": "", "accessToken": "1"}),
    "SSO: with a refresh token that is none": (
        {**SSO, "refreshToken": 1},
        {**SSO, "refreshToken": 1, "accessToken": "1"},
    ),
    "login: another sign-in": (LOGIN, {**LOGIN, "dpopKey": "another"}),
    "login: another subject": (LOGIN, {**LOGIN, "idToken": "id-1"}),
    "login: another account": (LOGIN, access(accountId="222222222222")),
    "login: without the key of the sign-in": (
        {**LOGIN, "dpopKey": ""},
        {**access(accessKeyId="ASIA1"), "dpopKey": ""},
    ),
    "a pod's token: another account of a service": (jwt(POD), jwt({**POD, "sub": "system:serviceaccount:default:b"})),
    "a pod's token: another cluster": (jwt(POD), jwt({**POD, "iss": "https://other"})),
    "a pod's token: another audience": (jwt(POD), jwt({**POD, "aud": ["other"]})),
    "a pod's token: another pod": (jwt(POD), jwt({**POD, "kubernetes.io": {"pod": {"uid": "u-2"}}})),
    "a token without a subject": (jwt({**POD, "sub": ""}), jwt({**POD, "sub": "", "exp": 9})),
    "a token without an issuer": (jwt({**POD, "iss": None}), jwt({**POD, "iss": None, "exp": 9})),
    "a token that is none": ("a.b.c", "a.b.d"),
    "another text": ("opaque-token-of-a-provider", "another"),
    "a list": ("[1]", "[2]"),
    "a policy in another order": ('{"Version": 1, "Statement": []}', '{"Statement": [], "Version": 1}'),
    "a policy that says something twice": ('{"Effect": "Deny", "Effect": "Allow"}', '{"Effect": "Allow"}'),
    "too deep to read": ("[" * 40_000, "[" * 40_001),
    "nothing": ("", " "),
}


def content(of: object) -> bytes:
    return of.encode() if isinstance(of, str) else json.dumps(of).encode()


@pytest.mark.parametrize("case", SAME)
def test_refresh_leaves_who_it_is(case: str) -> None:
    before, after = map(content, SAME[case])
    assert before != after
    assert token.digest(before) == token.digest(after)


@pytest.mark.parametrize("case", OTHER)
def test_another_one_is_another_one(case: str) -> None:
    before, after = map(content, OTHER[case])
    assert token.digest(before) != token.digest(after)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_file_has_a_digest(data: bytes) -> None:
    assert len(token.digest(data)) == 64


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=4), st.lists(st.text(max_size=2), max_size=2)
)


@given(st.sampled_from([SSO, LEGACY, LOGIN]), st.sampled_from([*SSO, *LOGIN, "scopes"]), VALUES)
def test_only_what_a_refresh_replaces_does_not_count(of: dict[str, Any], name: str, value: object) -> None:
    changed = {**of, name: value}
    replaced = {id(SSO): {"accessToken", "expiresAt"}, id(LOGIN): {"refreshToken"}, id(LEGACY): set()}[id(of)]
    is_same = token.digest(content(of)) == token.digest(content(changed))
    # Not by ==, for which true is 1.
    assert is_same == (content(changed) == content(of) or name in replaced)
