"""All tables, into ``benchmarks/results.md`` and ``benchmarks/results.svg``: ``make bench``.

    python benchmarks [--quick] [--rounds N] [--only bulk,starting] [--to FOLDER]

The machine should have nothing else to do; ``--quick`` only shows that everything runs, and writes nothing unless
``--to`` says where. Tables of single features (replaying, cassettes, observers, web servers) are run by themselves.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

import chart
from measuring import Section, machine, table

TABLES = ("targets", "bulk", "small_operations", "files", "starting", "in_process", "emulators", "transports")
HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small sizes and one round: only to see that it runs")
    parser.add_argument("--rounds", type=int, help="paired runs of each candidate (default: 5)")
    parser.add_argument("--only", default=",".join(TABLES), help="some of the tables, separated by commas")
    parser.add_argument("--to", type=Path, help="the folder for results.md and results.svg")
    given = parser.parse_args()
    given.rounds = given.rounds or (1 if given.quick else 5)
    folder: Path | None = given.to or (None if given.quick else HERE)
    began, where = time.monotonic(), machine()
    found: list[Section] = []
    for name in given.only.split(","):
        print(f"{name} ...", file=sys.stderr, flush=True)
        found += importlib.import_module(name).sections(given)
    text = report(found, where, given.rounds, time.monotonic() - began)
    if folder is None:
        print(text)
        return
    (folder / "results.md").write_text(text, encoding="utf-8")
    bars = [bar for section in found for bar in section.bars]
    (folder / "results.svg").write_text(chart.svg(f"Ratios to the peer named ({where})", bars), encoding="utf-8")
    print(f"{folder / 'results.md'} and results.svg are written")


def report(sections: list[Section], where: str, rounds: int, took_s: float) -> str:
    goals = [goal for section in sections for goal in section.goals]
    met = sum(goal.is_met for goal in goals)
    return "\n".join(
        [
            "# Measured",
            "",
            f"{where}. {rounds} paired runs, every candidate once in each, in a new order each time; {took_s / 60:.0f} minutes.",
            "The server is pinned to one core and the client to the other. A cell is the median, with the least and the most",
            "in brackets; ratios are taken within a run. Processor time holds on a busy machine, wall-clock time does not.",
            "",
            "![ratios](results.svg)",
            "",
            f"## Goals: {met} of {len(goals)} met",
            "",
            table(("goal", "bound", "measured", "met"), (goal.row for goal in goals)),
            "",
            *(section.markdown() for section in sections),
        ]
    )


if __name__ == "__main__":
    main()
