"""Tapes: steps with what Azurite answered to them, so that the simulator is held to Azurite where there is no Node.

``python -m tests.oracle.tapes`` records them all anew, or those that are named: the cell tables, and the first examples
of every machine from one seed. A tape is small because it has every step and every answer once, and walks of numbers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.oracle import steps as s
from tests.oracle.azurite import VERSION
from tests.oracle.bench import Bench
from tests.oracle.budget import WALKS_SEED, walks_on_tape
from tests.oracle.cells import cells
from tests.oracle.comparison import History
from tests.oracle.dialects import BLOBS, Dialect
from tests.oracle.machines import MACHINES
from tests.oracle.obs import Obs
from tests.oracle.running import run

FOLDER: Final = Path(__file__).parent / "tables"
CELLS: Final = "leases"
NAMES: Final = (CELLS, *MACHINES)


def path_of(name: str) -> Path:
    return FOLDER / f"{name}.json"


def write(histories: Iterable[History]) -> str:
    """The text of a tape: one line for each step, answer and walk."""
    steps: dict[str, int] = {}
    answers: dict[str, int] = {}
    walks: list[str] = []
    for history in histories:
        numbers: list[int] = []
        for step, seen in history:
            for known, row in ((steps, step.to_row()), (answers, seen.to_row())):
                numbers.append(known.setdefault(json.dumps(row, ensure_ascii=False), len(known)))
        walks.append(json.dumps(numbers, separators=(",", ":")))
    parts = (("steps", steps), ("answers", answers), ("walks", walks))
    return (
        f'{{"azurite": "{VERSION}"'
        + "".join(f',\n"{name}": [\n' + ",\n".join(rows) + "]" for name, rows in parts)
        + "}\n"
    )


def read(text: str) -> Iterator[History]:
    tape: dict[str, Any] = json.loads(text)
    steps = [s.from_row(row) for row in tape["steps"]]
    answers = [Obs.from_row(row) for row in tape["answers"]]
    for numbers in tape["walks"]:
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        yield [(steps[step], answers[answer]) for step, answer in pairs]


@cache
def histories(name: str) -> tuple[History, ...]:
    return tuple(read(path_of(name).read_text(encoding="utf-8")))


def record(name: str, bench: Bench) -> str:
    """A tape of what the cells or the machine do now."""
    if name == CELLS:
        return write(taken(steps, bench) for steps in cells())
    kept: list[History] = []
    run(MACHINES[name], bench, WALKS_SEED, walks_on_tape(name), kept)
    return write(kept)


def play(name: str, history: History, bench: Bench) -> History:
    """The steps of a history on the tape of that name, with what Azurite answers to them now."""
    return taken([step for step, _ in history], bench, MACHINES[name].dialect if name in MACHINES else BLOBS)


def taken(steps: Iterable[s.Step], bench: Bench, dialect: Dialect = BLOBS) -> History:
    """Steps with what Azurite answers to them in an account of their own."""
    azurite = bench.azurite(dialect)
    try:
        return [(step, azurite.do(step)) for step in steps]
    finally:
        azurite.clear()


if __name__ == "__main__":
    working = Bench()
    try:
        for each in sys.argv[1:] or NAMES:
            path_of(each).write_text(record(each, working), encoding="utf-8")
    finally:
        working.close()
