"""Whatever goes up comes down: every kind of source and destination, any chunking, sizes around the borders, sparse content."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import azfiles
from tests.proof import PROVING, THOROUGH
from tests.transfers.worlds import OnlyIterable, make_world

WORLD = make_world()
EXAMPLES = settings(max_examples=600 if PROVING else 150 if THOROUGH else 8, deadline=None, print_blob=True)
RANGE = 16


@st.composite
def contents(draw):
    """Pieces of data and of zeros, their borders on those of ranges or beside them."""
    pieces = draw(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(-1, 1)), max_size=8))
    data = b"".join((b"x" if filled else b"\0") * max(0, RANGE * ranges + more) for filled, ranges, more in pieces)
    return data + draw(st.binary(max_size=3))


class Teasing(io.RawIOBase):
    """A file that gives a few bytes at a time."""

    def __init__(self, data, step):
        self.source, self.step = io.BytesIO(data), step

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.source.readinto(memoryview(buffer)[: self.step])


def in_one_buffer(data, piece):
    """Items that all come in the same buffer, which is used again."""
    buffer = bytearray(piece)
    for start in range(0, len(data), piece):
        part = data[start : start + piece]
        buffer[: len(part)] = part
        yield memoryview(buffer)[: len(part)]


SOURCES = {
    "bytes": lambda data, _step, _folder: data,
    "a view": lambda data, _step, _folder: memoryview(bytearray(data)),
    "a path": lambda data, _step, folder: written(folder, data),
    "a raw file": lambda data, step, _folder: Teasing(data, step),
    "an iterable": lambda data, step, _folder: OnlyIterable(data, step),
    "one buffer again and again": lambda data, step, _folder: in_one_buffer(data, step),
}


def written(folder, data):
    path = folder / "source"
    path.write_bytes(data)
    return path


@EXAMPLES
@given(
    data=contents(),
    kind=st.sampled_from(sorted(SOURCES)),
    step=st.integers(1, 40),
    concurrency=st.integers(1, 4),
    atomic=st.booleans(),
    told=st.booleans(),
    seed=st.none() | st.integers(0, 100),
)
def test_what_is_uploaded_is_what_the_file_holds(data, kind, step, concurrency, atomic, told, seed):
    world, done = WORLD.fork(), []
    file = world.share(seed=seed).file("d/f")
    with tempfile.TemporaryDirectory() as folder:
        uploaded = file.upload(
            SOURCES[kind](data, step, Path(folder)),
            size=len(data) if told else None,
            atomic=atomic,
            range_size=RANGE,
            concurrency=concurrency,
            progress=done.append,
        )
    properties = file.get_properties()
    assert world.contents()["f"] == data
    assert (uploaded.size, uploaded.etag, properties.size) == (len(data), properties.etag, len(data))
    assert sum(done) == len(data)
    assert set(world.contents()) == {"f", "held"}


@EXAMPLES
@given(
    data=contents(),
    offset=st.just(0) | st.integers(0, 60),
    length=st.none() | st.integers(0, 60),
    concurrency=st.integers(1, 4),
    sparse=st.none() | st.booleans(),
    checksum=st.sampled_from([None, "crc64", "md5"]),
    seed=st.none() | st.integers(0, 100),
)
def test_what_the_file_holds_is_what_comes_down_whatever_the_way(
    data, offset, length, concurrency, sparse, checksum, seed
):
    world = WORLD.fork()
    world.share().file("d/f").upload(data, range_size=RANGE)
    file = world.share(seed=seed).file("d/f")
    expected = data[offset:] if length is None else data[offset : offset + length]
    options = {
        "offset": offset,
        "length": length,
        "range_size": RANGE,
        "concurrency": concurrency,
        "checksum": checksum,
    }
    if offset and offset >= len(data) and length != 0:
        with pytest.raises(azfiles.InvalidRange):
            file.download(**options)
        return
    done, buffer, taken = [], bytearray(b"?" * (len(expected) + 5)), io.BytesIO()
    assert bytes(file.download(**options, sparse=sparse, progress=done.append)) == expected
    assert sum(done) == len(expected)
    assert bytes(file.download(**options, sparse=sparse, into=buffer)) == expected
    assert buffer == expected + b"?" * 5
    assert b"".join(file.iterate(**options)) == expected
    assert file.download_to(taken, **options, sparse=sparse).size == len(expected)
    assert taken.getvalue() == expected
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f"
        downloaded = file.download_to(path, **options, sparse=sparse)
        assert path.read_bytes() == expected
        assert [each.name for each in path.parent.iterdir()] == ["f"]
    assert (downloaded.size, downloaded.etag) == (len(expected), file.get_properties().etag)


@EXAMPLES
@given(data=contents(), steps=st.lists(st.tuples(st.sampled_from(["read", "seek", "end", "on"]), st.integers(0, 50))))
def test_an_opened_file_reads_like_a_file_in_memory(data, steps):
    world = WORLD.fork()
    world.share().file("d/f").upload(data, range_size=RANGE)
    memory = io.BytesIO(data)
    with world.share().file("d/f").open() as file:
        assert file.size == len(data)
        for what, number in steps:
            match what:
                case "read":
                    assert file.read(number) == memory.read(number)
                case "seek":
                    assert file.seek(number) == memory.seek(number)
                case "end":
                    assert file.seek(max(-number, -len(data)), io.SEEK_END) == memory.seek(
                        max(-number, -len(data)), io.SEEK_END
                    )
                case "on":
                    assert file.seek(number, io.SEEK_CUR) == memory.seek(number, io.SEEK_CUR)
            assert file.tell() == memory.tell()
        file.seek(0)
        assert io.BufferedReader(file).read() == data
