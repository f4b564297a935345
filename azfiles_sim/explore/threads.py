"""The same clients in real threads that call one simulator at once: here a race of its own would show.

The order in which threads run cannot be chosen, so no seed repeats such a run; its history is judged all the same.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import azfiles
from azfiles.transports.in_process import InProcessTransport
from azfiles_sim.explore.checker import Violation
from azfiles_sim.explore.clients import Board, Worker
from azfiles_sim.explore.program import Client, Program
from azfiles_sim.explore.running import EMULATOR, LAST_LOOK, Run, crash_of, judge, manual_clock, plan_of
from azfiles_sim.explore.watching import Watch
from azfiles_sim.faults import Faulty
from azfiles_sim.simulator import Simulator

SWITCH_INTERVAL_S: Final = 1e-5
"""How long a thread may run on while others wait: short, so that they interleave inside a request."""


def run_in_threads(program: Program, simulator: Simulator) -> Run:
    """Carry out a program, each client in a thread of its own, and judge the history. The simulator begins as
    ``prepare`` leaves it; of the program nothing may depend on time, which no thread has to itself.
    """
    clock = manual_clock(simulator)
    faulty = Faulty(simulator.handle, plan_of(program))
    watch = Watch(InProcessTransport(faulty.handle), clock.now)
    board = Board()
    crashes: list[Violation] = []
    start = threading.Barrier(len(program.clients))

    def work(client: Client) -> None:
        with azfiles.connect(EMULATOR, transport=watch, clock=clock) as service:
            start.wait()
            try:
                service.runner.run(Worker(client, service.target, watch, board).work())
            except Exception as error:  # noqa: BLE001 - whatever a client raises here is a find
                crashes.append(crash_of(error))

    threads = [threading.Thread(target=work, args=(client,)) for client in program.clients]
    with _switching_often():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with azfiles.connect(EMULATOR, transport=watch, clock=clock) as service:
        service.runner.run(Worker(LAST_LOOK, service.target, watch, board).work())
    crash = crashes[0] if crashes else None
    return judge(Run(program, tuple(board.history), faulty.diary, faulty.calls, "", crash))


@contextmanager
def _switching_often() -> Generator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


__all__ = ["SWITCH_INTERVAL_S", "run_in_threads"]
