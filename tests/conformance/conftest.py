"""This project's own run: every claim on every arm. The claims are those that users run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("azfiles_sim.testing.conformance")

from azfiles_sim.testing.conformance.fixtures import *  # noqa: E402, F403 - claims are rewritten first
from azfiles_sim.testing.targets import Target  # noqa: E402
from tests.conformance.arms import NAMES, Arms  # noqa: E402


@pytest.fixture(scope="session")
def arms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arms]:
    arms = Arms(tmp_path_factory.mktemp("arms"))
    yield arms
    arms.close()


@pytest.fixture(params=NAMES)
def target(request: pytest.FixtureRequest, arms: Arms) -> Iterator[Target]:
    with arms.open(request.param) as target:
        yield target
