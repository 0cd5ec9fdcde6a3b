"""A failure is another's only where nothing that may have caused it is different."""

import os

import pytest

from credhelper.provider import circumstances
from credhelper.provider.record import Record

VARIABLES = [
    *("AWS_ENDPOINT_URL", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_EC2_METADATA_DISABLED"),
    *("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_DEFAULTS_MODE", "AWS_CA_BUNDLE"),
    *("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "REQUESTS_CA_BUNDLE", "CREDHELPER_CHAIN", "AWS_TOMORROW"),
]


@pytest.mark.parametrize("variable", VARIABLES)
def test_variable_that_may_have_caused_it_makes_a_failure_another(variable: str) -> None:
    there = circumstances.of(Record({variable: "one"}))
    assert circumstances.are_same(there, {variable: "one"})
    assert not circumstances.are_same(there, {variable: "two"})
    assert not circumstances.are_same(there, {})
    assert not circumstances.are_same(circumstances.of(Record({})), {variable: "one"})


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_PAGER", "AWS_DEFAULT_OUTPUT", "TERM", "CREDHELPER_LOG"])
def test_variable_that_causes_nothing_leaves_a_failure_the_same(variable: str) -> None:
    assert circumstances.are_same(circumstances.of(Record({})), {variable: "one"})


def test_process_with_another_network_fails_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "readlink", lambda _path: "net:[1]")
    there = circumstances.of(Record({}))
    assert circumstances.are_same(there, {})
    monkeypatch.setattr(os, "readlink", lambda _path: "net:[2]")
    assert not circumstances.are_same(there, {})


@pytest.mark.parametrize("variable", ["VAULT_TOKEN", "OP_SESSION", "TERM", "AWS_PROFILE"])
def test_program_of_the_source_may_obey_any_variable(variable: str) -> None:
    record = Record({variable: "one"})
    record.has_program = True
    there = circumstances.of(record)
    assert circumstances.are_same(there, {variable: "one"})
    assert not circumstances.are_same(there, {variable: "two"})
    assert not circumstances.are_same(there, {})


def test_note_has_too_little_of_the_environment_to_try_guesses_against() -> None:
    notes = []
    for number in range(2000):
        record = Record({"VAULT_PIN": str(number)})
        record.has_program = True
        notes.append(circumstances.of(record).environment)
    assert len({note[:-2] for note in notes}) == 1
    assert len(notes[0]) == 34
