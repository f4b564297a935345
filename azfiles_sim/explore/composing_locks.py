"""From a number to a program of clients that want one lock, of a file or a share, some of which are held up or die."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from azfiles_sim.explore.program import LOCKED, LOCKED_SHARE, Client, Kind, Program, Step

WORK_S: Final = (0.0, 0.5, 4.0, 15.0, 50.0)
BREAK_PERIODS_S: Final = (None, 0.0)
"""A share's lease that is broken ends when its time has passed, or at once."""


@dataclass(frozen=True, slots=True)
class World:
    """What clients of a lock of this kind are like. It takes around ``effects`` effects to get it, or to work under it and
    give it back: somewhere among them things befall a client, unless it is ``spared``, which is a part of all.
    """

    lengths_s: tuple[int, ...]
    pauses_s: tuple[float, ...]
    effects: int
    spared: float


FILE: Final = World((30, 30, 40), (2.0, 25.0, 35.0, 50.0, 80.0), effects=90, spared=0.6)
SHARE: Final = World((15, 15, 20, 60), (1.0, 5.0, 12.0, 18.0, 70.0), effects=40, spared=0.5)


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
        return Step(number, Kind.SLEEP, seconds=random.choice(SHARE.pauses_s))
    if breaking and random.random() < 0.3:
        return Step(number, Kind.BREAK_SHARE_LOCK, LOCKED_SHARE, seconds=random.choice(BREAK_PERIODS_S))
    kinds = (Kind.LOCK_SHARE, Kind.LOCK_SHARE_AND_DIE)
    return _locking(random, Step(number, random.choices(kinds, (5, 1))[0], LOCKED_SHARE), SHARE)


def _length(random: Random, steps: int) -> int:
    return random.randint(min(2, steps), steps) + 1


def _step(random: Random, number: int, *, dropping: bool) -> Step:
    place = random.choice(LOCKED)
    if random.random() < 0.15:
        return Step(number, Kind.SLEEP, seconds=random.choice(FILE.pauses_s))
    if dropping and random.random() < 0.2:
        return Step(number, Kind.DROP_COMPANION, place)
    return _locking(random, Step(number, random.choices((Kind.LOCK, Kind.LOCK_AND_DIE), (5, 1))[0], place), FILE)


def _locking(random: Random, step: Step, world: World) -> Step:
    """The step, filled in: how long it locks and works, and what befalls its client."""
    step = replace(step, seconds=random.choice(WORK_S), length=random.choice(world.lengths_s))
    dies = step.kind in {Kind.LOCK_AND_DIE, Kind.LOCK_SHARE_AND_DIE}
    if not dies and random.random() < world.spared:
        return step
    pause_s = 0.0 if dies else random.choice(world.pauses_s)
    return replace(step, offset=random.randint(1, world.effects), replace=random.random() < 0.6, pause_s=pause_s)


__all__ = ["compose_locks", "compose_share_locks"]
