"""What ``azfiles-sim serve --inspect`` is handed: a simulator that remembers more, and the handler of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from azfiles_sim.accounts import AccountSpec
from azfiles_sim.inspector.cassettes import OpenCassette
from azfiles_sim.inspector.inspector import Inspector
from azfiles_sim.inspector.watching import InspectedSimulator
from azfiles_sim.server.guarding import Guard
from azfiles_sim.server.serving import Handle
from azfiles_sim.simulator import Simulator


class Inspection:
    """``open_cassette`` holds a cassette to a fresh simulator; it is handed in because what does it knows both sides."""

    def __init__(self, open_cassette: OpenCassette) -> None:
        self._open_cassette = open_cassette

    def make_simulator(self, accounts: Sequence[AccountSpec], **options: Any) -> InspectedSimulator:
        """A simulator whose requests and replies can be looked at. Takes what ``Simulator`` takes."""
        return InspectedSimulator(accounts, **options)

    def make_handle(self, simulator: Simulator, guard: Guard, *, acts: bool) -> Handle:
        """What answers the page's requests. Without ``acts`` it only looks."""
        if not isinstance(simulator, InspectedSimulator):
            raise TypeError("only a simulator that was made here can be inspected")
        return Inspector(simulator, guard, acts=acts, open_cassette=self._open_cassette).handle


__all__ = ["Inspection"]
