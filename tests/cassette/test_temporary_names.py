"""Names of temporary files are new in every run; a cassette matches them by which stands for which."""

from __future__ import annotations

from pathlib import Path

import pytest

from azfiles import recording, replaying, use_cassette
from azfiles.cassette.interactions import as_recorded
from azfiles.cassette.matching import first_difference, key_of
from azfiles.errors import NotRecorded
from azfiles.messages import Request, Transport
from tests.cassette.builders import Answering, request, respond

OLD = "0123456789abcdef0123456789abcdef"
NEW = "fedcba9876543210fedcba9876543210"
OTHER = "00000000aaaaaaaabbbbbbbbcccccccc"
LISTING = f"<EnumerationResults><Entries><File><Name>.azfiles-{OLD}.new</Name></File></Entries></EnumerationResults>"


def asked(name: str) -> list[Request]:
    """A file made beside its place, seen in a list, and moved there."""
    source = f"https://myaccount.file.core.windows.net/s/d/.azfiles-{name}.new"
    return [
        request("PUT", f"/s/d/.azfiles-{name}.new", {"x-ms-type": "file"}),
        request("PUT", f"/s/d/.azfiles-{name}.new?comp=range", {"x-ms-range": "bytes=0-3"}, b"abcd"),
        request("GET", "/s/d?restype=directory&comp=list"),
        request("PUT", "/s/d/a?comp=rename", {"x-ms-file-rename-source": source}),
    ]


def run(transport: Transport, requests: list[Request]) -> list[bytes]:
    return [bytes(transport.send(one, 1.0).body) for one in requests]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    recorded = tmp_path / "a.yaml"
    answering = Answering(lambda one: respond(200, (), LISTING.encode() if one.method == "GET" else b""))
    with recording(answering, recorded) as recorder:
        run(recorder, asked(OLD))
    return recorded


def test_another_name_stands_for_the_recorded_one_and_comes_back_in_listings(path: Path):
    with replaying(path) as replayer:
        bodies = run(replayer, asked(NEW))
    assert bodies[2].decode() == LISTING.replace(OLD, NEW)


def test_one_name_stands_for_one_all_the_way(path: Path):
    replayer = replaying(path)
    replayer.send(asked(NEW)[0], 1.0)
    with pytest.raises(NotRecorded, match="temporary file: asked another than the recorded one"):
        replayer.send(asked(OTHER)[1], 1.0)


def test_a_name_of_another_kind_is_another_file(path: Path):
    replayer = replaying(path)
    for name in (f".azfiles-{NEW}.old", f"azfiles-{NEW}.new", f".azfiles-{NEW[:-1]}.new", NEW):
        with pytest.raises(NotRecorded, match="resource: asked"):
            replayer.send(request("PUT", f"/s/d/{name}", {"x-ms-type": "file"}), 1.0)


def test_what_is_recorded_anew_beside_a_replay_keeps_the_recorded_name(path: Path):
    """As with lease ids: a run that goes on from a cassette names in it what the cassette calls it."""
    answering = Answering(lambda _: respond(200))
    with use_cassette(path, answering, mode="new") as transport:
        run(transport, [*asked(NEW), request("HEAD", f"/s/d/.azfiles-{NEW}.new")])
    text = path.read_text()
    assert NEW not in text
    with replaying(path) as replayer:
        run(replayer, [*asked(OTHER), request("HEAD", f"/s/d/.azfiles-{OTHER}.new")])


def test_keys_of_requests_that_differ_in_the_name_alone_differ_in_nothing_else():
    ours, theirs = (key_of(as_recorded(asked(name)[3])) for name in (NEW, OLD))
    assert ours != theirs
    assert ours._replace(ids=()) == theirs._replace(ids=())
    assert first_difference(ours, theirs).startswith("temporary file")
