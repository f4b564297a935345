"""A flow beside others under a clock that only moves when somebody waits: it goes on whenever time has come to where it
sleeps until, before anything else is done. So it needs no thread or task, and always runs in the same order.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from azfiles.flows.effects import Effect, Flow, Gather, Sleep, monotonic, through
from azfiles.runners.answers import FlowCancelled

T = TypeVar("T")


class Aside:
    """One such flow: when it wakes, or that it has ended."""

    def __init__(self, flow: Flow[None]) -> None:
        self._flow = flow
        self._turn = threading.Lock()
        self._ended = False
        self.wake_s = float("-inf")

    def catch_up(self, now_s: float) -> Flow[None]:
        """Go on until it sleeps beyond now. Does nothing where somebody else is at it."""
        if self.wake_s > now_s or not self._turn.acquire(blocking=False):
            return
        try:
            yield from self._go_on(None)
        finally:
            self._turn.release()

    def cancel(self) -> Flow[None]:
        """End it; what it yields on the way out is still performed."""
        while not self._turn.acquire(blocking=False):
            yield Sleep(0)  # another task or thread is at it
        try:
            yield from self._go_on(FlowCancelled())
        finally:
            self._turn.release()

    def _go_on(self, error: BaseException | None) -> Flow[None]:
        cancelled, value = error is not None, None
        while not self._ended:
            try:
                effect = self._flow.send(value) if error is None else self._flow.throw(error)
            except (StopIteration, FlowCancelled):
                break
            except BaseException:
                self._end()
                raise
            error = value = None
            if isinstance(effect, Sleep) and not cancelled:
                self.wake_s = (yield from monotonic()) + effect.seconds
                if effect.seconds > 0:
                    return
                continue
            try:
                value = yield effect
            except BaseException as raised:  # noqa: BLE001 - whatever happened is the flow's to handle
                error = raised
        self._end()

    def _end(self) -> None:
        self._ended, self.wake_s = True, float("inf")


class _Runner(Protocol):
    def run(self, flow: Flow[T], /) -> T: ...


class Asides:
    """The flows that run beside all others of one runner."""

    def __init__(self) -> None:
        self._asides: list[Aside] = []

    def begin(self, flow: Flow[None]) -> Aside:
        """From now on ``flow`` goes on whenever its time has come."""
        aside = Aside(flow)
        self._asides.append(aside)
        return aside

    def end(self, aside: Aside) -> Flow[None]:
        """The flow that ends it."""
        self.drop(aside)
        return aside.cancel()

    def drop(self, aside: Aside) -> None:
        """Let it be, where nothing can be performed any more."""
        self._asides.remove(aside)

    @contextmanager
    def during(self, flow: Flow[None], runner: _Runner) -> Generator[None]:
        """Have ``flow`` run beside all that ``runner`` does inside the ``with`` statement."""
        aside = self.begin(flow)
        try:
            yield
        finally:
            runner.run(self.end(aside))

    def accompany(self, flow: Flow[T]) -> Flow[T]:
        """The flow, with those that run beside it."""
        return through(flow, self._perform) if self._asides else flow

    def _perform(self, effect: Effect) -> Flow[Any]:
        now_s = yield from monotonic()
        yield from self._catch_up(now_s)
        if isinstance(effect, Gather):
            effect = Gather([through(branch, self._perform) for branch in effect.flows], effect.limit)
        if not isinstance(effect, Sleep):
            return (yield effect)
        until_s = now_s + effect.seconds
        while now_s < until_s:
            # One whose time has come and gone is in the middle of something, in another task or thread.
            wake_s = min((aside.wake_s for aside in self._asides if aside.wake_s > now_s), default=until_s)
            wake_s = min(wake_s, until_s)
            yield Sleep(wake_s - now_s)
            # A clock that counts in coarser steps than a float may stop just short of the instant asked for.
            now_s = max((yield from monotonic()), wake_s)
            yield from self._catch_up(now_s)
        return None

    def _catch_up(self, now_s: float) -> Flow[None]:
        for aside in list(self._asides):
            yield from aside.catch_up(now_s)


__all__ = ["Aside", "Asides"]
