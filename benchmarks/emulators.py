"""The served simulator against Azurite, both in memory, both checking signatures: what Blob and Files have in common.

    python benchmarks/emulators.py [--quick]

Azurite is looked for in ``AZFILES_AZURITE`` (its ``dist/src/blob/main.js``) or ``benchmarks/node``; ``npm ci --prefix
benchmarks/node`` installs it. The load comes from raw sockets in this process, on the other core.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from dialects import BLOB, FILES, blob_sas, requests
from load import exchange
from measuring import (
    CLIENT_CORE,
    CORES,
    MIB,
    SERVER_CORE,
    Goal,
    Missing,
    Sample,
    Section,
    exponent,
    measure,
    options,
    show,
    spread,
)
from serving import ROOT, pinned, processor_s, resident_bytes, simulator

KIB = 1024
Make = Callable[[], AbstractContextManager["Server"]]


@dataclass(frozen=True)
class Server:
    """A server that runs: where, its process, and how it is asked."""

    port: int
    pid: int
    ask: Callable[[str], Iterator[bytes]]

    def send(self, kind: str, times: int = 1, connections: int = 1) -> tuple[float, list[float]]:
        """``times`` requests of a kind; the seconds of all, and of each."""
        return exchange(self.port, self.ask(kind), times, connections)


# --- the servers --------------------------------------------------------------------------------------------------


def azurite_command() -> list[str]:
    node = shutil.which("node")
    main = Path(
        os.environ.get("AZFILES_AZURITE") or ROOT / "benchmarks/node/node_modules/azurite/dist/src/blob/main.js"
    )
    if node is None or not main.exists():
        raise Missing("Azurite: npm ci --prefix benchmarks/node")
    return [node, str(main), "--silent", "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck",
            "--blobHost", "127.0.0.1", "--blobPort"]  # fmt: skip


@contextmanager
def azurite() -> Iterator[Server]:
    port = free_port()
    command = [*pinned(SERVER_CORE), *azurite_command(), str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            server = Server(port, process.pid, partial(requests, BLOB, blob_sas()))
            server.send("container")
            yield prepared(server)
        finally:
            process.terminate()


@contextmanager
def ours(*, md5: bool) -> Iterator[Server]:
    with simulator(md5=md5) as served:
        port = urlsplit(served.endpoint).port or 0
        yield prepared(Server(port, served.pid, partial(requests, FILES, served.sas)))


def prepared(server: Server) -> Server:
    for kind in (f"make 1k {KIB}", f"make 4m {4 * MIB}", "make leased 512", "put 1k", "put 4m"):
        server.send(kind)
    return server


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            return


# --- the tables ---------------------------------------------------------------------------------------------------

SERVERS: dict[str, Make] = {
    "azfiles-sim": partial(ours, md5=False),
    "azfiles-sim, MD5 of ranges": partial(ours, md5=True),
    "Azurite": azurite,
}
KINDS = {  # name -> the request, how many in a full run, connections, how many times Azurite's rate at least
    "create": ("create", 3000, 32, 8),
    "get 1 KiB": ("get 1k", 6000, 32, 8),
    "put 1 KiB": ("put 1k", 6000, 32, 8),
    "lease": ("lease leased", 6000, 32, 8),
    "list 100": ("list d100", 1000, 32, 40),
    "put 4 MiB": ("put 4m", 64, 4, 20),
    "get 4 MiB": ("get 4m", 128, 4, 7),
}


def sections(given: argparse.Namespace) -> list[Section]:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {CLIENT_CORE})
    try:
        return [rates(given), standing(given), growth(given)]
    finally:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, set(CORES))


def rates(given: argparse.Namespace) -> Section:
    def one(name: str, make: Make) -> Sample:
        sample: Sample = {}
        with make() as server:
            if name != "Azurite":
                server.send("folder d100")
            server.send("entry d100", 100)
            for kind, (request, times, connections, _) in KINDS.items():
                number = max(connections, times // 20 if given.quick else times)
                before = processor_s(server.pid)
                seconds, took = server.send(request, number, connections)
                took.sort()
                sample[kind] = number / seconds
                sample[f"{kind} CPU"] = (processor_s(server.pid) - before) / number * 1e6
                sample[f"{kind} p99"] = took[int(len(took) * 0.99)] * 1e3
        return sample

    results = measure({name: partial(one, name, make) for name, make in SERVERS.items()}, given.rounds)
    made = Section(
        "Served simulator and Azurite, both in memory, signatures checked",
        "Requests from raw sockets; 32 connections, 4 for 4 MiB. Ratios are to Azurite in the same round.",
        ("request", "server", "rate / Azurite", "CPU / Azurite", "requests/s", "p99 ms", "server CPU us"),
        missing=results.missing,
    )
    for kind, (_, _, _, bound) in KINDS.items():
        for name in results.samples:
            made.rows.append(
                (
                    kind,
                    name,
                    spread(results.ratios(name, "Azurite", kind)),
                    spread(results.ratios(name, "Azurite", f"{kind} CPU")),
                    spread(results.figures(name, kind), 4),
                    spread(results.figures(name, f"{kind} p99")),
                    spread(results.figures(name, f"{kind} CPU"), 4),
                )
            )
        ratio = results.ratio("azfiles-sim", "Azurite", kind)
        made.goals.append(Goal(f"azfiles-sim, {kind}: rate / Azurite", ratio, bound))
        made.bars.append((f"azfiles-sim, {kind}: rate to Azurite", ratio))
    with_md5 = results.ratio("azfiles-sim, MD5 of ranges", "Azurite", "put 4 MiB")
    made.goals.append(Goal("azfiles-sim with the service's MD5, put 4 MiB: rate / Azurite", with_md5, 7))
    return made


def standing(given: argparse.Namespace) -> Section:
    """Start, memory at rest, memory with content."""
    pieces = 8 if given.quick else 256

    def one(make: Make) -> Sample:
        began = time.perf_counter()
        with make() as server:
            started_s = time.perf_counter() - began
            idle = resident_bytes(server.pid)
            server.send(f"make big {pieces * 4 * MIB}")
            server.send("piece big", pieces)
            stored = pieces * 4 * MIB
            return {
                "start_s": started_s,
                "idle_mib": idle / MIB,
                "stored": (resident_bytes(server.pid) - idle) / stored,
            }

    servers = {name: make for name, make in SERVERS.items() if "MD5" not in name}
    results = measure({name: partial(one, make) for name, make in servers.items()}, given.rounds)
    made = Section(
        f"Start, memory at rest, memory with {pieces * 4} MiB stored",
        "From the command to the first answers, which make a share and a few files.",
        (
            "server",
            "start / Azurite",
            "memory / Azurite",
            "start s",
            "at rest MiB",
            "bytes of memory for a byte stored",
        ),
        missing=results.missing,
    )
    for name in results.samples:
        made.rows.append(
            (
                name,
                spread(results.ratios(name, "Azurite", "start_s")),
                spread(results.ratios(name, "Azurite", "idle_mib")),
                spread(results.figures(name, "start_s")),
                spread(results.figures(name, "idle_mib")),
                spread(results.figures(name, "stored")),
            )
        )
    made.goals = [
        Goal("azfiles-sim: start / Azurite", results.ratio("azfiles-sim", "Azurite", "start_s"), 0.3, at_least=False),
        Goal(
            "azfiles-sim: memory at rest / Azurite",
            results.ratio("azfiles-sim", "Azurite", "idle_mib"),
            0.45,
            at_least=False,
        ),
        Goal("azfiles-sim: memory for a byte stored", results.median("azfiles-sim", "stored"), 1.1, at_least=False),
    ]
    return made


def growth(given: argparse.Namespace) -> Section:
    """Cost of one request against how much there is already: it should not grow."""
    listed = (100, 1_000) if given.quick else (1_000, 10_000, 100_000)
    cut = (100, 1_000) if given.quick else (1_000, 10_000, 100_000)
    made = Section(
        "What one request costs the simulator as it fills",
        "Server CPU: a page of 100 out of a directory of n entries, and a file in it made anew; a write of 512 bytes to a file of n "
        "disjoint ranges, and a read of them.",
        ("what", *(f"{size:,}" for size in listed), "exponent"),
    )
    with ours(md5=False) as server:
        in_folders = [_in_folder_us(server, size) for size in listed]
        in_ranges = [_in_ranges_us(server, size) for size in cut]
    for name, sizes, costs, bound in (
        ("list 100 of n", listed, [page for page, _ in in_folders], 0.1),
        ("create over one of n", listed, [new for _, new in in_folders], 0.2),
        ("write into n ranges", cut, [write for write, _ in in_ranges], 0.2),
        ("read out of n ranges", cut, [read for _, read in in_ranges], 0.2),
    ):
        grown = exponent(sizes, costs)
        made.rows.append((f"{name}, us", *(f"{us:.0f}" for us in costs), f"{grown:.2f}"))
        made.goals.append(Goal(f"{name}: exponent of its cost", grown, bound, at_least=False))
    return made


def _in_folder_us(server: Server, size: int) -> tuple[float, float]:
    server.send(f"folder n{size}")
    server.send(f"entry n{size}", size, 8)
    return _cost_us(server, f"list n{size}", 500), _cost_us(server, f"entry n{size}", 500)


def _in_ranges_us(server: Server, size: int) -> tuple[float, float]:
    server.send(f"make cut{size} {size * 4 * KIB}")
    server.send(f"cut cut{size} {size}", size, 8)
    return _cost_us(server, f"cut cut{size} {size}", 500), _cost_us(server, f"peek cut{size} {size}", 500)


def _cost_us(server: Server, kind: str, times: int) -> float:
    """Server CPU of one request. The kernel counts it in hundredths of a second, so there must be many."""
    before = processor_s(server.pid)
    server.send(kind, times, 4)
    return max((processor_s(server.pid) - before) / times * 1e6, 1.0)


if __name__ == "__main__":
    show(sections(options(__doc__)))
