"""Small requests: how many a second, how long each takes, and what one costs the client.

    python benchmarks/small_operations.py [--quick]

Put and get of 1 KiB, taking a lease, and listing directories of 100 and 5,000 entries, with 1, 32 and 128 at once.
"""

from __future__ import annotations

import argparse
from functools import partial

from measuring import Goal, Results, Section, measure, options, show, spread
from running import run
from serving import simulator

CLIENTS = ("fast async", "fast", "httpx async", "httpx", "SDK aio", "SDK")
BARE = ("raw asyncio", "raw sockets", "bare httpx, async", "bare httpx")
PEER = {"fast async": "SDK aio", "fast": "SDK aio", "httpx async": "SDK aio", "httpx": "SDK"}
ON_HTTPX = {"httpx async": "bare httpx, async", "httpx": "bare httpx"}
HEADER = ("client", "rate / SDK aio", "CPU / SDK aio", "operations/s", "p50 ms", "p99 ms", "CPU us")
KINDS = {  # what is asked: how often in a full run
    "put": 2000,
    "get": 2000,
    "lease": 2000,
    "list100": 500,
    "list5000": 20,
}


def sections(given: argparse.Namespace) -> list[Section]:
    found: list[Section] = []
    rates: dict[tuple[str, int], Results] = {}
    with simulator(entries=(100, 500 if given.quick else 5000)) as served:
        for kind, times in KINDS.items():
            asked = "list500" if given.quick and kind == "list5000" else kind
            for concurrency in (32,) if given.quick or kind.startswith("list") else (1, 32, 128):
                count = max(concurrency, times // 20 if given.quick else times)
                names = CLIENTS if kind not in {"put", "get"} else (*CLIENTS, *BARE)
                candidates = {
                    name: partial(run, name, "small", served, kind=asked, concurrency=concurrency, count=count)
                    for name in names
                }
                rates[kind, concurrency] = results = measure(candidates, given.rounds)
                found.append(section(results, asked, concurrency))
    for kind in ("put", "get", "lease"):
        if (kind, 128) in rates:
            slower = rates[kind, 128].median("fast async", "rate") / rates[kind, 32].median("fast async", "rate")
            found[-1].goals.append(Goal(f"fast async, {kind}: rate at 128 at once / at 32", slower, 0.7))
    return found


def section(results: Results, kind: str, concurrency: int) -> Section:
    made = Section(
        f"Small operations: {kind}, {concurrency} at once",
        "Ratios are to the official SDK's aio client in the same round; raw and bare rows sign nothing and parse nothing.",
        HEADER,
        missing=results.missing,
    )
    for name in results.samples:
        made.rows.append(
            (
                name,
                spread(results.ratios(name, "SDK aio", "rate")),
                spread(results.ratios(name, "SDK aio", "cpu_us")),
                spread(results.figures(name, "rate"), 4),
                spread(results.figures(name, "p50_ms")),
                spread(results.figures(name, "p99_ms")),
                spread(results.figures(name, "cpu_us"), 4),
            )
        )
    made.goals = goals(results, kind, concurrency)
    if concurrency == 32:
        made.bars = [
            (f"{name}, {kind}: CPU to SDK aio", results.ratio(name, "SDK aio", "cpu_us"))
            for name in ("fast async", "httpx async")
        ]
    return made


def goals(results: Results, kind: str, concurrency: int) -> list[Goal]:
    where = f"{kind}, {concurrency} at once"
    made: list[Goal] = []
    for name, bare in ON_HTTPX.items():
        # Where httpx itself is slower than the SDK, no client on it can be faster.
        peer = max(
            (PEER[name], bare), key=lambda peer: results.ratio(name, peer, "rate") if peer in results.samples else 0
        )
        made.append(Goal(f"{name}, {where}: rate / {peer}", results.ratio(name, peer, "rate"), 0.9))
    if kind == "list100":
        ratio = results.ratio("fast async", "SDK aio", "cpu_us")
        made.append(Goal(f"fast async, {where}: CPU / SDK aio", ratio, 0.12, at_least=False))
    elif not kind.startswith("list") and concurrency == 32:
        for name in ("fast async", "fast"):
            made += [
                Goal(f"{name}, {where}: rate / SDK aio", results.ratio(name, "SDK aio", "rate"), 5),
                Goal(f"{name}, {where}: CPU / SDK aio", results.ratio(name, "SDK aio", "cpu_us"), 0.2, at_least=False),
            ]
    return made


if __name__ == "__main__":
    show(sections(options(__doc__)))
