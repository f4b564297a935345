"""One run of a program under the seeded runner: the history, what went wrong on the way, and the verdict."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, TypeAlias

import azfiles
from azfiles.flows.effects import Flow, gather
from azfiles.messages import Transport
from azfiles.transports.in_process import InProcessTransport
from azfiles_sim.clock import ManualClock
from azfiles_sim.explore.checker import Undecided, Violation, check
from azfiles_sim.explore.checker.history import Entry
from azfiles_sim.explore.clients import Board, Worker
from azfiles_sim.explore.program import (
    COUNTER,
    DIRECTORIES,
    FILES,
    INITIAL,
    LOCKED,
    LOCKED_SHARE,
    LOCKING,
    LOCKING_SHARES,
    REGISTERS,
    SHARES,
    SPARE_NAMES,
    Client,
    Kind,
    Program,
    Step,
)
from azfiles_sim.explore.watching import Digest, Watch, through
from azfiles_sim.faults import Call, DiaryEntry, Faulty, FixedPlan, Handle, Outcome, Plan, SeededPlan
from azfiles_sim.simulator import Simulator
from azfiles_sim.storage.store import Store

EMULATOR: Final = "UseDevelopmentStorage=true"
LAST_LOOK: Final = Client(
    0,
    (
        *(Step(number, Kind.READ, place) for number, place in enumerate((COUNTER, *FILES, *SPARE_NAMES), 1)),
        *(Step(number, Kind.READ_WHOLE, place) for number, place in enumerate(REGISTERS, 101)),
    ),
)
"""What is read at the end, when all clients have done their work, and nothing is lost any more."""

LAST_NAMES: Final = ("0.", "00000000-")

Make: TypeAlias = Callable[[], Simulator]
Wrap: TypeAlias = Callable[[Transport], Transport]


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a program. ``digest`` is a hash of every request and reply that the service saw, in their order."""

    program: Program
    history: tuple[Entry, ...]
    diary: tuple[DiaryEntry, ...]
    requests: int
    digest: str
    violation: Violation | None = None
    undecided: str = ""

    def with_faults(self) -> Program:
        """The program with the faults that happened in this run, each named."""
        return replace(self.program, faults={entry.name: entry.outcome for entry in self.diary})


def prepare(store: Store | None = None) -> Simulator:
    """A simulator with the shares and files that programs begin with."""
    clock = ManualClock()
    simulator = Simulator(clock=clock, store=store)
    with azfiles.connect(simulator.handle, clock=clock) as service:
        for share in (*SHARES, REGISTERS[0].partition("/")[0], LOCKED[0].partition("/")[0]):
            service.share(share).create()
        for name in DIRECTORIES:
            share, _, path = name.partition("/")
            service.share(share).directory(path).create()
        for name, data in INITIAL.items():
            share, _, path = name.partition("/")
            file = service.share(share).file(path)
            file.create(len(data))
            file.put_range(0, data)
    return simulator


def run(program: Program, *, make: Make | None = None, wrap: Wrap | None = None) -> Run:
    """Carry a program out in one thread and judge its history. ``make`` gives the simulator, as ``prepare`` does;
    ``wrap`` puts a transport, such as a recording, around the way to it, where it sees what reaches the service.
    """
    simulator = (make or prepared)()
    digest = Digest(simulator.handle)
    handle: Handle = digest.handle if wrap is None else through(wrap(InProcessTransport(digest.handle)))
    clock = manual_clock(simulator)
    faulty = Faulty(handle, plan_of(program), clock=clock)
    history, crash = carry_out(program, InProcessTransport(faulty.handle), clock)
    return judge(Run(program, history, faulty.diary, faulty.calls, digest.text, crash))


def carry_out(program: Program, transport: Transport, clock: ManualClock) -> tuple[tuple[Entry, ...], Violation | None]:
    """The history of a program whose requests ``transport`` answers, and what a client raised that it never should."""
    watch = Watch(transport, clock.now)
    board = Board()
    with azfiles.connect(
        EMULATOR, transport=watch, clock=clock, seed=program.schedule, retry=None, circuit=None
    ) as service:
        workers = [Worker(client, service.target, watch, board, program.schedule) for client in program.clients]
        last = Worker(last_look(program), service.target, watch, board)
        try:
            service.runner.run(_side_by_side(workers, last))
        except Exception as error:  # noqa: BLE001 - whatever a client raises beside refusals and lost answers is a find
            return tuple(board.history), crash_of(error)
    return tuple(board.history), None


def judge(result: Run) -> Run:
    """The run with its verdict, unless it has one."""
    if result.violation is not None:
        return result
    try:
        return replace(result, violation=check(result.history, INITIAL))
    except Undecided as doubt:
        return replace(result, undecided=str(doubt))


def plan_of(program: Program) -> Plan:
    """The faults of a program; the last look meets none."""
    plan: Plan
    if program.faults is not None:
        plan = FixedPlan(program.faults)
    else:
        rate = program.fault_rate / 2
        plan = SeededPlan(program.schedule, rate, rate, by_name=True)

    def spare_last_look(call: Call) -> Outcome | None:
        return None if call.name.startswith(LAST_NAMES) else plan(call)

    return spare_last_look


def last_look(program: Program) -> Client:
    """What client 0 does at the end. Where there were locks it gets each once more, which it must, unless somebody deleted
    a companion: then nobody can know whether a lease is a dead holder's.
    """
    kinds = {step.kind for client in program.clients for step in client.steps}
    if kinds & LOCKING_SHARES:
        return Client(
            0, (Step(1, Kind.LOCK_SHARE, LOCKED_SHARE, length=15), Step(2, Kind.READ_SHARE_COUNT, LOCKED_SHARE))
        )
    if not kinds & LOCKING:
        return LAST_LOOK
    taken = () if Kind.DROP_COMPANION in kinds else (Step(1, Kind.LOCK, place, length=30) for place in LOCKED)
    return Client(0, (*taken, *(Step(2, Kind.READ_COUNT, place) for place in LOCKED)))


def _side_by_side(workers: list[Worker], last: Worker) -> Flow[None]:
    yield from gather([worker.work() for worker in workers], max(1, len(workers)))
    yield from last.work()


def crash_of(error: BaseException) -> Violation:
    """What a client raised, as a violation."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return Violation("crash", "a client", f"{type(error).__name__}: {error} (in {where.name})")


def manual_clock(simulator: Simulator) -> ManualClock:
    """The simulator's clock. Raises TypeError where it is none that a run can be repeated with."""
    clock = simulator.clock
    if not isinstance(clock, ManualClock):
        raise TypeError("a run that can be repeated needs a ManualClock")
    return clock


@cache
def _start() -> Simulator:
    return prepare()


def prepared() -> Simulator:
    """A simulator that begins as ``prepare`` leaves one, at no cost."""
    return _start().fork()


__all__ = [
    "EMULATOR",
    "LAST_LOOK",
    "Run",
    "carry_out",
    "crash_of",
    "judge",
    "last_look",
    "manual_clock",
    "plan_of",
    "prepare",
    "prepared",
    "run",
]
