"""The seed's targets: a person's waiting times, many at once, a stream's speed and memory.

    python benchmarks/targets.py [--quick]

They are absolute, so they hold for the machine and the load that the report names.
"""

from __future__ import annotations

import argparse
from functools import partial

from measuring import MIB, Goal, Results, Section, measure, options, show, spread
from running import run
from serving import simulator

WAITS_MS = {  # p50 at most
    "small read": ("get", 100.0),
    "small write": ("put", 150.0),
    "listing of 100": ("list100", 200.0),
    "lease": ("lease", 50.0),
}
CLIENTS = ("httpx", "httpx async", "fast", "fast async")
AT_ONCE, STREAM_MB_S, BUFFERS_MIB = 128, 60.0, 16.0


def sections(given: argparse.Namespace) -> list[Section]:
    size = (64 if given.quick else 1000) * MIB
    times = 50 if given.quick else 500
    made = Section(
        "The seed's targets",
        f"One after another; {AT_ONCE} at once; and one stream of {size // MIB} MiB over 2 connections.",
        ("what", *CLIENTS),
    )
    with simulator(entries=(100,)) as served:
        for text, (kind, bound) in WAITS_MS.items():
            work = {
                name: partial(run, name, "small", served, kind=kind, concurrency=1, count=times) for name in CLIENTS
            }
            results = measure(work, given.rounds)
            _add(made, f"{text}: p50 ms", results, "p50_ms", bound, at_least=False)
        work = {
            name: partial(run, name, "small", served, kind="get", concurrency=AT_ONCE, count=max(AT_ONCE, times * 4))
            for name in CLIENTS
        }
        _add(made, f"reads a second, {AT_ONCE} at once", measure(work, given.rounds), "rate", 100.0, at_least=True)
        for job in ("upload", "download"):
            work = {name: partial(run, name, job, served, size=size, concurrency=2) for name in CLIENTS}
            results = measure(work, given.rounds).per_gigabyte(size)
            _add(made, f"{job}: GB/s", results, "gb_s", STREAM_MB_S / 1000, at_least=True)
            _add(made, f"{job}: memory growth MiB", results, "growth_mib", BUFFERS_MIB, at_least=False)
    return [made]


def _add(made: Section, text: str, results: Results, figure: str, bound: float, *, at_least: bool) -> None:
    made.rows.append((text, *(spread(results.figures(name, figure), 4) for name in CLIENTS)))
    worst = (min if at_least else max)(results.median(name, figure) for name in CLIENTS)
    made.goals.append(Goal(f"{text}, the slowest of our clients", worst, bound, at_least=at_least))


if __name__ == "__main__":
    show(sections(options(__doc__)))
