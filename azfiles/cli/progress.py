"""How far long work is, on stderr, where that is a terminal; elsewhere nothing is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from azfiles.cli import wording
from azfiles.models import TreeProgress

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def transfer_shown(name: str, total: int | None) -> Generator[Callable[[int], None] | None]:
    """Yields what is to be called with the number of bytes that are done more, or ``None`` where nobody looks."""
    if not _is_watched():
        yield None
        return
    from rich.progress import BarColumn, DownloadColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn

    class Speed(ProgressColumn):
        """In the units of the column beside it, which rich's own is not."""

        def render(self, task: Task) -> str:
            speed = task.finished_speed or task.speed
            return "" if speed is None else f"{wording.size(int(speed))}/s"

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(binary_units=True),
        Speed(),
        TimeRemainingColumn(),
    )
    with _progress(*columns) as progress:
        task = progress.add_task(wording.shown(name), total=total)
        yield lambda count: progress.advance(task, count)


@contextmanager
def tree_shown(verb: str, *, hidden: bool = False) -> Generator[Callable[[TreeProgress], None] | None]:
    """Yields what is to be called with a tree's progress, or ``None`` where nobody looks. How much there is to do is known
    only when all is done, so there is no bar. It is ``hidden`` where lines are written all the time, which it would be mixed with.
    """
    if hidden or not _is_watched():
        yield None
        return
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    with _progress(SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()) as progress:
        task = progress.add_task(verb, total=None)

        def show(done: TreeProgress) -> None:
            failed = f", {wording.count(done.failures, 'failure')}" if done.failures else ""
            steps = wording.count(done.ended, "step")
            progress.update(task, description=f"{verb}: {steps}, {wording.size(done.bytes)}{failed}")

        yield show


def _progress(*columns: object) -> Progress:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn

    chosen = [column for column in columns if isinstance(column, ProgressColumn)]
    return Progress(*chosen, console=Console(stderr=True), transient=True, redirect_stdout=False)


def _is_watched() -> bool:
    return sys.stderr.isatty()


__all__ = ["transfer_shown", "tree_shown"]
