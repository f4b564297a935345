"""Transfers over real HTTP, blocking and under both event loops."""

from __future__ import annotations

import io
import random
from itertools import product

import anyio
import pytest

import azfiles
from azfiles_sim import Simulator
from azfiles_sim.server import serve_in_thread
from tests.proof import THOROUGH

MIB = 2**20
DATA = random.Random(7).randbytes(5 * MIB + 5)
PIECE = 300_000


@pytest.fixture(scope="module")
def served():
    with serve_in_thread(Simulator()) as server:
        with azfiles.connect(server.connection_string) as service:
            service.share("data").create()
        yield server


@pytest.fixture
def share(served):
    with azfiles.connect(served.connection_string) as service:
        yield service.share("data")


def pieces():
    for start in range(0, len(DATA), PIECE):
        yield DATA[start : start + PIECE]


async def pieces_async():
    for piece in pieces():
        await anyio.lowlevel.checkpoint()
        yield piece


class AsyncFile:
    """An async file object to read from or write to."""

    def __init__(self, data=b""):
        self.inside = io.BytesIO(data)

    async def read(self, size):
        await anyio.lowlevel.checkpoint()
        return self.inside.read(size)

    async def write(self, data):
        await anyio.lowlevel.checkpoint()
        return self.inside.write(data)


@pytest.mark.parametrize("kind", ["path", "file object", "iterator"] if THOROUGH else ["iterator"])
def test_a_large_file_goes_up_and_comes_down_blocking(share, kind, tmp_path):
    path, got = tmp_path / "source", tmp_path / "got"
    path.write_bytes(DATA)
    source = {"path": path, "file object": io.BytesIO(DATA), "iterator": pieces()}[kind]
    file = share.file("blocking")
    uploaded = file.upload(source, content_md5=True)
    assert uploaded.size == len(DATA)
    assert file.download_to(got, check_md5=True).etag == uploaded.etag
    assert got.read_bytes() == DATA
    assert b"".join(file.iterate(offset=5, length=4 * MIB)) == DATA[5 : 4 * MIB + 5]
    with io.BufferedReader(file.open(), 64 * 1024) as opened:
        opened.seek(4 * MIB)
        assert opened.read() == DATA[4 * MIB :]


KINDS = ["path", "blocking file object", "async file object", "async iterator"]


PAIRS = product(KINDS, ["asyncio", "trio"]) if THOROUGH else [("path", "asyncio"), ("async iterator", "trio")]


@pytest.mark.parametrize(("kind", "backend"), list(PAIRS))
def test_a_large_file_goes_up_and_comes_down_async(served, kind, backend, tmp_path):
    path, got, taken = tmp_path / "source", tmp_path / "got", AsyncFile()
    path.write_bytes(DATA)
    source = {
        "path": path,
        "blocking file object": io.BytesIO(DATA),
        "async file object": AsyncFile(DATA),
        "async iterator": pieces_async(),
    }[kind]

    async def main():
        async with azfiles.connect_async(served.connection_string) as service:
            file = service.share("data").file(f"async {backend}")
            uploaded = await file.upload(source, concurrency=3)
            assert uploaded.size == len(DATA)
            await file.download_to(got)
            await file.download_to(taken)
            assert [bytes(part) async for part in file.iterate(length=PIECE)] == [DATA[:PIECE]]
            async with await file.open() as opened:
                opened.seek(-5, io.SEEK_END)
                assert (opened.tell(), await opened.read(), await opened.read(1)) == (len(DATA) - 5, DATA[-5:], b"")
                opened.seek(0)
                buffer = bytearray(7)
                assert (await opened.readinto(buffer), bytes(buffer)) == (7, DATA[:7])
                assert opened.size == len(DATA)
                assert f"at 7 of {len(DATA)}" in repr(opened)
            assert await service.share("data").root.find_temporary() == ()

    anyio.run(main, backend=backend)
    assert got.read_bytes() == taken.inside.getvalue() == DATA


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_upload_that_is_cancelled_half_way_leaves_the_old_file_and_nothing_else(served, backend):
    async def main():
        half_way = anyio.Event()

        async def endless():
            for _ in range(9):
                yield DATA[:MIB]
            half_way.set()
            await anyio.sleep_forever()
            yield b""

        async with azfiles.connect_async(served.connection_string) as service:
            root = service.share("data").root
            file = root.file("cancelled")
            await file.upload(b"old")
            async with anyio.create_task_group() as group:
                group.start_soon(file.upload, endless())
                await half_way.wait()
                group.cancel_scope.cancel()
            assert bytes(await file.download()) == b"old"
            assert await root.find_temporary() == ()

    anyio.run(main, backend=backend)
