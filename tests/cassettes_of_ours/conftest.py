"""No test reads or fills the user's own cache."""

from __future__ import annotations

import pytest

from azfiles.cassette import cache


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.VARIABLE, "off")
