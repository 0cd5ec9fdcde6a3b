"""What is called certain, or excluded, about a refused role is so: random policies, and what AWS would have known."""

import json
import os
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from credhelper.diagnosis.assume import sides
from credhelper.diagnosis.assume.check import diagnose
from credhelper.diagnosis.assume.evidence import Ask, CallerSide, Evidence, Held, RoleSide
from credhelper.diagnosis.finding import Certainty
from credhelper.policy.arn import parse as arn_of
from credhelper.policy.denial import Kind, read
from credhelper.policy.document import Document, parse
from credhelper.policy.explain import Verdict, explain
from credhelper.policy.request import Caller, Context, Missing, Request, Value
from credhelper.policy.truth import Truth
from fakes import policies

COUNT = int(os.environ.get("DOCTOR_EXAMPLES", "400"))
SEED = int(os.environ.get("DOCTOR_EXAMPLES_SEED", "1"))
# The layers that a cause may be of; all others are of the trust policy.
LAYERS = {
    "identity-policy": (Kind.IDENTITY,),
    "identity-deny": (Kind.IDENTITY,),
    "boundary": (Kind.BOUNDARY,),
    "mfa": (Kind.IDENTITY, Kind.BOUNDARY, Kind.TRUST),
    "source-ip": (Kind.IDENTITY, Kind.BOUNDARY, Kind.TRUST),
}
BARE = "User: x is not authorized to perform: sts:AssumeRole on resource: y"


@dataclass(frozen=True)
class World:
    """One request, with what AWS knows of it and what is known from here."""

    known: Evidence
    verdicts: Mapping[Kind, Truth]
    denying: frozenset[Kind]
    shown: str


def world(chance: random.Random) -> World:
    caller = chance.choice(policies.CALLERS)
    is_session = bool(caller.role_arn)
    is_temporary = is_session or chance.random() < 0.3
    has_code = not is_temporary and chance.random() < 0.3
    external_id = chance.choice(("", *policies.VALUES["sts:ExternalId"]))
    tags = dict.fromkeys(chance.sample(policies.SEVERAL["aws:TagKeys"], chance.randint(0, 2)), "one")
    team = chance.choice(("", *policies.VALUES["aws:PrincipalTag/team"]))
    real: dict[str, Value] = {
        **caller.keys(),
        "sts:ExternalId": external_id or Missing.ABSENT,
        "aws:PrincipalTag/team": team or Missing.ABSENT,
        "aws:SourceIp": chance.choice(policies.VALUES["aws:SourceIp"]),
        "aws:TagKeys": tuple(tags),
    }
    if has_code or (is_temporary and chance.random() < 0.5):
        real |= {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": chance.choice(("1", "10", "300.5"))}
    if is_temporary:
        real["aws:TokenIssueTime"] = chance.choice(policies.VALUES["aws:TokenIssueTime"])
    context = Context(real, others=Missing.ABSENT)
    texts = [
        policies.policy(chance, has_principal=is_trust, has_resource=not is_trust, is_wide=True)
        for is_trust in (False, False, False, True)
    ]
    documents = [parse(one) for one in texts]
    layers = {Kind.IDENTITY: documents[:2], Kind.BOUNDARY: documents[2:3], Kind.TRUST: documents[3:]}
    verdicts = {kind: verdict(found, caller, context) for kind, found in layers.items()}
    is_read, knows_tags = chance.random() < 0.8, chance.random() < 0.5
    role, who = arn_of(policies.ROLE), arn_of(caller.name)
    assert role is not None
    known = Evidence(
        ask=Ask(
            profile="prod-s3",
            role=role,
            caller=who,
            session_name="david",
            duration_s=3600,
            now_s=0.0,
            external_id=external_id,
            tags=tags,
            has_code=has_code,
            is_temporary=is_temporary,
        ),
        said=read(BARE),
        caller_side=CallerSide(
            origin="here",
            policies=tuple(Held("user David", str(number), one) for number, one in enumerate(documents[:2])),
            boundary=documents[2],
            tags={"team": team} if team and knows_tags else {} if knows_tags else None,
            role_arn=caller.role_arn if chance.random() < 0.5 else "",
        )
        if is_read
        else None,
        role_side=RoleSide(origin="there", arn=policies.ROLE, trust=documents[3], max_session_s=3600),
    )
    allowing = {kind: found.is_allowed for kind, found in verdicts.items()}
    denying = frozenset(kind for kind, found in verdicts.items() if found.is_denied is Truth.TRUE)
    return World(known, allowing, denying, json.dumps([*texts, str(real), caller.name]))


def verdict(documents: list[Document], caller: Caller, context: Context) -> Verdict:
    request = Request(action="sts:AssumeRole", resource=policies.ROLE, caller=caller, context=context)
    return explain(documents, request)


def test_what_is_certain_of_a_layer_is_so_for_aws_which_knows_all() -> None:
    chance, seen = random.Random(SEED), {Certainty.CERTAIN: 0, Certainty.EXCLUDED: 0}
    for _ in range(COUNT):
        one = world(chance)
        for found in sides.seen(one.known):
            if found.layer is None or any(action in found.finding.text for action in sides.MORE):
                continue
            certainty, known = found.finding.certainty, one.verdicts[found.layer]
            if certainty in seen:
                seen[certainty] += 1
                wanted = Truth.FALSE if certainty is Certainty.CERTAIN else Truth.TRUE
                assert known in (wanted, Truth.UNKNOWN), (found, one.shown)
    assert min(seen.values()) > COUNT // 20


def said_by_aws(one: World) -> str:
    """Return how AWS refuses: it names the first layer of the caller's side that does not allow, or none."""
    for kind in (Kind.IDENTITY, Kind.BOUNDARY):
        if one.verdicts[kind] is Truth.FALSE:
            how = f"with an explicit deny in {kind}" if kind in one.denying else f"because no {kind.value} allows it"
            return f"{BARE} {how}"
    return BARE


def test_what_is_certain_of_a_refusal_is_of_a_layer_that_refuses() -> None:
    chance = random.Random(SEED + 2)
    certain = 0
    for _ in range(COUNT):
        one = world(chance)
        if Truth.FALSE not in one.verdicts.values() or Truth.UNKNOWN in one.verdicts.values():
            continue
        check = diagnose(replace(one.known, said=read(said_by_aws(one))))
        for found in (each for each in check.findings if each.certainty is Certainty.CERTAIN):
            certain += 1
            layers = LAYERS.get(found.cause, (Kind.TRUST,))
            if not any(action in found.text for action in sides.MORE):
                assert any(one.verdicts[kind] is Truth.FALSE for kind in layers), (found, one.shown)
    assert certain > COUNT // 4


def test_every_refusal_without_a_reason_has_a_first_cause() -> None:
    chance = random.Random(SEED + 1)
    for _ in range(COUNT // 3):
        one = world(chance)
        assert diagnose(one.known).first is not None, one.shown
