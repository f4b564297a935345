"""Carries a flow out by hand, one branch after the other, and cancels it at one of its requests."""

from __future__ import annotations

import azfiles
from azfiles.flows.effects import Gather, Monotonic, NewId, Send, Sleep, WallClock
from azfiles.runners.answers import FlowCancelled, time_of_day


class ByHand:
    """Cancels the flow at its n-th request, which is performed before that or not."""

    def __init__(self, world, place, *, performed):
        self.transport = azfiles.InProcessTransport(world.simulator.handle)
        self.clock, self.place, self.performed = world.clock, place, performed
        self.sent = self.ids = 0

    def drive(self, flow):
        step, outcome = flow.send, None
        while True:
            try:
                effect = step(outcome)
            except StopIteration as end:
                return end.value
            try:
                step, outcome = flow.send, self.perform(effect)
            except BaseException as error:  # noqa: BLE001 - the flow is told
                step, outcome = flow.throw, error

    def perform(self, effect):
        match effect:
            case Send(request, timeout_s):
                self.sent += 1
                if self.sent != self.place:
                    return self.transport.send(request, timeout_s)
                if self.performed:
                    self.transport.send(request, timeout_s)
                raise FlowCancelled
            case Gather(flows, _):
                return self.gather(flows)
            case NewId():
                self.ids += 1
                return f"00000000-0000-4000-8000-{self.ids:012d}"
            case WallClock():
                return time_of_day(self.clock)
            case Monotonic():
                return self.clock.time()
            case Sleep(seconds):
                self.clock.advance(seconds)
                return None

    def gather(self, flows):
        return [self.drive(flow) for flow in flows]


__all__ = ["ByHand"]
