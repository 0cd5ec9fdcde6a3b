"""Which cause is named first for a refused role, how certain it is, in which words, and what helps."""

import json
from dataclasses import replace
from typing import Any

import pytest

from credhelper.diagnosis.assume.check import diagnose
from credhelper.diagnosis.assume.evidence import Ask, CallerSide, Evidence, Held, RoleSide
from credhelper.diagnosis.causes.table import CAUSES
from credhelper.diagnosis.finding import Certainty, Check, Finding, State
from credhelper.policy.arn import parse
from credhelper.policy.denial import read
from credhelper.policy.document import Document, load

ACC, PROD = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{PROD}:role/reader"
DAVID = f"arn:aws:iam::{ACC}:user/David"
SESSION = f"arn:aws:sts::{ACC}:assumed-role/ops/david"
ROOT = f"arn:aws:iam::{ACC}:root"
BARE = f"User: {DAVID} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
C, L, P, X = Certainty.CERTAIN, Certainty.LIKELY, Certainty.POSSIBLE, Certainty.EXCLUDED
SERIAL = f"arn:aws:iam::{ACC}:mfa/David"


def document(*statements: dict[str, Any]) -> Document:
    return load(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def allow(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE, **more}


def trust(principal: Any = ROOT, effect: str = "Allow", action: Any = "sts:AssumeRole", **conditions: Any) -> Document:
    statement = {"Effect": effect, "Principal": {"AWS": principal}, "Action": action}
    return document({**statement, "Condition": conditions} if conditions else statement)


def ask(**changes: Any) -> Ask:
    role, caller = parse(ROLE), parse(changes.pop("who", DAVID))
    assert role is not None
    given: dict[str, Any] = {
        "profile": "prod-s3",
        "role": role,
        "caller": caller,
        "session_name": "David@laptop",
        "duration_s": 3600,
        "now_s": 1_790_000_000.0,
        "source": "default",
    }
    return Ask(**{**given, **changes})


def own(*documents: Document, **more: Any) -> CallerSide:
    held = tuple(Held("group DevGroup", f"policy-{number}", one) for number, one in enumerate(documents, 1))
    given: dict[str, Any] = {"origin": "read by the caller", "policies": held, "groups": ("DevGroup",), "tags": {}}
    return CallerSide(**{**given, **more})


def role(found: Document | None = None, **more: Any) -> RoleSide:
    return RoleSide(**{"origin": "read by prod-admin", "arn": ROLE, "trust": found, "max_session_s": 3600, **more})


def found(sentence: str = BARE, **known: Any) -> Check:
    return diagnose(Evidence(**{"ask": ask(), "said": read(sentence), "sentence": sentence, **known}))


def first(check: Check) -> Finding:
    assert check.first is not None
    return check.first


ALLOWED = own(document(allow()))


# One condition of the trust policy, what is sent, the cause with its certainty, and what the text says.
CONDITIONS: list[tuple[dict[str, Any], dict[str, Any], str, Certainty, str]] = [
    ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {}, "mfa", C, "wants MFA, and no one-time code is sent"),
    ({"Bool": {"aws:multifactorauthpresent": True}}, {}, "mfa", C, "wants MFA"),
    ({"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}, {}, "mfa", C, "wants MFA"),
    ({"Null": {"aws:MultiFactorAuthAge": "false"}}, {}, "mfa", C, "wants MFA"),
    ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {"is_temporary": True}, "mfa", L, "is not known from here"),
    # Long-lived keys have no such key, so this never holds, with MFA or without.
    ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, {}, "trust-condition", C, "and there is none"),
    ({"StringEquals": {"sts:ExternalId": "v-1"}}, {}, "external-id", C, "wants an external ID, and none is sent"),
    (
        {"StringEquals": {"sts:ExternalId": ["v-1", "v-2"]}},
        {"external_id": "x"},
        "external-id",
        C,
        "another external ID",
    ),
    ({"StringNotEquals": {"sts:ExternalId": "v-1"}}, {"external_id": "v-1"}, "external-id", C, "it is another"),
    ({"Null": {"sts:ExternalId": "false"}}, {}, "external-id", C, "there is none"),
    (
        {"StringEquals": {"sts:SourceIdentity": "ann"}},
        {},
        "source-identity",
        C,
        "the source identity ann, and none is sent",
    ),
    ({"StringEquals": {"sts:RoleSessionName": "ann"}}, {}, "session-name", C, "ann, and David@laptop is sent"),
    ({"StringLike": {"sts:RoleSessionName": "ann-*"}}, {}, "session-name", C, "ann-*, and David@laptop is sent"),
    ({"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}, {}, "session-name", C, "David@laptop is sent"),
    ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {}, "source-ip", L, "203.0.113.0/24 decides"),
    ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, {}, "source-ip", L, "vpce-1 decides"),
    ({"StringEquals": {"aws:RequestTag/team": "data"}}, {}, "tags", C, "aws:RequestTag/team StringEquals data"),
    ({"StringEquals": {"aws:RequestTag/team": "data"}}, {"tags": {"team": "x"}}, "tags", C, "it is x"),
    ({"StringEquals": {"aws:PrincipalTag/team": "data"}}, {}, "trust-condition", C, "and there is none"),
    ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, {}, "trust-condition", L, "o-1 decides"),
    ({"ArnEquals": {"aws:PrincipalArn": f"{DAVID}x"}}, {}, "trust-condition", C, f"it is {DAVID}"),
    ({"DateGreaterThan": {"aws:CurrentTime": "2030-01-01"}}, {}, "trust-condition", C, "it is 2026-"),
    ({"NumericLessThan": {"aws:EpochTime": "1"}}, {}, "trust-condition", C, "it is 1790000000"),
    (
        {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        {"region": "us-east-1"},
        "trust-condition",
        C,
        "us-east-1",
    ),
    ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, {}, "trust-condition", L, "decides"),
    ({"StringEquals": {"some:NewKey": "x"}}, {}, "trust-condition", L, "some:NewKey StringEquals x decides"),
    ({"StringEqualsSomehow": {"sts:ExternalId": "v-1"}}, {}, "external-id", L, "is not known from here"),
]


@pytest.mark.parametrize(("condition", "sent", "cause", "certainty", "says"), CONDITIONS, ids=str)
def test_condition_of_the_trust_policy_is_the_cause_of_its_key(
    condition: dict[str, Any],
    sent: dict[str, Any],
    cause: str,
    certainty: Certainty,
    says: str,
) -> None:
    check = found(ask=ask(**sent), caller_side=ALLOWED, role_side=role(trust(**condition)))
    one = first(check)
    assert (one.cause, one.certainty) == (cause, certainty)
    assert says in one.text
    assert one.hint
    assert "v-1" not in repr(check)
    shown = found(ask=ask(**sent), caller_side=ALLOWED, role_side=role(trust(**condition)), shows_values=True)
    assert ("v-1" in first(shown).text) is ("v-1" in str(condition))


# A trust policy, the cause with its certainty, and what the text says.
TRUSTS: list[tuple[Document, str, Certainty, str]] = [
    (trust("arn:aws:iam::333333333333:root"), "trust-principal", C, "lets in arn:aws:iam::333333333333:root, not"),
    (trust("333333333333"), "trust-principal", C, "lets in 333333333333, not"),
    (trust(f"{DAVID}x"), "trust-principal", C, f"lets in {DAVID}x, not {DAVID}"),
    (trust(f"arn:aws:iam::{ACC}:group/DevGroup"), "trust-principal", C, "a group is no principal"),
    (trust("AIDAJQABLZS4A3QDU576Q"), "deleted-principal", C, "names AIDAJQABLZS4A3QDU576Q, a user or role that was"),
    (trust(["AROAJQABLZS4A3QDU576Q", f"{DAVID}x"]), "deleted-principal", C, "names AROAJQABLZS4A3QDU576Q"),
    (
        trust(ROOT, action="sts:AssumeRoleWithSAML"),
        "trust-action",
        C,
        "allows sts:AssumeRoleWithSAML, not sts:AssumeRole",
    ),
    (document({"Effect": "Deny", "Principal": "*", "Action": "sts:*"}), "trust-deny", C, "denies it"),
    (trust(DAVID.replace("David", "david")), "trust-condition", L, "whether that fits is not known"),
]


@pytest.mark.parametrize(
    ("policy", "cause", "certainty", "says"), TRUSTS, ids=lambda one: one if isinstance(one, str) else ""
)
def test_principal_or_action_of_the_trust_policy_is_named(
    policy: Document, cause: str, certainty: Certainty, says: str
) -> None:
    for side in (ALLOWED, replace(ALLOWED, unique_id="AIDAZZZZZZZZZZZZZZZZZ"), None):
        one = first(found(caller_side=side, role_side=role(policy)))
        assert (one.cause, one.certainty) == (cause, certainty)
        assert says in one.text


@pytest.mark.parametrize("principal", [ROOT, ACC, DAVID, "*", [DAVID, "AIDAJQABLZS4A3QDU576Q"]])
def test_trust_that_lets_the_caller_in_is_excluded_and_the_organizations_are_left(principal: Any) -> None:
    check = found(caller_side=ALLOWED, role_side=role(trust(principal)))
    assert [(one.cause, one.certainty) for one in check.findings] == [
        ("scp", L),
        ("rcp", L),
        ("identity-policy", X),
        ("trust", X),
    ]


def test_several_unknown_keys_are_each_possible_behind_the_condition_as_a_whole() -> None:
    policy = trust(IpAddress={"aws:SourceIp": "203.0.113.0/24"}, StringEquals={"aws:SourceVpc": "vpc-1", "x:y": "z"})
    check = found(caller_side=ALLOWED, role_side=role(policy))
    assert (first(check).cause, first(check).certainty) == ("trust-condition", L)
    assert "aws:SourceIp, aws:SourceVpc, x:y" in first(check).text
    assert [one.cause for one in check.findings if one.certainty is P] == ["source-ip", "source-ip"]


# The caller's documents, what they are as a cause, its certainty, and what the text says.
OWN: list[tuple[list[dict[str, Any]], str, str]] = [
    ([], "identity-policy", "no policy of user David or of group DevGroup allows"),
    ([allow(Action="s3:ListBucket")], "identity-policy", "no policy of user David"),
    (
        [allow(Resource=f"{ROLE}x")],
        "identity-policy",
        f"group DevGroup/policy-1, statement 1 allows it on {ROLE}x, not",
    ),
    ([allow(NotResource=[ROLE], Resource=None)], "identity-policy", f"allows it on all but {ROLE}"),
    ([allow(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})], "mfa", "wants MFA"),
    ([allow(Condition={"StringEquals": {"aws:username": "Eve"}})], "identity-policy", "and it is David"),
    (
        [allow(Condition={"StringEquals": {"sts:ExternalId": "v-1"}})],
        "identity-policy",
        "sts:ExternalId StringEquals …",
    ),
    ([allow(), allow(Effect="Deny", Sid="Off")], "identity-deny", "policy-1, statement Off denies it"),
    (
        [allow(), allow(Effect="Deny", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})],
        "mfa",
        "denies it without MFA",
    ),
    (
        [allow(), allow(Effect="Deny", Condition={"Null": {"aws:MultiFactorAuthAge": "true"}})],
        "mfa",
        "denies it without MFA",
    ),
]


@pytest.mark.parametrize(("statements", "cause", "says"), OWN, ids=str)
def test_what_the_callers_policies_lack_is_certain_by_them_alone(
    statements: list[dict[str, Any]], cause: str, says: str
) -> None:
    given = [{key: value for key, value in one.items() if value is not None} for one in statements]
    side = own(*([document(*given)] if given else []))
    explicit = any(one["Effect"] == "Deny" for one in given)
    said = (
        "with an explicit deny in an identity-based policy" if explicit else "because no identity-based policy allows"
    )
    for sentence in (BARE, f"{BARE} {said} the sts:AssumeRole action"):
        one = first(found(sentence, caller_side=side))
        assert (one.cause, one.certainty) == (cause, C)
        assert says in one.text
        assert one.hint
        assert "v-1" not in repr(one)


def test_what_was_not_read_may_allow_or_deny_and_nothing_is_certain_or_excluded_for_it() -> None:
    part = ("group Ops",)
    one = first(found(caller_side=own(document(allow(Resource=f"{ROLE}x")), unread=part)))
    assert (one.cause, one.certainty) == ("identity-policy", L)
    assert "not read, and it may allow: group Ops" in one.text
    check = found(caller_side=replace(ALLOWED, unread=part), role_side=role(trust()))
    assert [one.cause for one in check.findings if one.certainty is X] == ["trust"]
    assert ("identity-deny", P) in [(one.cause, one.certainty) for one in check.findings]
    named = first(found(f"{BARE} because no identity-based policy allows it", caller_side=own(unread=part)))
    assert (named.cause, named.certainty) == ("identity-policy", C)


@pytest.mark.parametrize("kind", ["role trust policy", "resource-based policy"])
def test_trust_policy_that_aws_names_is_told_by_its_statement_where_it_was_read(kind: str) -> None:
    sentence = f"{BARE} because no {kind} allows the sts:AssumeRole action"
    for side, cause in ((None, "trust"), (role(trust(f"{DAVID}x")), "trust-principal")):
        check = found(sentence, caller_side=ALLOWED, role_side=side)
        assert [one.cause for one in check.findings if one.certainty is C] == [cause]
        assert first(check).evidence[-1] == "AWS's sentence"


def test_boundary_that_was_not_read_leaves_what_is_certain_of_the_policies() -> None:
    check = found(caller_side=own(unread_boundary="the permissions boundary of user David"))
    assert (first(check).cause, first(check).certainty) == ("identity-policy", C)
    assert ("boundary", P) in [(one.cause, one.certainty) for one in check.findings]


def test_caller_that_is_not_known_leaves_the_trust_policy_open() -> None:
    one = first(found(ask=ask(who=""), role_side=role(trust(f"{DAVID}x"))))
    assert (one.cause, one.certainty) == ("trust", L)


def test_role_in_another_spelling_is_likely_it() -> None:
    one = first(found(caller_side=ALLOWED, role_side=role(trust(), arn=ROLE.replace("reader", "Reader"))))
    assert (one.cause, one.certainty) == ("no-role", L)


def test_layer_that_aws_names_although_its_documents_allow_was_changed_a_moment_ago() -> None:
    one = first(found(f"{BARE} because no identity-based policy allows it", caller_side=ALLOWED))
    assert (one.cause, one.certainty) == ("identity-policy", C)
    assert "group DevGroup/policy-1, statement 1 allows sts:AssumeRole on this ARN by now" in one.text


def test_both_faults_of_both_sides_are_certain_and_the_one_that_aws_names_is_first() -> None:
    sentence = f"{BARE} because no identity-based policy allows the sts:AssumeRole action"
    check = found(sentence, caller_side=own(), role_side=role(trust(f"{DAVID}x")))
    assert [(one.cause, one.certainty) for one in check.findings] == [("identity-policy", C), ("trust-principal", C)]


@pytest.mark.parametrize(
    ("trusted", "side", "causes"),
    [
        (DAVID, own(), [("scp", L), ("rcp", L), ("trust", X)]),
        (ROOT, own(), [("identity-policy", C), ("trust", X)]),
        (f"{DAVID}x", own(), [("identity-policy", C), ("trust-principal", C)]),
        (DAVID, own(document(allow(Effect="Deny", Resource="*"))), [("identity-deny", C), ("trust", X)]),
        (None, own(), [("trust", L), ("identity-policy", P)]),
    ],
)
def test_in_one_account_a_trust_that_names_the_caller_needs_no_policy(
    trusted: str | None, side: CallerSide, causes: list[tuple[str, Certainty]]
) -> None:
    here = parse(ROLE.replace(PROD, ACC))
    assert here is not None
    seen = role(trust(trusted), arn=str(here)) if trusted else None
    check = found(ask=ask(role=here), caller_side=side, role_side=seen)
    assert [(one.cause, one.certainty) for one in check.findings][: len(causes)] == causes


def test_what_else_a_statement_wants_and_further_denies_are_listed() -> None:
    policy = trust(Bool={"aws:MultiFactorAuthPresent": "true"}, IpAddress={"aws:SourceIp": "203.0.113.0/24"})
    check = found(caller_side=ALLOWED, role_side=role(policy))
    assert [(one.cause, one.certainty) for one in check.findings[:2]] == [("mfa", C), ("source-ip", P)]
    unless = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    two = own(document(allow(), allow(Effect="Deny"), allow(Effect="Deny", Condition=unless)))
    assert [one.cause for one in found(caller_side=two).findings if one.certainty is C] == ["identity-deny", "mfa"]


def test_profile_with_a_device_that_sent_no_code_is_not_said_to_fail() -> None:
    check = found(ask=ask(mfa_serial=SERIAL))
    assert (check.state, first(check).cause, first(check).certainty) == (State.UNKNOWN, "mfa", L)
    assert first(check).hint == "credhelper doctor prod-s3 --mfa"
    policy = trust(Bool={"aws:MultiFactorAuthPresent": "true"})
    check = found(ask=ask(mfa_serial=SERIAL), role_side=role(policy))
    assert (check.state, first(check).cause) == (State.UNKNOWN, "mfa")
    two = trust(Bool={"aws:MultiFactorAuthPresent": "true"}, StringEquals={"sts:ExternalId": "x"})
    check = found(ask=ask(mfa_serial=SERIAL), role_side=role(two))
    assert check.state is State.FAIL
    assert {one.cause for one in check.findings if one.certainty is C} == {"mfa", "external-id"}
    assert found(ask=ask(mfa_serial=SERIAL, has_code=True)).state is State.FAIL


@pytest.mark.parametrize(
    ("action", "sent", "cause"),
    [
        ("sts:TagSession", {"tags": {"team": "data"}}, "tags"),
        ("sts:SetSourceIdentity", {"source_identity": "david"}, "source-identity"),
    ],
)
def test_action_beside_assume_role_is_named_with_the_side_that_lacks_it(
    action: str, sent: dict[str, Any], cause: str
) -> None:
    sentence = BARE.replace("sts:AssumeRole", action)
    one = first(found(sentence, ask=ask(**sent)))
    assert (one.cause, one.certainty) == (cause, C)
    assert one.text == f"AWS names {action} on {ROLE}"
    assert "credhelper profile unset prod-s3" in one.hint
    both = own(document(allow(Action=["sts:AssumeRole", action])))
    check = found(sentence, ask=ask(**sent), caller_side=both, role_side=role(trust()))
    assert [one.text for one in check.findings if one.certainty is C] == [
        f"no statement of the trust policy allows {action} on this ARN, and "
        + ("session tags are sent" if cause == "tags" else "a source identity is sent")
    ]


LAYERS = {
    "an identity-based policy": "identity-deny",
    "a permissions boundary": "boundary",
    "a session policy": "session-policy",
    "a service control policy": "scp",
    "a resource control policy": "rcp",
    "a VPC endpoint policy": "vpc-endpoint",
    "the role trust policy": "trust-deny",
    "a VPC endpoint policy transitively through a service control policy": "scp",
}


@pytest.mark.parametrize("action", ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
@pytest.mark.parametrize("layer", LAYERS)
def test_layer_that_denies_is_to_blame_whichever_action_it_denies(layer: str, action: str) -> None:
    sentence = f"{BARE.replace('sts:AssumeRole', action)} with an explicit deny in {layer}"
    for side in (None, ALLOWED):
        one = first(found(sentence, caller_side=side))
        assert (one.cause, one.certainty) == (LAYERS[layer], C)
        assert "by now" not in one.text


def test_explicit_deny_of_no_layer_may_be_any_of_those_that_were_not_read() -> None:
    check = found(f"{BARE} with an explicit deny")
    assert [(one.cause, one.certainty) for one in check.findings] == [
        (cause, P) for cause in ("identity-deny", "trust-deny", "scp", "rcp", "vpc-endpoint")
    ]
    check = found(f"{BARE} with an explicit deny", caller_side=ALLOWED, role_side=role(trust(effect="Deny")))
    assert (first(check).cause, first(check).certainty) == ("trust-deny", C)
    assert [one.cause for one in check.findings if one.certainty is P] == ["scp", "rcp", "vpc-endpoint"]


def test_right_to_tag_that_the_callers_policies_lack_is_in_the_command() -> None:
    sentence = f"{BARE.replace('sts:AssumeRole', 'sts:TagSession')} because no identity-based policy allows it"
    one = first(found(sentence, ask=ask(tags={"team": "data"}), caller_side=ALLOWED))
    assert (one.cause, one.certainty) == ("identity-policy", C)
    assert "allows sts:TagSession on this ARN, and session tags are sent" in one.text
    assert '["sts:AssumeRole","sts:TagSession"]' in one.hint


def test_role_below_another_path_and_role_that_is_not_there_are_certain() -> None:
    there = f"arn:aws:iam::{PROD}:role/ops/reader"
    one = first(found(caller_side=ALLOWED, role_side=role(trust(), arn=there)))
    assert (one.cause, one.certainty) == ("no-role", C)
    assert one.hint == f"credhelper profile set prod-s3 --role-arn {there}"
    near = f"arn:aws:iam::{PROD}:role/readers"
    one = first(found(role_side=role(None, nearest=(near,))))
    assert (one.cause, one.certainty) == ("no-role", C)
    assert f"did you mean {near}?" in one.text
    assert one.hint == f"credhelper profile set prod-s3 --role-arn {near}"


def test_role_that_another_profile_has_is_a_guess_only_and_none_where_the_policies_name_this_one() -> None:
    near = f"arn:aws:iam::{PROD}:role/readers"
    guessed = [one for one in found(neighbours={near: "profile other"}).findings if one.cause == "no-role"]
    assert [(one.certainty, one.text) for one in guessed] == [(P, f"did you mean {near}, which profile other has?")]
    named = found(neighbours={near: "profile other", ROLE: "group DevGroup/policy-1"})
    assert "no-role" not in [one.cause for one in named.findings]


# Who asks, what is known of it, and what the command that gives the right starts with.
GIVING: list[tuple[str, CallerSide | None, str]] = [
    (DAVID, None, "aws iam put-user-policy --user-name David --policy-name assume-reader --policy-document"),
    (DAVID, own(), "aws iam put-group-policy --group-name DevGroup --policy-name assume-reader --policy-document"),
    (DAVID, own(groups=()), "aws iam put-user-policy --user-name David --policy-name assume-reader"),
    (SESSION, None, "aws iam put-role-policy --role-name ops --policy-name assume-reader"),
    (
        DAVID,
        own(policies=(Held("group DevGroup", "assume-reader", document(allow(Resource=f"{ROLE}x"))),)),
        "aws iam put-group-policy --group-name DevGroup --policy-name assume-reader-2",
    ),
    (
        DAVID,
        own(policies=(Held("user David", "mine", document(allow(Resource=f"{ROLE}x"))),)),
        "aws iam put-user-policy --user-name David --policy-name assume-reader",
    ),
    (
        f"arn:aws:sts::{ACC}:assumed-role/AWSReservedSSO_Reader_0123456789abcdef/david",
        None,
        f"allow sts:AssumeRole on {ROLE} in the permission set Reader of IAM Identity Center",
    ),
    (f"arn:aws:sts::{ACC}:federated-user/david", None, "allows sts:AssumeRole on the role in a policy of the caller"),
]


@pytest.mark.parametrize(("who", "side", "command"), GIVING, ids=[str(number) for number in range(len(GIVING))])
def test_right_that_is_missing_is_given_by_one_command_that_replaces_no_policy(
    who: str, side: CallerSide | None, command: str
) -> None:
    sentence = f"{BARE} because no identity-based policy allows the sts:AssumeRole action"
    one = first(found(sentence, ask=ask(who=who), caller_side=side))
    assert one.cause == "identity-policy"
    assert command in one.hint


def test_managed_policy_is_looked_at_by_its_arn() -> None:
    arn = f"arn:aws:iam::{ACC}:policy/guard"
    held = Held("group DevGroup", "guard", document(allow(Effect="Deny")), arn)
    one = first(found(caller_side=own(policies=(held,)), caller_admin="acc-admin"))
    assert one.hint.endswith(f"aws iam get-policy --policy-arn {arn} --profile acc-admin")


def test_device_of_another_profile_with_the_same_source_is_in_the_command() -> None:
    policy = role(trust(Bool={"aws:MultiFactorAuthPresent": "true"}))
    assert first(found(role_side=policy, device=SERIAL)).hint == f"credhelper profile set prod-s3 --mfa-serial {SERIAL}"
    assert first(found(role_side=policy)).hint.startswith("aws iam list-mfa-devices --profile default; then")


def test_another_administrator_is_a_real_profile_or_in_words() -> None:
    assert first(found(admins=("prod-admin",))).hint == "credhelper doctor prod-s3 --prod-admin prod-admin"
    assert f"who may read roles in account {PROD}" in first(found()).hint


def test_answer_that_is_no_refusal_by_a_policy_is_left_to_others() -> None:
    check = found("The security token included in the request is invalid")
    assert (check.state, check.findings) == (State.FAIL, ())


def test_every_cause_of_a_refused_role_has_a_row() -> None:
    seen = (
        {cause for _, _, cause, _, _ in CONDITIONS} | {cause for _, cause, _, _ in TRUSTS} | {one for _, one, _ in OWN}
    )
    assert seen <= set(CAUSES)


def test_endless_values_of_a_policy_are_cut() -> None:
    long = [f"{DAVID}{'x' * 5000}{number}" for number in range(10)]
    check = found(caller_side=ALLOWED, role_side=role(trust(long)))
    assert len(first(check).text) < 1000
