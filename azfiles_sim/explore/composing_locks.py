"""From a number to a program of clients that want one lock, of a file or a share, some of which are held up or die."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Final

from azfiles_sim.explore.program import LOCKED, LOCKED_SHARE, Client, Kind, Program, Step

TTLS_S: Final = (30, 30, 40)
WORK_S: Final = (0.0, 0.5, 4.0, 15.0, 50.0)
PAUSES_S: Final = (2.0, 25.0, 35.0, 50.0, 80.0)
EFFECTS: Final = 90
"""Around how many effects it takes to get a lock, or to work under one and give it back: somewhere among them things
befall a client.
"""


DURATIONS_S: Final = (15, 15, 20, 60)
SHARE_PAUSES_S: Final = (1.0, 5.0, 12.0, 18.0, 70.0)
SHARE_EFFECTS: Final = 40
BREAK_PERIODS_S: Final = (None, 0.0)
"""A share's lease that is broken ends when its time has passed, or at once."""


def compose_locks(seed: int, *, clients: int, steps: int, fault_rate: float) -> Program:
    """The program of a number: so many clients, each with two steps or more."""
    random = Random(f"locks {seed}")  # noqa: S311 - repeatability is the point
    dropping = random.random() < 0.2
    return Program(
        tuple(
            Client(number, tuple(_step(random, index, dropping=dropping) for index in range(1, _length(random, steps))))
            for number in range(1, clients + 1)
        ),
        schedule=seed,
        fault_rate=fault_rate,
    )


def compose_share_locks(seed: int, *, clients: int, steps: int, fault_rate: float) -> Program:
    """The same for the lock of a share."""
    random = Random(f"share locks {seed}")  # noqa: S311 - repeatability is the point
    breaking = random.random() < 0.25
    return Program(
        tuple(
            Client(
                number,
                tuple(_share_step(random, index, breaking=breaking) for index in range(1, _length(random, steps))),
            )
            for number in range(1, clients + 1)
        ),
        schedule=seed,
        fault_rate=fault_rate,
    )


def _share_step(random: Random, number: int, *, breaking: bool) -> Step:
    if random.random() < 0.15:
        return Step(number, Kind.SLEEP, seconds=random.choice(SHARE_PAUSES_S))
    if breaking and random.random() < 0.3:
        return Step(number, Kind.BREAK_SHARE_LOCK, LOCKED_SHARE, seconds=random.choice(BREAK_PERIODS_S))
    kind = random.choices((Kind.LOCK_SHARE, Kind.LOCK_SHARE_AND_DIE), (5, 1))[0]
    step = Step(number, kind, LOCKED_SHARE, seconds=random.choice(WORK_S), length=random.choice(DURATIONS_S))
    if kind is Kind.LOCK_SHARE and random.random() < 0.5:
        return step
    pause_s = random.choice(SHARE_PAUSES_S) if kind is Kind.LOCK_SHARE else 0.0
    return replace(step, offset=random.randint(1, SHARE_EFFECTS), replace=random.random() < 0.6, pause_s=pause_s)


def _length(random: Random, steps: int) -> int:
    return random.randint(min(2, steps), steps) + 1


def _step(random: Random, number: int, *, dropping: bool) -> Step:
    place = random.choice(LOCKED)
    if random.random() < 0.15:
        return Step(number, Kind.SLEEP, seconds=random.choice(PAUSES_S))
    if dropping and random.random() < 0.2:
        return Step(number, Kind.DROP_COMPANION, place)
    kind = random.choices((Kind.LOCK, Kind.LOCK_AND_DIE), (5, 1))[0]
    step = Step(number, kind, place, seconds=random.choice(WORK_S), length=random.choice(TTLS_S))
    if kind is Kind.LOCK and random.random() < 0.6:
        return step
    pause_s = random.choice(PAUSES_S) if kind is Kind.LOCK else 0.0
    return replace(step, offset=random.randint(1, EFFECTS), replace=random.random() < 0.6, pause_s=pause_s)


__all__ = ["compose_locks", "compose_share_locks"]
