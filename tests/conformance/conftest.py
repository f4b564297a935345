from __future__ import annotations

from collections.abc import Iterator

import pytest

import azfiles
from tests.conformance.arms import NAMES, Arm, Arms


@pytest.fixture(scope="session")
def arms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arms]:
    arms = Arms(tmp_path_factory.mktemp("arms"))
    yield arms
    arms.close()


@pytest.fixture(params=NAMES)
def arm(request: pytest.FixtureRequest, arms: Arms) -> Iterator[Arm]:
    with arms.open(request.param) as arm:
        yield arm


@pytest.fixture
def client(arm: Arm) -> azfiles.ServiceClient:
    return arm.connect()


@pytest.fixture
def share(client: azfiles.ServiceClient) -> azfiles.ShareClient:
    """An existing, empty share."""
    share = client.share("data")
    share.create()
    return share
