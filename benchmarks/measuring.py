"""How all tables measure: candidates side by side in rounds, in a new order each, and each compared within its round.

Processor time is what holds on a busy machine, so it comes first; wall-clock figures drift, and are compared only
with those of the same round. A cell is the median, with the least and the most in brackets.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

MIB = 1024 * 1024
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]

Sample = dict[str, float]
"""One run of one candidate: figures by name."""


class Missing(Exception):
    """A candidate cannot run here; the text says what is not installed."""


@dataclass(frozen=True)
class Goal:
    """What a table must show: ``text``, the figure and its bound. ``at_least`` says on which side it should lie."""

    text: str
    figure: float
    bound: float
    at_least: bool = True

    @property
    def is_met(self) -> bool:
        return self.figure >= self.bound if self.at_least else self.figure <= self.bound

    @property
    def row(self) -> tuple[str, str, str, str]:
        sign = "≥" if self.at_least else "≤"
        return self.text, f"{sign} {self.bound:g}", f"{self.figure:.3g}", "yes" if self.is_met else "**no**"


@dataclass
class Section:
    """One table of the report, the goals that it decides, and bars for the chart: (label, ratio)."""

    title: str
    text: str
    header: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    bars: list[tuple[str, float]] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)

    def markdown(self) -> str:
        lines = [f"## {self.title}", "", self.text, "", table(self.header, self.rows)]
        lines += [f"\nLeft out: {name} ({why})." for name, why in self.missing.items()]
        return "\n".join(lines) + "\n"


@dataclass
class Results:
    """All samples of a table: by candidate, one for each round."""

    samples: dict[str, list[Sample]]
    missing: dict[str, str]

    def per_gigabyte(self, size: int) -> Results:
        """The same with what was measured for ``size`` bytes as ``gb_s`` and ``cpu_s_gb``."""
        for samples in self.samples.values():
            for sample in samples:
                sample["gb_s"] = size / 1e9 / sample["wall_s"]
                sample["cpu_s_gb"] = sample["cpu_s"] / (size / 1e9)
        return self

    def figures(self, name: str, figure: str) -> list[float]:
        return [sample[figure] for sample in self.samples.get(name, []) if figure in sample]

    def median(self, name: str, figure: str) -> float:
        figures = self.figures(name, figure)
        return statistics.median(figures) if figures else float("nan")

    def ratios(self, name: str, peer: str, figure: str) -> list[float]:
        """One ratio for each round: both were measured in it, one after the other."""
        pairs = zip(self.figures(name, figure), self.figures(peer, figure), strict=False)
        return [mine / others for mine, others in pairs if others]

    def ratio(self, name: str, peer: str, figure: str) -> float:
        ratios = self.ratios(name, peer, figure)
        return statistics.median(ratios) if ratios else float("nan")


def measure(candidates: Mapping[str, Callable[[], Sample]], rounds: int) -> Results:
    """Run every candidate once in each round. One that cannot run is left out, and the reason kept."""
    results = Results({name: [] for name in candidates}, {})
    for number in range(rounds):
        for name in random.sample(list(candidates), len(candidates)):
            if name in results.missing:
                continue
            print(f"  round {number + 1}/{rounds}: {name}", file=sys.stderr, flush=True)
            try:
                results.samples[name].append(candidates[name]())
            except Missing as reason:
                results.missing[name] = str(reason)
    for name in results.missing:
        results.samples.pop(name, None)
    return results


def spread(figures: Iterable[float], digits: int = 3) -> str:
    """``median [least..most]``."""
    found = sorted(figures)
    if not found:
        return "-"
    middle = f"{statistics.median(found):.{digits}g}"
    return middle if len(found) == 1 else f"{middle} [{found[0]:.{digits}g}..{found[-1]:.{digits}g}]"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """By which power of the size the cost grows: the slope of the logarithms of the first and the last."""
    import math

    return math.log(costs[-1] / costs[0]) / math.log(sizes[-1] / sizes[0])


def machine() -> str:
    """The machine and the day, in a sentence."""
    model = "unknown processor"
    information = Path("/proc/cpuinfo")
    if information.exists():
        names = [
            line.partition(":")[2].strip() for line in information.read_text().splitlines() if "model name" in line
        ]
        model = names[0] if names else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {len(CORES)} cores of {model}, {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}, {platform.python_implementation()} {platform.python_version()}, load {load:.1f}"
    )


def options(description: str | None, *, rounds: int = 5) -> argparse.Namespace:
    """The options that every table has: ``--rounds``, and ``--quick`` to see that it runs."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small sizes and one round: only to see that it runs")
    parser.add_argument("--rounds", type=int, help=f"paired runs of each candidate (default: {rounds})")
    given = parser.parse_args()
    given.rounds = given.rounds or (1 if given.quick else rounds)
    return given


def show(sections: Iterable[Section]) -> None:
    """Print what one table found, when it is run by itself."""
    print(machine())
    for section in sections:
        print(f"\n{section.markdown()}")
        if section.goals:
            print(table(("goal", "bound", "measured", "met"), (goal.row for goal in section.goals)))
