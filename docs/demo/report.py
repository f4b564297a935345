"""What the demo prints: parts with their timings, facts, checks, and a progress bar on long work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn, TransferSpeedColumn


class Mismatch(Exception):
    """Something was not what it should have been."""


class Report:
    """A readable report on standard output."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._began = time.perf_counter()
        self._checks = 0

    @contextmanager
    def part(self, title: str) -> Iterator[None]:
        """One part of the demo, with its time at the end."""
        self._console.print(f"\n[bold]{title}[/bold]")
        began = time.perf_counter()
        yield
        self._console.print(f"  [dim]{time.perf_counter() - began:.2f} s[/dim]")

    def fact(self, name: str, value: str) -> None:
        self._console.print(f"  {name:<34}{value}", soft_wrap=True, markup=False)

    def check(self, claim: str, holds: bool) -> None:
        """Print a claim that was just tested; raises ``Mismatch`` where it does not hold."""
        if not holds:
            raise Mismatch(claim)
        self._checks += 1
        self._console.print(f"  [green]ok[/green]  {claim}", soft_wrap=True)

    def rate(self, name: str, size: int, seconds: float) -> None:
        self.fact(name, f"{size / 2**20:.1f} MiB in {seconds:.2f} s, {size / 2**20 / seconds:.0f} MiB/s")

    @contextmanager
    def progress(self, title: str, total: int) -> Iterator[Bar]:
        """A progress bar over ``total`` bytes, drawn only where the output is a terminal."""
        columns = (
            TextColumn("  {task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
        )
        with Progress(
            *columns, console=self._console, transient=True, disable=not self._console.is_terminal
        ) as progress:
            yield Bar(progress, progress.add_task(title, total=total))

    def fail(self, claim: str) -> None:
        self._console.print(f"\n[bold red]MISMATCH[/bold red]  {claim}", soft_wrap=True)

    def finish(self) -> None:
        seconds = time.perf_counter() - self._began
        self._console.print(f"\n[bold green]All {self._checks} checks hold[/bold green] ({seconds:.1f} s)")


class Bar:
    """One progress bar; ``advance`` may be called from any thread."""

    def __init__(self, progress: Progress, task: object) -> None:
        self._progress = progress
        self._task = task

    def advance(self, size: int) -> None:
        self._progress.advance(self._task, size)
