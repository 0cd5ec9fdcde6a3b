"""What the front asks and changes in the emulator by itself, as the root of an account; no test counts these calls."""

import json
import threading
from collections.abc import Mapping
from typing import Any

import botocore.config
import botocore.exceptions
import botocore.session

Keys = Mapping[str, str]
_CREATING = threading.Lock()
_SESSION = botocore.session.Session()


class Behind:
    """The emulator at `url`, whose roots all have the same secret."""

    def __init__(self, url: str, root_secret: str) -> None:
        self.url = url
        self._root_secret = root_secret
        self._clients: dict[tuple[str, str], Any] = {}
        self._owners: dict[str, str] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """End all connections."""
        for client in self._clients.values():
            client.close()

    def client(self, account: str, service: str) -> Any:
        """Return a client of the account's root."""
        with self._lock:
            if (account, service) not in self._clients:
                root = {"AccessKeyId": account, "SecretAccessKey": self._root_secret}
                self._clients[account, service] = create_client(service, self.url, root)
            return self._clients[account, service]

    def user_of_key(self, access_key_id: str) -> str | None:
        """Return the ARN of the user whose long-lived key this is."""
        if not access_key_id.startswith("AKIA"):
            return None
        try:
            account = self.client("000000000000", "sts").get_access_key_info(AccessKeyId=access_key_id)["Account"]
            iam = self.client(account, "iam")
            name = iam.get_access_key_last_used(AccessKeyId=access_key_id)["UserName"]
            arn: str = iam.get_user(UserName=name)["User"]["Arn"]
        except botocore.exceptions.ClientError:
            return None
        return arn

    def entity(self, arn: str) -> dict[str, Any] | None:
        """Return the user or role of that name, a role with its trust as a document; its path may be another one."""
        iam, name = self.client(arn.split(":")[4], "iam"), arn.rpartition("/")[2]
        try:
            if ":user/" in arn:
                return dict(iam.get_user(UserName=name)["User"])
            return dict(iam.get_role(RoleName=name)["Role"])
        except botocore.exceptions.ClientError:
            return None

    def roles(self, account: str) -> list[dict[str, Any]]:
        """Return all roles of an account."""
        return list(self.client(account, "iam").list_roles()["Roles"])

    def set_trust(self, account: str, role: str, document: Any) -> None:
        """Replace the trust of a role, without a check."""
        text = document if isinstance(document, str) else json.dumps(document)
        self.client(account, "iam").update_assume_role_policy(RoleName=role, PolicyDocument=text)

    def group(self, account: str, name: str) -> list[str] | None:
        """Return the members of a group, None if there is no such group."""
        try:
            found = self.client(account, "iam").get_group(GroupName=name)
        except botocore.exceptions.ClientError:
            return None
        return [user["UserName"] for user in found["Users"]]

    def allows(self, principal_arn: str, action: str, resource: str) -> bool:
        """Tell whether the policies of a user or role allow an action; those of a root allow all."""
        account, named = principal_arn.split(":")[4:6]
        if named == "root":
            return True
        # The emulator looks for the whole path as a name.
        source = f"arn:aws:iam::{account}:{named.partition('/')[0]}/{named.rpartition('/')[2]}"
        answer = self.client(account, "iam").simulate_principal_policy(
            PolicySourceArn=source, ActionNames=[action], ResourceArns=[resource]
        )
        return bool(answer["EvaluationResults"][0]["EvalDecision"] == "allowed")

    def owner(self, bucket: str, accounts: list[str]) -> str | None:
        """Return which of the accounts has the bucket."""
        for account in accounts:
            if bucket in self._owners:
                break
            names = [one["Name"] for one in self.client(account, "s3").list_buckets()["Buckets"]]
            if bucket in names:
                self._owners[bucket] = account
        return self._owners.get(bucket)

    def home(self, bucket: str, owner: str) -> str:
        """Return the region of a bucket of an account."""
        region: str | None = self.client(owner, "s3").get_bucket_location(Bucket=bucket)["LocationConstraint"]
        return region or "us-east-1"  # the oldest region has no name here


def create_client(service: str, url: str, keys: Keys, region: str = "us-east-1") -> Any:
    """Return a client that tries once; the models of the services are read once for all of them."""
    with _CREATING:
        return _SESSION.create_client(
            service,
            region_name=region,
            endpoint_url=url,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=botocore.config.Config(
                retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, max_pool_connections=50
            ),
        )
