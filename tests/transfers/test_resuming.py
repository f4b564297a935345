"""A transfer that is killed anywhere goes on where it stopped, and never with what does not belong to it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

import azfiles
from tests.proof import THOROUGH
from tests.transfers.dying import Fuse, Killed, dying_runner
from tests.transfers.test_uploads import counted
from tests.transfers.worlds import LEASE, NEW, OLD, TEMPORARY, make_world

WORLD = make_world()
RANGE = 8
DATA = NEW * 2


def attempt(world, flow, place=None, *, performed=False, seed=1):
    """Run a flow in a process that dies at this effect; whether it came to its end, and what it did."""
    fuse = Fuse(place, performed=performed)
    try:
        dying_runner(world.simulator, world.clock, fuse, seed).run(flow)
    except Killed:
        return False, fuse
    return True, fuse


def upload(world, path, **options):
    return azfiles.FileClient.upload.flow(
        world.share().file("d/f").target, path, resume=True, range_size=RANGE, concurrency=2, **options
    )


def download(world, path, **options):
    return azfiles.FileClient.download_to.flow(
        world.share().file("d/f").target, path, resume=True, range_size=RANGE, concurrency=2, **options
    )


def source_in(folder):
    path = folder / "big.bin"
    path.write_bytes(DATA)
    return path


@pytest.mark.parametrize("performed", [False, True])
def test_an_upload_that_was_killed_anywhere_is_finished_by_the_next_run(performed, tmp_path):
    path = source_in(tmp_path)
    ended, whole = attempt(WORLD.fork(), upload(WORLD.fork(), path))
    assert ended
    assert [each.name for each in tmp_path.iterdir()] == ["big.bin"]
    saved = 0
    for place in range(1, whole.steps + 1, 1 if THOROUGH else 11):
        world = WORLD.fork()
        ended, _ = attempt(world, upload(world, path), place, performed=performed)
        assert not ended
        left = set(world.contents()) - {"f", "held"}
        ended, second = attempt(world, upload(world, path), seed=2)
        assert ended, place
        contents = world.contents()
        assert contents["f"] == DATA
        # Only what dies between Create File and the first note is not found again.
        assert set(contents) - {"f", "held"} <= left
        assert all(re.fullmatch(TEMPORARY, name) for name in contents if name not in {"f", "held"})
        saved = max(saved, whole.names.count("PUT") - second.names.count("PUT"))
        assert [each.name for each in tmp_path.iterdir()] == ["big.bin"], place
    assert saved >= 8


@pytest.mark.parametrize("performed", [False, True])
def test_a_download_that_was_killed_anywhere_is_finished_by_the_next_run(performed, tmp_path):
    world = WORLD.fork()
    world.share().file("d/f").upload(DATA * 2, range_size=RANGE)
    first = tmp_path / "first"
    first.mkdir()
    ended, whole = attempt(world, download(world, first / "f"))
    assert ended
    assert [each.name for each in first.iterdir()] == ["f"]
    saved = 0
    for place in range(1, whole.steps + 1, 1 if THOROUGH else 23):
        folder = tmp_path / str(place)
        folder.mkdir()
        assert not attempt(world, download(world, folder / "f"), place, performed=performed)[0]
        ended, second = attempt(world, download(world, folder / "f"), seed=2)
        assert ended
        assert (folder / "f").read_bytes() == DATA * 2
        left = {each.name for each in folder.iterdir()} - {"f"}
        assert all(re.fullmatch(TEMPORARY, name) for name in left)
        assert len(left) <= 1
        saved = max(saved, whole.names.count("GET") - second.names.count("GET"))
    assert saved >= 10


def half_done(world, path, flow_of=upload):
    """Kill a transfer in its middle."""
    steps = attempt(world.fork(), flow_of(world, path))[1].steps
    for name in path.parent.iterdir():
        if name != path or flow_of is download:
            name.unlink()
    assert not attempt(world, flow_of(world, path), steps * 2 // 3)[0]
    [note] = path.parent.glob("*.json")
    return note


def change_source(path, _note, _world):
    path.write_bytes(DATA[::-1])
    os.utime(path, ns=(1, 1))


def damage_note(_path, note, _world):
    note.write_bytes(note.read_bytes()[:-20])


def another_format(_path, note, _world):
    note.write_text(json.dumps({**json.loads(note.read_text()), "format": 2}))


def spans_that_are_none(_path, note, _world):
    note.write_text(json.dumps({**json.loads(note.read_text()), "done": [[0, "all"]]}))


def negative_spans(_path, note, _world):
    note.write_text(json.dumps({**json.loads(note.read_text()), "done": [[-5, 90]]}))


def a_name_that_is_somebody_elses(_path, note, _world):
    note.write_text(json.dumps({**json.loads(note.read_text()), "temporary": "held"}))


def another_address(_path, note, _world):
    document = json.loads(note.read_text())
    note.write_text(json.dumps({**document, "facts": {**document["facts"], "url": "https://example.invalid/x"}}))


def another_file_of_that_name(_path, note, world):
    name = json.loads(note.read_text())["temporary"]
    file = world.share().file(f"d/{name}")
    file.delete()
    file.create(len(DATA))


def temporary_file_gone(_path, note, world):
    world.share().file(f"d/{json.loads(note.read_text())['temporary']}").delete()


def temporary_file_leased(_path, note, world):
    world.share().file(f"d/{json.loads(note.read_text())['temporary']}").acquire_lease()


CHANGES = [
    change_source,
    damage_note,
    another_format,
    spans_that_are_none,
    negative_spans,
    a_name_that_is_somebody_elses,
    another_address,
    another_file_of_that_name,
    temporary_file_gone,
    temporary_file_leased,
]


@pytest.mark.parametrize("change", CHANGES if THOROUGH else CHANGES[::3], ids=lambda change: change.__name__)
def test_an_upload_begins_anew_where_its_note_does_not_fit_together(change, tmp_path):
    world, path = WORLD.fork(), source_in(tmp_path)
    note = half_done(world, path)
    change(path, note, world)
    ended, fuse = attempt(world, upload(world, path), seed=2)
    assert ended
    contents = world.contents()
    assert (contents["f"], contents["held"]) == (path.read_bytes(), OLD)
    assert fuse.names.count("PUT") == 15  # create, thirteen ranges, rename
    assert [each.name for each in tmp_path.iterdir()] == ["big.bin"]


def test_an_upload_goes_on_with_other_sizes_of_ranges_and_hashes_all_of_the_file(tmp_path):
    world, path = WORLD.fork(), source_in(tmp_path)
    half_done(world, path)
    share, transport = counted(world)
    done = []
    uploaded = share.file("d/f").upload(
        path, resume=True, range_size=5, progress=done.append, content_md5=True, read_back=True
    )
    assert sum(done) == len(DATA)
    assert done[0] >= 4 * RANGE
    assert world.contents()["f"] == DATA
    assert share.file("d/f").get_properties().http.content_md5 == uploaded.content_md5
    assert sum("PUT bytes" in each for each in transport.requests) < len(DATA) // 5


def test_other_properties_than_the_first_run_was_given_mean_to_begin_anew(tmp_path):
    world, path = WORLD.fork(), source_in(tmp_path)
    half_done(world, path)
    world.share().file("d/f").upload(path, resume=True, metadata={"other": "yes"})
    assert dict(world.share().file("d/f").get_properties().metadata) == {"other": "yes"}
    assert set(world.contents()) == {"f", "held"}


def test_a_failure_keeps_what_was_sent_and_says_so_and_a_changed_source_keeps_nothing(tmp_path):
    world, path = WORLD.fork(), source_in(tmp_path)
    failing = [True]

    def fail(request):
        if failing[0] and "bytes=40-" in dict(request.headers).get("x-ms-range", ""):
            raise azfiles.TransportError("gone", sent=True)
        return request

    share, transport = counted(world, fail)
    with pytest.raises(azfiles.TransportError, match="nothing was made") as caught:
        share.file("d/f").upload(path, resume=True, range_size=RANGE, concurrency=1)
    assert "goes on where this one stopped" in str(caught.value.__notes__)
    assert world.contents()["f"] == OLD
    failing[0] = False
    transport.requests.clear()
    share.file("d/f").upload(path, resume=True, range_size=RANGE)
    assert "PUT bytes=0-7" not in transport.requests
    assert world.contents() == {"f": DATA, "held": OLD}

    def meddle(request):
        if "bytes=40-" in dict(request.headers).get("x-ms-range", ""):
            path.write_bytes(b"changed")
        return request

    share, _ = counted(world, meddle)
    with pytest.raises(azfiles.FileChanged):
        share.file("d/f").upload(path, resume=True, range_size=RANGE)
    assert set(world.contents()) == {"f", "held"}
    assert [each.name for each in tmp_path.iterdir()] == ["big.bin"]


def test_a_leased_file_is_replaced_by_a_resumed_upload_too(tmp_path):
    path = source_in(tmp_path)

    def leased(world):
        return azfiles.FileClient.upload.flow(
            world.share().file("d/held").target, path, resume=True, range_size=RANGE, lease_id=LEASE
        )

    steps = attempt(WORLD.fork(), leased(WORLD.fork()))[1].steps
    for place in range(steps - (6 if THOROUGH else 3), steps + 1):
        world = WORLD.fork()
        assert not attempt(world, leased(world), place, performed=True)[0]
        assert attempt(world, leased(world), seed=2)[0]
        assert (world.contents()["held"], world.leased() & {"held"}) == (DATA, {"held"})


def note_of_another_version(path, note, world):
    world.share().file("d/f").upload(DATA[::-1])


def shorter_temporary_file(path, note, world):
    (path.parent / json.loads(note.read_text())["temporary"]).write_bytes(b"short")


def no_temporary_file(path, note, world):
    (path.parent / json.loads(note.read_text())["temporary"]).unlink()


def a_name_that_leads_elsewhere(path, note, world):
    (path.parent / "precious").write_bytes(bytes(len(DATA)))
    note.write_text(json.dumps({**json.loads(note.read_text()), "temporary": "precious"}))


@pytest.mark.parametrize(
    "change",
    [note_of_another_version, shorter_temporary_file, no_temporary_file, damage_note, a_name_that_leads_elsewhere],
    ids=lambda change: change.__name__,
)
def test_a_download_begins_anew_where_its_note_does_not_fit_together(change, tmp_path):
    world, path = WORLD.fork(), tmp_path / "f"
    world.share().file("d/f").upload(DATA)
    note = half_done(world, path, download)
    change(path, note, world)
    ended, _ = attempt(world, download(world, path), seed=2)
    assert ended
    assert path.read_bytes() == world.contents()["f"]
    if change is a_name_that_leads_elsewhere:
        assert (tmp_path / "precious").read_bytes() == bytes(len(DATA))


def test_a_download_that_fails_keeps_what_came_and_one_of_a_changed_file_keeps_nothing(tmp_path):
    world, path = WORLD.fork(), tmp_path / "f"
    world.share().file("d/f").upload(DATA, range_size=RANGE)
    failing = [True]

    def fail(request):
        if failing[0] and "bytes=40-" in dict(request.headers).get("x-ms-range", ""):
            raise azfiles.TransportError("gone", sent=True)
        return request

    share, transport = counted(world, fail)
    with pytest.raises(azfiles.TransportError) as caught:
        share.file("d/f").download_to(path, resume=True, range_size=RANGE, concurrency=1)
    assert "goes on where this one stopped" in str(caught.value.__notes__)
    failing[0] = False
    transport.requests.clear()
    done = []
    share.file("d/f").download_to(path, resume=True, range_size=RANGE, progress=done.append)
    assert "GET bytes=0-7" not in transport.requests
    assert (path.read_bytes(), sum(done)) == (DATA, len(DATA))
    assert [each.name for each in tmp_path.iterdir()] == ["f"]

    def meddle(request):
        if "bytes=40-" in dict(request.headers).get("x-ms-range", ""):
            world.share().file("d/f").put_range(0, b"!")
        return request

    share, _ = counted(world, meddle)
    with pytest.raises(azfiles.FileChanged):
        share.file("d/f").download_to(path, resume=True, range_size=RANGE)
    assert [each.name for each in tmp_path.iterdir()] == ["f"]


def test_no_note_tells_a_secret(tmp_path):
    world, path = WORLD.fork(), source_in(tmp_path)
    note: Path = half_done(world, path)
    text = note.read_text()
    assert LEASE not in text
    assert azfiles.EMULATOR_KEY not in text
    assert "sig=" not in text
