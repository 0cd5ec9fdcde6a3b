"""One credhelper profile as a typed value, from its section in the config file and back to it. Pure.

Every limit is that of the STS API (AssumeRole; botocore's service model sts/2011-06-15), held before any call.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

from credhelper.awsconfig.profiles import values
from credhelper.errors import InputError

PREFIX = "credhelper_"
CREDENTIAL_SOURCES = ("Environment", "Ec2InstanceMetadata", "EcsContainer")
MINIMUM_DURATION_S = 900
MAXIMUM_DURATION_S = 43200
MAXIMUM_TAGS = 50
MAXIMUM_POLICY_ARNS = 10
MAXIMUM_POLICY_LENGTH = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleProfile:
    """A role to assume and how; what is None or empty the profile does not say.

    `policy` is the session policy's JSON text or `file://` and an absolute path. `region` and `endpoint_url` are the
    section's own AWS keys, for every tool that uses the profile; everything else is ours, with `credhelper_` before
    its name.
    """

    name: str
    role_arn: str
    source_profile: str | None = None
    credential_source: str | None = None
    role_session_name: str | None = None
    external_id: str | None = None
    duration_seconds: int | None = None
    mfa_serial: str | None = None
    mfa_process: str | None = None
    source_identity: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    policy_arns: tuple[str, ...] = ()
    policy: str | None = None
    region: str | None = None
    endpoint_url: str | None = None

    @property
    def account_id(self) -> str:
        """The account the role lives in."""
        return self.role_arn.split(":")[4]

    @classmethod
    def from_section(cls, name: str, section: Mapping[str, str]) -> "RoleProfile":
        """Return the profile that a section describes; raises InputError that names the key and how to mend it."""
        _refuse_unknown(name, section)
        _refuse_native_role(name, section)
        settings = {setting: text for setting, key in _KEYS.items() if (text := section.get(key)) is not None}
        parsed = {setting: _parsed(name, setting, text) for setting, text in settings.items()}
        if "role_arn" not in parsed:
            raise InputError(f"profile {name} has no {PREFIX}role_arn", hint=_set(name, "role_arn"))
        profile = cls(name=name, **parsed)  # type: ignore[arg-type]  # the parsers return what the fields declare
        _check_together(profile)
        return profile

    def to_section(self) -> dict[str, str]:
        """Return the keys of the section, without `credential_process`; those that are not set are left out.

        The policy comes last: the old C++ SDK takes a line with `[` and `]` in it for a section header.
        """
        written = {key: _written(getattr(self, setting)) for setting, key in _KEYS.items()}
        ordered = sorted(written.items(), key=lambda item: item[0] == _KEYS["policy"])
        return {key: text for key, text in ordered if text}


_NATIVE = ("region", "endpoint_url")
_KEYS = {
    one.name: one.name if one.name in _NATIVE else PREFIX + one.name
    for one in fields(RoleProfile)
    if one.name != "name"
}
SETTINGS = tuple(_KEYS)


def key_of(setting: str) -> str:
    """Return the key under which a setting stands in the section."""
    return _KEYS[setting]


def is_credhelper(section: Mapping[str, str]) -> bool:
    """Tell whether a section is one of ours."""
    return PREFIX + "role_arn" in section


def _text(pattern: str, shape: str) -> Callable[[str], str]:
    """Return a parser for text of one shape."""
    compiled = re.compile(pattern)

    def parse(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(shape)
        return text

    return parse


def _duration_s(text: str) -> int:
    seconds = int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0
    if not MINIMUM_DURATION_S <= seconds <= MAXIMUM_DURATION_S:
        raise ValueError(f"not a number of seconds from {MINIMUM_DURATION_S} to {MAXIMUM_DURATION_S}")
    return seconds


def _policy_arns(text: str) -> tuple[str, ...]:
    arns = tuple(part.strip() for part in text.split(","))
    if len(arns) > MAXIMUM_POLICY_ARNS:
        raise ValueError(f"more than {MAXIMUM_POLICY_ARNS} ARNs")
    if not all(_POLICY_ARN.fullmatch(arn) for arn in arns):
        raise ValueError("not a comma-separated list of policy ARNs")
    return arns


def _policy(text: str) -> str:
    if text.startswith("file://"):
        if not text.startswith("file:///"):
            raise ValueError("not file:// and an absolute path")
        return text
    return values.policy(text, MAXIMUM_POLICY_LENGTH)


def _tags(text: str) -> dict[str, str]:
    return values.tags(text, MAXIMUM_TAGS)


def _tag_keys(text: str) -> tuple[str, ...]:
    return values.tag_keys(text, MAXIMUM_TAGS)


_POLICY_ARN = re.compile(r"(?=.{20,2048}$)arn:aws[a-z-]*:iam::(?:aws|[0-9]{12}):policy/[\w+=,.@/-]+", re.ASCII)
_PARSERS: dict[str, Callable[[str], object]] = {
    "role_arn": _text(
        r"(?=.{20,2048}$)arn:aws[a-z-]*:iam::[0-9]{12}:role/(?a:[\w+=,.@/-]+)",
        "not the ARN of a role (arn:aws:iam::ACCOUNT:role/NAME)",
    ),
    "source_profile": _text(r"[^\x00-\x1f\x7f]{1,1024}", "not the name of a profile"),
    "credential_source": _text("|".join(CREDENTIAL_SOURCES), f"not one of {', '.join(CREDENTIAL_SOURCES)}"),
    "role_session_name": _text(r"(?a:[\w+=,.@-]{2,64})", "not 2 to 64 characters of A-Z a-z 0-9 _ + = , . @ -"),
    "external_id": _text(r"(?a:[\w+=,.@:/-]{2,1224})", "not 2 to 1224 characters of A-Z a-z 0-9 _ + = , . @ : / -"),
    "duration_seconds": _duration_s,
    "mfa_serial": _text(r"(?a:[\w+=/:,.@-]{9,256})", "not the serial number or ARN of an MFA device"),
    "mfa_process": _text(r"[^\x00-\x1f\x7f]{1,4096}", "not a command"),
    "source_identity": _text(
        r"(?!(?i:aws:))(?a:[\w+=,.@-]{2,64})", "not 2 to 64 characters of A-Z a-z 0-9 _ + = , . @ -"
    ),
    "tags": _tags,
    "transitive_tag_keys": _tag_keys,
    "policy_arns": _policy_arns,
    "policy": _policy,
    "region": _text(r"[a-z][a-z0-9-]{1,62}", "not the name of a region"),
    "endpoint_url": _text(r"[!-~]{8,2048}", "not a URL"),
}


def parse_setting(name: str, setting: str, text: str) -> object:
    """Return the typed value of one setting of a profile; raises InputError."""
    return _parsed(name, setting, text)


def _parsed(name: str, setting: str, text: str) -> object:
    try:
        return _PARSERS[setting](text)
    except ValueError as error:
        # The value itself is not shown: an external id or a pasted key may be in it.
        raise InputError(f"{_KEYS[setting]} of profile {name} is {error}", hint=_set(name, setting)) from None


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return values.write_tags(value)
    if isinstance(value, tuple):
        return ",".join(values.write_tag_text(item) if not item.startswith("arn:") else item for item in value)
    return str(value)


def _set(name: str, setting: str) -> str:
    return f"credhelper profile set {name} --{setting.replace('_', '-')} VALUE"


def _refuse_unknown(name: str, section: Mapping[str, str]) -> None:
    for key in section:
        if key.startswith(PREFIX) and key not in _KEYS.values():
            near = difflib.get_close_matches(key, _KEYS.values(), n=1, cutoff=0.0)
            raise InputError(
                f"profile {name} has a setting that does not exist: {key[:64]}",
                hint=f"did you mean {near[0]}? remove it: credhelper profile unset {name} {key[:64]}",
            )


def _refuse_native_role(name: str, section: Mapping[str, str]) -> None:
    if "role_arn" in section:
        raise InputError(
            f"profile {name} has both role_arn and {PREFIX}role_arn: SDKs then assume the role themselves",
            hint=f"credhelper profile unset {name} role_arn",
        )


def _check_together(profile: RoleProfile) -> None:
    """Hold the rules that are about two settings."""
    name = profile.name
    if (profile.source_profile is None) == (profile.credential_source is None):
        has = "both" if profile.source_profile else "neither"
        raise InputError(
            f"profile {name} has {has} {PREFIX}source_profile and {PREFIX}credential_source, and needs one of them"
            if has == "both"
            else f"profile {name} has neither {PREFIX}source_profile nor {PREFIX}credential_source",
            hint=f"credhelper profile unset {name} {PREFIX}credential_source"
            if has == "both"
            else _set(name, "source_profile"),
        )
    if profile.mfa_process is not None and profile.mfa_serial is None:
        raise InputError(f"profile {name} has {PREFIX}mfa_process without a device", hint=_set(name, "mfa_serial"))
    if missing := [key for key in profile.transitive_tag_keys if key not in profile.tags]:
        raise InputError(
            f"{PREFIX}transitive_tag_keys of profile {name} names {len(missing)} key(s) that are not among its tags",
            hint=_set(name, "tags"),
        )
