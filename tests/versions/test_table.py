"""There is one table of gates: no version is compared, and no version's date stands, anywhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import azfiles_sim
from azfiles_sim.wire import api_versions
from azfiles_sim.wire.api_versions import GATES, KNOWN, OLDEST
from azfiles_sim.wire.operations import OPERATIONS

from . import document
from .examples import EXAMPLES

SOURCES: Final = Path(azfiles_sim.__file__).parent
OWN_GATES: Final = {
    "copy_sources.py",
    "provisioning.py",
}  # rules with a gate of their own, which the table takes from there
TABLES: Final = {"api_versions.py", "operations.py", "vocabulary.py", *OWN_GATES}
DATE: Final = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
OF_SIGNATURES: Final = "OLDEST_SIGNED_VERSION"  # no gate: what is older is no signature that the service takes

OF_SOURCES: Final = "SOURCE_DETAIL_SINCE"  # where the model has it; the table takes it from there


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCES.rglob("*.py")):
        if path.relative_to(SOURCES).parts[0] in {"wire", "model", "pipeline.py"}:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_every_gate_has_its_row_and_every_row_its_gate() -> None:
    constants = {
        name: value for name, value in vars(api_versions).items() if name.endswith("_SINCE") and name != OF_SOURCES
    }
    assert {name: since for name, (since, _) in GATES.items()} == constants


def test_every_version_named_in_a_table_is_a_version() -> None:
    dates = [since for since, _ in GATES.values()]
    for row in OPERATIONS.values():
        known = row.known
        for names in (known.headers, known.query):
            dates += names.values()
        dates.append(row.since)
    assert set(dates) - {""} <= set(KNOWN)
    assert list(KNOWN) == sorted(set(KNOWN))
    assert all(since > OLDEST for since, _ in GATES.values())


def test_no_version_stands_outside_the_tables() -> None:
    found = [
        f"{path.name}:{node.lineno} {node.value}"
        for path, tree in modules()
        if path.name not in TABLES
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and DATE.fullmatch(node.value)
    ]
    assert found == []


def test_versions_are_compared_with_a_row_of_the_tables_only() -> None:
    found = []
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and any(
                isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)) for op in node.ops
            ):
                sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
                if any(re.search(r"\bversion\b", side) for side in sides) and not any(map(is_row, sides)):
                    found.append(f"{path.name}:{node.lineno} {ast.unparse(node)}")
    assert found == []


def is_row(side: str) -> bool:
    """A gate of the table, the version of a row of operations or names, or the oldest one of signatures."""
    named = side in {*GATES, OF_SIGNATURES, OF_SOURCES} or side.endswith("since")
    return named or side.startswith("SHOWN_OF_SHARES[")


def test_every_operation_has_an_example() -> None:
    assert set(OPERATIONS) <= set(EXAMPLES)


def test_the_page_says_what_the_code_does() -> None:
    assert document.PATH.read_text(encoding="utf-8") == document.text(), "run: python -m tests.versions.document"
