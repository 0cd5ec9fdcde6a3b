"""What has to be written, and in which order: both sides, one side, drift, what is foreign."""

from credhelper.grant.change import Side
from credhelper.grant.found import Found, FoundHolder
from credhelper.grant.options import Options
from credhelper.grant.plan import Plan, plan
from credhelper.grant.wanted import wanted

ROLE = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
BUCKET = "list-prod-bkt-details-01"
STORY = Options(role=ROLE, acc="111111111111", group="DevGroup", members=("David",), buckets=(BUCKET,))
DAVID = "arn:aws:iam::111111111111:user/David"
DEVGROUP = FoundHolder(kind="group", name="DevGroup")
NOTHING = Found(is_role_side_read=True, is_caller_side_read=True, holder=DEVGROUP, users=(DAVID,))


def operations(found: Plan) -> list[str]:
    return [one.operation for one in found.writes]


def test_nothing_there_is_made_from_the_role_to_the_member() -> None:
    made = plan(wanted(STORY), NOTHING)
    assert operations(made) == ["CreateRole", "PutRolePolicy", "PutGroupPolicy", "AddUserToGroup"]
    assert made.refusals == ()


def test_side_that_was_not_read_gets_no_changes() -> None:
    made = plan(wanted(STORY), Found(is_role_side_read=True))
    assert {one.side for one in made.changes} == {Side.ROLE}
