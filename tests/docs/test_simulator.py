"""The command line is what docs/simulator.md says."""

from __future__ import annotations

import re

import pytest

from azfiles_sim.server.options import parse_arguments
from tests.docs.following import DOCS

PAGE = (DOCS / "simulator.md").read_text(encoding="utf-8")


def test_every_option_of_the_command_is_in_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    (summary,) = re.findall(r"```\n(azfiles-sim serve .*?)```", PAGE, re.DOTALL)
    with pytest.raises(SystemExit):
        parse_arguments(["serve", "--help"])
    usage = capsys.readouterr().out.partition("options:")[0]
    assert set(re.findall(r"--[a-z-]+", summary)) == set(re.findall(r"--[a-z-]+", usage))
