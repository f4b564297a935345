"""What every test of this house may use."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.proof import THOROUGH

settings.register_profile("quick", max_examples=20)
if not THOROUGH:
    settings.load_profile("quick")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "evidence(operation='H1' or error='ShareNotFound', source='recording:...', 'sdk:...', 'document:...' or"
        " 'azurite:...'): the row of docs/coverage.md that this test backs by asserting status, code and decisive"
        " headers, and what it is held against",
    )
