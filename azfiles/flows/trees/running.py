"""Carrying a plan out: several steps at once under one limit, each failure kept beside the others, everything counted.

Workers take the next step of the plan, one at a time, and do it. A step waits for those taken before it whose path lies
above or below its own: a directory is there before what is in it, and empty before it is deleted. What a step waits for has
been taken already, so none waits for ever.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from azfiles.errors import AzureFilesError, RequestNotSent
from azfiles.flows.effects import Flow, gather, until
from azfiles.flows.trees.accounting import Account, Conduct
from azfiles.flows.trees.handling import Handling, Places
from azfiles.flows.trees.items import perform, settled
from azfiles.flows.trees.names import Path, path_of
from azfiles.flows.trees.ordering import UnderWay
from azfiles.flows.trees.planning import Plan
from azfiles.flows.trees.slots import Slots
from azfiles.flows.turns import Mutex
from azfiles.models import TreeAction, TreeReport, TreeStep

Numbered: TypeAlias = tuple[int, TreeStep, Path]


class Running(ABC):
    """A run of one plan: ``at_once`` workers take batches of its steps, wait for what they depend on, and do them."""

    def __init__(self, plan: Plan, conduct: Conduct, at_once: int) -> None:
        self._plan = plan
        self._conduct = conduct
        self._at_once = at_once
        self._mutex = Mutex()
        self._account = Account(conduct)
        self._taken = 0
        self._batches = 0
        self._under_way = UnderWay()
        self._lost: set[Path] = set()

    @abstractmethod
    def _take(self) -> Flow[Sequence[Numbered]]:
        """The steps that one worker does next; none where the plan has ended."""

    @abstractmethod
    def _carry_out(self, steps: Sequence[Numbered]) -> Flow[None]:
        """Do steps that may be done now."""

    def report(self) -> Flow[TreeReport]:
        """Carry the plan out, and say what became of it."""
        try:
            yield from gather([self._work() for _ in range(self._at_once)], self._at_once)
        finally:
            self._plan.close()
        self._account.tell()
        return self._account.report()

    def _work(self) -> Flow[None]:
        while (batch := (yield from self._mutex.holding(self._begin()))) is not None:
            number, steps = batch
            try:
                yield from self._in_turn(number, steps)
            finally:
                for _, _, path in steps:
                    self._under_way.end(number, path)

    def _begin(self) -> Flow[tuple[int, Sequence[Numbered]] | None]:
        steps = yield from self._take()
        if not steps:
            return None
        self._batches += 1
        for _, _, path in steps:
            self._under_way.begin(self._batches, path)
        return self._batches, steps

    def _following(self) -> Flow[Numbered | None]:
        """The next step that is to be done; those that only count are counted on the way."""
        while (step := (yield from self._plan.following())) is not None:
            self._taken += 1
            if self._account.take(self._taken, step):
                return self._taken, step, path_of(step.path)
        return None

    def _in_turn(self, number: int, steps: Sequence[Numbered]) -> Flow[None]:
        if not self._may_go(number, steps):
            yield from until(lambda: self._may_go(number, steps))
        left: list[Numbered] = []
        for position, step, path in steps:
            if self._lost and any(path[:depth] in self._lost for depth in range(len(path))):
                refusal = RequestNotSent("the directory that it belongs in could not be made")
                self._account.failed(position, step, refusal)
            else:
                left.append((position, step, path))
        if left:
            yield from self._carry_out(left)

    def _may_go(self, number: int, steps: Sequence[Numbered]) -> bool:
        return all(self._under_way.may_go(number, step, path) for _, step, path in steps)

    def _fail(self, position: int, step: TreeStep, path: Path, error: Exception) -> None:
        if step.action is TreeAction.MAKE_DIRECTORY:
            self._lost.add(path)
        self._account.failed(position, step, error)


class Run(Running):
    """A run whose steps are done here, one by one. ``slots`` are shared with whoever looks at the tree for the plan."""

    def __init__(self, plan: Plan, places: Places, handling: Handling, conduct: Conduct, slots: Slots) -> None:
        super().__init__(plan, conduct, conduct.concurrency)
        self._places = places
        self._handling = handling
        self._slots = slots

    def _take(self) -> Flow[Sequence[Numbered]]:
        following = yield from self._following()
        return () if following is None else (following,)

    def _carry_out(self, steps: Sequence[Numbered]) -> Flow[None]:
        [(number, step, path)] = steps
        if step.action is TreeAction.COMPARE:
            step = yield from self._slots.holding(1, self._compared(step))
            if not self._account.settle(number, step):
                return
        connections = self._handling.connections_for(step.size) if step.action is TreeAction.TRANSFER else 1
        try:
            count = yield from self._slots.holding(connections, perform(self._places, self._handling, step))
        except (AzureFilesError, OSError) as error:
            self._fail(number, step, path, error)
        else:
            self._account.done(step, count)

    def _compared(self, step: TreeStep) -> Flow[TreeStep]:
        """What the comparison comes to; also that it could not be made."""
        try:
            return (yield from settled(self._places, step))
        except (AzureFilesError, OSError) as error:
            return replace(
                step, action=TreeAction.FAIL, size=0, ticks=None, replaces=False, why=str(error), error=error
            )


__all__ = ["Numbered", "Run", "Running"]
