"""What the tests about one-time codes share."""

import pytest

from fakes.sts import FakeSts


@pytest.fixture
def device(sts: FakeSts) -> None:
    """The STS of the test takes the code that the user's device shows, and no other."""
    sts.behaviour.token_code = "123456"
