"""One embedded AWS, with CloudFormation, for all tests of grants: each has accounts of its own."""

from collections.abc import Iterator

import pytest

from credhelper.demo.emulator import Emulator


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(str(tmp_path_factory.mktemp("aws")), "iam,s3,sts,cloudformation") as running:
        yield running
