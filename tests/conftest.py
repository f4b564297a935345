"""What every test of this house may use."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.proof import PROVING, THOROUGH

# Tests leave nothing in the user's cache folder; those of the cache name one of their own.
os.environ["AZFILES_CASSETTE_CACHE"] = "off"

# The same examples each time, so that what lands does not hang on a draw; the long counts draw new ones.
# No example is timed: a busy machine would fail it.
settings.register_profile("quick", max_examples=12, derandomize=True, deadline=None)
settings.register_profile("thorough", derandomize=True, deadline=None)
settings.register_profile("proving", derandomize=False, deadline=None)
settings.load_profile("proving" if PROVING else "thorough" if THOROUGH else "quick")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "evidence(operation='H1' or error='ShareNotFound', source='recording:...', 'sdk:...', 'document:...' or"
        " 'azurite:...'): the row of docs/coverage.md that this test backs by asserting status, code and decisive"
        " headers, and what it is held against",
    )
