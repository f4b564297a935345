"""From a number to a program. Each program has some kinds of steps only (its mixture), so that few of them meet often."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from azfiles_sim.explore.composing_locks import compose_locks, compose_share_locks
from azfiles_sim.explore.program import (
    COUNTER,
    FILES,
    REGISTERS,
    SHARES,
    SPARE_NAMES,
    Client,
    Kind,
    Lease,
    Program,
    Step,
)

FAULT_RATE: Final = 0.1
LOCK_FAULT_RATE: Final = 0.1
LOCK_STEPS: Final = 3
SIZES: Final = (0, 1, 511, 512, 513, 1024)
EDGES: Final = (0, 1, 511, 512, 513, 1000, 1023)
LENGTHS: Final = (1, 2, 24, 511, 512, 513, 1024)
DURATIONS_S: Final = (None, 15, 20, 60)
BREAKS_S: Final = (None, 0, 5, 30)
SLEEPS_S: Final = (0.5, 5.0, 10.0, 14.0, 15.0, 20.0, 61.0)

_WEIGHTS: Final = {
    Kind.CREATE: 6,
    Kind.DELETE: 2,
    Kind.RENAME: 4,
    Kind.COPY: 3,
    Kind.PUT: 10,
    Kind.CLEAR: 3,
    Kind.RESIZE: 2,
    Kind.LABEL: 3,
    Kind.READ: 8,
    Kind.LOOK: 4,
    Kind.LIST_RANGES: 2,
    Kind.ACQUIRE: 6,
    Kind.CHANGE: 4,
    Kind.RELEASE: 3,
    Kind.BREAK: 2,
    Kind.INCREMENT: 4,
    Kind.LIST_FILES: 3,
    Kind.SNAPSHOT: 2,
    Kind.READ_SNAPSHOT: 3,
    Kind.ACQUIRE_SHARE: 6,
    Kind.RENEW_SHARE: 4,
    Kind.CHANGE_SHARE: 3,
    Kind.RELEASE_SHARE: 4,
    Kind.BREAK_SHARE: 4,
    Kind.LOOK_SHARE: 4,
    Kind.SLEEP: 5,
}
_ALWAYS: Final = frozenset({Kind.CREATE, Kind.PUT, Kind.READ})
_OF_SHARES: Final = frozenset(
    {
        Kind.LIST_FILES,
        Kind.SNAPSHOT,
        Kind.ACQUIRE_SHARE,
        Kind.RENEW_SHARE,
        Kind.CHANGE_SHARE,
        Kind.RELEASE_SHARE,
        Kind.BREAK_SHARE,
        Kind.LOOK_SHARE,
    }
)
_OF_LEASES: Final = frozenset(
    {Kind.CHANGE, Kind.RELEASE, Kind.BREAK, Kind.RENEW_SHARE, Kind.CHANGE_SHARE, Kind.RELEASE_SHARE, Kind.BREAK_SHARE}
)
_WITHOUT_LEASE: Final = frozenset(
    {Kind.COPY, Kind.BREAK, Kind.INCREMENT, Kind.LIST_FILES, Kind.SNAPSHOT, Kind.READ_SNAPSHOT, Kind.BREAK_SHARE}
)
_ALSO_OF_COUNTER: Final = frozenset({Kind.READ, Kind.LOOK, Kind.BREAK})
_NEEDS: Final = {
    Kind.READ_SNAPSHOT: Kind.SNAPSHOT,
    Kind.CHANGE: Kind.ACQUIRE,
    Kind.RELEASE: Kind.ACQUIRE,
    Kind.BREAK: Kind.ACQUIRE,
    Kind.RENEW_SHARE: Kind.ACQUIRE_SHARE,
    Kind.CHANGE_SHARE: Kind.ACQUIRE_SHARE,
    Kind.RELEASE_SHARE: Kind.ACQUIRE_SHARE,
    Kind.BREAK_SHARE: Kind.ACQUIRE_SHARE,
}
_PLANS: Final = {
    Kind.ACQUIRE: ((Kind.CHANGE, (Kind.CHANGE,)),),
    Kind.ACQUIRE_SHARE: (
        (Kind.RENEW_SHARE, (Kind.SLEEP, Kind.RENEW_SHARE, Kind.SLEEP, Kind.LOOK_SHARE)),
        (Kind.CHANGE_SHARE, (Kind.CHANGE_SHARE,)),
    ),
}
"""What may follow at once, where the mixture has the first of the two."""
_SWAPS: Final = {
    Kind.UPDATE: 6,
    Kind.WRITE_IF: 6,
    Kind.CREATE_NEW: 4,
    Kind.READ_WHOLE: 4,
    Kind.BREAK_REGISTER: 1,
}
TIMED: Final = frozenset(
    {
        Kind.SLEEP,
        Kind.ACQUIRE_SHARE,
        Kind.RENEW_SHARE,
        Kind.CHANGE_SHARE,
        Kind.RELEASE_SHARE,
        Kind.BREAK_SHARE,
        Kind.LOOK_SHARE,
    }
)
"""Kinds that only mean something where the clock is moved by nobody else."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large programs are: at most so many clients, and so many operations of each. ``timed`` is with sleeping and
    leases that end; ``swaps`` with steps of many requests that claim to be one, which wait and so are timed too. With
    ``locks`` all clients want one file's lock and nothing else, with ``share_locks`` a share's.
    """

    clients: int = 5
    operations: int = 12
    faults: bool = True
    timed: bool = True
    swaps: bool = False
    locks: bool = False
    share_locks: bool = False


def compose(seed: int, scale: Scale) -> Program:
    """The program of a number: the same for the same number and scale, in every process."""
    if scale.locks or scale.share_locks:
        rate = LOCK_FAULT_RATE if scale.faults else 0.0
        write = compose_locks if scale.locks else compose_share_locks
        return write(seed, clients=scale.clients, steps=min(scale.operations, LOCK_STEPS), fault_rate=rate)
    random = Random(f"program {seed}")  # noqa: S311 - repeatability is the point
    mixture = _mixture(random, timed=scale.timed)
    files = random.sample(FILES, random.randint(1, len(FILES)))
    clients: list[Client] = []
    for number in range(1, random.randint(min(2, scale.clients), scale.clients) + 1):
        author = _Author(random, mixture, files)
        length = random.randint((scale.operations + 1) // 2, scale.operations)
        steps = tuple(author.step(index) for index in range(1, length + 1))
        clients.append(Client(number, _with_swaps(seed, number, steps) if scale.swaps else steps))
    return Program(tuple(clients), schedule=seed, fault_rate=FAULT_RATE if scale.faults else 0.0)


def _with_swaps(seed: int, client: int, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps of a client with some swaps among them, drawn apart, so that the others are as they are without."""
    random = Random(f"swaps {seed} {client}")  # noqa: S311 - repeatability is the point
    mixed = list(steps)
    for number in range(101, 101 + random.randint(2, 6)):
        kind = random.choices(list(_SWAPS), list(_SWAPS.values()))[0]
        places = REGISTERS[2:] if kind is Kind.CREATE_NEW else REGISTERS[:2]
        if kind in {Kind.READ_WHOLE, Kind.WRITE_IF}:
            places = REGISTERS
        mixed.insert(random.randint(0, len(mixed)), Step(number, kind, random.choice(places)))
    return tuple(mixed)


def _mixture(random: Random, *, timed: bool) -> dict[Kind, int]:
    chosen = {
        kind: weight
        for kind, weight in _WEIGHTS.items()
        if (kind in _ALWAYS or random.random() < 0.5) and (timed or kind not in TIMED)
    }
    for kind, needed in _NEEDS.items():
        if kind in chosen:
            chosen[needed] = _WEIGHTS[needed]
    return chosen


class _Author:
    """Writes one client's steps, and remembers what it lets the client lease, for its later steps to use."""

    def __init__(self, random: Random, mixture: dict[Kind, int], files: list[str]) -> None:
        self._random = random
        self._mixture = mixture
        self._files = files
        self._leased: list[str] = []
        self._planned: list[Kind] = []

    def step(self, number: int) -> Step:
        random = self._random
        kind = self._kind()
        lease = random.choices(list(Lease), (17, 2, 1))[0]
        if kind in _WITHOUT_LEASE:
            lease = Lease.HELD  # which is to say nothing
        place = self._place(kind)
        match kind:
            case Kind.SLEEP:
                return Step(number, kind, seconds=random.choice(SLEEPS_S))
            case Kind.ACQUIRE_SHARE:
                self._leased.append(place)
                return Step(number, kind, place, seconds=random.choice(DURATIONS_S), lease=lease)
            case Kind.BREAK_SHARE:
                return Step(number, kind, place, seconds=random.choice(BREAKS_S))
            case Kind.ACQUIRE:
                self._leased.append(place)
            case Kind.CREATE | Kind.RESIZE:
                size = 1024 if random.random() < 0.6 else random.choice(SIZES)
                return Step(number, kind, place, length=size, lease=lease)
            case Kind.RENAME:
                to = random.choice([name for name in _names_beside(place) if name != place])
                return Step(number, kind, place, to=to, replace=random.random() < 0.7, lease=lease)
            case Kind.COPY:
                to = random.choice([name for name in FILES if name != place])
                return Step(number, kind, place, to=to, lease=lease)
            case Kind.PUT | Kind.CLEAR | Kind.READ:
                if random.random() < 0.5:  # the whole file, as it mostly is
                    length = 0 if kind is Kind.READ else random.choice((512, 1024))
                    return Step(number, kind, place, length=length, lease=lease)
                offset, length = random.choice(EDGES), random.choice(LENGTHS)
                return Step(number, kind, place, offset=offset, length=length, lease=lease)
            case _:
                pass
        return Step(number, kind, place, lease=lease)

    def _kind(self) -> Kind:
        """What is planned, or any of the mixture. Some leases are planned to live through a change of the id, or through
        a renewal after which somebody looks what became of it: chance alone would hardly let them.
        """
        random = self._random
        if self._planned:
            return self._planned.pop(0)
        kind = random.choices(list(self._mixture), list(self._mixture.values()))[0]
        for needed, plan in _PLANS.get(kind, ()):
            if needed in self._mixture and random.random() < 0.5:
                self._planned = list(plan)
                break
        return kind

    def _place(self, kind: Kind) -> str:
        random = self._random
        if kind is Kind.INCREMENT or (kind in _ALSO_OF_COUNTER and random.random() < 0.1):
            return COUNTER
        of_shares = kind in _OF_SHARES
        if kind in _OF_LEASES and random.random() < 0.8:
            leased = [place for place in self._leased if (place in SHARES) == of_shares]
            if leased:
                return leased[-1]
        return random.choices(SHARES, (4, 1))[0] if of_shares else random.choice(self._files)


def _names_beside(place: str) -> list[str]:
    """The names of a place's share."""
    share = place.partition("/")[0]
    return [name for name in (*FILES, *SPARE_NAMES) if name.startswith(f"{share}/")]


__all__ = ["FAULT_RATE", "TIMED", "Scale", "compose"]
