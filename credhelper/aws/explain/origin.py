"""Where source credentials come from, and what is said where there are none, or half of a pair."""

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from credhelper.aws.explain.facts import OTHERWISE
from credhelper.aws.network_rules import Authority
from credhelper.aws.shared_config import SharedConfig
from credhelper.awsconfig.profiles import kinds
from credhelper.awsconfig.profiles.source_chain import STATIC_KEYS, has_static_keys
from credhelper.errors import CredhelperError, InputError, UnreachableError
from credhelper.model.shell import of_profile, open_at, word
from credhelper.system.machine import Machine, this_machine

EC2 = "Ec2InstanceMetadata"
# Of the environment alone, as no credential_source is.
WEB_IDENTITY = "AWS_WEB_IDENTITY_TOKEN_FILE"
_KEY_ID, _SECRET = "aws_access_key_id", "aws_secret_access_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where credentials come from: a profile with its section, or a credential source; shown by its name.

    `ends_with` is the credential source that a profile's native roles end with, "" where they end elsewhere.
    `below` is the profile that they end with, where that is another one.
    `is_source` is False for a profile whose credentials are wanted for themselves.
    """

    name: str
    section: Mapping[str, str] = field(default_factory=dict)
    is_profile: bool = True
    ends_with: str = ""
    below: "Origin | None" = None
    is_source: bool = True
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    authority: Callable[[], Authority | None] = lambda: None
    machine: Machine = field(default_factory=this_machine)

    def __str__(self) -> str:
        return self.name

    @property
    def as_profile(self) -> str:
        """The option that makes the AWS CLI use it."""
        return of_profile(self.name)

    @property
    def has_sso(self) -> bool:
        """Whether the profile's credentials come from SSO."""
        return "sso_session" in self.section or "sso_start_url" in self.section


def no_credentials(origin: Origin) -> CredhelperError:
    """Return the error for a source that has no credentials at all; it names where we looked."""
    pod = _pod(origin)
    if origin.is_profile:
        if origin.section.get(_SECRET) and not origin.section.get(_KEY_ID):
            return InputError(
                f"the credentials of {origin} are incomplete: {_KEY_ID} is missing",
                hint=keys_hint(origin),
                cause_id="no-keys",
            )
        return InputError(
            f"{'the source ' if origin.is_source else ''}profile {origin} has no credentials: no keys, role_arn, "
            "web_identity_token_file, sso_*, login_session or credential_process in the config or credentials file",
            hint=pod or f"aws configure {origin.as_profile}",
            cause_id="no-keys",
        )
    if origin.name == EC2:
        if origin.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
            return InputError(
                "AWS_EC2_METADATA_DISABLED forbids to ask the instance for credentials",
                hint=origin.machine.unset("AWS_EC2_METADATA_DISABLED"),
                cause_id="no-keys",
            )
        return UnreachableError(
            "the instance metadata service gave no credentials: it does not answer in time (in a container: the hop "
            "limit is 1), or the instance has no role that EC2 may assume",
            hint=f"{look_hint(origin)}; more time: metadata_service_timeout = 5 in the profile",
            cause_id="no-keys",
        )
    where = {
        "Environment": "AWS_ACCESS_KEY_ID is not set",
        "EcsContainer": "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set",
    }.get(origin.name, "nothing is set")
    return InputError(
        f"credential_source {origin} has no credentials: {where}",
        hint=pod or f"see what is set: {origin.machine.list_variables('AWS_')}",
        cause_id="no-keys",
    )


def _pod(origin: Origin) -> str:
    """Return the commands that make a profile where a cluster gives its pods a web identity, "" elsewhere."""
    role, token = (origin.environ.get(name) for name in ("AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"))
    if not role or not token:
        return ""
    return (
        "this pod has a web identity; make a profile of it, and then that the source profile: "
        f"aws configure set role_arn {word(role)} --profile pod; "
        f"aws configure set web_identity_token_file {word(token)} --profile pod"
    )


def check_key_pair(access_key_id: object, secret: object, token: object, origin: Origin) -> None:
    """Raise InputError if a key could only be refused later with a signature error that explains nothing."""
    for name, value in (
        ("access key ID", access_key_id),
        ("secret access key", secret),
        ("session token", token or "-"),
    ):
        if not isinstance(value, str) or not value:
            raise InputError(f"the {name} of {origin} is empty", hint=keys_hint(origin), cause_id="no-keys")
        if not all("!" <= character <= "~" for character in value):
            raise InputError(
                f"the {name} of {origin} holds a space, a line break or another character no key has",
                hint=keys_hint(origin),
                cause_id="key-secret",
            )
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            raise InputError(
                f"the {name} of {origin} is in quotes, and is sent with them",
                hint=keys_hint(origin),
                cause_id="key-secret",
            )


def keys_hint(origin: Origin) -> str:
    """Return the command that sets keys there."""
    return look_hint(origin) if not origin.is_profile else f"aws configure {origin.as_profile}"


def look_hint(origin: Origin) -> str:
    """Return the command that shows whether there are credentials there."""
    if origin.is_profile:
        otherwise = OTHERWISE if origin.is_source else ""
        return f"see the details: aws sts get-caller-identity {origin.as_profile}{otherwise}"
    return {
        "Environment": "set the variables again",
        "EcsContainer": f"see what is set: {origin.machine.list_variables('AWS_CONTAINER')}",
        WEB_IDENTITY: f"see what is set: {origin.machine.list_variables('AWS_')}",
        EC2: "see whether it answers: curl -sS -m 3 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "
        "http://169.254.169.254/latest/api/token",
    }[origin.name]


def renewal(profile: str, shared: SharedConfig) -> str:
    """Return the command that renews the session which a profile holds or gets, "" where another program knows it."""
    section = shared.profiles.get(profile, {})
    if "aws_session_token" in section and has_static_keys(section):
        # Not `aws configure`: that would leave the old token beside the new keys.
        with contextlib.suppress(OSError, UnicodeDecodeError, KeyError):
            path, line, _ = shared.place_of(profile, STATIC_KEYS)
            return f"get new ones from where these come from, and replace all three keys: {open_at(path, line)}"
    if not kinds.has_role(section) and ("sso_session" in section or "sso_start_url" in section):
        return f"renew them: aws sso login {of_profile(profile)}"
    if not kinds.has_role(section) and "login_session" in section:
        return f"renew them: aws login {of_profile(profile)}"
    return ""
