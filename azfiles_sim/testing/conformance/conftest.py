"""The user's run: every claim on the one target that the environment names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from azfiles_sim.testing.conformance.fixtures import *  # noqa: F403 - fixtures and hook are found by their names here
from azfiles_sim.testing.environment import target_maker
from azfiles_sim.testing.targets import MakeTarget, Target


@pytest.fixture(scope="session")
def make_target() -> MakeTarget:
    return target_maker()


@pytest.fixture
def target(make_target: MakeTarget) -> Iterator[Target]:
    """The target, with share names of this claim's own; what the claim made is removed, also after a failure."""
    with make_target() as target:
        yield target
