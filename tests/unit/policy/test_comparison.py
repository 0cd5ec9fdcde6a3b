"""Each operator on one value, and what is not of its type."""

import pytest

from credhelper.policy.comparison import COMPARISONS, NEGATED, WITH_VARIABLES
from credhelper.policy.request import Context, Missing
from credhelper.policy.truth import Truth

F, U, T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "fits"),
    [
        ("stringequals", "a", "a", T), ("stringequals", "a", "A", F), ("stringequals", "a*", "ab", F),
        ("stringequals", "a*", "a*", T), ("stringequals", "", "", T), ("stringequals", "${u}", "David", T),
        ("stringequalsignorecase", "aB", "Ab", T), ("stringequalsignorecase", "a", "b", F),
        ("stringequalsignorecase", "x${u}", "XDAVID", T), ("stringequalsignorecase", "x${what}", "Xy", U),
        ("stringlike", "a*", "abc", T), ("stringlike", "a*", "Abc", F), ("stringlike", "a?", "abc", F),
        ("stringlike", "${u}*", "David!", T),
        ("arnequals", "arn:aws:iam::*:user/x", "arn:aws:iam::1:user/x", T),
        ("arnlike", "arn:aws:iam::*:user/x", "arn:aws:iam::1:user/y", F),
        ("arnlike", "arn:aws:iam::1:user/${u}", "arn:aws:iam::1:user/David", T),
        ("bool", "true", "TRUE", T), ("bool", "True", "false", F), ("bool", "yes", "yes", U), ("bool", "true", "", U),
        ("binaryequals", "YQ==", "YQ==", T), ("binaryequals", "YQ==", "Yg==", F), ("binaryequals", "YQ", "YQ", U),
        ("binaryequals", "Y!Q==", "YQ==", U),
        ("binaryequals", "é", "YQ==", U),
        ("ipaddress", "10.0.0.0/8", "10.1.2.3", T), ("ipaddress", "10.0.0.0/8", "11.1.2.3", F),
        ("ipaddress", "10.9.9.9/8", "10.1.2.3", T), ("ipaddress", "10.1.2.3", "10.1.2.3", T),
        ("ipaddress", "10.1.2.3", "10.1.2.4", F), ("ipaddress", "2001:db8::/32", "2001:db8::1", T),
        ("ipaddress", "0.0.0.0/0", "2001:db8::1", F), ("ipaddress", "10.0.0.0/33", "10.0.0.0", U),
        ("ipaddress", "10.0.0.0/8", "ec2.amazonaws.com", U),
        ("numericequals", "1", "1.0", T), ("numericequals", "9007199254740993", "9007199254740992", F),
        ("numericequals", "-1", "+1", F), ("numericequals", "nan", "nan", U), ("numericequals", "1", "1e0", U),
        ("numericequals", "١", "1", U), ("numericequals", "1" * 50, "1", U),
        ("numericlessthan", "2", "1", T), ("numericlessthan", "2", "2", F), ("numericlessthan", "2", "3", F),
        ("numericlessthan", "10", "9", T),
        ("numericlessthanequals", "2", "1", T), ("numericlessthanequals", "2", "2", T),
        ("numericlessthanequals", "2", "3", F),
        ("numericgreaterthan", "2", "1", F), ("numericgreaterthan", "2", "2", F), ("numericgreaterthan", "2", "3", T),
        ("numericgreaterthanequals", "2", "1", F), ("numericgreaterthanequals", "2", "2", T),
        ("numericgreaterthanequals", "2", "3", T),
        ("dateequals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", T),
        ("dateequals", "2026-01-01", "2026-01-01T00:00:00", T), ("dateequals", "1767225600", "2026-01-01", T),
        ("dateequals", "0", "1970-01-01", T), ("dateequals", "2026-01-01", "2026-01-02", F),
        ("dateequals", "2026", "2026", U), ("dateequals", "2026-13-01", "2026-01-01", U),
        ("dateequals", "2026-W01", "2026-01-01", U), ("dateequals", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00Z", F),
        ("datelessthan", "2026-01-02", "2026-01-01", T), ("datelessthan", "2026-01-01", "2026-01-01", F),
        ("datelessthan", "2026-01-01", "2026-01-02", F),
        ("datelessthanequals", "2026-01-02", "2026-01-01", T), ("datelessthanequals", "2026-01-01", "2026-01-01", T),
        ("datelessthanequals", "2026-01-01", "2026-01-02", F),
        ("dategreaterthan", "2026-01-01", "2026-01-02", T), ("dategreaterthan", "2026-01-01", "2026-01-01", F),
        ("dategreaterthan", "2026-01-02", "2026-01-01", F),
        ("dategreaterthanequals", "2026-01-01", "2026-01-02", T),
        ("dategreaterthanequals", "2026-01-01", "2026-01-01", T),
        ("dategreaterthanequals", "2026-01-02", "2026-01-01", F),
        ("dategreaterthan", "0001-01-01T00:00:00+14:00", "2026-01-01", T),
    ],
)  # fmt: skip
def test_operator(operator: str, wanted: str, value: str, fits: Truth) -> None:
    context = Context({"u": "David", "gone": Missing.ABSENT})
    assert COMPARISONS[operator](wanted, value, context) is fits


def test_variables_are_for_texts_and_arns() -> None:
    assert {name for name in WITH_VARIABLES if name in NEGATED} == {
        "stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike",
    }  # fmt: skip
    assert {name for name in WITH_VARIABLES if name in COMPARISONS} == {
        "stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike",
    }  # fmt: skip


def test_every_operator_of_iams_page_is_there() -> None:
    assert len(COMPARISONS) == 18
    assert len(NEGATED) == 8
    assert set(NEGATED.values()) <= set(COMPARISONS)
    assert all(name.replace("not", "") == positive for name, positive in NEGATED.items())
