"""The grant of the story as values: both accounts as it leaves them, in memory."""

import json

from credhelper.grant.change import Change, Verb
from credhelper.grant.found import Found, FoundHolder, FoundRole
from credhelper.grant.options import Options
from credhelper.grant.plan import Plan, plan
from credhelper.grant.wanted import wanted
from credhelper.policy.document import Document, load
from fakes import iam_world

ACC, PROD = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{PROD}:role/acc-to-read-prod-s3-bucket"
BUCKET = "list-prod-bkt-details-01"
STORY = Options(role=ROLE, acc=ACC, group="DevGroup", members=("David",), buckets=(BUCKET,))
RIGHT = f"credhelper-assume-{PROD}-acc-to-read-prod-s3-bucket"
DAVID = f"arn:aws:iam::{ACC}:user/David"
FULL = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
DEVGROUP = FoundHolder(kind="group", name="DevGroup", arn=f"arn:aws:iam::{ACC}:group/DevGroup")
NOTHING = Found(is_role_side_read=True, is_caller_side_read=True, holder=DEVGROUP, users=(DAVID,))


def planned(options: Options, found: Found, *, adopt: bool = False, prune: bool = False) -> Plan:
    """Return the plan of these options."""
    return plan(wanted(options), found, adopt=adopt, prune=prune)


def written(found: Found, changes: tuple[Change, ...]) -> Found:
    """Return both accounts after these writes."""
    for change in changes:
        found = iam_world.apply(found, change, role_account=PROD, caller_account=ACC)
    return found


def made(options: Options = STORY) -> tuple[Found, FoundRole, FoundHolder]:
    """Return both accounts as a grant leaves them."""
    found = written(NOTHING, planned(options, NOTHING).writes)
    assert found.role is not None
    assert found.holder is not None
    return found, found.role, found.holder


def operations(found: Plan) -> list[str]:
    """Return the calls of a plan."""
    return [one.operation for one in found.writes]


def foreign(found: Plan) -> list[str]:
    """Return what is shown and left alone."""
    return [one.title for one in found.changes if one.verb is Verb.FOREIGN]


def codes(found: Plan) -> list[str]:
    """Return the codes of the notices."""
    return [one.code for one in found.notices]


def document(*statements: object) -> Document:
    """Return a policy of these statements."""
    return load(json.dumps({"Version": "2012-10-17", "Statement": statements}))


def allowing(action: str, resource: object = "*", effect: str = "Allow") -> Document:
    """Return a policy of one statement."""
    return document({"Effect": effect, "Action": action, "Resource": resource})


def trusting(principal: object) -> Document:
    """Return a trust policy for these principals."""
    return document({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})
