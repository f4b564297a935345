"""docs/coverage.md is what the present evidence gives, and every row that is no gap has some."""

from __future__ import annotations

import ast

import pytest

from azfiles_sim.model.errors import Code
from azfiles_sim.wire.operations import OPERATIONS
from tests.recordings.folder import FOLDER_VARIABLE, find_recordings
from tests.recordings.test_recordings import ALL_RECORDINGS

from . import document, registry
from .refusals import NOT_SENT, UNREACHED
from .requirements import PROVEN, REQUIREMENTS
from .successes import WITHOUT

with_recordings = pytest.mark.skipif(
    len(find_recordings()) < ALL_RECORDINGS,
    reason=f"the recordings are not all here; {FOLDER_VARIABLE} names their folder",
)


@with_recordings
def test_the_page_is_what_the_present_evidence_gives() -> None:
    assert document.PATH.read_text(encoding="utf-8") == document.text(), "run: python -m tests.evidence.document"


def test_every_operation_has_evidence_or_says_why_not() -> None:
    found = registry.collect().operations
    assert {number for number in OPERATIONS if not found[number]} == set(WITHOUT)


def test_every_error_has_evidence_or_says_why_not() -> None:
    found = registry.collect().errors
    assert {code.value for code in Code if not found[code.value]} == set(UNREACHED) & {code.value for code in Code}


def test_a_code_that_is_said_not_to_be_sent_is_not_known() -> None:
    assert set(NOT_SENT) & {code.value for code in Code} == set()


def test_every_source_is_of_a_known_kind_and_backs_a_known_row() -> None:
    evidence = registry.collect()
    sources = set().union(*evidence.operations.values(), *evidence.errors.values())
    assert {source.partition(":")[0] for source in sources} <= registry.KINDS
    assert set(evidence.operations) <= set(OPERATIONS)
    assert {name for name, found in evidence.errors.items() if found} <= {code.value for code in Code}


def test_every_test_that_proves_a_requirement_exists() -> None:
    assert {test for tests in PROVEN.values() for test in tests} <= registry.test_names()
    assert set(registry.collect().requirements) <= set(REQUIREMENTS)


MARKED = """
import pytest

@pytest.mark.evidence(operation="H1", source="sdk:create_share")
@pytest.mark.requirement("F-001", "F-002")
def test_one(): ...

@pytest.mark.skip(reason="later")
@pytest.mark.evidence(operation="H2", source="sdk:other")
def test_two(): ...

@pytest.mark.parametrize("a", [pytest.param(1, marks=pytest.mark.evidence(error="X", source="document:x"))])
async def test_three(a): ...
"""


def test_markers_are_found_in_the_source_and_skipped_tests_do_not_count() -> None:
    found = list(registry.marks_of("a/test_a.py", ast.parse(MARKED)))
    assert [(mark.test, mark.kind, mark.positional, dict(mark.named)) for mark in found] == [
        ("a/test_a.py::test_one", "evidence", (), {"operation": "H1", "source": "sdk:create_share"}),
        ("a/test_a.py::test_one", "requirement", ("F-001", "F-002"), {}),
        ("a/test_a.py::test_three", "evidence", (), {"error": "X", "source": "document:x"}),
    ]
    skipped = ast.parse("import pytest\npytestmark = pytest.mark.skip\n" + MARKED)
    assert list(registry.marks_of("a/test_a.py", skipped)) == []
