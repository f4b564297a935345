"""A process that is killed at any moment loses nothing that it acknowledged, and leaves nothing half done.

One folder lives through all the kills. After each the state must be, share by share, what the acknowledged operations
make of the state before, with or without the one that was on its way; and nothing that a reader was told may be undone.
AZFILES_KILLS sets how many kills; AZFILES_PROOF=1 makes it 500, and what was interrupted goes on, in a new folder.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path
from random import Random
from typing import Any

import azfiles
from azfiles_sim import Simulator
from azfiles_sim.model.invariants import check
from azfiles_sim.storage.disk import DiskStore
from tests.crash.program import ShareState, after, found
from tests.crash.victim import run
from tests.proof import FOLDER, PROVING, THOROUGH, Count, text

KILLS = int(os.environ.get("AZFILES_KILLS") or ("500" if PROVING else "10" if THOROUGH else "5"))
SHARES = ("one", "two", "three", "four")
LONGEST_LIFE_S = 0.25
SEED = 20261123
NUMBERS_OF_ONE_LIFE = 1_000_000
KILLED_WHILE_OPENING = 5
"""Of so many lives, one counts from the start of the process, the others from their first request."""
PATIENCE_S = 60.0

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.crash.victim"])


class Account:
    """What one life of the victim told."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, list[Any]] = {share: [] for share in SHARES}
        self.on_its_way: dict[str, Any] = {}
        self.seen: dict[str, int] = dict.fromkeys(SHARES, 0)

    def note(self, message: Any) -> None:
        match message:
            case ("begin", share, operation):
                self.on_its_way[share] = operation
            case ("done", share):
                self.acknowledged[share].append(self.on_its_way.pop(share))
            case (_, share, count):
                self.seen[share] = max(self.seen[share], count)


def live_and_die(folder: Path, states: dict[str, ShareState], life: int, life_s: float) -> Account:
    """Let a victim work for ``life_s``, kill it, and return what it told until then."""
    account = Account()
    receiving, sending = _processes.Pipe(duplex=False)
    first_number = life * NUMBERS_OF_ONE_LIFE + 1
    victim = _processes.Process(target=run, args=(str(folder), states, SEED + life, first_number, sending))
    victim.start()
    sending.close()
    if life % KILLED_WHILE_OPENING:  # else it may be killed before the folder is open
        receiving.poll(PATIENCE_S)
    deadline = time.monotonic() + life_s
    try:
        while (left := deadline - time.monotonic()) > 0:
            if receiving.poll(left):
                account.note(receiving.recv())
        victim.kill()
        while True:
            account.note(receiving.recv())
    except (EOFError, OSError):  # the end, perhaps in the middle of a message
        pass
    finally:
        victim.kill()
        victim.join()
        receiving.close()
    assert victim.exitcode == -9, "the victim ended by itself"
    victim.close()
    return account


def prepare(folder: Path) -> dict[str, ShareState]:
    with DiskStore.open(folder) as store, azfiles.connect(Simulator(store=store).handle) as service:
        for share in SHARES:
            service.share(share).create()
    return {share: ShareState() for share in SHARES}


def check_after(folder: Path, states: dict[str, ShareState], told: Account) -> tuple[dict[str, ShareState], int]:
    """Compare what is there with what was told. Returns the states, and how many unacknowledged operations took."""
    now: dict[str, ShareState] = {}
    extra = 0
    with DiskStore.open(folder) as store, azfiles.connect(Simulator(store=store).handle) as service:
        check(store.view())
        for share in SHARES:
            expected = states[share]
            for operation in told.acknowledged[share]:
                expected = after(expected, operation)
            possible = [expected]
            if share in told.on_its_way:
                possible.append(after(expected, told.on_its_way[share]))
            now[share] = found(service, share)
            assert now[share] in possible, f"{share}: acknowledged work is lost, or work is half done"
            assert now[share].count >= told.seen[share], f"{share}: what a reader was told is undone"
            extra += now[share] != expected
    return now, extra


def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(tmp_path: Path) -> None:
    count = Count("crash", SEED, folder=FOLDER if PROVING else None)
    figures = count.figures
    states = prepare(tmp_path)
    while figures["kills"] < KILLS:
        life = figures["kills"]
        told = live_and_die(tmp_path, states, life, Random(SEED + life).uniform(0.01, LONGEST_LIFE_S))
        states, took = check_after(tmp_path, states, told)
        figures["kills"] += 1
        figures["kills with requests on their way"] += bool(told.on_its_way)
        figures["acknowledged"] += sum(map(len, told.acknowledged.values()))
        figures["unacknowledged but whole"] += took
        figures["lost"] += 0  # check_after has looked for both, and would have failed
        figures["half-applied"] += 0
        count.save()
    print(text({"crash": figures}), end="")
    assert figures["acknowledged"] > 0
