"""The README's code runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from azfiles_sim import Simulator
from azfiles_sim.server import serve_in_thread

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_library_example_prints_what_it_wrote(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(BLOCKS[0], "README.md, library", "exec"), {})
    assert capsys.readouterr().out == "b'sold: 18' ['july.txt']\n"


def test_the_test_example_passes() -> None:
    names: dict[str, object] = {}
    exec(compile(BLOCKS[1], "README.md, test", "exec"), names)
    [test] = [value for name, value in names.items() if name.startswith("test_")]
    test()  # type: ignore[operator]  # a function that the README defines


def test_what_the_service_leaves_out_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the clone, as a reader is, and with no name that the block does not bring itself."""
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    exec(compile(BLOCKS[2], "README.md, what the service leaves out", "exec"), names)
    assert names["file"].download() == b"sold: 19"
    assert names["share"].file("replay-cassettes.yml").get_properties().size > 0


def test_the_official_sdk_example_creates_share_and_file() -> None:
    simulator = Simulator()
    with serve_in_thread(simulator) as server:
        code = BLOCKS[3].replace("<the connection string it printed>", server.connection_string)
        names: dict[str, object] = {}
        exec(compile(code, "README.md, official SDK", "exec"), names)
        file = names["service"].get_share_client("sdk").get_file_client("hello.txt")  # type: ignore[attr-defined]  # the SDK's client
        assert file.download_file().readall() == b"hello"


def test_the_examples_are_as_short_as_promised() -> None:
    lengths = [len([line for line in block.splitlines() if line.strip()]) for block in BLOCKS]
    assert len(lengths) == 4
    assert max(lengths) <= 11
