"""All tables, into ``benchmarks/results.md`` and ``benchmarks/results.svg``: ``make bench``.

    python benchmarks [--quick] [--rounds N] [--only bulk,starting] [--to FOLDER]

The machine should have nothing else to do, for two hours. What each table found is kept in the folder's ``.kept``,
and the report is made of all that is there: so one that was interrupted goes on with ``--only``, and one table can be
measured again (``--only ''`` measures nothing). ``--quick`` only shows that everything runs, and writes nothing unless
``--to`` says where. Tables of single features (replaying, cassettes, observers, web servers) are run by themselves.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import chart
from measuring import Goal, Section, machine, table

TABLES = {  # name -> module and function
    "targets": "targets.sections",
    "bulk": "bulk.sections",
    "bulk_tls": "bulk.with_tls",
    "connections": "bulk.connections",
    "small_operations": "small_operations.sections",
    "files": "files.sections",
    "starting": "starting.sections",
    "in_process": "in_process.sections",
    "emulators": "emulators.sections",
    "transports": "transports.sections",
}
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Kept:
    """What one table found, and when, where and with which code."""

    where: str
    code: str
    rounds: int
    took_s: float
    sections: list[Section]

    @property
    def conditions(self) -> str:
        return f"Measured {self.where}; code {self.code}; {self.rounds} rounds, {self.took_s / 60:.0f} minutes."


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small sizes and one round: only to see that it runs")
    parser.add_argument("--rounds", type=int, help="paired runs of each candidate (default: 5)")
    parser.add_argument(
        "--only",
        default=",".join(TABLES),
        help="some of the tables, separated by commas; none of them only makes the report anew",
    )
    parser.add_argument("--to", type=Path, help="the folder for results.md and results.svg")
    given = parser.parse_args()
    given.rounds = given.rounds or (1 if given.quick else 5)
    folder: Path | None = given.to or (None if given.quick else HERE)
    with tempfile.TemporaryDirectory() as passing:
        kept = (folder or Path(passing)) / ".kept"
        kept.mkdir(exist_ok=True)
        for name in filter(None, given.only.split(",")):
            print(f"{name} ...", file=sys.stderr, flush=True)
            began, where = time.monotonic(), machine()
            module, _, function = TABLES[name].partition(".")
            sections = getattr(importlib.import_module(module), function)(given)
            keep(kept / f"{name}.json", Kept(where, code(), given.rounds, time.monotonic() - began, sections))
        found = {name: read(kept / f"{name}.json") for name in TABLES if (kept / f"{name}.json").exists()}
    text = report(found)
    if folder is None:
        print(text)
        return
    (folder / "results.md").write_text(text, encoding="utf-8")
    bars = [bar for one in found.values() for section in one.sections for bar in section.bars]
    (folder / "results.svg").write_text(chart.svg("Ratios to the peer named", bars), encoding="utf-8")
    print(f"{folder / 'results.md'} and results.svg are written")


def keep(path: Path, found: Kept) -> None:
    path.write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> Kept:
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    sections = [
        Section(**section | {"goals": [Goal(**goal) for goal in section["goals"]]}) for section in known.pop("sections")
    ]
    return Kept(**known, sections=sections)


def code() -> str:
    """The commit that is measured, and whether it was changed since."""
    asked = ("git", "-C", str(HERE), "describe", "--always", "--dirty")
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def report(found: dict[str, Kept]) -> str:
    goals = [goal for one in found.values() for section in one.sections for goal in section.goals]
    met = sum(goal.is_met for goal in goals)
    return "\n".join(
        [
            "# Measured",
            "",
            "Paired runs: every candidate once in each round, in a new order each time. The server is pinned to one core and",
            "the client to the other. A cell is the median, with the least and the most in brackets; ratios are taken within",
            "a round. Processor time holds on a busy machine, wall-clock time does not.",
            "",
            "![ratios](results.svg)",
            "",
            f"## Goals: {met} of {len(goals)} met",
            "",
            table(("goal", "bound", "measured", "met"), (goal.row for goal in goals)),
            "",
            *(f"{section.markdown()}\n{one.conditions}\n" for one in found.values() for section in one.sections),
        ]
    )


if __name__ == "__main__":
    main()
