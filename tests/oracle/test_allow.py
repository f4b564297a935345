"""The allow-list is honest: every entry still differs, and the number of those without a proof does not grow."""

from __future__ import annotations

import pytest

from . import document
from . import steps as s
from .allow import ENTRIES, MOST_UNPROVED, Entry
from .bench import Bench, compare_again

PROBES = (s.Show(s.SHARE), s.Show(s.FILE))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_azurite_still_differs(bench: Bench, entry: Entry) -> None:
    """Where it does not any more: delete the entry."""
    compared = compare_again(bench, entry.shows, PROBES)
    assert dict(compared.judge.figures.allowed) == {entry.name: 1}


def test_no_entry_without_a_proof_is_added_silently() -> None:
    assert sum(not entry.proof for entry in ENTRIES) == MOST_UNPROVED


def test_entries_have_names_of_their_own_and_a_reason() -> None:
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)
    assert all(entry.reason and entry.shows for entry in ENTRIES)


def test_the_page_lists_the_entries_as_they_are() -> None:
    assert document.PATH.read_text(encoding="utf-8") == document.text(), "run: python -m tests.oracle.document"
