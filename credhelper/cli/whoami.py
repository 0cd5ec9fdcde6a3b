"""The command that says who a profile is, or what the environment uses and why."""

import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from credhelper import settings
from credhelper.cli import expiry, notes, output
from credhelper.cli.options import JSON, OPTIONAL_WHOSE
from credhelper.errors import CredhelperError, InputError
from credhelper.model.process_document import format_time

if TYPE_CHECKING:  # the use case is imported when the command runs, so that --help does not pay for it
    from credhelper.awsconfig.profiles.catalogue import Place
    from credhelper.awsconfig.profiles.links import Link
    from credhelper.commands.environment import Reason
    from credhelper.commands.whoami import Set, WhoIs


@click.command()
@OPTIONAL_WHOSE
@JSON
def whoami(profile: str | None, *, as_json: bool) -> None:
    """Say who a profile is for AWS.

    The ARN, the account and its alias where that may be read, the session and its end, region and endpoint of STS, and
    where the credentials come from: each link with its kind and its line. Any profile will do. Where something goes
    before credhelper, such as keys in the credentials file, it is who AWS's tools are.

    Without a profile: what tools without --profile use in this environment, and why, by the rules of the AWS CLI and
    boto3.

    \b
    Examples:
      credhelper whoami prod-s3
      credhelper whoami
    """
    from credhelper.commands import environment
    from credhelper.commands import whoami as use_case
    from credhelper.commands.grant.access import Access

    if profile == "":  # of a variable that is not set: the environment is not what is asked for
        raise InputError("the name of the profile is empty", hint="credhelper profile list; credhelper whoami --help")
    access = Access(settings.load(), os.environ, expiry.end)
    if profile is not None:
        notes.note_shadows([profile])
        found = use_case.of_profile(access, os.environ, profile)
    else:
        chosen = use_case.chosen(access, os.environ)
        if chosen.kind != environment.KEYS:  # of which the reasons say it already
            notes.note_shadows([chosen.profile])
        try:
            found = use_case.of_environment(access, os.environ, chosen)
        except CredhelperError:
            # Why these are asked is what one needs to know, above all where they do not work.
            if not as_json:
                for reason in chosen.reasons:
                    output.note(f"note: {_reason(reason)}")
            raise
    if as_json:
        output.emit_json(_as_json(found))
    else:
        output.table(("KEY", "VALUE"), _rows(found, time.time()), whole={"KEY": 8})
    if found.remark:
        output.note(f"note: {found.remark}")


def _rows(found: "WhoIs", now: float) -> Iterator[tuple[str, str]]:
    """Yield the lines for a person, most asked for first."""
    yield "arn", str(found.who)
    yield "account", f"{found.who.account} ({found.alias})" if found.alias else found.who.account
    if found.session_name:
        yield "session", found.session_name
    yield "expires", _expiry(found, now)
    yield "region", _with_origin(found.region)
    yield "endpoint", _with_origin(found.endpoint)
    for link in found.chain:
        yield "source", " ".join(filter(None, (link.name, f"({link.kind})", link.detail, _at(link.place))))
    for reason in found.reasons:
        yield "because", _reason(reason)


def _expiry(found: "WhoIs", now: float) -> str:
    if found.expiration is not None:
        left_m = max(0, int((found.expiration - now) // 60))
        return f"{format_time(found.expiration)} ({left_m} min)"
    return "never: a long-lived key" if found.is_long_lived else "not known"


def _with_origin(one: "Set") -> str:
    if not one.origin:
        return f"{one.value} (AWS's default)"
    return " ".join(filter(None, (one.value, f"({one.origin})", _at(one.place))))


def _at(place: "Place | None") -> str:
    return f"{place.file}:{place.line}" if place is not None else ""


def _reason(reason: "Reason") -> str:
    return " ".join(filter(None, (reason.text, _at(reason.place))))


def _as_json(found: "WhoIs") -> dict[str, object]:
    return {
        "profile": found.profile or None,
        "arn": str(found.who),
        "account_id": found.who.account,
        "account_alias": found.alias or None,
        "session_name": found.session_name or None,
        "expiration": None if found.expiration is None else format_time(found.expiration),
        "is_long_lived": found.is_long_lived,
        "region": _set_as_json(found.region),
        "endpoint": _set_as_json(found.endpoint),
        "chain": [_link_as_json(link) for link in found.chain],
        "reasons": [{"text": one.text, **_place_as_json(one.place)} for one in found.reasons],
    }


def _set_as_json(one: "Set") -> dict[str, object]:
    return {"value": one.value, "origin": one.origin or None, **_place_as_json(one.place)}


def _link_as_json(link: "Link") -> dict[str, object]:
    return {
        "name": link.name,
        "kind": link.kind,
        "key": link.key or None,
        "detail": link.detail or None,
        **_place_as_json(link.place),
    }


def _place_as_json(place: "Place | None") -> dict[str, object]:
    return {"file": place.file if place is not None else None, "line": place.line if place is not None else None}
