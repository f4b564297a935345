"""The code in docs/cassettes.md runs as it stands there, and what the page says of commands is what they are."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.storage.fileshare import ShareServiceClient

import azfiles
from azfiles.cli.cassette import group
from azfiles.transports.taping import MODES
from azfiles_sim.testing.cassettes.scripting import load_script

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cassettes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a reader has: a connection string, a program, and its recording in the folder where he is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AZFILES_CASSETTE_CACHE", "off")
    shutil.copy(ROOT / "cassettes" / "first_steps.yaml", "session.yaml")
    return {
        "azfiles": azfiles,
        "httpx": httpx,
        "connection_string": "DefaultEndpointsProtocol=https;AccountName=reader;AccountKey=cmVhZGVy;EndpointSuffix=core.windows.net",
        "work": load_script(ROOT / "cassettes" / "first_steps.py").session,
        "ShareServiceClient": ShareServiceClient,
        "url": "https://reader.file.core.windows.net",
        "key": "cmVhZGVy",
    }


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_each_block_runs(number: int, names: dict[str, Any]) -> None:
    if "work(client)" not in BLOCKS[number]:
        Path("session.yaml").unlink()  # what asks for nothing begins without a recording
    exec(compile(BLOCKS[number], f"docs/cassettes.md, block {number}", "exec"), names)


def test_the_block_that_goes_on_does_go_on(names: dict[str, Any]) -> None:
    (block,) = (block for block in BLOCKS if "from_cassette" in block)
    exec(compile(block, "docs/cassettes.md", "exec"), names)
    assert names["transport"].continued == 1


def test_each_mode_and_command_is_told() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == set(MODES)
    assert set(re.findall(r"^\| `azfiles cassette ([\w-]+) ", PAGE, re.MULTILINE)) == set(group.commands)
