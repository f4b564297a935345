"""Many ranges at once, replayed many times: each gets its own bytes, whichever thread asks first."""

from __future__ import annotations

import random
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import pytest

import azfiles
from azfiles import InProcessTransport, recording, replaying
from azfiles.messages import Request
from azfiles_sim import Simulator

KNOWN = "UseDevelopmentStorage=true"
RANGE = 64
RANGES = 24
CONTENT = b"".join(struct.pack(">I", number) for number in range(RANGE * RANGES // 4))  # no four bytes come twice
TIMES = 200


@pytest.fixture(scope="module")
def cassette(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A download in ranges by eight threads, some bodies in the side store."""
    path = tmp_path_factory.mktemp("cassette") / "ranges.yaml"
    transport = recording(InProcessTransport(Simulator().handle), path, body_limit=RANGE - 1)
    with azfiles.connect(KNOWN, transport=transport) as client:
        client.share("data").create()
        file = client.share("data").file("distinct")
        file.create(len(CONTENT))
        file.put_range(0, CONTENT)
        with ThreadPoolExecutor(8) as pool:
            got = list(pool.map(lambda at: bytes(file.get_range(at * RANGE, RANGE).content), range(RANGES)))
    assert b"".join(got) == CONTENT
    return path


def test_a_concurrent_ranged_download_replayed_200_times_never_has_a_wrong_byte(cassette: Path):
    with ThreadPoolExecutor(8) as pool:
        for round_number in range(TIMES):
            replayer = replaying(cassette, allow_unplayed=True)
            order = random.Random(round_number).sample(range(RANGES), RANGES)
            whole = bytearray(len(CONTENT))

            def fetch(at: int, replayer=replayer, whole=whole) -> None:
                sink = memoryview(whole)[at * RANGE : (at + 1) * RANGE]
                span = f"bytes={at * RANGE}-{(at + 1) * RANGE - 1}"
                asked = Request(
                    "GET",
                    "/devstoreaccount1/data/distinct",
                    (("x-ms-range", span),),
                    (),
                    "http://127.0.0.1:10004",
                    sink,
                )
                assert len(replayer.send(asked, 1.0).body) == RANGE

            list(pool.map(fetch, order))
            assert whole == CONTENT, f"round {round_number}"
            assert len(replayer.unplayed) == 3  # the requests that made the file


def test_an_async_client_gets_the_same_from_many_tasks(cassette: Path):
    async def main() -> bytes:
        parts: dict[int, bytes] = {}
        async with azfiles.connect_async(KNOWN, transport=replaying(cassette, allow_unplayed=True)) as client:
            file = client.share("data").file("distinct")

            async def fetch(at: int) -> None:
                parts[at] = bytes((await file.get_range(at * RANGE, RANGE)).content)

            async with anyio.create_task_group() as tasks:
                for at in random.Random(7).sample(range(RANGES), RANGES):
                    tasks.start_soon(fetch, at)
        return b"".join(parts[at] for at in range(RANGES))

    assert anyio.run(main) == CONTENT
