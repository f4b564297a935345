"""Carrying a plan out: several steps at once under one limit, each failure kept beside the others, everything counted.

Workers take the next step of the plan, one at a time, and do it. A step waits for those taken before it whose path lies
above or below its own: a directory is there before what is in it, and empty before it is deleted. What a step waits for has
been taken already, so none waits for ever.
"""

from __future__ import annotations

from dataclasses import replace

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


class Run:
    """One run of one plan, whose steps are done here. ``slots`` are shared with whoever looks at the tree for the plan."""

    def __init__(self, plan: Plan, places: Places, handling: Handling, conduct: Conduct, slots: Slots) -> None:
        self._plan = plan
        self._places = places
        self._handling = handling
        self._conduct = conduct
        self._slots = slots
        self._mutex = Mutex()
        self._account = Account(conduct)
        self._taken = 0
        self._under_way = UnderWay()
        self._lost: set[Path] = set()

    def report(self) -> Flow[TreeReport]:
        """Carry the plan out, and say what became of it."""
        workers = self._conduct.concurrency
        try:
            yield from gather([self._work() for _ in range(workers)], workers)
        finally:
            self._plan.close()
        self._account.tell()
        return self._account.report()

    def _work(self) -> Flow[None]:
        while True:
            taken = yield from self._mutex.holding(self._take())
            if taken is None:
                return
            number, step, path = taken
            try:
                yield from self._carry_out(number, step, path)
            finally:
                self._under_way.end(number, path)

    def _take(self) -> Flow[tuple[int, TreeStep, Path] | None]:
        """The next step that is to be done; those that only count are counted on the way."""
        while True:
            step = yield from self._plan.following()
            if step is None:
                return None
            self._taken += 1
            if self._account.take(self._taken, step):
                break
        path = path_of(step.path)
        self._under_way.begin(self._taken, path)
        return self._taken, step, path

    def _carry_out(self, number: int, step: TreeStep, path: Path) -> Flow[None]:
        if not self._under_way.may_go(number, step, path):
            yield from until(lambda: self._under_way.may_go(number, step, path))
        if self._lost and any(path[:depth] in self._lost for depth in range(len(path))):
            self._account.failed(number, step, RequestNotSent("the directory that it belongs in could not be made"))
            return
        if step.action is TreeAction.COMPARE:
            step = yield from self._slots.holding(1, self._compared(step))
            if not self._account.settle(number, step):
                return
        connections = self._handling.connections_for(step.size) if step.action is TreeAction.TRANSFER else 1
        try:
            count = yield from self._slots.holding(connections, perform(self._places, self._handling, step))
        except (AzureFilesError, OSError) as error:
            if step.action is TreeAction.MAKE_DIRECTORY:
                self._lost.add(path)
            self._account.failed(number, step, error)
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


__all__ = ["Run"]
