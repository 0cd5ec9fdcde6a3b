"""What a pasted message of any AWS tool says of its cause: no profile, no network, and no more than it says. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from credhelper.diagnosis import phrases
from credhelper.diagnosis.causes.table import CAUSES
from credhelper.diagnosis.finding import Certainty, Finding
from credhelper.diagnosis.pasted import message
from credhelper.diagnosis.readings import (
    BARE_OF_STS,
    NO_REASON_OF_A_BUCKET,
    NO_REASON_OF_AN_OBJECT,
    Reading,
    certain,
    of_any,
)
from credhelper.model.printable import clause
from credhelper.policy import denial
from credhelper.policy.denial import Denial

_ORDER = (Certainty.CERTAIN, Certainty.LIKELY, Certainty.POSSIBLE)
# A code and its message are so near to each other, in whichever order a tool writes them.
_NEAR = 300
_ROLE = re.compile(r"arn:aws[a-z-]{0,16}:iam::[0-9]{12}:role/[\w+=,.@/-]{1,512}(?<![.,])", re.ASCII)
_SESSION = re.compile(r"arn:aws[a-z-]{0,16}:sts::[0-9]{12}:assumed-role/[\w+=,.@-]{1,64}/[\w+=,.@-]{1,64}", re.ASCII)
_ASK_THE_PROGRAM = "the program that failed says why itself, on stderr: explain that; or: credhelper doctor NAME"


@dataclass(frozen=True, slots=True)
class _Word:
    """Something that was read: where, what it leaves open, and the sentence it is, where it is one.

    `hint` is for what the way out of a cause does not know.
    """

    place: int
    reading: Reading
    denial: Denial | None = None
    hint: str = ""


def explain(text: str) -> tuple[Finding, ...]:
    """Return the causes that a message leaves, the most certain first; none where it says nothing that is known.

    Raises InputError for a text of more than 8 kB.
    """
    lines = message.lines_of(text)
    words = _words(message.flat(lines))
    if not _has_certain(words) and _has_certain(broken := _words(message.unwrapped(lines))):
        # Whether a line goes on in the next one is a guess, and with one such line not a good one.
        is_broken = message.has_edge(lines)
        words = _at_most(Certainty.LIKELY, broken) if is_broken else _at_most(Certainty.POSSIBLE, [*broken, *words])
    return _findings(words)


def role_in(text: str) -> str:
    """Return the ARN of the one role that a message is about: it is asked for, or asks; "" where there is not one.

    Of a role that asks it is the ARN of its session, of whose role the path is not known.
    """
    line = message.flat(message.lines_of(text))
    told = [one for _, one in denial.found_in(line)]
    own = [found[0] for said in phrases.OWN_LINE.finditer(line) for found in _ROLE.finditer(said["said"])]
    asked_for = {one.resource for one in told if one.action.lower().startswith("sts:")} | set(own)
    found = {one for one in asked_for if _ROLE.fullmatch(one)} or {
        one.caller for one in told if _SESSION.fullmatch(one.caller)
    }
    return found.pop() if len(found) == 1 else ""


def _has_certain(words: list[_Word]) -> bool:
    return any(certainty is Certainty.CERTAIN for word in words for _, certainty in word.reading)


def _at_most(limit: Certainty, words: list[_Word]) -> list[_Word]:
    def said(certainty: Certainty) -> Certainty:
        return max(limit, certainty, key=_ORDER.index)

    return [replace(one, reading=tuple((cause, said(told)) for cause, told in one.reading)) for one in words]


def _words(text: str) -> list[_Word]:
    said = [*_sentences(text), *_phrases(text), *_own(text)]
    codes = [code for code in _codes(text) if not any(abs(one.place - code.place) < _NEAR for one in said)]
    return sorted([*said, *codes], key=lambda one: one.place) or list(_of_programs(text)) or list(_of_chains(text))


def _sentences(text: str) -> Iterator[_Word]:
    for place, told in denial.found_in(text):
        if reading := of_any(told):
            yield _Word(place, reading, told)
    for found in denial.ENCODED.finditer(text):
        yield _Word(found.start(), certain("encoded"), Denial(encoded=found[1].rstrip(".")))


def _phrases(text: str) -> Iterator[_Word]:
    for pattern, reading in phrases.PHRASES:
        yield from (_Word(found.start(), reading) for found in pattern.finditer(text))
    places: list[int] = []
    for pattern, reading in phrases.NETWORK_PHRASES:
        for found in pattern.finditer(text):
            place = found.start()
            # Of one failure several of these may be said, one inside the other; the first row knows the most.
            if all(abs(place - other) >= _NEAR for other in places):
                places.append(place)
                is_aws = phrases.NEAR_AWS.search(text[max(0, place - _NEAR) : place + _NEAR]) is not None
                word = _Word(place, reading)
                yield from [word] if is_aws else _at_most(Certainty.POSSIBLE, [word])


def _own(text: str) -> Iterator[_Word]:
    for line in phrases.OWN_LINE.finditer(text):
        told = ((pattern.search(line["said"]), reading) for pattern, reading in phrases.OWN_PHRASES)
        if (first := next(((found, reading) for found, reading in told if found), None)) is not None:
            yield _Word(line.start() + first[0].start(), first[1])


def _of_programs(text: str) -> Iterator[_Word]:
    found = phrases.OF_A_PROGRAM.search(text)
    if found is not None:
        yield _Word(found.start(), phrases.PROGRAM_FAILS, hint=_ASK_THE_PROGRAM)


def _of_chains(text: str) -> Iterator[_Word]:
    for pattern, reading in phrases.CHAIN_PHRASES:
        yield from (_Word(found.start(), reading) for found in pattern.finditer(text))


def _codes(text: str) -> Iterator[_Word]:
    operations = [(found.start(), found[found.lastgroup or 0]) for found in phrases.OPERATION.finditer(text)]

    def operation_at(place: int) -> str:
        near = [(abs(place - start), name) for start, name in operations if abs(place - start) < _NEAR]
        return min(near)[1] if near else ""

    for found in phrases.CODE.finditer(text):
        code, operation = found["code"], operation_at(found.start())
        reading = phrases.CODES_OF.get((operation, code)) or phrases.CODES.get(code)
        if reading:
            place, word = found.start(), _Word(found.start(), reading)
            is_bare = code in phrases.SHARED_CODES and place == found.start("code")
            is_known = not is_bare or phrases.NEAR_SDK.search(text[max(0, place - _NEAR) : place + _NEAR])
            yield from [word] if is_known else _at_most(Certainty.POSSIBLE, [word])
    for found in phrases.BARE.finditer(text):
        operation = operation_at(found.start())
        if operation == "AssumeRole":
            yield _Word(found.start(), BARE_OF_STS)
        elif phrases.BUCKET_OPERATION.fullmatch(operation) or "S3" in found[0]:
            is_object = operation.endswith("Object")
            yield _Word(found.start(), NO_REASON_OF_AN_OBJECT if is_object else NO_REASON_OF_A_BUCKET)


def _findings(words: list[_Word]) -> tuple[Finding, ...]:
    """Return each cause once, with the strongest word for it; what is left open comes behind what is named."""
    found: dict[str, tuple[Certainty, _Word]] = {}
    for word in words:
        for cause, certainty in word.reading:
            if cause not in found or _ORDER.index(certainty) < _ORDER.index(found[cause][0]):
                found[cause] = (certainty, word)
    ranked = sorted(found.items(), key=lambda one: _ORDER.index(one[1][0]))
    return tuple(
        Finding(
            cause=cause,
            certainty=certainty,
            text=_text(cause, None if certainty is Certainty.POSSIBLE else word.denial),
            hint=word.hint or _hint(cause, word.denial),
        )
        for cause, (certainty, word) in ranked
    )


def _text(cause: str, told: Denial | None) -> str:
    title = CAUSES[cause].title
    if told is None:
        return title
    who, what = clause(told.caller), " on ".join(filter(None, (told.action, clause(told.resource))))
    call = " ".join(filter(None, (f"{who}:" if who else "", what)))
    policy = f", {told.policy_arn}" if told.policy_arn else ""
    return f"{title} ({call}{policy})" if call else title


def _hint(cause: str, told: Denial | None) -> str:
    if cause == "encoded" and told is not None:
        return (
            "an administrator who has sts:DecodeAuthorizationMessage decodes it: aws sts decode-authorization-message "
            f"--query DecodedMessage --output text --encoded-message {told.encoded}"
        )
    return ""
