"""The same clients in real threads that call one simulator at once: here a race of its own would show.

The order in which threads run cannot be chosen, so no seed repeats such a run; its history is judged all the same.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import azfiles
from azfiles.messages import Transport
from azfiles.transports.in_process import InProcessTransport
from azfiles_sim.accounts import AccountSpec
from azfiles_sim.explore.checker import Violation
from azfiles_sim.explore.clients import Board, Worker
from azfiles_sim.explore.program import Client, Program
from azfiles_sim.explore.running import EMULATOR, LAST_LOOK, Run, crash_of, judge, manual_clock, plan_of
from azfiles_sim.explore.watching import Watch
from azfiles_sim.faults import Faulty, Handle
from azfiles_sim.simulator import Simulator

SWITCH_INTERVAL_S: Final = 1e-5
"""How long a thread may run on while others wait: short, so that they interleave inside a request."""


def run_in_threads(program: Program, simulator: Simulator, *, over_http: bool = False) -> Run:
    """Carry out a program, each client in a thread of its own, and judge the history. The simulator begins as
    ``prepare`` leaves it; of the program nothing may depend on time, which no thread has to itself.

    ``over_http`` serves it on a loopback socket, where a lost reply is a connection that ends.
    """
    clock = manual_clock(simulator)
    faulty = Faulty(simulator.handle, plan_of(program), clock=clock)
    board = Board()
    crashes: list[Violation] = []
    start = threading.Barrier(len(program.clients))
    with _reached_over_http(simulator, faulty) if over_http else _reached_in_process(faulty) as (address, transport):
        watch = Watch(transport, clock.now)
        service = azfiles.connect(address, transport=watch, clock=clock, retry=None, circuit=None)

        def work(client: Client) -> None:
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
        service.runner.run(Worker(LAST_LOOK, service.target, watch, board).work())
        service.close()
    crash = crashes[0] if crashes else None
    return judge(Run(program, tuple(board.history), faulty.diary, faulty.calls, "", crash))


@contextmanager
def _reached_in_process(faulty: Faulty) -> Generator[tuple[str, Transport]]:
    yield EMULATOR, InProcessTransport(faulty.handle)


@contextmanager
def _reached_over_http(simulator: Simulator, faulty: Faulty) -> Generator[tuple[str, Transport]]:
    from azfiles.transports.over_httpx import HttpxTransport
    from azfiles_sim.server.in_thread import serve_in_thread

    with serve_in_thread(_Served(simulator.accounts, faulty.handle)) as served:
        yield served.connection_string, HttpxTransport()


@dataclass(frozen=True, slots=True)
class _Served:
    """What a server asks of a simulator."""

    accounts: Sequence[AccountSpec]
    handle: Handle


@contextmanager
def _switching_often() -> Generator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


__all__ = ["SWITCH_INTERVAL_S", "run_in_threads"]
