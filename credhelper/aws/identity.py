"""Who signs with a profile's credentials, as STS says it."""

from dataclasses import dataclass

from credhelper.aws.explain.facts import caller_arn
from credhelper.aws.service import Service
from credhelper.errors import AwsError, CredhelperError
from credhelper.model.shell import of_profile
from credhelper.policy.arn import ACCOUNT, Arn, parse


@dataclass(frozen=True, slots=True)
class Identity:
    """A user, a session of a role, or the root of an account."""

    arn: Arn

    def __str__(self) -> str:
        return str(self.arn)

    @property
    def account(self) -> str:
        """The account that the calls are made in."""
        return self.arn.account

    @property
    def is_root(self) -> bool:
        """Whether no policy of the account narrows it."""
        return self.arn.resource == "root"

    @property
    def user_name(self) -> str:
        """The name of the user, "" for any other."""
        return self.arn.name if (self.arn.service, self.arn.kind) == ("iam", "user") else ""


def ask(sts: Service) -> Identity:
    """Return whose credentials a service signs with; raises CredhelperError."""
    told = sts.call("GetCallerIdentity").get("Arn")
    found = parse(caller_arn(told)) if isinstance(told, str) else None
    if found is None or not ACCOUNT.fullmatch(found.account):
        raise AwsError(
            f"STS does not say whose credentials profile {sts.profile} has",
            hint=f"see what answers: aws sts get-caller-identity {of_profile(sts.profile)}",
            cause_id="not-aws",
        )
    return Identity(found)


# An alias is for the eye: no command waits for a network without IAM's endpoint.
_ALIAS_S = 2.0


def alias(sts: Service, account: str) -> str:
    """Return the alias of the account whose credentials a service signs with, "" where it has none or may not say."""
    try:
        with_iam = sts.sibling("iam", account=account, once_s=_ALIAS_S)
        found = with_iam.call("ListAccountAliases").get("AccountAliases")
    except CredhelperError:
        return ""
    return next((one for one in found or () if isinstance(one, str)), "")
