"""One large file up and down: our client on each of its transports, the official SDK, and the limit of raw sockets.

    python benchmarks/bulk.py [--quick]

All clients speak to the same served simulator, in ranges of 4 MiB. The content lies in memory before, and lands in
memory, or nowhere where the client has no way to fill a buffer.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial

from measuring import MIB, Goal, Results, Section, measure, options, show, spread
from running import run
from serving import Served, simulator

OURS = ("fast async", "fast", "httpx async", "httpx")
PEER = {"fast async": "SDK aio", "fast": "SDK aio", "httpx async": "SDK aio", "httpx": "SDK"}
OTHERS = ("SDK aio", "SDK", "bare httpx, async", "bare httpx", "raw asyncio", "raw sockets")
HEADER = (
    "client", "throughput / SDK aio", "CPU / SDK aio", "GB/s", "CPU s/GB", "growth MiB",
)  # fmt: skip


def sections(given: argparse.Namespace) -> list[Section]:
    """1 GiB, 4 ranges at once."""
    with simulator() as served:
        return list(_both_ways(given, served, "http", 4, 64 if given.quick else 1024))


def with_tls(given: argparse.Namespace) -> list[Section]:
    """The same over HTTPS."""
    with simulator("--https") as served:
        return list(_both_ways(given, served, "https", 4, 64 if given.quick else 1024))


def connections(given: argparse.Namespace) -> list[Section]:
    """The same with other numbers of ranges at once, at least two for each connection."""
    found: list[Section] = []
    with simulator() as served:
        for concurrency in (1, 32, 128):
            size_mib = 2 * 4 * concurrency
            found += _both_ways(given, served, "http", concurrency, size_mib if given.quick else max(256, size_mib))
    return found


def _both_ways(
    given: argparse.Namespace, served: Served, scheme: str, concurrency: int, size_mib: int
) -> Iterator[Section]:
    size = size_mib * MIB
    for job in ("upload", "download"):
        candidates = {
            name: partial(run, name, job, served, size=size, concurrency=concurrency) for name in (*OURS, *OTHERS)
        }
        results = measure(candidates, given.rounds).per_gigabyte(size)
        yield section(results, scheme, job, concurrency, size)


def section(results: Results, scheme: str, job: str, concurrency: int, size: int) -> Section:
    made = Section(
        f"{job.capitalize()} of {size // MIB} MiB over {scheme}, {concurrency} at once",
        "Ratios are to the official SDK's aio client in the same round.",
        HEADER,
        missing=results.missing,
    )
    for name in results.samples:
        made.rows.append(
            (
                name,
                spread(results.ratios(name, "SDK aio", "gb_s")),
                spread(results.ratios(name, "SDK aio", "cpu_s_gb")),
                spread(results.figures(name, "gb_s")),
                spread(results.figures(name, "cpu_s_gb")),
                spread(results.figures(name, "growth_mib")),
            )
        )
    made.goals = goals(results, scheme, job, concurrency)
    if concurrency == 4:
        made.bars = [
            (f"{name}, {job} over {scheme}: CPU to SDK aio", results.ratio(name, "SDK aio", "cpu_s_gb"))
            for name in ("fast async", "httpx async")
        ]
    return made


FAST = {  # (scheme, job) -> at least this throughput, at most this CPU, against the SDK's aio client
    ("http", "upload"): (1.8, 0.45),
    ("http", "download"): (2.5, 0.4),
    ("https", "upload"): (2.2, 0.42),
    ("https", "download"): (1.5, 0.65),
}


def goals(results: Results, scheme: str, job: str, concurrency: int) -> list[Goal]:
    where = f"{job} over {scheme}, {concurrency} at once"
    made: list[Goal] = []
    if concurrency == 4:
        rate, cpu = FAST[scheme, job]
        for name in ("fast async", "fast"):
            made += [
                Goal(f"{name}, {where}: throughput / SDK aio", results.ratio(name, "SDK aio", "gb_s"), rate),
                Goal(
                    f"{name}, {where}: CPU / SDK aio", results.ratio(name, "SDK aio", "cpu_s_gb"), cpu, at_least=False
                ),
            ]
        if scheme == "https" and job == "download":
            made.append(Goal(f"fast, {where}: throughput / SDK (blocking)", results.ratio("fast", "SDK", "gb_s"), 4))
    for name, bare in (("httpx async", "bare httpx, async"), ("httpx", "bare httpx")):
        against_bare = results.ratio(name, bare, "gb_s")
        against_sdk = results.ratio(name, PEER[name], "gb_s")
        # Where httpx itself is slower than the SDK, no client on it can be faster.
        peer, ratio = (PEER[name], against_sdk) if against_sdk >= against_bare else (bare, against_bare)
        made.append(Goal(f"{name}, {where}: throughput / {peer}", ratio, 0.9))
    for name in ("fast async", "fast"):
        allowed = concurrency * 4 + 4
        growth = results.median(name, "growth_mib")
        made.append(Goal(f"{name}, {where}: memory growth in MiB", growth, allowed, at_least=False))
    return made


if __name__ == "__main__":
    asked = options(__doc__)
    show([*sections(asked), *with_tls(asked), *connections(asked)])
