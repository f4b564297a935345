from __future__ import annotations

import pytest

from tests.model.world import World


@pytest.fixture
def world() -> World:
    """An account with the empty share ``data``."""
    made = World()
    made.make_share()
    return made
