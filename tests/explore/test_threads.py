"""Real threads in one simulator: what they were told, in the order of real time, is judged as any history."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import pairwise

import pytest

from azfiles_sim.explore.checker.history import Increment
from azfiles_sim.explore.composing import Scale, compose
from azfiles_sim.explore.running import prepare, prepared
from azfiles_sim.explore.threads import run_in_threads
from azfiles_sim.storage.disk import DiskStore
from tests.proof import PROVING, THOROUGH

SCALE = Scale(clients=4, operations=10, timed=False)
IN_MEMORY = 500 if PROVING else 20 if THOROUGH else 8
ON_DISK = OVER_HTTP = 100 if PROVING else 4 if THOROUGH else 2


def overlapping(history):
    ordered = sorted(history, key=lambda entry: entry.invoked)
    return sum(one.completed > other.invoked for one, other in pairwise(ordered))


def judge(seeds, make, *, over_http=False):
    overlaps = 0
    for seed in range(seeds):
        result = run_in_threads(compose(seed, SCALE), make(), over_http=over_http)
        assert result.violation is None, f"seed {seed}: {result.violation}"
        assert not result.undecided
        asked = [entry for entry in result.history if not isinstance(entry.action, Increment)]
        assert result.requests == len(asked), f"seed {seed}: a transport asked again by itself"
        overlaps += overlapping(result.history)
    return overlaps


def test_a_simulator_in_memory_does_one_thing_at_a_time():
    assert judge(IN_MEMORY, prepared) > 0


def test_a_simulator_on_disk_does_one_thing_at_a_time(tmp_path):
    opened = []

    def make():
        opened.append(DiskStore.open(tmp_path / str(len(opened))))
        return prepare(opened[-1])

    try:
        assert judge(ON_DISK, make) > 0
    finally:
        for store in opened:
            store.close()


def test_a_simulator_behind_a_socket_does_one_thing_at_a_time_and_each_only_once():
    """Connections that end without a reply among them, where a transport might ask again by itself."""
    assert judge(OVER_HTTP, prepared, over_http=True) > 0


def test_a_race_is_found():
    """A simulator without its lock decides on what another thread is changing; mostly one of the first 16 shows it."""

    def make():
        simulator = prepared()
        simulator._service.lock = nullcontext()
        return simulator

    with pytest.raises(AssertionError, match="seed"):
        judge(200, make)
