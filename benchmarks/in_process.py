"""Without a network: what one request costs the simulator, and client and simulator together, against moto's mock_aws.

    python benchmarks/in_process.py [--quick]

Processor time for each operation, and operations a second, on one core. S3 in moto stands for the peers: nobody
else simulates Azure Files.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
from functools import partial

from measuring import CLIENT_CORE, Goal, Missing, Sample, Section, measure, options, show, spread
from serving import ROOT, pinned

KINDS = ("create", "put", "get", "list")
CANDIDATES = {
    "handle, authentication off": "handle",
    "handle, with a signature": "handle_signed",
    "client and simulator": "client",
    "client and simulator, async": "client_async",
    "moto mock_aws": "moto",
}
BOUNDS_US = {"handle, authentication off": 60, "handle, with a signature": 80, "client and simulator": 150}
MOTO_WHERE_BOUNDS_WERE_SET_US = {"create": 1440, "put": 1440, "get": 1540}
"""What moto took on the machine that the bounds in microseconds were set on: another machine meets them as ratios."""


def sections(given: argparse.Namespace) -> list[Section]:
    times = 300 if given.quick else 5000
    found: list[Section] = []
    for kind in KINDS:
        candidates = {
            name: partial(one, candidate, kind, times if candidate != "moto" else times // 10)
            for name, candidate in CANDIDATES.items()
        }
        results = measure(candidates, given.rounds)
        made = Section(
            f"In process: {kind}{' of 100 entries' if kind == 'list' else ' of 1 KiB'}",
            "One core, no network. Ratios are to moto in the same round, so less is better.",
            ("what", "CPU / moto", "CPU us", "operations/s"),
            missing=results.missing,
        )
        for name in results.samples:
            made.rows.append(
                (
                    name,
                    spread(results.ratios(name, "moto mock_aws", "us")),
                    spread(results.figures(name, "us"), 4),
                    spread((1e6 / us for us in results.figures(name, "us")), 4),
                )
            )
        if kind != "list":
            moto_us = MOTO_WHERE_BOUNDS_WERE_SET_US[kind]
            for name, bound in BOUNDS_US.items():
                ratio = results.ratio(name, "moto mock_aws", "us")
                made.goals += [
                    Goal(f"{name}, {kind}: CPU us", results.median(name, "us"), bound, at_least=False),
                    Goal(
                        f"{name}, {kind}: CPU / moto ({bound} / {moto_us} us)", ratio, bound / moto_us, at_least=False
                    ),
                ]
            together = results.ratio("moto mock_aws", "client and simulator", "us")
            made.goals.append(Goal(f"moto / client and simulator, {kind}: CPU", together, 8))
        found.append(made)
    return found


def one(candidate: str, kind: str, times: int) -> Sample:
    """One candidate's processor time for an operation, in a process of its own."""
    if candidate == "moto" and not (importlib.util.find_spec("moto") and importlib.util.find_spec("boto3")):
        raise Missing("moto[s3] is not installed")
    command = [*pinned(CLIENT_CORE), sys.executable, "-W", "ignore", __file__, "--one", candidate, kind, str(times)]
    sample: Sample = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    return sample


def measure_one(candidate: str, kind: str, times: int) -> Sample:
    import asyncio

    import in_process_work

    work = getattr(in_process_work, candidate)
    if asyncio.iscoroutinefunction(work):
        return {"us": asyncio.run(work(kind, times))}
    return {"us": work(kind, times)}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure_one(sys.argv[2], sys.argv[3], int(sys.argv[4]))))
    else:
        show(sections(options(__doc__)))
