"""A cassette that does not give each request of its session its own answer again is found before it is saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from azfiles.cassette.checking import check_replay
from azfiles.cassette.interactions import Interaction, Lost
from azfiles.cassette.writing import write_cassette
from azfiles.errors import CassetteError
from tests.cassette.builders import interaction

ONE = interaction("GET", "/s/one", content=b"1")
TWO = interaction("GET", "/s/two", content=b"2")
REFUSED = interaction("GET", "/s/two", status=404)
LOST = Interaction(TWO.request, Lost("reset", sent=True))


@pytest.mark.parametrize(
    ("written", "session", "complaint"),
    [
        ([ONE], [ONE, TWO], "1 of 2 interactions came back"),
        ([TWO, ONE], [ONE, TWO], "request 1 got the answer of 2"),
        ([ONE, REFUSED], [ONE, TWO], "request 2 got another answer than it had"),
        ([ONE, LOST], [ONE, TWO], "request 2 got another answer than it had"),
        ([ONE, TWO], [ONE, LOST], "request 2 got another answer than it had"),
        ([ONE, ONE], [ONE, TWO], "at request 2: .*not recorded: Get File /s/two"),
    ],
)
def test_what_does_not_replay_is_told_with_its_number(tmp_path: Path, written, session, complaint: str):
    write_cassette(tmp_path / "a.yaml", written)
    with pytest.raises(CassetteError, match=f"the recording does not replay.*{complaint}"):
        check_replay(tmp_path / "a.yaml", session)


def test_what_replays_passes(tmp_path: Path):
    write_cassette(tmp_path / "a.yaml", [ONE, LOST, TWO, REFUSED])
    check_replay(tmp_path / "a.yaml", [ONE, LOST, TWO, REFUSED])
