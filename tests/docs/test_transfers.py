"""The code in docs/transfers.md runs as it stands there."""

from __future__ import annotations

import hashlib
import io
import re
import sys
from pathlib import Path

import pytest

import azfiles
from azfiles_sim import Simulator

PAGE = (Path(__file__).parents[2] / "docs" / "transfers.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
MOVIE = b"moving pictures"


class Output:
    """A standard output whose bytes are kept."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdout", Output())
    Path("movie.mp4").write_bytes(MOVIE)
    share = azfiles.connect(Simulator().handle).share("data")
    share.create()
    return {
        "file": share.file("f"),
        "open_stream": lambda: io.BytesIO(MOVIE),
        "camera": lambda: iter([b"pic", b"tures", b"more"]),
        "digest": hashlib.sha256(),
        "sys": sys,
        "io": io,
        "Path": Path,
    }


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_a_block_runs(number: int, names: dict[str, object]) -> None:
    if number:
        exec(compile(BLOCKS[0], "docs/transfers.md, block 0", "exec"), names)
    exec(compile(BLOCKS[number], f"docs/transfers.md, block {number}", "exec"), names)
    if number == 0:
        assert (names["content"], names["tail"]) == (b"pictures" + b"more", b"more")
    elif "movie.mp4" in BLOCKS[number]:
        assert not list(Path().glob("*.json"))
    if Path("copy.mp4").exists() and number > 1:
        assert Path("copy.mp4").read_bytes() in {MOVIE, b"pictures" + b"more"}


def test_every_option_of_the_methods_is_told_of() -> None:
    import inspect

    for method in (azfiles.FileClient.upload, azfiles.FileClient.download, azfiles.FileClient.download_to):
        for option in inspect.signature(method).parameters:
            if option not in {"self", "data", "destination", "offset", "length"}:
                assert option in PAGE, option


def test_the_pattern_of_temporary_names_is_told_as_it_is() -> None:
    from azfiles.flows.transfers.temporary import is_temporary

    [shown] = set(re.findall(r"`(\.azfiles-<32 hexadecimal digits>\.\w+)`", PAGE))
    assert is_temporary(shown.replace("<32 hexadecimal digits>", "0123456789abcdef" * 2))
