"""The cassettes that this repository ships."""

from __future__ import annotations

import sys
from pathlib import Path

import azfiles

FOLDER = Path(__file__).parents[2] / "cassettes"
sys.path.insert(0, str(FOLDER))

import first_steps  # noqa: E402 - a program beside its cassette, not a package


def test_recording_the_first_steps_again_gives_the_same_bytes(tmp_path: Path) -> None:
    again = tmp_path / "again.yaml"
    first_steps.record(again)
    assert again.read_bytes() == first_steps.CASSETTE.read_bytes()


def test_the_first_steps_replay_without_a_service_as_they_were_told(tmp_path: Path) -> None:
    told = first_steps.record(tmp_path / "again.yaml")
    replayer = azfiles.replaying(first_steps.CASSETTE)
    other = azfiles.SharedKey("anotheraccount", azfiles.EMULATOR_KEY)
    with azfiles.connect("https://anotheraccount.file.core.windows.net", other, transport=replayer) as client:
        assert first_steps.work(client) == told
    assert replayer.unplayed == ()
