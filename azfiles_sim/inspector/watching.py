"""A simulator that remembers what was asked and answered in full, and lets its state be looked at."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any, Final

from azfiles_sim.accounts import AccountSpec
from azfiles_sim.inspector.exchanges import Exchanges
from azfiles_sim.messages import IN_PROCESS, Connection, Reply, RequestLike
from azfiles_sim.model.entities import Ticks
from azfiles_sim.model.view import View
from azfiles_sim.simulator import Simulator

JOURNAL_LIMIT: Final = 10_000
"""So many requests are remembered where somebody looks; ``Simulator`` remembers a tenth of it."""


class InspectedSimulator(Simulator):
    """Like ``Simulator``, but it keeps the newest requests and replies, bounded in number and in bytes."""

    def __init__(
        self, accounts: Sequence[AccountSpec] | None = None, *, journal_limit: int = JOURNAL_LIMIT, **options: Any
    ) -> None:
        self.exchanges = Exchanges(journal_limit)
        self._watched = threading.Lock()
        self._seen: View | None = None
        self._states = 0
        super().__init__(accounts, journal_limit=journal_limit, **options)

    def handle_without_faults(self, request: RequestLike, connection: Connection = IN_PROCESS, /) -> Reply:
        """As ``Simulator.handle_without_faults``, and what was said is kept."""
        began = time.perf_counter()
        reply = super().handle_without_faults(request, connection)
        self.exchanges.keep(request, reply, time.perf_counter() - began)
        return reply

    @property
    def view(self) -> View:
        """The state as it is now."""
        return self._service.store.view()

    @property
    def now(self) -> Ticks:
        return self._service.clock.now()

    def state_number(self) -> int:
        """A number that is another one whenever the state is another one than when it was last asked for."""
        view = self.view
        with self._watched:
            if view is not self._seen:
                self._seen = view
                self._states += 1
            return self._states


__all__ = ["JOURNAL_LIMIT", "InspectedSimulator"]
