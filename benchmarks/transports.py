"""What a fast transport could have been built on: HTTP libraries and ours, bare, side by side.

    python benchmarks/transports.py [--quick]

Ranges of 4 MiB over 4 connections, and writes of 1 KiB over 32, without any client above. niquests is left out: it
replaces urllib3 for all that run beside it.
"""

from __future__ import annotations

import argparse
from functools import partial

from measuring import MIB, Results, Section, measure, options, show, spread
from running import run
from serving import Served, simulator

CANDIDATES = (
    "own transport", "http.client", "urllib3", "pycurl", "bare httpx", "raw sockets",
    "own transport, async", "aiohttp", "pyreqwest, async", "bare httpx, async", "raw asyncio",
)  # fmt: skip
HEADER = ("library", "throughput / raw", "CPU / raw", "GB/s", "CPU s/GB", "growth MiB")


def sections(given: argparse.Namespace) -> list[Section]:
    size = (64 if given.quick else 1024) * MIB
    found: list[Section] = []
    with simulator() as plain, simulator("--https") as secure:
        for scheme, served in (("http", plain), ("https", secure)):
            for job in ("upload", "download"):
                results = bulk(served, job, size, given.rounds)
                found.append(bulk_section(results, f"Libraries: {job} over {scheme}, 4 at once"))
        count = 320 if given.quick else 6000
        results = measure(
            {name: partial(run, name, "small", plain, kind="put", concurrency=32, count=count) for name in CANDIDATES},
            given.rounds,
        )
        found.append(small_section(results))
    return found


def limit_of(name: str) -> str:
    """The raw row of the same colour."""
    return "raw asyncio" if "async" in name or name == "aiohttp" else "raw sockets"


def bulk(served: Served, job: str, size: int, rounds: int) -> Results:
    candidates = {name: partial(run, name, job, served, size=size, concurrency=4) for name in CANDIDATES}
    return measure(candidates, rounds).per_gigabyte(size)


def bulk_section(results: Results, title: str) -> Section:
    text = "Ratios are to raw sockets, or raw asyncio for what is async, in the same round."
    made = Section(title, text, HEADER, missing=results.missing)
    for name in results.samples:
        made.rows.append(
            (
                name,
                spread(results.ratios(name, limit_of(name), "gb_s")),
                spread(results.ratios(name, limit_of(name), "cpu_s_gb")),
                spread(results.figures(name, "gb_s")),
                spread(results.figures(name, "cpu_s_gb")),
                spread(results.figures(name, "growth_mib")),
            )
        )
    return made


def small_section(results: Results) -> Section:
    made = Section(
        "Libraries: writes of 1 KiB, 32 at once",
        "Ratios are to raw sockets, or raw asyncio for what is async, in the same round.",
        ("library", "rate / raw", "CPU / raw", "operations/s", "CPU us"),
        missing=results.missing,
    )
    for name in results.samples:
        made.rows.append(
            (
                name,
                spread(results.ratios(name, limit_of(name), "rate")),
                spread(results.ratios(name, limit_of(name), "cpu_us")),
                spread(results.figures(name, "rate"), 4),
                spread(results.figures(name, "cpu_us"), 4),
            )
        )
    return made


if __name__ == "__main__":
    show(sections(options(__doc__)))
