"""The process that is killed: writers side by side over one store, each telling what it begins and what was answered."""

from __future__ import annotations

import threading
import time
from multiprocessing.connection import Connection
from random import Random
from typing import Any

import azfiles
from azfiles_sim import Simulator
from azfiles_sim.storage.disk import DiskStore
from tests.crash.program import ShareState, after, choose, perform


def run(folder: str, states: dict[str, ShareState], seed: int, first_number: int, channel: Connection) -> None:
    """Work until killed. Tells ``("begin", share, operation)``, ``("done", share)`` and ``("seen", share, count)``."""
    simulator = Simulator(store=DiskStore.open(folder), seed=seed)
    telling = threading.Lock()

    def tell(*message: Any) -> None:
        with telling:
            channel.send(message)

    def work(share: str, other: str) -> None:
        random = Random(f"{seed} {share}")
        state = states[share]
        number = first_number
        with azfiles.connect(simulator.handle) as service:
            while True:
                operation = choose(random, state, number)
                tell("begin", share, operation)
                perform(service, share, operation)
                tell("done", share)
                state = after(state, operation)
                number += 1
                seen = service.share(other).get_metadata().metadata.get("count", "0")
                tell("seen", other, int(seen))

    shares = list(states)
    for index, share in enumerate(shares):
        threading.Thread(target=work, args=(share, shares[index - 1]), daemon=True).start()
    time.sleep(60)  # the killer comes much earlier
