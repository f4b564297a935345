"""What docs/cassettes.md says of modes and commands is what they are, and its replay goes on past the end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from azfiles.cli.cassette import group
from azfiles.transports.taping import MODES
from tests.docs.following import DOCS, Reader

PAGE = (DOCS / "cassettes.md").read_text(encoding="utf-8")


def test_the_block_that_goes_on_does_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reader = Reader(DOCS / "cassettes.md", shell=False)
    reader.follow(until="## The official SDK")
    assert reader.names["transport"].continued == 1


def test_each_mode_and_command_is_told() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == set(MODES)
    assert set(re.findall(r"^\| `azfiles cassette ([\w-]+) ", PAGE, re.MULTILINE)) == set(group.commands)
