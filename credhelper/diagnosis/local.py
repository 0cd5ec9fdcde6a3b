"""What is seen on this machine, as checks: the line, the files, the environment, the cache, the time it takes. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from credhelper.diagnosis.finding import Certainty, Check, Finding, State
from credhelper.model.shell import of_profile, own_command

KEY_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
WEB_IDENTITY_VARIABLES = ("AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE")
PROFILE_VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
_ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL"
# How long SDKs wait for the program, in seconds, the least patient first (docs/compatibility.md).
SDK_LIMITS = ((5.0, "Rust's before July 2026"), (20.0, "Rust's"), (30.0, "JetBrains' plugin"), (60.0, "Go's, Kotlin's"))
# What a person needs to find the device and type its code.
_TYPING_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The line that starts credhelper for a profile. `fault` is one of the words of commands/profile/line, "" if none.

    `missing` are the files that it names and that are gone. `has_line` is False where there is none. `version` is what
    another installation says of itself.
    """

    has_line: bool
    fault: str = ""
    missing: tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A finding of `profile check`: where it is, what comes of it and the command that helps.

    `is_fatal`: AWS's tools or credhelper get no credentials for it.
    """

    place: str
    about: str
    effect: str
    fix: str
    is_fatal: bool


def failed(
    check: str,
    cause: str,
    text: str,
    hint: str,
    *,
    certainty: Certainty = Certainty.CERTAIN,
    evidence: tuple[str, ...] = (),
) -> Check:
    """Return a check that failed for one cause."""
    found = Finding(cause=cause, certainty=certainty, text=text, hint=hint, evidence=evidence)
    return Check(id=check, state=State.FAIL, text=text, findings=(found,))


def warned(check: str, cause: str, text: str, hint: str, *, evidence: tuple[str, ...] = ()) -> Check:
    """Return a check of something that works, and is worth a look."""
    found = Finding(cause=cause, certainty=Certainty.CERTAIN, text=text, hint=hint, evidence=evidence)
    return Check(id=check, state=State.WARNING, text=text, findings=(found,))


def passed(check: str, cause: str, text: str) -> Check:
    """Return a check that found all well, which excludes a cause."""
    found = Finding(cause=cause, certainty=Certainty.EXCLUDED, text=text)
    return Check(id=check, state=State.OK, text=text, findings=(found,))


def helper_path(profile: str, line: Line, *, version: str) -> Check:
    """Say whether the line of a profile starts this credhelper, of this version."""
    check, repair = "helper-path", own_command("profile repair", profile)
    if not line.has_line:
        return failed(
            check, check, f"no tool asks credhelper for profile {profile}: it has no credential_process", repair
        )
    if line.fault == "dead":
        gone = ", ".join(line.missing) or "its program"
        return failed(check, check, f"the line of profile {profile} starts a program that is gone: {gone}", repair)
    if line.fault in ("temporary", "versioned"):
        when = "the cache of a tool is cleaned" if line.fault == "temporary" else "Python or credhelper is upgraded"
        return warned(check, check, f"the line of profile {profile} stops to work when {when}", repair)
    if line.fault == "other":
        text = "the line starts another credhelper, which is there"
        if line.version and line.version != version:
            text = f"the line starts another credhelper, of version {line.version}; this one is {version}"
        return warned(check, check, text, own_command("profile repair", profile, options="--all"))
    return passed(check, check, "the line in the config file starts this credhelper")


def shadow_file(profile: str, shadow: str, *, is_for_all: bool, place: str = "") -> Check:
    """Say what the files have for a profile that goes before credhelper; `shadow` is a sentence, "" where nothing."""
    check = "shadow-file"
    if not shadow:
        return passed(check, check, "nothing in either file goes before credhelper")
    hint, evidence = own_command("profile show", profile), (place,) if place else ()
    if is_for_all:
        return failed(
            check, check, f"AWS's tools do not ask credhelper for profile {profile}: {shadow}", hint, evidence=evidence
        )
    return warned(
        check, check, f"some tools do not ask credhelper for profile {profile}: {shadow}", hint, evidence=evidence
    )


def shadow_env(profile: str, environ: Mapping[str, str], *, unset: str, is_config_elsewhere: bool = False) -> Check:
    """Say which variables go before a profile that AWS_PROFILE chooses, and which send tools elsewhere.

    `unset` is the system's command that removes variables, without their names.
    """
    check = "shadow-env"
    keys = [name for name in KEY_VARIABLES if name in environ]
    has_keys = bool(environ.get(KEY_VARIABLES[0]) and environ.get(KEY_VARIABLES[1]))
    has_token = all(environ.get(name) for name in WEB_IDENTITY_VARIABLES)
    is_chosen = any(environ.get(name) == profile for name in PROFILE_VARIABLES)
    if has_keys or has_token:
        names = keys if has_keys else list(WEB_IDENTITY_VARIABLES)
        first = next((name for name in PROFILE_VARIABLES if environ.get(name)), "")
        over = f"{first}={environ[first]}" if first else "AWS_PROFILE"
        text = f"{names[0]} is set and goes before {over}; {of_profile(profile)} is not affected"
        hint = _removed(names, unset)
        return failed(check, check, text, hint) if is_chosen else warned(check, check, text, hint)
    endpoints = sorted(name for name in environ if name.startswith(_ENDPOINT_VARIABLE) and environ[name])
    if endpoints:
        text = f"calls go where {', '.join(endpoints)} says, and not to AWS's own hosts"
        return warned(check, check, text, _removed(endpoints, unset))
    if is_config_elsewhere:
        names = [name for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE") if environ.get(name)]
        text = f"the files are those that {' and '.join(names)} name: a program without the variable reads others"
        return warned(check, check, text, _removed(names, unset))
    return passed(check, check, "no variable goes before the profile")


def _removed(names: Iterable[str], unset: str) -> str:
    # PowerShell's command wants each as Env:NAME, with a comma between.
    if unset.startswith("Remove-Item"):
        return f"{unset} {', '.join(f'Env:{name}' for name in names)}"
    return f"{unset} {' '.join(names)}"


def config(faults: Iterable[Fault]) -> Check:
    """Say what `profile check` finds about a profile and those that its credentials come from."""
    check, found = "config", sorted(faults, key=lambda one: not one.is_fatal)
    if not found:
        return passed(check, check, "profile check finds nothing about the profile and its source")
    findings = tuple(
        Finding(
            cause=check,
            certainty=Certainty.CERTAIN,
            text=f"{one.place}: {one.about}: {one.effect}" if one.about else f"{one.place}: {one.effect}",
            hint=one.fix,
        )
        for one in found
    )
    return Check(
        id=check, state=State.FAIL if found[0].is_fatal else State.WARNING, text=findings[0].text, findings=findings
    )


def cache(*, obstacle: str, cure: str, entry: str, note: str) -> Check:
    """Say whether something is kept: `obstacle` why not, `entry` what is there, `note` a failure that is remembered."""
    if obstacle:
        return warned("cache", "cache", f"nothing is kept: {obstacle}", cure)
    text = entry or "no session is kept for this profile"
    if note:
        text = f"{text}; a failure is remembered for some seconds: {note}"
    return passed("cache", "cache", text)


def keystore(*, place: str, obstacle: str, ignored: str = "") -> Check:
    """Say where the key of the cache is; `ignored` is a store that a variable asks for in vain."""
    if obstacle:
        return warned("keystore", "keystore", f"{obstacle}: nothing is kept on disk", "credhelper key move file")
    if ignored:
        text = f"CREDHELPER_KEY_STORE={ignored} is not followed: a weaker store is chosen by a command only"
        return warned("keystore", "keystore", text, f"credhelper key move {ignored}")
    return passed("keystore", "keystore", place)


def sdk_limit(profile: str, took_s: float, *, has_prompt: bool, timeout_s: float) -> Check:
    """Compare what a new session takes with how long SDKs wait; `has_prompt`: a person has to type a code for it."""
    check = "sdk-limit"
    expected_s = took_s + (_TYPING_S if has_prompt else 0.0)
    typing = f", of which a person's typing is taken for {_TYPING_S:.0f} s" if has_prompt else ""
    text = f"a new session takes about {expected_s:.1f} s{typing}"
    short = [f"{who} {limit:.0f} s" for limit, who in SDK_LIMITS if expected_s >= limit]
    if expected_s >= timeout_s and not has_prompt:
        return warned(
            check, check, f"{text}, and CREDHELPER_TIMEOUT allows {timeout_s:.0f} s", own_command("login", profile)
        )
    if short:
        return warned(
            check, check, f"{text}; these SDKs wait for less: {', '.join(short)}", own_command("login", profile)
        )
    return passed(check, check, f"{text}; the least patient SDK waits for {SDK_LIMITS[0][0]:.0f} s")
