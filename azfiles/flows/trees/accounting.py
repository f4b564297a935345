"""How a run is to go, and the account of it: what was done, what failed, how far it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import field
from typing import Final

from azfiles.core.arguments import check_whole
from azfiles.errors import RequestNotSent
from azfiles.flows.transfers.filling import MAX_CONCURRENCY
from azfiles.models import TreeAction, TreeFailure, TreeProgress, TreeReport, TreeStep
from azfiles.records import dataclass

DEFAULT_CONCURRENCY: Final = 8
DEFAULT_CONNECTIONS: Final = 2
DEFAULT_PROGRESS_EVERY: Final = 100
MAX_PROGRESS_EVERY: Final = 1_000_000_000

Progress = Callable[[TreeProgress], object]

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

    @property
    def keeps_steps(self) -> bool:
        return self.keep_steps or self.dry_run

    def __post_init__(self) -> None:
        check_whole("concurrency", self.concurrency, 1, MAX_CONCURRENCY)
        check_whole("connections_per_file", self.connections, 1, MAX_CONCURRENCY)
        check_whole("progress_every", self.progress_every, 1, MAX_PROGRESS_EVERY)


@dataclass(slots=True)
class Account:
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

    def take(self, number: int, step: TreeStep) -> bool:
        """A step of the plan, with its number from 1 on. Whether it is to be carried out; else it is counted already."""
        if self.conduct.keeps_steps:
            self.steps.append(step)
        return self._is_left(number, step)

    def settle(self, number: int, step: TreeStep) -> bool:
        """The same for what a comparison came to."""
        if self.conduct.keeps_steps:
            self.steps[number - 1] = step
        return self._is_left(number, step)

    def _is_left(self, number: int, step: TreeStep) -> bool:
        if step.action is TreeAction.FAIL:
            self.failed(number, step, step.error or RequestNotSent(step.why))
        elif step.action in _COUNTED_ONLY:
            self.done(step)
        elif self.conduct.dry_run and step.action is not TreeAction.COMPARE:
            self.done(step, step.size if step.action is TreeAction.TRANSFER else 0)
        else:
            return True
        return False

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


__all__ = [
    "DEFAULT_CONCURRENCY",
    "DEFAULT_CONNECTIONS",
    "DEFAULT_PROGRESS_EVERY",
    "Account",
    "Conduct",
    "Progress",
]
