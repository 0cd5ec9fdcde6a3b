"""Who may make a grant: administrators of each kind, what is asked of IAM before, and a person at a terminal."""

import json
import os
from pathlib import Path

import pytest

from credhelper.aws import iam_read, identity, preflight
from credhelper.aws.preflight import Answer
from credhelper.aws.service import Service
from credhelper.aws.shared_config import SharedConfig
from credhelper.demo.emulator import Emulator
from credhelper.errors import AwsError
from credhelper.grant.change import Change, Side, Verb
from credhelper.model.credentials import Credentials
from fakes.front.exchange import Answer as Sent
from fakes.front.exchange import Onward, Request, json_answer
from fakes.front.iam import IamRules
from fakes.front.layers import Attempt, Layers
from fakes.front.pages import Pages
from fakes.front.server import Front
from fakes.front.two_accounts import policy, story
from fakes.front.world import World
from fakes.grant_home import ALL, GrantHome
from fakes.typist import Typist

PUT = Change(
    side=Side.ROLE,
    verb=Verb.ADD,
    title="policy",
    operation="PutRolePolicy",
    parameters={"RoleName": "reader", "PolicyName": "p", "PolicyDocument": "{}"},
)


def make_role_admin(admin: GrantHome, *, path: str = "/") -> None:
    """Make a role that may do all in Prod, and a profile of credhelper's for it."""
    it = admin.it
    iam = it.client("iam", it.prod)
    trust = it.trust(f"arn:aws:iam::{it.acc}:root")
    iam.create_role(RoleName="Administrators", Path=path, AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName="Administrators", PolicyName="all", PolicyDocument=policy(ALL))
    role = f"arn:aws:iam::{it.prod}:role{path}Administrators"
    admin.add_role("prod-role", "acc-admin", role)


def test_role_of_credhelpers_is_an_administrator(admin: GrantHome) -> None:
    make_role_admin(admin)
    options = ["--prod-admin", "prod-role", "--acc-admin", "acc-admin", "--yes"]
    with admin.it.front.journal.watch() as seen:
        done = admin.run("grant", "apply", *admin.grant, *options)
    assert done.returncode == 0, done.stderr.decode()
    assert f"(as arn:aws:sts::{admin.it.prod}:assumed-role/Administrators/" in done.stdout.decode()
    assert [call.operation for call in seen.calls].count("SimulatePrincipalPolicy") == 2
    assert b"not known before" not in done.stderr


def test_role_with_a_path_is_asked_about_by_its_whole_arn(admin: GrantHome) -> None:
    make_role_admin(admin, path="/ops/")  # whose simulation the emulator cannot do
    rule = Simulation("implicitDeny")
    with Front(admin.it.front.url, rule) as front:
        options = ["--prod-admin", "prod-role", "--yes"]
        done = admin.run("grant", "apply", *admin.grant, *options, AWS_ENDPOINT_URL=front.url)
    assert (done.returncode, b"may not iam:CreateRole" in done.stderr) == (4, True), done.stderr.decode()
    assert rule.sources == [f"arn:aws:iam::{admin.it.prod}:role/ops/Administrators"]


def test_long_lived_key_needs_no_consent_and_is_given_to_no_program(admin: GrantHome) -> None:
    assert admin.plan().returncode == 0
    logged = admin.run("log", "--json").stdout.decode()
    assert [json.loads(line)["outcome"] for line in logged.splitlines()] == ["used", "used"]
    assert b"--long-lived" in admin.run("exec", "prod-admin", "--", "true").stderr


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--prod-admin", "nobody"], 2, "nobody"),
        (["--prod-admin", "wrong"], 4, "does not belong to access key"),
        (["--prod-admin", "prod-admin", "--acc-admin", "wrong"], 4, "does not belong to access key"),
    ],
    ids=str,
)
def test_administrator_without_credentials_is_said(admin: GrantHome, options: list[str], code: int, said: str) -> None:
    credentials = (admin.aws / "credentials").read_text().split("[prod-admin]")[1]
    key = credentials.split("aws_access_key_id = ")[1].split("\n")[0]
    admin.add_user(key, profile="wrong")
    done = admin.run("grant", "plan", *admin.grant, *options)
    shown = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b""), shown
    assert said in shown


def test_service_that_does_not_answer_is_named(admin: GrantHome) -> None:
    done = admin.run("grant", "plan", *admin.grant, *admin.both, AWS_ENDPOINT_URL_IAM="http://127.0.0.1:9")
    assert done.returncode == 5
    assert "127.0.0.1:9 failed: connection refused" in done.stderr.decode()


def test_denial_of_a_read_names_the_layer_and_the_action(emulator: Emulator, tmp_path: Path) -> None:
    def decide(attempt: Attempt) -> str | None:
        is_group = attempt.action == "iam:GetGroup"
        return attempt.denied("service control policy", "explicit") if is_group else None

    it = story(emulator, IamRules(), Layers(decide))
    with it.front:
        home = GrantHome(tmp_path / "admin", it)
        done = home.plan()
    shown = done.stderr.decode()
    assert done.returncode == 4, shown
    assert f"arn:aws:iam::{it.acc}:user/admin may not iam:GetGroup" in shown
    assert "an explicit deny in a service control policy" in shown


def test_members_and_groups_that_are_not_there_are_refused_before_a_write(admin: GrantHome) -> None:
    admin.it.client("iam", admin.it.acc).delete_group(GroupName="DevGroup")
    with admin.it.front.journal.watch() as seen:
        done = admin.apply()
        assert (done.returncode, b"--create-group" in done.stderr) == (2, True), done.stderr
        done = admin.apply("--create-group", "--member", "Nobody")
        assert (done.returncode, b"Nobody" in done.stderr) == (2, True), done.stderr
    assert seen.writes == []


def test_user_gets_the_right_without_a_group(admin: GrantHome) -> None:
    it = admin.it
    options = ["--role", it.role_arn, "--acc", it.acc, "--user", "David", "--bucket", f"{it.bucket}/", *admin.both]
    done = admin.run("grant", "apply", *options, "--yes", "--profile", "prod-s3")
    assert b"tested: David assumes the role" in done.stdout, done.stderr
    assert admin.run("grant", "plan", *options, "--check").returncode == 0
    done = admin.run("grant", "remove", *options[:6], *admin.both, "--yes")
    assert b"3 changes made" in done.stdout, done.stderr


def test_grant_with_mfa_writes_the_profile_and_says_what_it_lacks(admin: GrantHome) -> None:
    found = admin.json("apply", *admin.grant, *admin.both, "--yes", "--require-mfa", "--profile", "prod-s3")
    assert found["proof"]["is_proven"] is False
    assert "credhelper profile set prod-s3 --mfa-serial ARN" in found["proof"]["text"]
    assert "[profile prod-s3]" in admin.config.read_text()


class Late:
    """A rule of layers: AssumeRole by a user is refused so many times."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self, attempt: Attempt) -> str | None:
        """Return a refusal, or None."""
        if attempt.action != "sts:AssumeRole" or self.left == 0:
            return None
        self.left -= 1
        return attempt.denied("identity-based policy", "implicit")


@pytest.mark.parametrize(("times", "code"), [(2, 0), (-1, 4)])
def test_refusal_after_the_writes_is_tried_again_for_a_while(
    emulator: Emulator, tmp_path: Path, times: int, code: int
) -> None:
    it = story(emulator, IamRules(), Layers(Late(times)))
    with it.front:
        it.make_bucket()
        home = GrantHome(tmp_path / "admin", it)
        home.add_david()
        done = home.apply("--profile", "prod-s3")
    shown = done.stderr.decode()
    assert done.returncode == code, shown
    assert "as AWS needs some seconds (2 s)" in shown
    assert (b"tested: David assumes the role" in done.stdout) == (code == 0)
    assert ("does not work yet: no policy of" in shown) == (code != 0)


def test_profile_of_half_a_grant_is_written_and_nothing_proven(admin: GrantHome) -> None:
    options = [*admin.grant, "--prod-admin", "prod-admin", "--yes", "--profile", "prod-s3"]
    found = admin.json("apply", *options)
    assert found["proof"]["text"].startswith("nothing was proven, as one half is not made yet: ")
    assert list(found["halves"]) == ["acc"]
    assert "[profile prod-s3]" in admin.config.read_text()
    assert admin.json("apply", *admin.grant, "--acc-admin", "acc-admin", "--yes", "--profile", "prod-s3")["proof"][
        "is_proven"
    ]


def test_analyzer_that_cannot_be_asked_is_a_note(admin: GrantHome) -> None:
    done = admin.plan("--lint-online", "--check")
    assert done.returncode == 1, done.stderr.decode()
    assert "IAM Access Analyzer was not asked as prod-admin" in done.stdout.decode()


def test_findings_of_the_analyzer_are_notices_beside_the_others(admin: GrantHome) -> None:
    asked: list[str] = []

    def analyze(world: World, request: Request, onward: Onward) -> Sent:
        if request.service != "access-analyzer":
            return onward(request)
        asked.append(json.loads(request.body)["policyType"])
        details = "Use \x1b[31mless\nthan that."
        finding = {"findingType": "SUGGESTION", "issueCode": "EMPTY_ARRAY_ACTION", "findingDetails": details}
        rest = {"learnMoreLink": "https://docs.aws.amazon.com/", "locations": []}
        return json_answer(200, {"findings": [finding | rest]})

    with Front(admin.it.front.url, analyze) as front:
        arguments = [*admin.grant, *admin.both, "--lint-online", "--json"]
        done = admin.run("grant", "plan", *arguments, AWS_ENDPOINT_URL=front.url)
    found = [one for one in json.loads(done.stdout)["notices"] if one["code"] == "online-empty-array-action"]
    assert sorted(asked) == ["IDENTITY_POLICY", "IDENTITY_POLICY", "RESOURCE_POLICY"]
    assert found[0]["text"] == "the trust policy: Use [31mless than that"
    assert {one["severity"] for one in found} == {"note"}


def test_export_makes_no_call_and_reads_no_profile(admin: GrantHome) -> None:
    with admin.it.front.journal.watch() as seen:
        for form in ("cli", "cloudformation", "terraform", "json"):
            done = admin.run("grant", "export", *admin.grant, "--side", "prod", "--format", form)
            assert (done.returncode, admin.it.bucket in done.stdout.decode()) == (0, True), done.stderr
        done = admin.run("grant", "export", *admin.grant, "--out", "halves")
    assert done.returncode == 0, done.stderr
    assert sorted(path.suffix for path in (admin.path / "halves").iterdir()).count(".sh") == 2
    assert seen.calls == []
    done = admin.run("grant", "export", "--self-read", "--acc", admin.it.acc, "--group", "DevGroup")
    assert json.loads(done.stdout)["Statement"]


@pytest.mark.parametrize(("typed", "code"), [("yes", 0), ("no", 2), ("", 2)])
def test_person_is_asked_before_the_first_change(admin: GrantHome, typed: str, code: int) -> None:
    with (
        admin.it.front.journal.watch() as seen,
        Typist(admin, ["grant", "apply", *admin.grant, *admin.both], is_standard=True) as person,
    ):
        person.wait_for("Make 4 changes? [no]: ")
        person.type(typed)
        assert person.result()[0] == code, person.seen
    assert len(seen.writes) == (0 if code else 4)
    assert max(map(len, person.seen.replace("\r", "").splitlines())) > 0


def test_interrupted_question_writes_nothing(admin: GrantHome) -> None:
    with (
        admin.it.front.journal.watch() as seen,
        Typist(admin, ["grant", "apply", *admin.grant, *admin.both], is_standard=True) as person,
    ):
        person.wait_for("[no]: ")
        person.press("\x03")
        assert person.result()[0] == 130, person.seen
    assert seen.writes == []


class Simulation:
    """A rule that answers SimulatePrincipalPolicy: `missing` are keys that the simulation would need."""

    def __init__(self, decision: str, missing: str = "") -> None:
        self._decision = decision
        self._missing = f"<member>{missing}</member>" if missing else ""
        self.asked: list[str] = []
        self.sources: list[str] = []

    def __call__(self, world: World, request: Request, onward: Onward) -> Sent:
        """Answer it, and pass on all others."""
        del world
        if request.operation != "SimulatePrincipalPolicy":
            return onward(request)
        self.asked.append(request.form["ResourceArns.member.1"])
        self.sources.append(request.form["PolicySourceArn"])
        action = request.form["ActionNames.member.1"]
        result = (
            f"<member><EvalActionName>{action}</EvalActionName><EvalDecision>{self._decision}</EvalDecision>"
            f"<MissingContextValues>{self._missing}</MissingContextValues></member>"
        )
        body = (
            '<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
            f"<SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults>{result}"
            "</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
        )
        return Sent(200, body.encode(), {"Content-Type": "text/xml"})


@pytest.mark.parametrize(
    ("decision", "key", "expected"),
    [
        ("allowed", "", Answer()),
        ("allowed", "aws:SourceIp", Answer()),
        ("implicitDeny", "", Answer(("iam:PutRolePolicy",))),
        ("explicitDeny", "", Answer(("iam:PutRolePolicy",))),
        ("explicitDeny", "aws:MultiFactorAuthPresent", None),
    ],
)
def test_only_what_is_certainly_refused_holds_a_grant_up(
    admin: GrantHome, decision: str, key: str, expected: Answer | None
) -> None:
    rule = Simulation(decision, key)
    with Front(admin.it.front.url, rule) as front:
        made = admin.it.make_key("admin", admin.it.prod)
        admin.config.write_text(f"[profile x]\nendpoint_url = {front.url}\n")
        shared = SharedConfig(str(admin.config), os.devnull)
        iam = Service("iam", "x", Credentials(made["AccessKeyId"], made["SecretAccessKey"]), shared)
        who = identity.ask(iam.sibling("sts"))
        found = preflight.ask(iam, who, [PUT], {"Role": f"arn:aws:iam::{admin.it.prod}:role/ops/reader"})
        assert preflight.ask(iam, who, [], {}) == Answer()
    if expected is None:
        assert (found.missing, "MFA" in found.note) == ((), True)
    else:
        assert found == expected
    assert rule.asked == [f"arn:aws:iam::{admin.it.prod}:role/ops/reader"]


def test_lists_in_pages_are_read_to_their_end(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = story(emulator, Pages(1))
    with it.front:
        it.make_role()
        it.make_david()
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.front.url)
        prod, acc = it.client("iam", it.prod), it.client("iam", it.acc)
        for number in range(3):
            prod.put_role_policy(RoleName=it.role, PolicyName=f"p{number}", PolicyDocument=policy(ALL))
            acc.create_user(UserName=f"user{number}")
            acc.add_user_to_group(GroupName="DevGroup", UserName=f"user{number}")
        shared = SharedConfig(str(tmp_path / "config"), os.devnull)
        services = [Service("iam", "x", Credentials(one, Emulator.ROOT_SECRET), shared) for one in (it.prod, it.acc)]
        role, (group, arns) = iam_read.role(services[0], it.role), iam_read.group(services[1], "DevGroup")
    assert role is not None
    assert set(role.inline) == {"read-bucket", "p0", "p1", "p2"}
    assert group is not None
    assert set(group.members) == {"David", "user0", "user1", "user2"} == set(arns)
    assert arns["David"] == it.david


def test_list_that_does_not_end_is_given_up(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(world: World, request: Request, onward: Onward) -> Sent:
        answer = onward(request)
        if request.operation != "GetGroup":
            return answer
        more = b"<IsTruncated>true</IsTruncated><Marker>again</Marker>"
        return Sent(200, answer.body.replace(b"<IsTruncated>false</IsTruncated>", more), answer.headers)

    it = story(emulator, endless)
    with it.front:
        it.make_david()
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.front.url)
        shared = SharedConfig(str(tmp_path / "config"), os.devnull)
        iam = Service("iam", "x", Credentials(it.acc, Emulator.ROOT_SECRET), shared)
        with pytest.raises(AwsError, match="IAM does not end the answer to GetGroup"):
            iam_read.group(iam, "DevGroup")
