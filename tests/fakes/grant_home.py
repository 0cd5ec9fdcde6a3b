"""The home of an administrator of both accounts, with David's key as well, before the front."""

import json
import subprocess
from pathlib import Path
from typing import Any

from fakes.front.behind import Keys
from fakes.front.two_accounts import TwoAccounts, policy
from fakes.home import Home

ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
POLICY = "allow-assume-S3-role-in-prod"


class GrantHome(Home):
    """Profiles `prod-admin` and `acc-admin` of IAM users who may do all, and `default`, which is David's."""

    def __init__(self, directory: Path, it: TwoAccounts) -> None:
        super().__init__(directory, AWS_ENDPOINT_URL=it.front.url, AWS_EC2_METADATA_DISABLED="true", COLUMNS="80")
        self.it = it
        regions = ("default", "profile prod-admin", "profile acc-admin")
        self.config.write_text("".join(f"[{one}]\nregion = us-east-1\n" for one in regions))
        self.add_admin("prod-admin", it.prod)
        self.add_admin("acc-admin", it.acc)

    def add_admin(self, profile: str, account: str, *statements: dict[str, Any], user: str = "admin") -> Keys:
        """Make a user with these rights, or all, and a profile with their key."""
        iam = self.it.client("iam", account)
        iam.create_user(UserName=user)
        iam.put_user_policy(UserName=user, PolicyName="rights", PolicyDocument=policy(*(statements or (ALL,))))
        key = self.it.make_key(user, account)
        self.add_user(key["AccessKeyId"], key["SecretAccessKey"], profile)
        return key

    def add_david(self, *, group: str = "DevGroup") -> Keys:
        """Make David, in a group without policies, and the profile `default` with his key."""
        iam = self.it.client("iam", self.it.acc)
        iam.create_user(UserName="David")
        if group:
            iam.create_group(GroupName=group)
        key = self.it.make_key("David")
        self.add_user(key["AccessKeyId"], key["SecretAccessKey"])
        return key

    @property
    def about(self) -> list[str]:
        """The options that name the grant of the story."""
        it = self.it
        return ["--role", it.role_arn, "--acc", it.acc, "--group", "DevGroup", "--member", "David"]

    @property
    def grant(self) -> list[str]:
        """All options of the grant of the story but those of administrators."""
        return [*self.about, "--bucket", self.it.bucket]

    @property
    def both(self) -> list[str]:
        """The options that name both administrators."""
        return ["--prod-admin", "prod-admin", "--acc-admin", "acc-admin"]

    def plan(self, *more: str) -> "subprocess.CompletedProcess[bytes]":
        """Plan the grant of the story with both administrators."""
        return self.run("grant", "plan", *self.grant, *self.both, *more)

    def apply(self, *more: str) -> "subprocess.CompletedProcess[bytes]":
        """Apply it without a question."""
        return self.run("grant", "apply", *self.grant, *self.both, "--yes", *more)

    def remove(self, *more: str) -> "subprocess.CompletedProcess[bytes]":
        """Take it back without a question."""
        return self.run("grant", "remove", *self.about, *self.both, "--yes", *more)

    def json(self, *arguments: str) -> Any:
        """Return what a command of `grant` prints as JSON."""
        done = self.run("grant", *arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
