"""What is exported, run by the other account's administrator, leaves IAM as the grant wants it."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from credhelper.commands.grant import export
from credhelper.commands.grant.export import Form
from credhelper.demo.emulator import Emulator
from credhelper.grant import render_cli
from credhelper.grant.change import Side
from credhelper.grant.found import Found
from credhelper.grant.plan import plan
from credhelper.grant.wanted import Wanted
from credhelper.policy.canonical import canonical
from credhelper.policy.document import Document
from fakes import fork_server, iam_reader
from fakes.front.iam import IamRules
from fakes.front.s3 import S3Rules
from fakes.front.sts import StsRules
from fakes.front.two_accounts import REGION, TwoAccounts, policy, refused, story
from fakes.home import Home
from fakes.story_grant import DESCRIPTION, grant_of

BOTH = (Side.ROLE, Side.CALLER)
# Each start of the AWS CLI takes long: as a text the commands are run for `grant plan`, and here with EXPORTS=all.
FORMS = (True, False) if os.environ.get("EXPORTS") == "all" else (True,)


@pytest.fixture
def it(aws: Emulator) -> Iterator[TwoAccounts]:
    """Two accounts: David in Acc, who is in no group, and a bucket in Prod."""
    made = story(aws, StsRules(), IamRules(), S3Rules())
    with made.front:
        acc = made.client("iam", made.acc)
        acc.create_user(UserName="David")
        acc.create_group(GroupName="DevGroup")
        made.make_bucket()
        everything = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
        made.client("iam", made.prod).create_policy(PolicyName="edge", PolicyDocument=everything)
        yield made


def administrator(it: TwoAccounts, account: str, command: list[str], **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a command as the root of an account would."""
    stubs = fork_server.stubs(Path(os.environ["HOME"], "stubs"), "aws")
    environ = {
        "PATH": os.pathsep.join((str(stubs), os.environ.get("PATH", os.defpath))),
        "HOME": os.environ["HOME"],
        "LANG": "C.UTF-8",
        "AWS_ENDPOINT_URL": it.front.url,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": Emulator.ROOT_SECRET,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=100, **more)


def account_of(it: TwoAccounts, side: Side) -> str:
    return it.prod if side is Side.ROLE else it.acc


def same(documents: dict[str, Document]) -> dict[str, Document]:
    return {name: canonical(one) for name, one in documents.items()}


def assert_wanted(found: Found, wanted: Wanted) -> None:
    """Fail unless IAM has what is wanted, and nothing else of it."""
    role, holder = found.role, found.holder
    assert role is not None
    assert holder is not None
    assert role.arn == str(wanted.role.arn)
    assert canonical(role.trust) == canonical(wanted.role.trust)
    assert same(dict(role.inline)) == same(dict(wanted.role.inline))
    assert same(dict(holder.inline)) == same(dict(wanted.holder.inline))
    assert (role.max_session_s, role.boundary, role.description) == (
        wanted.role.max_session_s,
        wanted.role.boundary,
        wanted.role.description,
    )
    assert set(role.attached) == set(wanted.role.attached)
    # CloudFormation has tags of its own.
    assert {key: value for key, value in role.tags.items() if not key.startswith("aws:")} == {
        "credhelper:grant": wanted.name
    }
    assert set(holder.members) == set(wanted.holder.members)
    planned = plan(wanted, found)
    assert (planned.changes, planned.refusals) == ((), ())


def rich(it: TwoAccounts, **more: Any) -> Wanted:
    """Return a grant with all that a half may have."""
    text = policy(
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{it.bucket}/${{aws:username}}/*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": 'it\'s "$HOME" `id` %{x} $${y}'}},
        }
    )
    fields: dict[str, Any] = {
        "role": it.role_arn.replace(":role/", ":role/ops/a=b,c@d/"),
        # The emulator's answers have these two signs unescaped.
        "description": DESCRIPTION.replace("&", "").replace("<", ""),
        "policies": (("own", text), ("OWN", text)),
        "policy_arns": ("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",),
        "boundary": f"arn:aws:iam::{it.prod}:policy/edge",
        "max_session": 7200,
        "external_id": "id-0123",
        "self_read": True,
        "group": "NewGroup,x=@1",
        "create_group": True,
    }
    return grant_of(it, **{**fields, **more})


def run(it: TwoAccounts, wanted: Wanted, side: Side, directory: Path | None = None) -> None:
    """Run the commands of a half as its administrator: files in a directory, or a text."""
    if directory is None:
        done = administrator(it, account_of(it, side), ["sh"], input=export.text(wanted, side, Form.CLI))
    else:
        export.write(wanted, [side], Form.CLI, str(directory), replace=True)
        script = directory / f"{side.value}-{wanted.role.name}.sh"
        done = administrator(it, account_of(it, side), ["sh", str(script)])
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("has_files", FORMS)
def test_commands_run_by_sh_make_both_halves_and_set_them_when_run_again(
    it: TwoAccounts, tmp_path: Path, *, has_files: bool
) -> None:
    directory = tmp_path / "a b" if has_files else None
    changed = rich(it, description="file:///etc/passwd", max_session=3600, external_id="id-9")
    # Each start of the AWS CLI takes long: what the text sets is what the files set.
    for wanted in (rich(it), changed) if has_files else (changed,):
        for side in BOTH:
            run(it, wanted, side, directory)
        assert_wanted(iam_reader.found(it, wanted), wanted)


def test_member_reads_the_bucket_after_both_halves_and_not_before(it: TwoAccounts) -> None:
    wanted = grant_of(it)
    david = it.make_key("David")
    run(it, wanted, Side.ROLE)
    assert (
        "not authorized to perform: sts:AssumeRole"
        in refused(it.client("sts", david).assume_role, RoleArn=it.role_arn, RoleSessionName="david").message
    )
    run(it, wanted, Side.CALLER)
    s3 = it.client("s3", it.assume(david))
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=it.bucket)["Contents"]] == ["readme.txt"]
    assert refused(s3.put_object, Bucket=it.bucket, Key="new", Body=b"").status == 403


def test_commands_leave_a_role_alone_that_is_not_of_the_grant(it: TwoAccounts, tmp_path: Path) -> None:
    it.make_role()
    wanted, elsewhere = grant_of(it), grant_of(it, role=it.role_arn.replace(":role/", ":role/ops/"))
    before = iam_reader.found(it, wanted)
    with it.front.journal.watch() as seen:
        for one, adopt in ((wanted, False), (elsewhere, True)):
            done = administrator(it, it.prod, ["sh"], input=export.text(one, Side.ROLE, Form.CLI, adopt=adopt))
            assert done.returncode == 2
            assert done.stderr.startswith(f"nothing was done: there is a role {it.role} already")
    assert seen.writes == []
    assert iam_reader.found(it, wanted) == before
    export.write(wanted, [Side.ROLE], Form.CLI, str(tmp_path / "out"), adopt=True)
    done = administrator(it, it.prod, ["sh", str(tmp_path / "out" / f"prod-{it.role}.sh")])
    assert (done.returncode, done.stderr) == (0, "")
    found = iam_reader.found(it, wanted)
    assert found.role is not None
    assert found.role.tags == {"credhelper:grant": wanted.name}
    assert set(found.role.inline) == {"read-bucket", *wanted.role.inline}


def test_commands_do_nothing_in_another_account_or_without_keys(it: TwoAccounts) -> None:
    wanted = grant_of(it)
    with it.front.journal.watch() as seen:
        for side in BOTH:
            other = it.acc if side is Side.ROLE else it.prod
            done = administrator(it, other, ["sh"], input=export.text(wanted, side, Form.CLI))
            assert (done.returncode, done.stderr) == (
                2,
                f"nothing was done: these credentials are of account {other}, not of {account_of(it, side)}\n",
            )
            assert administrator(it, "nobody", ["sh"], input=export.text(wanted, side, Form.CLI)).returncode not in (
                0,
                2,
            )
    assert seen.writes == []


def test_commands_stop_at_the_first_that_fails_and_a_pasted_text_ends_no_shell(it: TwoAccounts) -> None:
    wanted = grant_of(it, members=("Nemo", "David"))
    text = export.text(wanted, Side.CALLER, Form.CLI)
    done = administrator(it, it.acc, ["sh"], input=f"{text}echo still here: $?\n")
    assert "NoSuchEntity" in done.stderr
    assert done.stdout.startswith("still here: 25")
    found = iam_reader.found(it, wanted)
    assert found.holder is not None
    assert found.holder.members == ()


KINDS = ("AWS::IAM::Role", "AWS::IAM::Policy")


def deploy(it: TwoAccounts, wanted: Wanted, side: Side, account: str) -> list[str]:
    """Deploy the template of a half into an account; return the names of the resources that the stack has.

    The emulator has no kinds of resources of IAM but these, makes no boundary, and takes a pseudo parameter in a
    condition for its name.
    """
    text = export.text(wanted, side, Form.CLOUDFORMATION).replace(
        '{\n          "Ref": "AWS::AccountId"\n        }', f'"{account}"'
    )
    template = json.loads(text)
    assert "AWS::AccountId" not in text
    template["Resources"] = {name: one for name, one in template["Resources"].items() if one["Type"] in KINDS}
    stacks = it.client("cloudformation", account)
    stack = f"grant-{side.value}"
    stacks.create_stack(StackName=stack, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])
    end, status = time.monotonic() + 60, ""
    while time.monotonic() < end and not status.endswith(("COMPLETE", "FAILED")):
        status = stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    assert status == "CREATE_COMPLETE"
    return [one["LogicalResourceId"] for one in stacks.describe_stack_resources(StackName=stack)["StackResources"]]


def test_templates_deployed_make_both_halves(it: TwoAccounts) -> None:
    wanted = rich(it, group="DevGroup", create_group=False, boundary="")  # no boundary either: see deploy
    assert deploy(it, wanted, Side.ROLE, it.prod) == ["Role"]
    assert deploy(it, wanted, Side.CALLER, it.acc) == ["Policy1", "Policy2"]
    template = json.loads(export.text(wanted, Side.CALLER, Form.CLOUDFORMATION))
    members = template["Resources"]["Members"]
    assert members["Type"] == "AWS::IAM::UserToGroupAddition"  # its page: "adds the specified users to the group"
    for user in members["Properties"]["Users"]:
        it.client("iam", it.acc).add_user_to_group(GroupName=members["Properties"]["GroupName"], UserName=user)
    assert_wanted(iam_reader.found(it, wanted), wanted)


def test_template_makes_nothing_in_another_account(it: TwoAccounts) -> None:
    assert deploy(it, grant_of(it), Side.ROLE, it.acc) == []
    assert it.client("iam", it.acc).list_roles()["Roles"] == []


def test_command_prints_one_half_byte_for_byte_and_writes_both_without_a_call(it: TwoAccounts, tmp_path: Path) -> None:
    home = Home(tmp_path / "admin", AWS_ENDPOINT_URL=it.front.url)
    wanted = grant_of(it, description=DESCRIPTION)
    about = ["--role", it.role_arn, "--acc", it.acc, "--group", "DevGroup", "--member", "David", "--bucket", it.bucket]
    about += ["--description", DESCRIPTION]
    with it.front.journal.watch() as seen:
        for form in Form:
            for side in BOTH:
                done = home.run("grant", "export", *about, "--side", side.value, "--format", form.value)
                assert (done.returncode, done.stderr) == (0, b"")
                assert done.stdout.decode() == export.text(wanted, side, form)
        done = home.run("grant", "export", *about)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"--side prod" in done.stderr
        out = tmp_path / "out"
        assert home.run("grant", "export", *about, "--out", str(out)).returncode == 0
        assert {one.name: one.read_text() for one in out.iterdir()} == {
            name: text for side in BOTH for name, text in render_cli.files(wanted, side).items()
        }
        done = home.run("grant", "export", *about, "--access", "write", "--out", str(out))
        assert (done.returncode, b"--replace" in done.stderr) == (2, True)
    assert seen.calls == []
