"""The simulator answers what Azurite answered when the tapes were recorded, and Azurite still answers so."""

from __future__ import annotations

import json
from itertools import islice

import pytest

from . import tapes
from .azurite import VERSION
from .bench import Bench, simulator
from .budget import WALKS_PLAYED
from .cells import cells
from .comparison import Figures, compare_recorded


@pytest.mark.evidence(error="LeaseAlreadyPresent", source="azurite:lease cells")
@pytest.mark.evidence(error="LeaseIdMismatchWithContainerOperation", source="azurite:lease cells")
@pytest.mark.evidence(error="LeaseIdMismatchWithFileOperation", source="azurite:lease cells")
@pytest.mark.evidence(error="LeaseIdMismatchWithLeaseOperation", source="azurite:lease cells")
@pytest.mark.evidence(error="LeaseIdMissing", source="azurite:lease cells")
@pytest.mark.evidence(error="LeaseIsBreakingAndCannotBeAcquired", source="azurite:lease cells")
@pytest.mark.evidence(error="LeaseIsBreakingAndCannotBeChanged", source="azurite:lease cells")
@pytest.mark.evidence(error="LeaseIsBrokenAndCannotBeRenewed", source="azurite:lease cells")
@pytest.mark.evidence(error="LeaseNotPresentWithContainerOperation", source="azurite:lease cells")
@pytest.mark.evidence(error="LeaseNotPresentWithFileOperation", source="azurite:lease cells")
@pytest.mark.evidence(error="LeaseNotPresentWithLeaseOperation", source="azurite:lease cells")
@pytest.mark.evidence(operation="H14", source="azurite:lease cells")
@pytest.mark.evidence(operation="H15", source="azurite:lease cells")
@pytest.mark.evidence(operation="H16", source="azurite:lease cells")
@pytest.mark.evidence(operation="H17", source="azurite:lease cells")
@pytest.mark.evidence(operation="H18", source="azurite:lease cells")
@pytest.mark.evidence(operation="F17", source="azurite:lease cells")
@pytest.mark.evidence(operation="F18", source="azurite:lease cells")
@pytest.mark.evidence(operation="F19", source="azurite:lease cells")
@pytest.mark.evidence(operation="F20", source="azurite:lease cells")
def test_every_operation_in_every_lease_state_is_answered_as_by_azurite() -> None:
    figures = Figures()
    for history in tapes.histories(tapes.CELLS):
        compare_recorded(history, simulator("oracle"), figures)
    assert figures.steps > 5_000


def test_the_cell_table_has_every_state_and_operation() -> None:
    recorded = [tuple(step for step, _ in history) for history in tapes.histories(tapes.CELLS)]
    assert recorded == list(cells())


@pytest.mark.parametrize("name", [name for name in tapes.NAMES if name != tapes.CELLS])
def test_what_machines_did_is_answered_as_by_azurite(name: str) -> None:
    for history in islice(tapes.histories(name), WALKS_PLAYED):
        compare_recorded(history, simulator("oracle"))


@pytest.mark.parametrize("name", tapes.NAMES)
def test_tapes_are_of_the_version_that_is_installed(name: str) -> None:
    assert json.loads(tapes.path_of(name).read_text(encoding="utf-8"))["azurite"] == VERSION


@pytest.mark.parametrize("name", tapes.NAMES)
def test_azurite_answers_as_on_tape(bench: Bench, name: str) -> None:
    assert tapes.play(name, bench) == tapes.path_of(name).read_text(encoding="utf-8")
