"""Carrying a plan out in other processes: its steps go there in batches, one after another, and the reports come back.

The plan itself is made here. A batch is a piece of it; it waits for those before it that have something above or below what
it has, as single steps do. What was done twice because nobody knows how far a worker came is done to the same end: each
step may be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from typing import TypeAlias

from azfiles.errors import AzureFilesError, RequestNotSent, WorkerLost
from azfiles.flows.effects import Flow, gather, on_disk, until
from azfiles.flows.trees.accounting import Account, Conduct
from azfiles.flows.trees.batches import Batch, Workers, carry_out, place_of
from azfiles.flows.trees.handling import Handling, Places
from azfiles.flows.trees.names import Path, path_of
from azfiles.flows.trees.ordering import UnderWay
from azfiles.flows.trees.planning import Plan
from azfiles.flows.trees.running import Run
from azfiles.flows.trees.slots import Slots
from azfiles.flows.turns import Mutex
from azfiles.models import TreeAction, TreeReport, TreeStep

Numbered: TypeAlias = tuple[int, TreeStep, Path]


class SpreadRun:
    """One run of one plan, whose steps are done elsewhere. Where there is no elsewhere any more, the rest is done here."""

    def __init__(self, plan: Plan, places: Places, handling: Handling, conduct: Conduct, workers: Workers) -> None:
        self._plan = plan
        self._places = places
        self._handling = handling
        self._conduct = conduct
        self._workers = workers
        self._source = None if places.source is None else place_of(places.source, workers)
        self._destination = place_of(places.destination, workers)
        self._mutex = Mutex()
        self._account = Account(conduct)
        self._taken = 0
        self._batches = 0
        self._under_way = UnderWay()
        self._lost: set[Path] = set()
        self._is_broken = False

    def report(self) -> Flow[TreeReport]:
        """Carry the plan out, and say what became of it."""
        workers = self._workers.batches
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
            number, steps = taken
            try:
                yield from self._carry_out(number, steps)
            finally:
                for _, _, path in steps:
                    self._under_way.end(number, path)

    def _take(self) -> Flow[tuple[int, Sequence[Numbered]] | None]:
        """The next batch, and its number; what only counts is counted on the way."""
        steps: list[Numbered] = []
        size = 0
        while len(steps) < self._workers.batch_steps and size < self._workers.batch_bytes:
            step = yield from self._plan.following()
            if step is None:
                break
            self._taken += 1
            if self._account.take(self._taken, step):
                steps.append((self._taken, step, path_of(step.path)))
                size += step.size
        if not steps:
            return None
        self._batches += 1
        for _, _, path in steps:
            self._under_way.begin(self._batches, path)
        return self._batches, steps

    def _carry_out(self, number: int, steps: Sequence[Numbered]) -> Flow[None]:
        if not self._may_go(number, steps):
            yield from until(lambda: self._may_go(number, steps))
        left: list[Numbered] = []
        for position, step, path in steps:
            if self._lost and any(path[:depth] in self._lost for depth in range(len(path))):
                refusal = RequestNotSent("the directory that it belongs in could not be made")
                self._account.failed(position, step, refusal)
            else:
                left.append((position, step, path))
        if not left:
            return
        try:
            report = yield from self._done([step for _, step, _ in left])
        except WorkerLost as lost:
            for position, step, path in left:
                self._fail(position, step, path, lost)
            return
        self._merge(left, report)

    def _may_go(self, number: int, steps: Sequence[Numbered]) -> bool:
        return all(self._under_way.may_go(number, step, path) for _, step, path in steps)

    def _done(self, steps: Sequence[TreeStep]) -> Flow[TreeReport]:
        """Have steps done elsewhere, again where a worker was lost, and here where no worker can be had any more."""
        conduct = replace(self._conduct, keep_steps=True, progress=None)
        batch = Batch(steps, self._source, self._destination, self._places.is_nfs, self._handling, conduct)
        error: Exception | None = None
        for _ in range(self._workers.attempts):
            if self._is_broken:
                break
            try:
                return (yield from on_disk("elsewhere", lambda _: self._workers.submit(batch).result()))
            except AzureFilesError:
                raise  # no worker can do it: it has no credential, or another one's
            except BrokenExecutor:
                self._is_broken = True
            except Exception as lost:  # noqa: BLE001 - each executor has errors of its own for a worker that is lost
                error = lost
        if self._is_broken:
            return (yield from carry_out(steps, self._places, self._handling, conduct))
        raise WorkerLost(
            f"those who did it were lost, {self._workers.attempts} times, the last one by {error!r}"
        ) from error

    def _merge(self, steps: Sequence[Numbered], report: TreeReport) -> None:
        """Count what a batch came to as if each step had been done here."""
        if not self._conduct.dry_run:
            self._account.bytes += report.bytes
        failures = {(failure.step.action, failure.step.path): failure for failure in report.failures}
        for (position, asked, path), step in zip(steps, report.steps, strict=True):
            if asked.action is TreeAction.COMPARE and not self._account.settle(position, step):
                continue
            failure = failures.get((step.action, step.path))
            if failure is None:
                self._account.done(step)
            else:
                self._fail(position, failure.step, path, failure.error)

    def _fail(self, position: int, step: TreeStep, path: Path, error: Exception) -> None:
        if step.action is TreeAction.MAKE_DIRECTORY:
            self._lost.add(path)
        self._account.failed(position, step, error)


def report_of(
    plan: Plan, places: Places, handling: Handling, conduct: Conduct, slots: Slots, workers: Workers | None
) -> Flow[TreeReport]:
    """Carry a plan out, here or elsewhere."""
    if workers is None:
        return Run(plan, places, handling, conduct, slots).report()
    return SpreadRun(plan, places, handling, conduct, workers).report()


__all__ = ["SpreadRun", "report_of"]
