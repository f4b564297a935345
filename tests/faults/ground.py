"""A simulator with one file, and one fault at a time for whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import azfiles
from azfiles_sim import ManualClock, Simulator
from azfiles_sim.faults import Outcome, Rule, Script

ACCOUNT = "devstoreaccount1"
CONTENT = b"hello, world"


class Ground:
    """``file`` and ``share`` are asked through the faults, one request each; ``stored`` past them."""

    def __init__(self, *, retry: azfiles.RetryPolicy | None = None, clock: Any = None) -> None:
        self.clock = ManualClock() if clock is None else clock
        self.simulator = Simulator(clock=self.clock)
        self.simulator.control.plant(ACCOUNT, "data", {"f": CONTENT})
        self.service = azfiles.connect(self.simulator.handle, clock=self.clock, seed=1, retry=retry, circuit=None)
        self.share = self.service.share("data")
        self.file = self.share.file("f")

    @property
    def faults(self):
        return self.simulator.faults

    def meet(self, outcome: Outcome, **where: Any) -> None:
        """From now on the first request that fits meets the outcome."""
        self.faults.plan = Script((Rule(outcome, times=1, **where),))

    def stored(self) -> bytes:
        plain = azfiles.connect(self.simulator.handle_without_faults, clock=self.clock, retry=None)
        return bytes(plain.share("data").file("f").get().content)


def error_of(deed: Callable[[], object]) -> azfiles.AzureFilesError:
    """What a deed raises."""
    try:
        result = deed()
    except azfiles.AzureFilesError as error:
        return error
    raise AssertionError(f"it returned {result!r}")
