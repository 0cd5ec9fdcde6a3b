"""What the properties about whose credentials a profile has share."""

from collections.abc import Iterator

import pytest

from fakes.signer_sts import SignerSts


@pytest.fixture(scope="module")
def signer_sts() -> Iterator[SignerSts]:
    """An STS that names every session after the one who signed the request; one for all examples."""
    with SignerSts() as server:
        yield server
