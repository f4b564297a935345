"""The code in docs/simulator.md runs as it stands there, and the command line is what it says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from azure.storage.fileshare import ShareServiceClient

import azfiles
from azfiles_sim.server.command import parse_arguments
from tests.docs.following import DOCS, blocks_of

PAGE = (DOCS / "simulator.md").read_text(encoding="utf-8")


def test_the_blocks_run_one_after_another() -> None:
    names: dict[str, Any] = {"key": azfiles.EMULATOR_KEY}
    for block in blocks_of(DOCS / "simulator.md"):
        exec(compile(block.text, f"docs/simulator.md, line {block.line}", "exec"), names)
    names["simulator"].clock.advance(0)
    with azfiles.connect(names["reply"], clock=names["simulator"].clock) as client:
        client.share("data").create()
    assert isinstance(names["service"], ShareServiceClient)


def test_every_option_of_the_command_is_in_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    (summary,) = re.findall(r"```\n(azfiles-sim serve .*?)```", PAGE, re.DOTALL)
    with pytest.raises(SystemExit):
        parse_arguments(["serve", "--help"])
    usage = capsys.readouterr().out.partition("options:")[0]
    assert set(re.findall(r"--[a-z-]+", summary)) == set(re.findall(r"--[a-z-]+", usage))
