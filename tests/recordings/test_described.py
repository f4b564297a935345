"""The simulator against what is described of the service beyond the recordings at hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from azfiles_sim import RECORDED_2019, TODAY, Simulator
from azfiles_sim.testing.cassettes.referee import judge
from azfiles_sim.testing.cassettes.sessions import Headers, Session

from .described import STORIES_2019, STORIES_TODAY
from .stories import Story


@pytest.mark.parametrize("tell", STORIES_2019, ids=lambda tell: tell.__name__)
def test_the_simulator_answers_as_described_for_2019(tell: Callable[[], Session]) -> None:
    assert not [str(found) for found in judge(tell(), quirks=RECORDED_2019)]


@pytest.mark.parametrize("tell", STORIES_TODAY, ids=lambda tell: tell.__name__)
def test_the_simulator_answers_as_described_for_today(tell: Callable[[], Session]) -> None:
    assert not [str(found) for found in judge(tell(), quirks=TODAY)]


Ranges = list[tuple[int, int]]

CLEARED: dict[str, tuple[int, Ranges, Ranges, str | None, Ranges]] = {
    # what happens: size, ranges written, ranges cleared, range asked for, ranges listed
    "the first page of two": (1024, [(0, 1023)], [(0, 511)], None, [(512, 1023)]),
    "the whole file": (2048, [(0, 2047)], [(0, 2047)], None, []),
    "the second half": (2048, [(0, 2047)], [(1024, 2047)], None, [(0, 1023)]),
    "all that was written": (4096, [(2048, 4095)], [(2048, 4095)], None, []),
    "a part, and what was never written": (
        4096,
        [(512, 1535), (3072, 4095)],
        [(1024, 2047), (0, 511)],
        None,
        [(512, 1023), (3072, 4095)],
    ),
    "the same, cut to the range asked for": (
        4096,
        [(512, 1535), (3072, 4095)],
        [(1024, 2047), (0, 511)],
        "bytes=512-3583",
        [(512, 1023), (3072, 3583)],
    ),
    "nothing, two pages far apart": (
        1 << 30,
        [(0, 511), (1048576, 1049087)],
        [],
        None,
        [(0, 511), (1048576, 1049087)],
    ),
    "one byte of one": (1, [(0, 0)], [(0, 0)], None, [(0, 0)]),
    "eight bytes of ten": (10, [(0, 9)], [(1, 8)], None, [(0, 9)]),
    "nothing of nineteen": (19, [(0, 18)], [], None, [(0, 18)]),
    "nothing, but for the range asked for": (1024, [(0, 1023)], [], "bytes=0-1022", [(0, 1022)]),
    "nothing, two neighbours": (2048, [(0, 1023), (1024, 2047)], [], None, [(0, 2047)]),
}


@pytest.mark.parametrize("name", CLEARED)
def test_clearing_gives_back_whole_pages_and_lists_what_is_left(name: str) -> None:
    size, written, cleared, asked, listed = CLEARED[name]
    story = Story(name)
    create = (("x-ms-type", "file"), ("x-ms-content-length", str(size)))
    story.ask("PUT", "/data/file", 201, send=create, stamp=0)
    for write, ranges in (("update", written), ("clear", cleared)):
        for start, end in ranges:
            data = bytes([1]) * (end - start + 1) if write == "update" else b""
            sent = (("x-ms-range", f"bytes={start}-{end}"), ("x-ms-write", write))
            story.ask("PUT", "/data/file?comp=range", 201, send=sent, body=data, stamp=0)
    entries = "".join(f"<Range><Start>{start}</Start><End>{end}</End></Range>" for start, end in listed)
    document = f"<Ranges>{entries}</Ranges>" if entries else "<Ranges />"
    send: Headers = (("x-ms-range", asked),) if asked else ()
    shown = (("x-ms-content-length", str(size)),)
    story.ask("GET", "/data/file?comp=rangelist", 200, send=send, stamp=story.now, show=shown, document=document)
    last = len(story.interactions) - 1
    assert not [str(found) for found in judge(story.session()) if found.interaction == last]


def test_a_handle_is_not_planted_in_what_is_no_snapshot() -> None:
    simulator = Simulator()
    with pytest.raises(ValueError, match="not a snapshot"):
        simulator.open_handle("devstoreaccount1", "data", snapshot="yesterday")
    with pytest.raises(LookupError, match="ShareNotFound"):
        simulator.open_handle("devstoreaccount1", "data", snapshot="2019-05-09T01:34:00.0000000Z")
