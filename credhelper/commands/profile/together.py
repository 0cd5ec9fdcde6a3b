"""Which of many profiles can be edited in one go, and why the others stay as they are."""

import contextlib
from collections.abc import Callable, Sequence

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.profiles import principal
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.errors import InputError

# Returns both files after the edit of all these profiles; raises InputError if one of them is in the way.
Edit = Callable[[Sequence[str]], Catalogue]


def remembered(edit: Edit) -> Edit:
    """Return an edit that is not made again where the same profiles are asked for again."""
    last: dict[tuple[str, ...], Catalogue] = {}

    def remembering(names: Sequence[str]) -> Catalogue:
        wanted = tuple(names)
        if wanted not in last:
            found = edit(wanted)
            last.clear()
            last[wanted] = found
        return last[wanted]

    return remembering


def stays(name: str, reason: str) -> str:
    """Return the remark on a profile that is left alone."""
    return f"{name} stays as it is: {reason}"


def unclear(document: Document, names: Sequence[str]) -> dict[str, str]:
    """Return why some of these cannot be edited: they are defined in two spellings.

    One pass over the file is enough where all are clear.
    """
    reasons: dict[str, str] = {}
    with contextlib.suppress(InputError):
        document.locate(names)
        return reasons
    for name in names:
        try:
            document.locate([name])
        except InputError as error:
            reasons[name] = error.message
    return reasons


def clear_ones(document: Document, chosen: list[str], remarks: list[str]) -> list[str]:
    """Return those that are defined in one spelling, with a remark for each of the others."""
    reasons = unclear(document, chosen)
    remarks += [stays(name, reason) for name, reason in reasons.items()]
    return [name for name in chosen if name not in reasons]


def working(document: Document, names: list[str], edit: Edit, remarks: list[str]) -> list[str]:
    """Return those that can be edited together, with a remark for each that cannot be edited at all."""
    document.require_sound()
    try:
        edit(names)
    except InputError as error:
        if len(names) == 1:
            remarks.append(stays(names[0], error.message))
            return []
        half = len(names) // 2
        return [
            *working(document, names[:half], edit, remarks),
            *working(document, names[half:], edit, remarks),
        ]
    return names


def same(catalogue: Catalogue, names: list[str], edit: Edit, remarks: list[str]) -> list[str]:
    """Return those after whose edit each profile is who it was, with a remark for each of the others."""
    chosen = list(names)
    while chosen:
        after = edit(chosen)
        reasons = {name: str(shadow) for name in chosen if (shadow := after.shadow_of(name)) is not None}
        for name in () if reasons else principal.changed(catalogue, after, {}):
            chain = [one for one in chosen if name in principal.dependents([one], catalogue)]
            reasons |= dict.fromkeys(chain, f"{name} would be another identity for SDKs")
        if not reasons:
            break
        remarks += [stays(name, reason) for name, reason in reasons.items()]
        chosen = [name for name in chosen if name not in reasons]
    return chosen
