"""Writes docs/coverage.md from the evidence at hand: ``python -m tests.evidence.document``."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Final

from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.wire.api_versions import OLDEST
from azfiles_sim.wire.errors import describe
from azfiles_sim.wire.gaps import GAPS
from azfiles_sim.wire.operations import OPERATIONS

from .refusals import NOT_SENT, UNREACHED
from .registry import Evidence, collect
from .requirements import REQUIREMENTS
from .successes import WITHOUT

PATH: Final = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"
SHOWN: Final = 3

HEAD: Final = """# Coverage

What backs each operation and each error code of the simulator. A source counts only where a test asserts the answer's
status, its code, and the headers that decide. This page is made by `python -m tests.evidence.document`; the test run
fails where it is not what the present evidence gives, and where a row has none.

| source | what it is |
|---|---|
| recording | a recorded session of the real service (2019): status, reason, every header and the body are identical |
| described | a recorded session that is described but not at hand, written out in full and compared in the same way |
| recorded | a recording in an SDK's repository, not replayed: its status, code and decisive headers are asserted |
| live-test | an assertion of an SDK's live tests against the real service |
| sdk | what an official SDK's code or change log says |
| client | an unmodified client (the official Python and JavaScript SDKs, rclone, azcopy) took the answer, in a story of `tests/foreign` that ends as on Azure |
| document | a page of the official reference |
| issue | a transcript in a public issue |
| azurite | what the emulator does |
"""


def text() -> str:
    evidence = collect()
    return "".join([HEAD, *_operations(evidence), *_errors(evidence), *_requirements(evidence)])


def _operations(evidence: Evidence) -> Iterable[str]:
    yield f"\n## Operations: {len(OPERATIONS)}\n\n| # | operation | since | evidence |\n|---|---|---|---|\n"
    for row in OPERATIONS.values():
        since = max(row.since, OLDEST)
        backing = _sources(evidence.operations[row.number]) or f"**gap**: {WITHOUT.get(row.number, '')}"
        yield f"| {row.number} | {row.name} | {since} | {backing} |\n"
    yield "\nWhat is answered with 501, and nothing else is:\n\n| # | what | why it is not built |\n|---|---|---|\n"
    for gap in GAPS:
        yield f"| {', '.join(gap.operations)} | {gap.what} | {gap.reason} |\n"


def _errors(evidence: Evidence) -> Iterable[str]:
    yield "\n## Errors\n\n| code | status | evidence |\n|---|---|---|\n"
    for name in sorted({code.value for code in Code} | set(NOT_SENT), key=str.lower):
        if name in NOT_SENT and name not in set(Code):
            yield f"| `{name}` | | **gap**: not sent; {NOT_SENT[name]} |\n"
        else:
            status, _ = describe(ServiceError(Code(name)))
            backing = (
                _sources(evidence.errors[name]) if evidence.errors[name] else f"**gap**: {UNREACHED.get(name, '')}"
            )
            yield f"| `{name}` | {status} | {backing} |\n"


def _requirements(evidence: Evidence) -> Iterable[str]:
    yield "\n## Requirements\n\n| id | what | tests |\n|---|---|---|\n"
    for name, what in REQUIREMENTS.items():
        tests = ", ".join(f"`{test}`" for test in sorted(evidence.requirements[name]))
        yield f"| {name} | {what} | {tests or '**gap**: no test carries it yet'} |\n"


def _sources(sources: Iterable[str]) -> str:
    """Sources by kind; of many of one kind the first few and their number."""
    pieces: list[str] = []
    for kind, group in groupby(sorted(sources), key=lambda source: source.partition(":")[0]):
        names = [source.partition(":")[2] for source in group]
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        pieces.append(f"{kind}: {', '.join(names[:SHOWN])}{more}")
    return "; ".join(pieces)


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
