"""The typed profile: what AWS would refuse is refused here, with the key and the command, never with the value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credhelper.awsconfig.profiles import values
from credhelper.awsconfig.profiles.role_profile import NATIVE_ROLE_KEYS, RoleProfile
from credhelper.errors import InputError
from fakes import canary

ROLE = "arn:aws:iam::222222222222:role/acc-to-read-prod-s3-bucket"
MINIMAL = {"credhelper_role_arn": ROLE, "credhelper_source_profile": "default"}
FULL = {
    **MINIMAL,
    "credhelper_role_session_name": "david@laptop",
    "credhelper_external_id": "ab:/1",
    "credhelper_duration_seconds": "43200",
    "credhelper_mfa_serial": "arn:aws:iam::111111111111:mfa/david",
    "credhelper_mfa_process": "/usr/bin/ykman oath code aws",
    "credhelper_source_identity": "david",
    "credhelper_tags": "Team=dev,Cost%3DCenter=1 2",
    "credhelper_transitive_tag_keys": "Team",
    "credhelper_policy_arns": "arn:aws:iam::aws:policy/ReadOnlyAccess,arn:aws:iam::222222222222:policy/x/y",
    "credhelper_policy": '{"Version":"2012-10-17","Statement":[]}',
    "region": "us-east-1",
    "endpoint_url": "https://localhost:4566",
}


def test_every_setting_is_read_and_written_back() -> None:
    profile = RoleProfile.from_section("x", FULL)
    assert profile.account_id == "222222222222"
    assert profile.duration_seconds == 43200
    assert profile.tags == {"Team": "dev", "Cost=Center": "1 2"}
    assert profile.policy_arns[1].endswith("x/y")
    assert profile.to_section() == FULL
    # A line with brackets must come last: the old C++ SDK takes it for a header.
    assert list(profile.to_section())[-1] == "credhelper_policy"


def test_other_keys_of_the_section_are_no_business_of_ours() -> None:
    assert RoleProfile.from_section("x", {**MINIMAL, "output": "json", "credential_process": "/x"}).region is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("role_arn", "arn:aws:iam::2222:role/x"),
        ("role_arn", "arn:aws:iam::222222222222:user/x"),
        ("role_arn", "arn:aws:iam::222222222222:role/" + "x" * 2048),
        ("role_arn", ""),
        ("credential_source", "environment"),
        ("role_session_name", "x"),
        ("role_session_name", "x" * 65),
        ("role_session_name", "a b"),
        ("role_session_name", "caf\u00e9"),
        ("external_id", "x"),
        ("external_id", "x" * 1225),
        ("external_id", "a b"),
        ("duration_seconds", "899"),
        ("duration_seconds", "43201"),
        ("duration_seconds", "3600.0"),
        ("duration_seconds", "1e4"),
        ("duration_seconds", "\u0669\u0660\u0660"),
        ("source_identity", "aws:x"),
        ("source_identity", "x"),
        ("mfa_serial", "short"),
        ("tags", "novalue"),
        ("tags", "a=1,A=2"),
        ("tags", "aws:x=1"),
        ("tags", "a=1,b=#"),
        ("tags", "=1"),
        ("tags", "a=" + "x" * 257),
        ("tags", ",".join(f"k{number}=v" for number in range(51))),
        ("tags", "a=%ff"),
        ("transitive_tag_keys", "unknown"),
        ("policy_arns", "arn:aws:s3:::x"),
        ("policy_arns", ",".join(["arn:aws:iam::aws:policy/ReadOnlyAccess"] * 11)),
        ("policy", "{}"),
        ("policy", "[1]"),
        ("policy", "not json"),
        ("policy", "file://relative.json"),
        ("policy", '{"Statement":"' + "x" * 2048 + '"}'),
    ],
)
def test_setting_that_aws_would_refuse_is_refused_without_its_value(key: str, value: str) -> None:
    section = {**MINIMAL, f"credhelper_{key}": value}
    if key == "credential_source":
        del section["credhelper_source_profile"]
    with pytest.raises(InputError, match=f"credhelper_{key} of profile prod") as caught:
        RoleProfile.from_section("prod", section)
    assert len(value) < 3 or value not in caught.value.message
    assert "credhelper profile set prod" in caught.value.hint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"credhelper_role_arn": None}, "no credhelper_role_arn"),
        ({"credhelper_source_profile": None}, "neither"),
        ({"credhelper_credential_source": "Environment"}, "both"),
        ({"credhelper_mfa_process": "/x"}, "without a device"),
        ({"role_arn": ROLE}, "both role_arn and credhelper_role_arn"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(change: dict[str, str | None], message: str) -> None:
    section = {key: value for key, value in ({**MINIMAL, **change}).items() if value is not None}
    with pytest.raises(InputError, match=message):
        RoleProfile.from_section("prod", section)


def test_unknown_setting_names_the_nearest_one() -> None:
    with pytest.raises(InputError, match="credhelper_externalid") as caught:
        RoleProfile.from_section("prod", {**MINIMAL, "credhelper_externalid": canary.secret_key()})
    assert "did you mean credhelper_external_id?" in caught.value.hint
    assert not canary.find(f"{caught.value.message}{caught.value.hint}".encode())


TAG_TEXT = st.text(st.characters(categories=["L", "N"], include_characters=" _.:/=+-@"), max_size=20)


@given(
    st.dictionaries(TAG_TEXT.filter(lambda text: text and not text.lower().startswith("aws:")), TAG_TEXT, min_size=1)
)
def test_tags_come_back_from_one_line_of_ascii(tags: dict[str, str]) -> None:
    if len({key.lower() for key in tags}) != len(tags):
        return
    line = values.write_tags(tags)
    assert line.isascii()
    assert values.tags(line, 50) == tags


def test_policy_becomes_one_line_that_no_parser_cuts() -> None:
    line = values.one_line_policy('{\n  "Statement": [{"Sid": "a #b ;c \u00e9"}]\n}')
    assert " #" not in line
    assert " ;" not in line
    assert values.policy(line, 2048).isascii()


@given(
    st.fixed_dictionaries(
        {"role_arn": st.just(ROLE)},
        optional={
            "source_profile": st.sampled_from(["default", ""]),
            "credential_source": st.sampled_from(["Environment", "environment", ""]),
            "external_id": st.sampled_from(["abc", "a b", ""]),
            "role_session_name": st.sampled_from(["david", ""]),
            "duration_seconds": st.sampled_from(["900", "x", ""]),
            "mfa_serial": st.sampled_from(["arn:aws:iam::111111111111:mfa/david", ""]),
            "region": st.sampled_from(["us-east-1", "cn-north-1", "us-east-1  # mine", '"us-east-1"', "US-EAST-1", ""]),
            "endpoint_url": st.sampled_from(["https://localhost", "ftp://x", ""]),
            "output": st.sampled_from(["json", ""]),
        },
    )
)
def test_what_can_be_adopted_can_be_used_afterwards(native: dict[str, str]) -> None:
    try:
        wanted = RoleProfile.from_native("x", native)
    except InputError:
        return
    adopted = {f"credhelper_{key}" if key in NATIVE_ROLE_KEYS else key: text for key, text in native.items()}
    assert RoleProfile.from_section("x", adopted) == wanted


@pytest.mark.parametrize("key", ["region", "endpoint_url"])
def test_empty_key_of_awss_own_is_none(key: str) -> None:
    """`region =` is common, and AWS's tools read it as no region."""
    profile = RoleProfile.from_section("x", {**MINIMAL, key: ""})
    assert getattr(profile, key) is None
    assert RoleProfile.from_native("x", {"role_arn": ROLE, "source_profile": "default", key: ""}) == profile


def test_empty_setting_of_credhelpers_own_is_refused() -> None:
    with pytest.raises(InputError, match="credhelper_external_id"):
        RoleProfile.from_section("x", {**MINIMAL, "credhelper_external_id": ""})
