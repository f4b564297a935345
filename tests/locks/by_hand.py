"""Locks carried out by hand: of a lock's two branches the body alone, for the heartbeat's time does not come."""

from __future__ import annotations

from tests.flows import by_hand


class ByHand(by_hand.ByHand):
    def gather(self, flows):
        flows[1].close()
        return [self.drive(flows[0])]


__all__ = ["ByHand"]
