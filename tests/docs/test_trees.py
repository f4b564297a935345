"""The code in docs/trees.md runs as it stands there, and every option is told of."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import azfiles
from tests.trees.local import content_of

PAGE = (Path(__file__).parents[2] / "docs" / "trees.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_blocks_run_one_after_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for number in (0, 1):
        exec(compile(BLOCKS[number], f"docs/trees.md, block {number}", "exec"), names)
    share, photos = names["share"], tmp_path / "photos"
    assert "summer/1.jpg 3 False" in capsys.readouterr().out
    assert content_of(tmp_path / "copy") == content_of(photos)
    left = {found.path for found in share.root.walk()}
    assert left == {"backup", "backup/summer", "backup/summer/1.jpg"}
    (photos / "CON").write_bytes(b"")
    (photos / "link").symlink_to("summer")
    exec(compile(BLOCKS[2], "docs/trees.md, block 2", "exec"), names)
    shown = capsys.readouterr().out
    assert shown.startswith("1 0 1 0 3\n")
    assert "CON" in shown
    assert "link a symbolic link" in shown
    exec(compile(BLOCKS[3], "docs/trees.md, block 3", "exec"), names)
    assert "delete directory backup" in capsys.readouterr().out
    assert len(BLOCKS) == 4


def test_every_option_of_the_methods_is_told_of() -> None:
    for name in ("walk", "upload_tree", "download_tree", "copy_tree", "delete_tree", "sync_up", "sync_down"):
        assert f"`{name}" in PAGE or f".{name}(" in PAGE
        for option in inspect.signature(getattr(azfiles.DirectoryClient, name)).parameters:
            if option not in {"self", "local", "destination"}:
                assert option in PAGE, option
