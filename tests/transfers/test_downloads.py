"""Downloads: one version of a file or none, local files in one step, only what holds data, checked where asked for."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from contextlib import suppress
from dataclasses import replace

import pytest

import azfiles
from tests.transfers.dying import Fuse, Killed, dying_runner
from tests.transfers.test_uploads import Counted, counted
from tests.transfers.worlds import NEW, OLD, TEMPORARY, make_world

WORLD = make_world()
RANGE = 8


class Changing:
    """A service at which a file changes just before the read with one of these numbers."""

    def __init__(self, world, places, content=NEW):
        self.world, self.places, self.content, self.reads = world, set(places), content, 0

    def handle(self, request):
        if request.method == "GET" and "comp=" not in request.target:
            self.reads += 1
            if self.reads in self.places:
                self.world.share().file("d/f").upload(self.content, atomic=False)
        return self.world.simulator.handle(request)


def changing(world, *places, content=NEW):
    handler = Changing(world, places, content)
    return azfiles.connect(handler.handle, clock=world.clock, retry=None).share("data").file("d/f")


# --- when the file changes -------------------------------------------------------------------------------------------

WAYS = {
    "into memory": lambda file, folder, **options: bytes(file.download(**options)),
    "to a path": lambda file, folder, **options: (
        file.download_to(folder / "f", **options),
        (folder / "f").read_bytes(),
    )[1],
}


@pytest.mark.parametrize("content", [NEW, b"", b"tiny", OLD])
@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_changes_is_an_error_or_read_anew_as_asked_and_leaves_no_part(way, content, tmp_path):
    with pytest.raises(azfiles.FileChanged, match="changed while it was read"):
        WAYS[way](changing(WORLD.fork(), 3, content=content), tmp_path, range_size=RANGE)
    assert list(tmp_path.iterdir()) == []
    found = WAYS[way](changing(WORLD.fork(), 3, content=content), tmp_path, range_size=RANGE, restarts=1)
    assert found == content
    with pytest.raises(azfiles.FileChanged):
        WAYS[way](changing(WORLD.fork(), 3, 6, content=NEW), tmp_path, range_size=RANGE, restarts=1)


def test_what_a_file_object_or_a_loop_was_given_cannot_be_taken_back(tmp_path):
    file = changing(WORLD.fork(), 3)
    with pytest.raises(azfiles.FileChanged):
        file.download_to(io.BytesIO(), range_size=RANGE)
    with pytest.raises(azfiles.FileChanged):
        list(changing(WORLD.fork(), 3).iterate(range_size=RANGE))
    with changing(WORLD.fork(), 2).open() as reader:
        reader.read(4)
        with pytest.raises(azfiles.FileChanged):
            reader.read(4)
    for options in ({"restarts": 1}, {"resume": True}):
        with pytest.raises(azfiles.InvalidArgument, match="cannot be taken back"):
            file.download_to(io.BytesIO(), **options)
    with pytest.raises(azfiles.InvalidArgument, match="restarts"):
        file.download(restarts=-1)


def test_a_list_of_ranges_of_another_version_is_a_change_too():
    world = WORLD.fork()

    def handle(request):
        if "comp=rangelist" in request.target:
            world.share().file("d/f").put_range(0, b"!")
        return world.simulator.handle(request)

    file = azfiles.connect(handle, clock=world.clock, retry=None).share("data").file("d/f")
    with pytest.raises(azfiles.FileChanged):
        file.download(range_size=RANGE, sparse=True)


# --- local files -----------------------------------------------------------------------------------------------------


def test_a_local_file_appears_when_it_is_whole_and_replaces_what_was_there(tmp_path):
    world = WORLD.fork()
    path = tmp_path / "f"
    path.write_bytes(b"before")
    seen = []

    def look(request):
        seen.append((path.read_bytes(), len(list(tmp_path.iterdir()))))
        return request

    share, _ = counted(world, look)
    downloaded = share.file("d/f").download_to(path, range_size=RANGE)
    assert {content for content, _ in seen} == {b"before"}
    assert path.read_bytes() == OLD
    assert downloaded == azfiles.Downloaded(
        len(OLD), share.file("d/f").get_properties().etag, share.file("d/f").get_properties().last_modified
    )
    assert [each.name for each in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize("performed", [False, True])
def test_a_download_that_is_killed_at_any_effect_leaves_the_old_file_or_the_new_one_whole(performed, tmp_path):
    def killed(place):
        folder = tmp_path / f"{place}"
        folder.mkdir()
        (folder / "f").write_bytes(b"before")
        world, fuse = WORLD.fork(), Fuse(place, performed=performed)
        runner = dying_runner(world.simulator, world.clock, fuse, 1)
        flow = azfiles.FileClient.download_to.flow(world.share().file("d/f").target, folder / "f", range_size=RANGE)
        with suppress(Killed):
            runner.run(flow)
        left = {each.name for each in folder.iterdir()} - {"f"}
        assert len(left) <= 1
        assert all(re.fullmatch(TEMPORARY, name) for name in left), left
        return (folder / "f").read_bytes(), fuse.steps

    content, steps = killed(None)
    assert content == OLD
    for place in range(1, steps + 1):
        assert killed(place)[0] in {b"before", OLD}


def test_what_fails_leaves_nothing_and_says_what_it_was(tmp_path):
    file = WORLD.fork().share().file("d/f")
    with pytest.raises(FileNotFoundError):
        file.download_to(tmp_path / "no" / "folder")
    with pytest.raises(azfiles.NotFound):
        WORLD.fork().share().file("d/none").download_to(tmp_path / "f")
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="irectory"):
        file.download_to(tmp_path / "taken")
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]
    for destination in ("text", 7):
        with pytest.raises(azfiles.InvalidArgument, match="destination"):
            file.download_to(destination)
    with pytest.raises(azfiles.InvalidArgument, match="whole file"):
        file.download_to(tmp_path / "f", resume=True, offset=1)
    with pytest.raises(azfiles.InvalidArgument, match="whole file"):
        file.download(check_md5=True, length=3)


def test_a_file_object_gets_the_parts_in_their_order_in_whatever_order_they_come():
    for seed in range(12):
        taken = io.BytesIO()
        WORLD.fork().share(seed=seed).file("d/f").download_to(taken, range_size=3, concurrency=4)
        assert taken.getvalue() == OLD


# --- only what holds data --------------------------------------------------------------------------------------------


def sparse_world():
    """A file of 40 ranges of which two hold data: one of 512 bytes is what the service keeps account of."""
    world = WORLD.fork()
    data = bytearray(512 * 40)
    data[512 * 3 : 512 * 4] = b"a" * 512
    data[512 * 30 : 512 * 30 + 5] = b"bbbbb"
    world.share().file("d/f").upload(bytes(data), range_size=512)
    return world, bytes(data)


def test_only_ranges_that_hold_data_are_read_where_there_are_many_or_where_asked_for(tmp_path):
    world, data = sparse_world()
    share, transport = counted(world)
    file, path = share.file("d/f"), tmp_path / "f"
    buffer = bytearray(b"?" * len(data))
    for read in (
        lambda: file.download(range_size=512),
        lambda: file.download(range_size=512, into=buffer),
        lambda: file.download_to(path, range_size=512),
        lambda: file.download_to(io.BytesIO(), range_size=512),
    ):
        transport.requests.clear()
        read()
        assert transport.requests[:2] == ["GET bytes=0-511", "GET bytes=512-20479"]
        assert set(transport.requests[2:]) == {"GET bytes=1536-2047", "GET bytes=15360-15871"}
    assert path.read_bytes() == buffer == data
    assert path.stat().st_blocks * 512 < len(data)
    transport.requests.clear()
    assert bytes(file.download(range_size=512, sparse=False)) == data
    assert len(transport.requests) == 40
    transport.requests.clear()
    assert bytes(file.download(range_size=2048, sparse=True)) == data
    assert transport.requests == ["GET bytes=0-2047", "GET bytes=2048-20479", "GET bytes=15360-15871"]


# --- checks ----------------------------------------------------------------------------------------------------------


class Spoiling(azfiles.InProcessTransport):
    """Flips a bit of the last byte of what one read brings."""

    def send(self, request, timeout_s):
        response = super().send(request, timeout_s)
        if request.method == "GET" and "bytes=8-" in dict(request.headers).get("x-ms-range", ""):
            body = memoryview(bytearray(response.body))
            body[len(body) // 2] ^= 1
            if request.sink is not None:
                request.sink[: len(body)] = body
                body = request.sink[: len(body)]
            return replace(response, body=body)
        return response


@pytest.mark.parametrize("checksum", ["crc64", "md5"])
@pytest.mark.parametrize("way", WAYS)
def test_a_byte_that_changes_on_the_way_is_found(way, checksum, tmp_path):
    world = WORLD.fork()
    client = azfiles.connect(
        "UseDevelopmentStorage=true", transport=Spoiling(world.simulator.handle), clock=world.clock, retry=None
    )
    file = client.share("data").file("d/f")
    with pytest.raises(azfiles.ReplyNotUnderstood, match=r"MD5|CRC64"):
        WAYS[way](file, tmp_path, range_size=RANGE, checksum=checksum)
    assert list(tmp_path.iterdir()) == []
    assert WAYS[way](file, tmp_path, range_size=RANGE, checksum=None) != OLD


WAYS_THAT_HASH = {**WAYS, "to a file object": lambda file, folder, **options: file.download_to(io.BytesIO(), **options)}


@pytest.mark.parametrize("way", WAYS_THAT_HASH)
@pytest.mark.parametrize("range_size", [RANGE, 2**20])
def test_the_hash_that_is_stored_with_a_file_is_compared_where_asked_for(way, range_size, tmp_path):
    world = WORLD.fork()
    file = world.share(seed=4).file("d/f")
    read = WAYS_THAT_HASH[way]
    with pytest.raises(azfiles.ContentMismatch, match="no MD5 is stored"):
        read(file, tmp_path, range_size=range_size, check_md5=True)
    right = base64.b64encode(hashlib.md5(OLD).digest()).decode()
    file.set_http_headers(azfiles.HttpHeaders(content_md5=right))
    read(file, tmp_path, range_size=range_size, check_md5=True, concurrency=3)
    wrong = base64.b64encode(hashlib.md5(NEW).digest()).decode()
    file.set_http_headers(azfiles.HttpHeaders(content_md5=wrong))
    with pytest.raises(azfiles.ContentMismatch, match="another MD5 is stored"):
        read(file, tmp_path, range_size=range_size, check_md5=True)
    assert all(each.name == "f" for each in tmp_path.iterdir())


# --- part by part ----------------------------------------------------------------------------------------------------


def test_a_loop_reads_no_further_ahead_than_its_connections():
    world = WORLD.fork()
    share, transport = counted(world)
    parts = iter(share.file("d/f").iterate(range_size=RANGE, concurrency=2))
    assert bytes(next(parts)) == OLD[:8]
    assert len(transport.requests) == 1
    assert bytes(next(parts)) == OLD[8:16]
    assert len(transport.requests) == 3
    assert b"".join(parts) == OLD[16:]
    assert len(transport.requests) == 4
    assert list(share.file("d/f").iterate(length=0)) == []


@pytest.mark.parametrize("marker", ["", "nonsense", "5-3-x", "-1-3-x", "a-b-c"])
def test_a_marker_that_no_page_named_is_refused(marker):
    with pytest.raises(azfiles.InvalidArgument, match="marker"):
        list(WORLD.fork().share().file("d/f").iterate(marker=marker or "-"))


def test_a_loop_can_go_on_from_a_marker():
    file = WORLD.fork().share().file("d/f")
    page = file.runner.run(azfiles.FileClient.iterate.fetch(file.target, range_size=RANGE))
    assert b"".join(page.parts) == OLD[:8]
    assert b"".join(file.iterate(range_size=RANGE, marker=page.next_marker)) == OLD[8:]


def test_an_opened_file_is_a_file_of_python():
    world = WORLD.fork()
    with world.share().file("d/f").open(checksum="crc64") as file:
        assert (file.readable(), file.seekable(), file.writable(), file.closed) == (True, True, False, False)
        assert file.readall() == OLD
        assert (file.seek(-3, io.SEEK_END), file.read(), file.read(1)) == (len(OLD) - 3, OLD[-3:], b"")
        with pytest.raises(ValueError, match="whence"):
            file.seek(0, 9)
        with pytest.raises(ValueError, match="before the file"):
            file.seek(-1)
        assert "of 31" in repr(file)
    for use in (lambda: file.read(1), file.readall, lambda: file.seek(0)):
        with pytest.raises(ValueError, match="closed"):
            use()
    text = io.TextIOWrapper(io.BufferedReader(world.share().file("d/f").open()))
    assert text.read() == OLD.decode()


def test_a_counting_transport_counts():
    """The counts above mean something."""
    assert Counted(WORLD.simulator.handle).requests == []
