"""No test reads or fills the user's own cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from azfiles.cassette import cache


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv(cache.VARIABLE, str(folder))
    return folder
