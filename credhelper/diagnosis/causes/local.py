"""The causes on this machine: the line, the files, the environment, the clock, the cache. Pure."""

from collections.abc import Mapping

from credhelper.diagnosis.causes import looks
from credhelper.diagnosis.causes.cause import Cause, Who

_SETTING, _MACHINE, _AWS, _CODE = 2, 3, 4, 6
_NO_PROGRAM = "[Errno 2] No such file or directory: '…/bin/python'"
_FROM_PROCESS = "Error when retrieving credentials from custom-process"
_UNKNOWN_KEY = "The security token included in the request is invalid."


def _said(code: str, message: str, status: int = 403) -> Mapping[str, str]:
    return looks.of_tools("STS", "AssumeRole", code, status, message)


def _of_tools(said: str, kind: str, go: str, java: str, shown: str = "") -> Mapping[str, str]:
    return {
        "AWS CLI": said,
        "boto3": f"{kind}: {said}",
        "Go": f"{shown}{go}",
        "Java": java,
        "Terraform": f"Error: No valid credential sources found … Error: {go}",
    }


def _printed(
    said: str, status: int = 1, kind: str = "botocore.exceptions.CredentialRetrievalError"
) -> Mapping[str, str]:
    """Return what tools print of a program in the config file that is not there or fails; what it says is on stderr."""
    on_stderr = said.removeprefix(f"{_FROM_PROCESS}: ") if said.startswith(_FROM_PROCESS) else "…"
    shown = f"{on_stderr} … " if on_stderr != "…" else ""  # Go leaves it on the terminal
    return _of_tools(
        said,
        kind,
        "failed to refresh cached credentials, process provider error: "
        f"error in credential_process: exit status {status}",
        "Failed to refresh process-based credentials. … "
        f"Command returned non-zero exit value ({status}) with error message: {on_stderr}",
        shown,
    )


CAUSES: tuple[Cause, ...] = (
    Cause(
        id="helper-path",
        title="The line of the profile does not start credhelper",
        meaning="A program that the profile's `credential_process` names is gone: credhelper was uninstalled or moved, "
        "or its virtual environment was removed. Or the profile has no such line.",
        way_out="`credhelper profile repair NAME` writes the line again, and `credhelper profile repair` every one "
        "that needs it.",
        who=Who.YOU,
        exit_code=_MACHINE,
        looks=_printed(_NO_PROGRAM, 127, "FileNotFoundError"),
    ),
    Cause(
        id="shadow-file",
        title="Other credentials of the same profile go first",
        meaning="The credentials file, or the profile itself, has keys or a role under the same name. AWS's tools take "
        "these and never ask credhelper.",
        way_out="`credhelper profile show NAME` says which line it is; remove it, or rename one of the two profiles.",
        who=Who.YOU,
        exit_code=_SETTING,
        looks=_said("InvalidClientTokenId", _UNKNOWN_KEY),
    ),
    Cause(
        id="shadow-env",
        title="Variables go before the profile",
        meaning="`AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or a web identity, are set. Tools that choose the "
        "profile by `AWS_PROFILE` take these; `--profile NAME` is not affected.",
        way_out="Remove the variables: `unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN`.",
        who=Who.YOU,
        exit_code=_SETTING,
        looks=_said("AccessDenied", "User: arn:aws:iam::111111111111:user/another is not authorized to perform: …"),
    ),
    Cause(
        id="config",
        title="The configuration cannot be used",
        meaning="The profile, or one that its credentials come from, has a setting that credhelper or AWS's tools "
        "refuse, or the file cannot be read.",
        way_out="`credhelper profile check` names each line, with what to write.",
        who=Who.YOU,
        exit_code=_SETTING,
        looks=_of_tools(
            "Unable to parse config file: /home/david/.aws/config",
            "botocore.exceptions.ConfigParseError",
            "failed to load shared config file, /home/david/.aws/config, …",
            "Expected an '=' sign defining a property on line 3",
        ),
    ),
    Cause(
        id="role-arn",
        title="The role's ARN cannot be right",
        meaning="It has not the shape of a role's ARN, or its partition is not that of the region or of the source "
        "credentials.",
        way_out="`credhelper profile set NAME --role-arn ARN`, with `arn:aws:iam::ACCOUNT:role/NAME`.",
        who=Who.YOU,
        exit_code=_SETTING,
        looks=_said("ValidationError", "… is invalid", 400),
    ),
    Cause(
        id="no-keys",
        title="The source has no credentials",
        meaning="The source profile or credential source gives none: no keys, a program that fails, an instance "
        "without a role.",
        way_out="`credhelper profile show NAME` shows the source; `aws configure --profile SOURCE` gives it keys.",
        who=Who.YOU,
        exit_code=_SETTING,
        looks=_printed(f"{_FROM_PROCESS}: credhelper: error: source profile default has no credentials", 2),
    ),
    Cause(
        id="source-program",
        title="The source's program fails",
        meaning="The source profile has a `credential_process` of another tool, and it fails or prints no document.",
        way_out="`aws sts get-caller-identity --profile SOURCE` shows what it says.",
        who=Who.YOU,
        exit_code=_MACHINE,
        looks=_printed(f"{_FROM_PROCESS}: …", 1),
    ),
    Cause(
        id="source-refused",
        title="AWS refuses the source",
        meaning="The source takes credentials from AWS itself (a role, IAM Identity Center, a web identity), and AWS "
        "refuses them.",
        way_out="Where the source is a profile of credhelper's: `credhelper doctor SOURCE`; else `aws sts "
        "get-caller-identity --profile SOURCE` shows what AWS says.",
        who=Who.CALLER_ADMIN,
        exit_code=_AWS,
        looks=_said("AccessDenied", "User: … is not authorized to perform: sts:AssumeRole on resource: …"),
    ),
    Cause(
        id="no-code",
        title="No one-time code was given",
        meaning="The profile has an MFA device, and its code could not be had: there is no terminal to ask at, nothing "
        "was typed, or the `mfa_process` fails.",
        way_out="`credhelper login NAME` in a terminal; `credhelper profile show NAME` shows the `mfa_process`.",
        who=Who.YOU,
        exit_code=_CODE,
        looks=_printed(
            f"{_FROM_PROCESS}: credhelper: error: a one-time code is needed and there is no terminal to ask at",
            6,
        ),
    ),
    Cause(
        id="sso-expired",
        title="The sign-in of the source has expired",
        meaning="The source's session of IAM Identity Center (SSO) or of `aws login` is over, or was never started.",
        way_out="`aws sso login --profile SOURCE`, or `aws login --profile SOURCE`.",
        who=Who.YOU,
        exit_code=_AWS,
        looks=_of_tools(
            "Error when retrieving token from sso: Token has expired and refresh failed",
            "botocore.exceptions.TokenRetrievalError",
            "failed to refresh cached credentials, refresh cached SSO token failed, unable to refresh SSO token, "
            "operation error SSO OIDC: CreateToken, https response error StatusCode: 400, RequestID: …, "
            "InvalidGrantException: …",
            "The SSO session associated with this profile has expired or is otherwise invalid.",
        ),
    ),
    Cause(
        id="session-expired",
        title="The source's session has expired",
        meaning="The source credentials are those of a session, and AWS does not accept them any more.",
        way_out="Get new ones from where they come from; where a file has them, replace all three keys.",
        who=Who.YOU,
        exit_code=_AWS,
        looks=_said("ExpiredToken", "The security token included in the request is expired"),
    ),
    Cause(
        id="key-unknown",
        title="AWS knows no such active key",
        meaning="The access key of the source is unknown, inactive or deleted, of another partition, or seconds old. "
        "AWS says the same of each.",
        way_out="An administrator of the caller's account sees which: `credhelper doctor NAME --acc-admin PROFILE`. "
        "New keys: `aws configure --profile SOURCE`.",
        who=Who.YOU,
        exit_code=_AWS,
        looks=_said("InvalidClientTokenId", _UNKNOWN_KEY),
    ),
    Cause(
        id="key-inactive",
        title="The key is inactive",
        meaning="An administrator, or a rule of the account, has set the access key to inactive.",
        way_out="An administrator of the caller's account sets it to active, or gives another key: "
        "`aws iam update-access-key --access-key-id ID --status Active --user-name USER`.",
        who=Who.CALLER_ADMIN,
        exit_code=_AWS,
        looks=_said("InvalidClientTokenId", _UNKNOWN_KEY),
    ),
    Cause(
        id="key-deleted",
        title="The key is deleted, or of another account",
        meaning="The account that was looked at has no such access key.",
        way_out="`aws configure --profile SOURCE`, with a key that there is.",
        who=Who.YOU,
        exit_code=_AWS,
        looks=_said("InvalidClientTokenId", _UNKNOWN_KEY),
    ),
    Cause(
        id="key-secret",
        title="The secret is not the key's",
        meaning="The secret access key is mistyped, cut off, or another key's.",
        way_out="`aws configure --profile SOURCE`, with both parts of one key.",
        who=Who.YOU,
        exit_code=_AWS,
        looks=_said(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method.",
        ),
    ),
    Cause(
        id="clock",
        title="The clock is wrong",
        meaning="AWS accepts a request up to 15 minutes off its own time, and this machine's clock is further off.",
        way_out="Set the clock; `credhelper doctor NAME` says how on this system, and by how much it is off.",
        who=Who.YOU,
        exit_code=_MACHINE,
        looks=_said("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than …"),
    ),
    Cause(
        id="cache",
        title="Nothing is kept in the cache",
        meaning="The cache's directory belongs to another user, is open to others, or cannot be written to. Requests "
        "work and are slower: each asks AWS.",
        way_out="`credhelper status` says why, and what changes it.",
        who=Who.YOU,
        exit_code=_MACHINE,
    ),
    Cause(
        id="keystore",
        title="No key store holds the cache's key",
        meaning="Without a key nothing is kept on disk. Requests work and are slower: each asks AWS.",
        way_out="`credhelper key move file` keeps the key in a file that only you can read.",
        who=Who.YOU,
        exit_code=_MACHINE,
    ),
    Cause(
        id="sdk-limit",
        title="A tool may not wait for so long",
        meaning="Some SDKs end a `credential_process` that takes long: Rust's after 5 s before July 2026 and after "
        "about 20 s since, JetBrains' plugin after 30 s, Go's and Kotlin's after 60 s.",
        way_out="`credhelper login NAME` in a terminal first: from the cache an answer takes milliseconds.",
        who=Who.YOU,
        exit_code=_MACHINE,
        looks={
            "AWS CLI": "waits as long as it takes",
            "Go": "process provider error: credential process timed out: signal: killed",
            "Terraform": "as Go",
        },
    ),
)
