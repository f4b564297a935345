"""Carrying a plan out: several steps at once under one limit, each failure kept beside the others, everything counted.

Workers take the next step of the plan, one at a time, and do it. A step waits for those taken before it whose path lies
above or below its own: a directory is there before what is in it, and empty before it is deleted. What a step waits for has
been taken already, so none waits for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import field
from typing import Final

from azfiles.core.arguments import check_whole
from azfiles.errors import AzureFilesError, RequestNotSent
from azfiles.flows.effects import Flow, gather, until
from azfiles.flows.transfers.filling import MAX_CONCURRENCY
from azfiles.flows.trees.handling import Handling
from azfiles.flows.trees.names import Path, path_of
from azfiles.flows.trees.planning import Plan
from azfiles.flows.trees.slots import Slots
from azfiles.flows.turns import Mutex
from azfiles.models import TreeAction, TreeFailure, TreeProgress, TreeReport, TreeStep
from azfiles.records import dataclass

DEFAULT_CONCURRENCY: Final = 8
DEFAULT_CONNECTIONS: Final = 2
DEFAULT_PROGRESS_EVERY: Final = 100
MAX_PROGRESS_EVERY: Final = 1_000_000_000

Progress = Callable[[TreeProgress], object]

Do = Callable[[TreeStep], Flow[int]]
"""Does one step, here or elsewhere; the result is how many bytes were transferred."""

_COUNTED_ONLY: Final = frozenset({TreeAction.KEEP, TreeAction.SKIP, TreeAction.FAIL})


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a run goes: ``concurrency`` requests at once in the whole tree, ``connections`` of them for one file at most;
    ``progress`` is called after each ``progress_every`` steps, and at the end. Raises ``InvalidArgument``.
    """

    concurrency: int = DEFAULT_CONCURRENCY
    connections: int = DEFAULT_CONNECTIONS
    dry_run: bool = False
    keep_steps: bool = False
    progress: Progress | None = None
    progress_every: int = DEFAULT_PROGRESS_EVERY

    def __post_init__(self) -> None:
        check_whole("concurrency", self.concurrency, 1, MAX_CONCURRENCY)
        check_whole("connections_per_file", self.connections, 1, MAX_CONCURRENCY)
        check_whole("progress_every", self.progress_every, 1, MAX_PROGRESS_EVERY)


@dataclass(slots=True)
class _Account:
    """What has been counted until now."""

    conduct: Conduct
    counts: Counter[TreeAction] = field(default_factory=Counter[TreeAction])
    bytes: int = 0
    ended: int = 0
    skipped: list[TreeStep] = field(default_factory=list[TreeStep])
    failures: dict[int, TreeFailure] = field(default_factory=dict[int, TreeFailure])
    steps: list[TreeStep] = field(default_factory=list[TreeStep])
    last: TreeProgress | None = None
    _told: int = 0

    def done(self, step: TreeStep, count: int = 0) -> None:
        self.counts[step.action] += 1
        self.bytes += count
        if step.action is TreeAction.SKIP:
            self.skipped.append(step)
        self._end(step, failed=False)

    def failed(self, number: int, step: TreeStep, error: Exception) -> None:
        self.failures[number] = TreeFailure(step, error)
        self._end(step, failed=True)

    def _end(self, step: TreeStep, *, failed: bool) -> None:
        self.ended += 1
        self.last = TreeProgress(step, failed, self.ended, len(self.failures), self.bytes)
        if self.ended % self.conduct.progress_every == 0:
            self.tell()

    def tell(self) -> None:
        """Tell of the progress, unless that has been done."""
        if self.conduct.progress is not None and self.last is not None and self._told < self.ended:
            self._told = self.ended
            self.conduct.progress(self.last)

    def report(self) -> TreeReport:
        counts = {action: count for action, count in self.counts.items() if count}
        return TreeReport(
            counts,
            self.bytes,
            tuple(self.skipped),
            tuple(failure for _, failure in sorted(self.failures.items())),
            tuple(self.steps),
            self.conduct.dry_run,
        )


class Run:
    """One run of one plan. ``do`` is how a step is done, by ``perform`` of ``items`` or whoever calls that; ``slots`` are
    shared with whoever looks at the tree for the plan.
    """

    def __init__(self, plan: Plan, do: Do, handling: Handling, conduct: Conduct, slots: Slots) -> None:
        self._plan = plan
        self._do = do
        self._handling = handling
        self._conduct = conduct
        self._slots = slots
        self._mutex = Mutex()
        self._account = _Account(conduct)
        self._taken = 0
        self._under_way: dict[int, Path] = {}
        self._places_under_way: dict[Path, list[int]] = {}
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
            number, step = taken
            try:
                yield from self._carry_out(number, step)
            finally:
                self._end(number)

    def _take(self) -> Flow[tuple[int, TreeStep] | None]:
        """The next step that is to be done; those that only count are counted on the way."""
        while True:
            step = yield from self._plan.following()
            if step is None:
                return None
            self._taken += 1
            if self._conduct.keep_steps or self._conduct.dry_run:
                self._account.steps.append(step)
            if step.action is TreeAction.FAIL:
                self._account.failed(self._taken, step, step.error or RequestNotSent(step.why))
            elif step.action in _COUNTED_ONLY:
                self._account.done(step)
            elif self._conduct.dry_run:
                self._account.done(step, step.size if step.action is TreeAction.TRANSFER else 0)
            else:
                break
        path = self._under_way[self._taken] = path_of(step.path)
        self._places_under_way.setdefault(path, []).append(self._taken)
        return self._taken, step

    def _carry_out(self, number: int, step: TreeStep) -> Flow[None]:
        path = self._under_way[number]
        if not self._may_go(number, step, path):
            yield from until(lambda: self._may_go(number, step, path))
        if self._lost and any(path[:depth] in self._lost for depth in range(len(path))):
            self._account.failed(number, step, RequestNotSent("the directory that it belongs in could not be made"))
            return
        connections = self._handling.connections_for(step.size) if step.action is TreeAction.TRANSFER else 1
        try:
            count = yield from self._slots.holding(connections, self._do(step))
        except (AzureFilesError, OSError) as error:
            if step.action is TreeAction.MAKE_DIRECTORY:
                self._lost.add(path)
            self._account.failed(number, step, error)
        else:
            self._account.done(step, count)

    def _may_go(self, number: int, step: TreeStep, path: Path) -> bool:
        """Whether nothing that was taken earlier is under way above this path, or at it; and where a directory is to be
        deleted, below it. Whatever else comes to lie above others has been preceded by such a deletion.
        """
        if step.action is TreeAction.DELETE_DIRECTORY:
            depth = len(path)
            if any(earlier < number and other[:depth] == path for earlier, other in self._under_way.items()):
                return False
        places = self._places_under_way
        return not any(
            numbers[0] < number for depth in range(len(path) + 1) if (numbers := places.get(path[:depth])) is not None
        )

    def _end(self, number: int) -> None:
        path = self._under_way.pop(number)
        numbers = self._places_under_way[path]
        numbers.remove(number)
        if not numbers:
            del self._places_under_way[path]


__all__ = ["DEFAULT_CONCURRENCY", "DEFAULT_CONNECTIONS", "DEFAULT_PROGRESS_EVERY", "Conduct", "Do", "Progress", "Run"]
