"""One credhelper profile as a typed value, from its section in the config file and back to it. Pure.

What each setting may hold is in `role_settings`; the rules about two of them are here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from credhelper.awsconfig.profiles import role_settings, values
from credhelper.awsconfig.profiles.role_settings import flag_of
from credhelper.errors import EDIT, PROFILE, InputError, about
from credhelper.model import partitions
from credhelper.model.nearest import nearest
from credhelper.model.shell import own_command, word

PREFIX = role_settings.PREFIX


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleProfile:
    """A role to assume and how; what is None or empty the profile does not say.

    `policy` is the session policy's JSON text or `file://` and an absolute path. `region` and `endpoint_url` are the
    section's own AWS keys, for every tool that uses the profile; everything else is credhelper's, with `credhelper_`
    before its name.
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
        """Return the profile that a section describes; raises InputError that names the key and how to fix it."""
        with about(profile=name):
            _refuse_unknown(name, section)
            if not is_credhelper(section):
                has_source = any(PREFIX + key in section for key in ("source_profile", "credential_source"))
                hint = _set("role_arn") + ("" if has_source else f" {flag_of('source_profile')} default")
                raise InputError(f"profile {name} has no {PREFIX}role_arn", hint=hint)
            _refuse_native_role(name, section)
            # An empty region or endpoint is none, as in AWS's tools.
            there = {key: text for key, text in section.items() if text or key.startswith(PREFIX)}
            settings = {setting: text for setting, key in _KEYS.items() if (text := there.get(key)) is not None}
            parsed = {setting: _parsed(name, setting, text) for setting, text in settings.items()}
            profile = cls(name=name, **parsed)  # type: ignore[arg-type]  # the parsers return what the fields declare
            _check_together(profile)
            return profile

    @classmethod
    def from_native(cls, name: str, section: Mapping[str, str]) -> "RoleProfile":
        """Return the profile that one of AWS's own role profiles would be; an error names the key as it is in the file.

        Keys that AWS's own role profiles do not have are not looked at.
        """
        settings = {key: section[key] for key in NATIVE_ROLE_KEYS if key in section}
        _check_sources(name, settings, "")
        for key, text in settings.items():
            try:
                _PARSERS[key](text)
            except ValueError as error:
                raise InputError(
                    f"{key} of profile {name} is {error}",
                    hint=own_command("profile set", name, f"{key}={_EXAMPLES.get(key, 'VALUE')}"),
                ) from None
        others = {key: text for key, text in section.items() if key not in settings}
        return cls.from_section(name, others | {_KEYS[key]: text for key, text in settings.items()})

    def to_section(self) -> dict[str, str]:
        """Return the keys of the section, without `credential_process`; those that are not set are left out.

        The policy comes last: the old C++ SDK reads a line with `[` and `]` in it as a section header.
        """
        written = {key: _written(getattr(self, setting)) for setting, key in _KEYS.items()}
        ordered = sorted(written.items(), key=lambda item: item[0] == _KEYS["policy"])
        return {key: text for key, text in ordered if text}


_KEYS = {setting.name: setting.key for setting in role_settings.SETTINGS}
SETTINGS = tuple(_KEYS)
# AWS's own keys for a role; credhelper's are the same with its prefix, so that adopting is renaming keys.
NATIVE_ROLE_KEYS = (
    "role_arn",
    "source_profile",
    "credential_source",
    "role_session_name",
    "external_id",
    "duration_seconds",
    "mfa_serial",
)
_EXAMPLES = {
    "duration_seconds": "3600",
    "source_profile": "default",
    "role_arn": "ARN",
    "mfa_serial": "ARN",
    "region": "us-east-1",
}


def key_of(setting: str) -> str:
    """Return the key of a setting in the section."""
    return _KEYS[setting]


def meant_by(key: str) -> str:
    """Return the key of a setting whose name is near a key with our prefix, "" if none is."""
    near = nearest(key.removeprefix(PREFIX), _KEYS, limit=1)
    return _KEYS[near[0]] if near else ""


def is_credhelper(section: Mapping[str, str]) -> bool:
    """Tell whether credhelper assumes the role of this section."""
    return PREFIX + "role_arn" in section


def own_keys(section: Mapping[str, str]) -> list[str]:
    """Return the keys of a section that only credhelper reads."""
    return [key for key in section if key.startswith(PREFIX)]


def source_command(name: str, section: Mapping[str, str], source: str) -> str:
    """Return the command that gives a profile, credhelper's or AWS's own, another source."""
    if is_credhelper(section):
        return own_command("profile set", name, options=f"--source-profile {word(source)}")
    return own_command("profile set", name, f"source_profile={source}")


_PARSERS = {setting.name: setting.rule.parse for setting in role_settings.SETTINGS}


def require_valid_setting(setting: str, text: str) -> None:
    """Raise ValueError, which does not quote the text, where a setting may not have this value."""
    _PARSERS[setting](text)


def _parsed(name: str, setting: str, text: str) -> object:
    try:
        return _PARSERS[setting](text)
    except ValueError as error:
        # The value itself is not shown: an external id or a pasted key may be in it.
        raise InputError(f"{_KEYS[setting]} of profile {name} is {error}", hint=_set(setting)) from None


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return values.write_tags(value)
    if isinstance(value, tuple):
        return ",".join(values.write_tag_text(item) if not item.startswith("arn:") else item for item in value)
    return str(value)


def _set(setting: str) -> str:
    value = _EXAMPLES.get(setting, "VALUE")
    return f"credhelper profile {EDIT} {PROFILE} {flag_of(setting)} {value}"


def _refuse_unknown(name: str, section: Mapping[str, str]) -> None:
    for key in own_keys(section):
        if key not in _KEYS.values():
            near = meant_by(key)
            raise InputError(
                f"profile {name} has a setting that does not exist: {key[:64]}",
                hint=(f"did you mean {near}? " if near else "")
                + f"remove it: credhelper profile unset {PROFILE} {word(key[:64])}",
            )


def _refuse_native_role(name: str, section: Mapping[str, str]) -> None:
    if "role_arn" in section:
        raise InputError(
            f"profile {name} has both role_arn and {PREFIX}role_arn: SDKs then assume the role themselves",
            hint=f"credhelper profile unset {PROFILE} role_arn",
        )


def _check_sources(name: str, section: Mapping[str, str], prefix: str) -> None:
    """Check that a section has one of the two sources; its keys start with `prefix`."""
    profile, credential_source = prefix + "source_profile", prefix + "credential_source"
    if profile not in section and credential_source not in section:
        raise InputError(
            f"profile {name} has neither {profile} nor {credential_source}",
            hint=_set("source_profile")
            if prefix
            else own_command("profile set", name, f"source_profile={_EXAMPLES['source_profile']}"),
        )
    if profile in section and credential_source in section:
        raise InputError(
            f"profile {name} has both {profile} and {credential_source}, and needs one of them",
            hint=f"credhelper profile unset {PROFILE} {credential_source}"
            if prefix
            else own_command("profile unset", name, credential_source),
        )


def _check_together(profile: RoleProfile) -> None:
    """Check the rules that are about two settings."""
    name = profile.name
    sources = {"source_profile": profile.source_profile, "credential_source": profile.credential_source}
    _check_sources(name, {PREFIX + key: text for key, text in sources.items() if text is not None}, PREFIX)
    if profile.region is not None and partitions.is_foreign(profile.region, profile.role_arn):
        own = partitions.default_region(partitions.partition_of_role(profile.role_arn))
        raise InputError(
            partitions.mismatch(profile.region, profile.role_arn),
            hint=f"credhelper profile {EDIT} {PROFILE} --region {own}",
        )
    if profile.mfa_process is not None and profile.mfa_serial is None:
        raise InputError(f"profile {name} has {PREFIX}mfa_process without a device", hint=_set("mfa_serial"))
    if missing := [key for key in profile.transitive_tag_keys if key not in profile.tags]:
        raise InputError(
            f"{PREFIX}transitive_tag_keys of profile {name} names {len(missing)} key(s) that are not among its tags",
            hint=_set("tags"),
        )
