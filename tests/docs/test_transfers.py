"""What docs/transfers.md says of names, and what its code leaves behind."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import azfiles
from tests.docs.following import DOCS, Reader

PAGE = (DOCS / "transfers.md").read_text(encoding="utf-8")


def test_the_transfers_that_went_on_left_no_note_beside_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    reader = Reader(DOCS / "transfers.md", shell=False)
    reader.follow()
    assert (reader.names["content"], reader.names["tail"]) == (b"picturesmore", b"more")
    assert {path.name for path in tmp_path.iterdir()} == {"movie.mp4", "copy.mp4"}
    assert Path("copy.mp4").read_bytes() == Path("movie.mp4").read_bytes()


def test_every_option_of_the_methods_is_told_of() -> None:
    for method in (azfiles.FileClient.upload, azfiles.FileClient.download, azfiles.FileClient.download_to):
        for option in inspect.signature(method).parameters:
            if option not in {"self", "data", "destination", "offset", "length"}:
                assert option in PAGE, option


def test_the_pattern_of_temporary_names_is_told_as_it_is() -> None:
    from azfiles.flows.transfers.temporary import is_temporary

    [shown] = set(re.findall(r"`(\.azfiles-<32 hexadecimal digits>\.\w+)`", PAGE))
    assert is_temporary(shown.replace("<32 hexadecimal digits>", "0123456789abcdef" * 2))
