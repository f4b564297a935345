"""How much memory a large transfer takes, with two connections: ``python benchmarks/transfers_memory.py [--mib 1024]``.

Each row is a process of its own against a simulator served by another: first by resident size (the kernel's high water
mark, set back before the transfer), then by tracemalloc. What is there before the transfer (the client after one small
transfer) is taken off. The bound is connections x range + 4 MiB whatever the length of the file, so each row is also run
with an eighth of it. What is measured are the client's buffers: the file itself is never in memory.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import azfiles

MIB = 2**20
CONNECTIONS, RANGE = 2, 4 * MIB
BOUND_MIB = (CONNECTIONS * RANGE + 4 * MIB) / MIB
BLOCK = bytes(range(1, 256)) * (MIB // 255) + b"x" * (MIB % 255)


Act = Callable[[Any, int, Path], Any]
"""A transfer of so many MiB by a share's client, with a folder for local files."""


class Blocks(io.RawIOBase):
    """A file object of so many blocks of one MiB."""

    def __init__(self, mib: int) -> None:
        self.left = mib * MIB

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        count = min(len(view), self.left, MIB)
        view[:count] = BLOCK[:count]
        self.left -= count
        return count


class Nowhere(io.RawIOBase):
    """Takes everything and keeps nothing."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data)


def blocks(mib: int) -> Iterator[bytes]:
    for _ in range(mib):
        yield BLOCK


async def blocks_async(mib: int) -> AsyncIterator[bytes]:
    for _ in range(mib):
        yield BLOCK


def upload(data: Callable[[int, Path], Any]) -> Act:
    return lambda share, mib, folder: share.file("up").upload(data(mib, folder))


def download_to(destination: Callable[[Path], Any]) -> Act:
    return lambda share, _, folder: share.file("down").download_to(destination(folder))


def loop(share: Any, _mib: int, _folder: Path) -> int:
    return sum(len(part) for part in share.file("down").iterate())


async def loop_async(share: Any, _mib: int, _folder: Path) -> int:
    return sum([len(part) async for part in share.file("down").iterate()])


ROWS: dict[str, Act] = {
    "up, blocking, file object": upload(lambda mib, _: Blocks(mib)),
    "up, blocking, iterator": upload(lambda mib, _: blocks(mib)),
    "up, blocking, path": upload(lambda _, folder: folder / "local"),
    "up, async, async iterator": upload(lambda mib, _: blocks_async(mib)),
    "up, async, path": upload(lambda _, folder: folder / "local"),
    "down, blocking, path": download_to(lambda folder: folder / "got"),
    "down, blocking, file object": download_to(lambda _: Nowhere()),
    "down, blocking, loop": loop,
    "down, async, path": download_to(lambda folder: folder / "got"),
    "down, async, file object": download_to(lambda _: Nowhere()),
    "down, async, loop": loop_async,
}


def resident_mib(name: str) -> float:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    [line] = [line for line in text.splitlines() if line.startswith(name)]
    return int(line.split()[1]) / 1024


@contextmanager
def watched(by: str, found: dict[str, float]) -> Iterator[None]:
    """Measures what is inside, and writes the growth at its peak into ``found``."""
    if by == "tracemalloc":
        tracemalloc.start()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        yield
        found["growth_mib"] = (tracemalloc.get_traced_memory()[1] - before) / MIB
        return
    before = resident_mib("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    yield
    found["growth_mib"] = resident_mib("VmHWM") - before


def one(row: str, connection_string: str, mib: int, folder: Path, by: str) -> None:
    """The process of one row: prints what it found."""
    act = ROWS[row]
    found: dict[str, float] = {}
    warm = folder / "warm"
    warm.write_bytes(BLOCK)

    async def main() -> None:
        async with azfiles.connect_async(connection_string) as service:
            share = service.share("bench")
            await share.file("warm").upload(warm)
            await share.file("warm").download_to(warm)
            with watched(by, found):
                await act(share, mib, folder)

    if ", async" in row:
        asyncio.run(main())
    else:
        with azfiles.connect(connection_string) as service:
            share = service.share("bench")
            share.file("warm").upload(warm)
            share.file("warm").download_to(warm)
            with watched(by, found):
                act(share, mib, folder)
    print(json.dumps(found))


@contextmanager
def served() -> Iterator[str]:
    """A simulator in a process of its own; its connection string."""
    command = [sys.executable, "-m", "azfiles_sim", "serve", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["connection_string"]
        finally:
            process.terminate()


def measure(row: str, connection_string: str, mib: int, by: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        with azfiles.connect(connection_string) as service:
            share = service.share("bench")
            if row.startswith("down"):
                share.file("down").upload(blocks(mib), size=mib * MIB, concurrency=4)
        if "up" in row and "path" in row:
            with (Path(folder) / "local").open("wb") as local:
                for block in blocks(mib):
                    local.write(block)
        command = [sys.executable, __file__, "--row", row, "--to", connection_string, "--mib", str(mib), "--by", by]
        shown = subprocess.run([*command, "--folder", folder], capture_output=True, text=True, check=True)
        found: dict[str, float] = json.loads(shown.stdout.splitlines()[-1])
        return found["growth_mib"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=1024, help="length of the file in MiB (default: 1024)")
    parser.add_argument("--only", default="", help="only rows whose name holds this")
    for hidden in ("--row", "--to", "--by", "--folder"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.row:
        one(arguments.row, arguments.to, arguments.mib, Path(arguments.folder), arguments.by)
        return 0
    print(
        f"{arguments.mib} MiB, {CONNECTIONS} connections, ranges of {RANGE // MIB} MiB; growth in MiB, bound {BOUND_MIB:g}"
    )
    print(f"| {'':30} | RSS | RSS at 1/8 | tracemalloc | within |")
    print("|---|---|---|---|---|")
    failed = 0
    with served() as connection_string, azfiles.connect(connection_string) as service:
        service.share("bench").create(quota_gib=100)
        for row in [row for row in ROWS if arguments.only in row]:
            whole = measure(row, connection_string, arguments.mib, "resident size")
            part = measure(row, connection_string, arguments.mib // 8, "resident size")
            traced = measure(row, connection_string, arguments.mib, "tracemalloc")
            within = max(whole, part, traced) <= BOUND_MIB
            failed += not within
            print(f"| {row:30} | {whole:.1f} | {part:.1f} | {traced:.1f} | {'yes' if within else 'NO'} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
