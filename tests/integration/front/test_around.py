"""Encoded messages, sign-in tokens and the portal."""

import json
import urllib.parse

import botocore
import botocore.config
import botocore.session
import pytest

from credhelper.demo.emulator import Emulator
from fakes.front.behind import Keys
from fakes.front.messages import AuthorizationMessages
from fakes.front.portal import Portal
from fakes.front.sentences import refusal
from fakes.front.server import Front
from fakes.front.signin import Signin
from fakes.front.sts import StsRules
from fakes.front.two_accounts import REGION, ask, policy, refused, story, temporary


def test_encoded_message_is_read_by_those_who_may(aws: Emulator) -> None:
    messages = AuthorizationMessages()
    it = story(aws, messages)
    with it.front:
        david = it.make_david()
        encoded = messages.encode(it.david, "ec2:RunInstances", "*", is_explicit=True)
        assert it.david not in encoded
        assert messages.refusal(encoded).message.endswith(f"Encoded authorization failure message: {encoded}")
        why = refused(it.client("sts", david).decode_authorization_message, EncodedMessage=encoded)
        assert (why.code, why.status) == ("AccessDenied", 403)
        iam = it.client("iam", it.acc)
        may = policy({"Effect": "Allow", "Action": "sts:DecodeAuthorizationMessage", "Resource": "*"})
        iam.put_user_policy(UserName="David", PolicyName="decode", PolicyDocument=may)
        sts = it.client("sts", david)
        decoded = json.loads(sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
        assert (decoded["allowed"], decoded["explicitDeny"]) == (False, True)
        assert decoded["context"]["action"] == "ec2:RunInstances"
        bad = refused(sts.decode_authorization_message, EncodedMessage="x")
        assert (bad.code, bad.status) == ("InvalidAuthorizationMessageException", 400)


def federation(front: Front, *, post: bool, **parameters: str) -> tuple[int, dict[str, str]]:
    url, data = f"{front.url}/federation", urllib.parse.urlencode(parameters)
    status, body = ask(url, data) if post else ask(f"{url}?{data}")
    return status, json.loads(body) if body else {}


def session(keys: Keys) -> str:
    return json.dumps(
        {
            "sessionId": keys["AccessKeyId"],
            "sessionKey": keys["SecretAccessKey"],
            "sessionToken": keys.get("SessionToken", ""),
        }
    )


@pytest.mark.parametrize("post", [False, True])
def test_signin_token_is_for_temporary_credentials_and_long_only_for_unchained_ones(aws: Emulator, post: bool) -> None:
    signin = Signin()
    it = story(aws, StsRules(), signin)
    with it.front as front:
        it.make_role()
        david = it.make_david()
        role, own = it.assume(david), temporary(it.client("sts", david).get_session_token())
        chained = it.assume(own)
        get = {"Action": "getSigninToken"}
        for keys in (role, own, chained):
            status, answer = federation(front, post=post, **get, Session=session(keys))
            assert (status, set(answer)) == (200, {"SigninToken"})
        assert federation(front, post=post, **get, Session=session(role), SessionDuration="43200")[0] == 200
        for keys, duration in ((role, "43201"), (role, "899"), (own, "3600"), (chained, "3600"), (david, "")):
            more = {"SessionDuration": duration} if duration else {}
            assert federation(front, post=post, **get, Session=session(keys), **more)[0] == 400
        long_lived = session({**david, "SessionToken": "x"})
        for bad in (long_lived, "", "{}", "[]", session({**role, "AccessKeyId": "ASIAUNKNOWN"})):
            assert federation(front, post=post, **get, Session=bad)[0] == 400
        assert len(signin.asked) == 14
        assert all("Session" not in one for one in signin.asked)


def test_portal_has_pages_and_refuses_a_token_that_it_does_not_know(aws: Emulator) -> None:
    many = [f"role-{number}" for number in range(5)]
    portal = Portal(
        {"111111111111": many, "222222222222": ["Read Only/x"]}, names={"222222222222": "Prod"}, page_size=2
    )
    with Front(aws.endpoint_url, portal) as front:
        unsigned = botocore.config.Config(signature_version=botocore.UNSIGNED, retries={"total_max_attempts": 1})
        sso = botocore.session.Session().create_client(
            "sso", region_name=REGION, endpoint_url=front.url, config=unsigned
        )
        token = {"accessToken": portal.token}
        accounts = list(sso.get_paginator("list_accounts").paginate(**token).search("accountList[].accountName"))
        assert accounts == ["111111111111", "Prod"]
        with front.journal.watch() as seen:
            pages = list(sso.get_paginator("list_account_roles").paginate(**token, accountId="111111111111"))
        assert [len(page["roleList"]) for page in pages] == [2, 2, 1]
        assert [one["roleName"] for page in pages for one in page["roleList"]] == many
        assert (len(seen.calls), seen.writes) == (3, [])
        keys = sso.get_role_credentials(**token, accountId="222222222222", roleName="Read Only/x")["roleCredentials"]
        assert keys["accessKeyId"].startswith("ASIA")
        assert refused(sso.list_accounts, accessToken="old") == refusal("portal-token")
        why = refused(sso.get_role_credentials, **token, accountId="111111111111", roleName="nil")
        assert why == refusal("portal-no-access")
