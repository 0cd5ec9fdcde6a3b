"""The portal of IAM Identity Center: the accounts and roles of who signed in, page by page, and their credentials."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from fakes import canary
from fakes.front.exchange import Answer, Onward, Request, json_answer
from fakes.front.sentences import Refusal, refusal
from fakes.front.world import World


class Portal:
    """A rule for the calls of the service `sso`.

    `roles` are the names of the roles by account, `names` the accounts' names. `page_size` is at most what a caller
    asks for. `token` is the one that is taken; `canary.session_token("portal")` by default.
    """

    def __init__(
        self,
        roles: Mapping[str, Sequence[str]],
        *,
        names: Mapping[str, str] | None = None,
        page_size: int = 100,
        token: str = "",
    ) -> None:
        self._roles = roles
        self._names = names or {}
        self._page_size = page_size
        self.token = token or canary.session_token("portal")

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Answer the portal's three paths."""
        call = {
            "/assignment/accounts": self._accounts,
            "/assignment/roles": self._account_roles,
            "/federation/credentials": self._credentials,
        }.get(request.path)
        if call is None or request.service:
            return onward(request)
        if request.headers.get("x-amz-sso_bearer_token") != self.token:
            return _refused(refusal("portal-token"))
        return call(request.query)

    def _accounts(self, query: Mapping[str, str]) -> Answer:
        accounts = [
            {
                "accountId": account,
                "accountName": self._names.get(account, account),
                "emailAddress": f"{account}@example.com",
            }
            for account in self._roles
        ]
        return self._page("accountList", accounts, query)

    def _account_roles(self, query: Mapping[str, str]) -> Answer:
        account = query.get("account_id", "")
        if account not in self._roles:
            return _refused(refusal("portal-no-access"))
        roles = [{"roleName": role, "accountId": account} for role in self._roles[account]]
        return self._page("roleList", roles, query)

    def _credentials(self, query: Mapping[str, str]) -> Answer:
        account, role = query.get("account_id", ""), query.get("role_name", "")
        if role not in self._roles.get(account, ()):
            return _refused(refusal("portal-no-access"))
        keys = {
            "accessKeyId": "ASIAPORTAL0000000000",
            "secretAccessKey": canary.secret_key(f"portal-{account}-{role}"),
            "sessionToken": canary.session_token(f"portal-{account}-{role}"),
            "expiration": int((time.time() + 3600) * 1000),
        }
        return json_answer(200, {"roleCredentials": keys})

    def _page(self, name: str, items: Sequence[Mapping[str, Any]], query: Mapping[str, str]) -> Answer:
        start = int(query.get("next_token") or 0)
        end = start + min(self._page_size, int(query.get("max_result") or self._page_size))
        page: dict[str, Any] = {name: items[start:end]}
        if end < len(items):
            page["nextToken"] = str(end)
        return json_answer(200, page)


def _refused(why: Refusal) -> Answer:
    return json_answer(why.status, {"message": why.message}, **{"x-amzn-ErrorType": why.code})
