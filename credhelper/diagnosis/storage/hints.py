"""The command that helps against a cause in S3, with the real names; who is to type it is said before it. Pure."""

import sys

from credhelper.diagnosis.storage.evidence import Known
from credhelper.diagnosis.storage.kms_key import DECRYPT, KEY
from credhelper.model.shell import of_profile, own_command, word
from credhelper.policy.document import V2012, Document, Statement
from credhelper.policy.render import to_text

NO_BUCKET, REGION, MISSING, ARCHIVED = "s3-no-bucket", "s3-region", "s3-object-missing", "s3-archived"
DENIED = "s3-denied"
_LONGEST_NAME = 128


def hint(cause: str, known: Known, *, action: str = "", is_denied: bool = False) -> str:
    """Return the hint for a cause; `action` is what was refused, `is_denied`: by a statement that denies."""
    asker, bucket = known.asker, known.bucket.bucket
    as_admin, as_owner = _as(asker.admin), _as(asker.bucket_admin)
    role = word(asker.role_name)
    match cause:
        case "s3-role-policy" | "s3-kms-policy" if not is_denied:
            return f"{_who(known)}{_put_policy(known, action)}"
        case "s3-role-policy" | "s3-kms-policy":
            return f"its statement has to change; the policies: aws iam list-role-policies --role-name {role}{as_admin}"
        case "s3-boundary":
            query = "--query Role.PermissionsBoundary"
            return f"the boundary has to allow it; its ARN: aws iam get-role --role-name {role} {query}{as_admin}"
        case "s3-session-policy":
            command = own_command("profile show", asker.profile)
            return f"the profile sends this policy with each request, and has to send one that allows it: {command}"
        case "s3-bucket-policy":
            query = f"--bucket {word(bucket)} --query Policy --output text"
            return f"the bucket's owner has to change its policy: aws s3api get-bucket-policy {query}{as_owner}"
        case "s3-block-public-access":
            text = f"name the account {asker.account} as the principal; the policy: aws s3api get-bucket-policy"
            return f"{text} --bucket {word(bucket)} --query Policy --output text{as_owner}"
        case "s3-scp" | "s3-rcp":
            return "an administrator of the organization has to allow it; show them this line"
        case "s3-vpc-endpoint":
            region = word(known.bucket.home or known.bucket.region)
            return f"who runs this network has to allow it: aws ec2 describe-vpc-endpoints --region {region}"
    return _of_place(cause, known)


def _of_place(cause: str, known: Known) -> str:
    asker, look = known.asker, known.object
    if cause == REGION:
        return own_command("profile set", asker.profile, options=f"--region {word(known.bucket.home)}")
    if cause == NO_BUCKET:
        return _other_bucket(known)
    bucket, as_role = word(known.bucket.bucket), of_profile(asker.profile)
    if look is None or cause == DENIED:
        return _more_eyes(known)
    if cause == MISSING and look.near:
        options = f"--bucket {bucket} --object {word(look.near[0])}"
        return f"did you mean: {own_command('doctor', asker.profile, options=options)}"
    if cause == MISSING:
        place = look.key[: look.key.rfind("/") + 1]
        whose = as_role if known.bucket.listed.is_ok else of_profile(asker.bucket_admin) if asker.bucket_admin else ""
        command = f"aws s3 ls {word(f's3://{known.bucket.bucket}/{place}')}"
        return f"see what is there: {command} {whose}" if whose else _more_eyes(known)
    if cause == ARCHIVED:
        named = f"--bucket {bucket} --key {word(look.key)}"
        command = f"aws s3api restore-object {named} --restore-request Days=1{_as(asker.bucket_admin)}"
        return f"who may restore it does: {command}"
    if cause == KEY and look.kms_key:
        region = look.kms_key.split(":")[3]
        command = f"aws kms get-key-policy --key-id {word(look.kms_key)} --policy-name default --region {word(region)}"
        return f"the key's policy has to allow {DECRYPT} to the role: {command} --output text{_as(asker.key_admin)}"
    return _more_eyes(known)


def _other_bucket(known: Known) -> str:
    asker = known.asker
    if known.near:
        name, _ = known.near[0]
        options = f"--bucket {word(name)}"
        return f"look at that one: {own_command('doctor', asker.profile, options=options)}"
    if asker.admin:
        return f"those of account {asker.account}: aws s3 ls {of_profile(asker.admin)}"
    return f"compare the name; who may list those of account {asker.account}: aws s3 ls"


def _more_eyes(known: Known) -> str:
    """Return who finds out more; "" where they did already."""
    asker = known.asker
    if asker.admin:
        return ""
    options = f"--bucket {word(known.bucket.bucket)}"
    options += f" --object {word(known.object.key)}" if known.object else ""
    if known.admins:
        options += f" --prod-admin {word(known.admins[0])}"
        return own_command("doctor", asker.profile, options=options)
    text = f"who may read roles and buckets of account {asker.account} finds out for certain, with a profile of theirs "
    return f"{text}behind --prod-admin: {own_command('doctor', asker.profile, options=options)}"


def _who(known: Known) -> str:
    return "allow it: " if known.asker.admin else f"an administrator of {known.asker.account} allows it: "


def _as(profile: str) -> str:
    return f" {of_profile(profile)}" if profile else ""


def _put_policy(known: Known, action: str) -> str:
    """Return the command that gives the role a policy of its own for this one thing, under a name not yet in use."""
    asker, look, bucket = known.asker, known.object, known.bucket.bucket
    resource = f"arn:{asker.partition}:s3:::{bucket}"
    if action == DECRYPT:
        resource = look.kms_key if look else ""
    elif action != "s3:ListBucket":
        resource = f"{resource}/*"
    if not resource:
        return f"a policy of role {asker.role_name} has to allow {action} on the key of the object"
    document = to_text(Document((Statement(effect="Allow", actions=(action,), resources=(resource,)),), V2012))
    name = f"{action.replace(':', '-')}-{bucket}"[:_LONGEST_NAME]
    taken = {told.rpartition("/")[2] for told, _ in known.papers.identity.documents}
    while name in taken:
        name = f"{name[: _LONGEST_NAME - 2]}-2"
    command = f"aws iam put-role-policy --role-name {word(asker.role_name)} --policy-name {word(name)}"
    command += f"{_as(asker.admin)} --policy-document"
    if sys.platform == "win32":  # cmd and PowerShell each take quotes in an argument differently
        return f"{command} file://policy.json, with this in policy.json: {document}"
    return f"{command} {word(document)}"
