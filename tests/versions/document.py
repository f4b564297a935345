"""Writes docs/versions.md from the simulator's tables: ``python -m tests.versions.document``."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Final

from azfiles_sim.wire.api_versions import GATES, KNOWN, NEWEST, OLDEST
from azfiles_sim.wire.operations import OPERATIONS
from azfiles_sim.wire.vocabulary import SHOWN_OF_SHARES

PATH: Final = Path(__file__).resolve().parents[2] / "docs" / "versions.md"

HEAD: Final = f"""# Versions

What each `x-ms-version` brought, from `{OLDEST}` to `{NEWEST}`, as the simulator has it. A feature newer than the
request's version is refused: a header with 400 `UnsupportedHeader`, a query parameter with 400
`UnsupportedQueryParameter`, an operation with 400 `InvalidQueryParameterValue` (u). What is marked `(u)` is neither
recorded nor documented. Numbers such as `F1` are the operations of [coverage.md](coverage.md).

This page is made from the code by `python -m tests.versions.document`; `tests/versions/` tries every row on both
sides of it, and fails where the page is not what the code says.
"""


def brought() -> dict[str, list[str]]:
    """Lines by version: operations, then what replies and requests have, then headers and query parameters."""
    lines: dict[str, list[str]] = {version: [] for version in KNOWN}
    for row in OPERATIONS.values():
        if row.since > OLDEST:
            lines[row.since].append(f"operation {row.number} {row.name}")
    for since, what in GATES.values():
        lines[since].append(what)
    for name, since in SHOWN_OF_SHARES.items():
        if since > OLDEST:
            lines[since].append(f"reply header `{name}` of shares that have it, and its element in lists")
    for kind in ("headers", "query"):
        for (since, name), numbers in _names(kind).items():
            noun = "header" if kind == "headers" else "query parameter"
            lines[since].append(f"{noun} `{name}` ({', '.join(numbers)})")
    return lines


def _names(kind: str) -> dict[tuple[str, str], list[str]]:
    """The operations that know each name, by version and name."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in OPERATIONS.values():
        names = row.known.headers if kind == "headers" else row.known.query
        for name, since in names.items():
            if since > OLDEST:
                found[max(since, row.since), name].append(row.number)
    return {
        key: ["all operations"] if _holds_everywhere(found, key[1]) else numbers
        for key, numbers in sorted(found.items())
        if not _came_with_operation(key, found)
    }


def _holds_everywhere(found: dict[tuple[str, str], list[str]], name: str) -> bool:
    return sum(len(numbers) for key, numbers in found.items() if key[1] == name) == len(OPERATIONS)


def _came_with_operation(key: tuple[str, str], found: dict[tuple[str, str], list[str]]) -> bool:
    """Whether this is a header of all operations that an operation had from its beginning: no news of that version."""
    since, name = key
    earliest = min(other for other, other_name in found if other_name == name)
    return since > earliest and _holds_everywhere(found, name)


def text() -> str:
    parts = [HEAD]
    for version, lines in brought().items():
        parts.append(f"\n## {version}\n")
        parts += [f"- {line}\n" for line in lines] or ["Nothing that the simulator shows.\n"]
    return "".join(parts)


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
