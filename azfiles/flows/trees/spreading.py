"""Carrying a plan out in other processes: its steps go there in batches, one after another, and the reports come back.

The plan itself is made here. A batch is a piece of it; it waits for those before it that have something above or below what
it has, as single steps do. What was done twice because nobody knows how far a worker came is done to the same end: each
step may be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import replace

from azfiles.errors import AzureFilesError, WorkerLost
from azfiles.flows.effects import Flow, on_disk
from azfiles.flows.trees.accounting import Conduct
from azfiles.flows.trees.batches import Batch, Workers, carry_out, place_of
from azfiles.flows.trees.handling import Handling, Places
from azfiles.flows.trees.planning import Plan
from azfiles.flows.trees.running import Numbered, Run, Running
from azfiles.flows.trees.slots import Slots
from azfiles.models import TreeAction, TreeReport, TreeStep


class SpreadRun(Running):
    """A run whose steps are done elsewhere. Where there is no elsewhere any more, the rest is done here."""

    def __init__(self, plan: Plan, places: Places, handling: Handling, conduct: Conduct, workers: Workers) -> None:
        super().__init__(plan, conduct, workers.batches)
        self._places = places
        self._handling = handling
        self._workers = workers
        self._source = None if places.source is None else place_of(places.source, workers)
        self._destination = place_of(places.destination, workers)
        self._is_broken = False

    def _take(self) -> Flow[Sequence[Numbered]]:
        steps: list[Numbered] = []
        size = 0
        while len(steps) < self._workers.batch_steps and size < self._workers.batch_bytes:
            following = yield from self._following()
            if following is None:
                break
            steps.append(following)
            size += following[1].size
        return steps

    def _carry_out(self, steps: Sequence[Numbered]) -> Flow[None]:
        try:
            report = yield from self._done([step for _, step, _ in steps])
        except WorkerLost as lost:
            for position, step, path in steps:
                self._fail(position, step, path, lost)
        else:
            self._merge(steps, report)

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


def report_of(
    plan: Plan, places: Places, handling: Handling, conduct: Conduct, slots: Slots, workers: Workers | None
) -> Flow[TreeReport]:
    """Carry a plan out, here or elsewhere."""
    if workers is None:
        return Run(plan, places, handling, conduct, slots).report()
    return SpreadRun(plan, places, handling, conduct, workers).report()


__all__ = ["SpreadRun", "report_of"]
