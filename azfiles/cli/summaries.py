"""What ``azfiles cassette info`` tells, as tables or as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Final

from rich.console import Console
from rich.table import Table

from azfiles.cassette.describing import Summary
from azfiles.cli.wording import size


def as_text(summaries: Sequence[Summary]) -> str:
    """A table for each cassette, below its name."""
    written = io.StringIO()
    console = Console(file=written, highlight=False, markup=False, emoji=False)
    for number, summary in enumerate(summaries):
        console.print(("\n" if number else "") + summary.path, soft_wrap=True)
        table = Table.grid(padding=(0, 2))
        for name, value in _rows(summary):
            table.add_row(f"  {name}", value)
        console.print(table)
    return "\n".join(line.rstrip() for line in written.getvalue().split("\n"))


def as_json(summaries: Sequence[Summary]) -> str:
    """A list of objects with the fields of ``azfiles.cassette.describing.Summary``."""
    plain = [asdict(summary) for summary in summaries]
    return json.dumps(plain, indent=2, default=str) + "\n"


FORMATS: Final[Mapping[str, Callable[[Sequence[Summary]], str]]] = {"text": as_text, "json": as_json}


def _rows(summary: Summary) -> Iterator[tuple[str, str]]:
    yield "written by", summary.writer + (", sealed" if summary.sealed else "")
    if summary.clients:
        yield "clients", "\n".join(summary.clients)
    yield "API versions", ", ".join(summary.api_versions) or "none named"
    if summary.began is not None:
        lasted = "" if summary.duration_s is None else f", {summary.duration_s:g} s long"
        yield "recorded", f"{summary.began:%Y-%m-%d %H:%M:%S} UTC{lasted}"
    lost = f", and {summary.lost} without an answer" if summary.lost else ""
    yield "requests", f"{summary.requests}{lost}"
    yield "bodies", f"{size(summary.sent_bytes)} sent, {size(summary.received_bytes)} received"
    beside = (
        f", {summary.stored_bodies} bodies of {size(summary.stored_bytes)} beside it" if summary.stored_bodies else ""
    )
    yield "file", size(summary.file_bytes) + beside
    yield "operations", _counts(summary.operations)
    if summary.refused:
        yield "refusals", _counts(summary.refused)


def _counts(counts: Mapping[str, int]) -> str:
    width = max(len(str(count)) for count in counts.values())
    return "\n".join(f"{count:>{width}} {name}" for name, count in counts.items())


__all__ = ["FORMATS", "as_json", "as_text"]
