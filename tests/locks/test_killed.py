"""A holder that is killed, in processes of their own over HTTP: the next one gets the lock after the time to live."""

from __future__ import annotations

import multiprocessing
import signal

import pytest

import azfiles
from azfiles_sim import Simulator
from azfiles_sim.server.in_thread import serve_in_thread
from tests.locks.contending import contend, keep
from tests.proof import THOROUGH

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.locks.contending"])


def start(function, *arguments):
    receiving, sending = _processes.Pipe(duplex=False)
    process = _processes.Process(target=function, args=(*arguments, sending))
    process.start()
    sending.close()
    return process, receiving


TTL_S = 6.0
"""In real time, for a contender believes only its own clock; and as long as a busy machine may stop for without costing a
living holder its lock.
"""


@pytest.mark.skipif(not THOROUGH, reason="it waits for a ttl to run out: AZFILES_THOROUGH=1, as in CI, has it")
def test_the_lock_of_a_killed_process_is_taken_over_by_another_one_and_that_of_a_living_one_is_not():
    with serve_in_thread(Simulator()) as served, azfiles.connect(served.connection_string) as service:
        service.share("data").create()
        file = service.share("data").file("f")
        file.create(4)
        holder, told_by_holder = start(keep, served.connection_string, TTL_S)
        first = told_by_holder.recv()
        early, told = start(contend, served.connection_string, 1.5 * TTL_S)
        assert told.recv() is None
        early.join()
        late, told = start(contend, served.connection_string, 60.0)
        holder.kill()
        holder.join()
        assert holder.exitcode == -signal.SIGKILL
        assert told.recv() > first
        late.join()
        assert late.exitcode == 0
        assert bytes(file.get().content) == b"next"
        assert file.get_properties().lease.state == "available"
