"""What the code in docs/retries.md comes to; its table has tests in ``tests/flows``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.following import DOCS, Reader


def test_content_is_swapped_and_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reader = Reader(DOCS / "retries.md", shell=False)
    reader.follow()
    share = reader.names["share"]
    assert share.file("log.txt").download() == b"new content"
    assert share.file("new.txt").download() == b"first content"
