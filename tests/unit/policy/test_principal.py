"""Whom a Principal names: accounts, users, roles and their sessions, services, providers, and what is left of them."""

import pytest

from credhelper.policy.document import Statement
from credhelper.policy.principal import fits_principal
from credhelper.policy.request import Caller
from credhelper.policy.truth import Truth

F, U, T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE
A, B = "111111111111", "222222222222"
DAVID = Caller(name=f"arn:aws:iam::{A}:user/team/David", unique_id="AIDAQWERTYUIOPASDFGHJ")
SESSION = Caller(name=f"arn:aws:sts::{A}:assumed-role/reader/david")
KNOWN = Caller(name=SESSION.name, role_arn=f"arn:aws:iam::{A}:role/team/reader")
NOTHING = Caller(name="nothing")
ROOT = Caller(name=f"arn:aws:iam::{A}:root")
LAMBDA = Caller(name="lambda.amazonaws.com", kind="Service")
OIDC = Caller(name=f"arn:aws:iam::{A}:oidc-provider/x", kind="Federated")


def statement(*names: str, kind: str = "AWS", is_not: bool = False) -> Statement:
    principals = tuple((kind, name) for name in names)
    return Statement(effect="Allow", actions=("*",), principals=principals, is_not_principal=is_not)


@pytest.mark.parametrize(
    ("name", "caller", "fits"),
    [
        ("*", DAVID, T), ("*", LAMBDA, T),
        (A, DAVID, T), (A, SESSION, T), (A, ROOT, T), (B, DAVID, F), (A, LAMBDA, F),
        (f"arn:aws:iam::{A}:root", DAVID, T), (f"arn:aws-cn:iam::{A}:root", DAVID, F),
        (f"arn:aws:iam::{B}:root", ROOT, F),
        (DAVID.name, DAVID, T), (f"arn:aws:iam::{A}:user/David", DAVID, F),
        (f"arn:aws:iam::{B}:user/team/David", DAVID, F),
        (DAVID.name.lower(), DAVID, U), (f"arn:aws:iam::{A}:user/*", DAVID, U), (f"arn:aws:iam::{A}:user/x*", DAVID, F),
        (f"arn:aws:iam::{A}:user/team/Davi?", DAVID, U),
        (SESSION.name, SESSION, T), (f"{SESSION.name}x", SESSION, F),
        (f"arn:aws:iam::{A}:role/reader", SESSION, T), (f"arn:aws:iam::{A}:role/team/reader", SESSION, T),
        (f"arn:aws:iam::{A}:role/Reader", SESSION, U), (f"arn:aws:iam::{A}:role/writer", SESSION, F),
        (f"arn:aws:iam::{B}:role/reader", SESSION, F), (f"arn:aws-cn:iam::{A}:role/reader", SESSION, F),
        (f"arn:aws:iam::{A}:user/reader", SESSION, F), (f"arn:aws:sts::{A}:role/reader", SESSION, F),
        (f"arn:aws:iam::{A}:role/reader", DAVID, F), (f"arn:aws:iam::{A}:role/david", DAVID, F),
        (f"arn:aws:iam::{A}:role/team/reader", KNOWN, T), (f"arn:aws:iam::{A}:role/reader", KNOWN, F),
        (f"arn:aws:iam::{A}:role/team/*", KNOWN, U),
        ("AIDAQWERTYUIOPASDFGHJ", DAVID, T), ("AIDAQWERTYUIOPASDFGHK", DAVID, F), ("AROAQWERTYUIOPASDFGHJ", SESSION, U),
        ("", SESSION, F), ("nothing", DAVID, F), (A, NOTHING, F), (DAVID.name, NOTHING, F), ("nothing", NOTHING, F),
        (f"arn:aws:iam::{A}:role/reader", NOTHING, F),
        (f"arn:aws:iam::{A}:role/reader", Caller(name=f"arn:aws:sts::{A}:assumed-role/Reader/david"), U),
    ],
)  # fmt: skip
def test_identities(name: str, caller: Caller, fits: Truth) -> None:
    assert fits_principal(statement(name), caller) is fits


@pytest.mark.parametrize(
    ("kind", "name", "caller", "fits"),
    [
        ("Service", "Lambda.amazonaws.com", LAMBDA, T),
        ("Service", "s3.amazonaws.com", LAMBDA, F),
        ("Service", "lambda.amazonaws.com", Caller(name="LAMBDA.amazonaws.com", kind="Service"), T),
        ("Service", "lambda.amazonaws.com", DAVID, F),
        ("Federated", OIDC.name, OIDC, T),
        ("Federated", OIDC.name.upper(), OIDC, F),
        ("AWS", OIDC.name, OIDC, F),
        ("CanonicalUser", DAVID.name, DAVID, F),
    ],
)
def test_other_kinds(kind: str, name: str, caller: Caller, fits: Truth) -> None:
    assert fits_principal(statement(name, kind=kind), caller) is fits


def test_one_of_several_is_enough() -> None:
    assert fits_principal(statement(B, A), DAVID) is T
    assert fits_principal(statement("AROAQWERTYUIOPASDFGHJ", B), SESSION) is U


def test_policy_of_an_identity_has_no_principal() -> None:
    assert fits_principal(Statement(effect="Allow", actions=("*",)), None) is T
    assert fits_principal(Statement(effect="Allow", actions=("*",)), DAVID) is T


def test_caller_that_is_not_known_fits_everybody_only() -> None:
    assert fits_principal(statement("*"), None) is T
    assert fits_principal(statement("*", is_not=True), None) is U
    assert fits_principal(statement(A), None) is U
    assert fits_principal(statement(A, is_not=True), None) is U


@pytest.mark.parametrize(
    ("names", "caller", "applies"),
    [
        ((B,), DAVID, T),
        ((DAVID.name,), DAVID, U),  # without the account AWS may deny it all the same
        ((A,), DAVID, U),
        ((A, DAVID.name), DAVID, F),
        ((A, SESSION.name), KNOWN, U),
        ((A, SESSION.name, KNOWN.role_arn), KNOWN, F),
        ((A, SESSION.name, KNOWN.role_arn), SESSION, U),
        ((B, SESSION.name, KNOWN.role_arn), KNOWN, U),
        ((ROOT.name,), ROOT, F),
        ((A,), ROOT, F),
        ((B,), ROOT, T),
        ((B, "AROAQWERTYUIOPASDFGHJ"), SESSION, U),
    ],
)
def test_exemption_by_not_principal(names: tuple[str, ...], caller: Caller, applies: Truth) -> None:
    assert fits_principal(statement(*names, is_not=True), caller) is applies


def test_service_is_exempt_by_its_name_alone() -> None:
    assert fits_principal(statement("lambda.amazonaws.com", kind="Service", is_not=True), LAMBDA) is F
    assert fits_principal(statement("s3.amazonaws.com", kind="Service", is_not=True), LAMBDA) is T
