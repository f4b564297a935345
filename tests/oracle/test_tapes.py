"""The simulator answers what Azurite answered when the tapes were recorded, and Azurite still answers so."""

from __future__ import annotations

import json
from itertools import islice

import pytest

from . import steps as s
from . import tapes
from .azurite import VERSION
from .bench import Bench, simulator
from .budget import COUNTS, WALKS_PLAYED
from .cells import cells
from .comparison import Figures, History, compare_recorded
from .machines import MACHINES


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
def test_every_operation_in_every_lease_state_is_answered_as_by_azurite(request: pytest.FixtureRequest) -> None:
    figures = Figures()
    shown: set[str] = set()
    for history in tapes.histories(tapes.CELLS):
        compare_recorded(history, simulator("oracle"), figures)
        shown |= what_is_shown(history)
    assert figures.steps > 5_000
    assert claimed(request) <= shown


def test_the_cell_table_has_every_state_and_operation() -> None:
    recorded = [tuple(step for step, _ in history) for history in tapes.histories(tapes.CELLS)]
    assert recorded == list(cells())


@pytest.mark.evidence(error="AuthorizationPermissionMismatch", source="azurite:random walks")
@pytest.mark.evidence(error="AuthorizationProtocolMismatch", source="azurite:random walks")
@pytest.mark.evidence(error="AuthorizationResourceTypeMismatch", source="azurite:random walks")
@pytest.mark.evidence(error="AuthorizationServiceMismatch", source="azurite:random walks")
@pytest.mark.evidence(error="InvalidMetadata", source="azurite:random walks")
@pytest.mark.evidence(error="InvalidRange", source="azurite:random walks")
@pytest.mark.evidence(error="InvalidResourceName", source="azurite:random walks")
@pytest.mark.evidence(error="OutOfRangeInput", source="azurite:random walks")
@pytest.mark.evidence(error="ResourceNotFound", source="azurite:random walks")
@pytest.mark.evidence(error="ShareAlreadyExists", source="azurite:random walks")
@pytest.mark.evidence(error="ShareNotFound", source="azurite:random walks")
@pytest.mark.evidence(operation="V1", source="azurite:random walks")
@pytest.mark.evidence(operation="H1", source="azurite:random walks")
@pytest.mark.evidence(operation="H2", source="azurite:random walks")
@pytest.mark.evidence(operation="H3", source="azurite:random walks")
@pytest.mark.evidence(operation="H5", source="azurite:random walks")
@pytest.mark.evidence(operation="H6", source="azurite:random walks")
@pytest.mark.evidence(operation="H7", source="azurite:random walks")
@pytest.mark.evidence(operation="H8", source="azurite:random walks")
@pytest.mark.evidence(operation="F1", source="azurite:random walks")
@pytest.mark.evidence(operation="F2", source="azurite:random walks")
@pytest.mark.evidence(operation="F3", source="azurite:random walks")
@pytest.mark.evidence(operation="F4", source="azurite:random walks")
@pytest.mark.evidence(operation="F5", source="azurite:random walks")
@pytest.mark.evidence(operation="F6", source="azurite:random walks")
@pytest.mark.evidence(operation="F7", source="azurite:random walks")
@pytest.mark.evidence(operation="F8", source="azurite:random walks")
@pytest.mark.evidence(operation="F9", source="azurite:random walks")
@pytest.mark.evidence(operation="F11", source="azurite:random walks")
def test_what_machines_did_is_answered_as_by_azurite(request: pytest.FixtureRequest) -> None:
    shown: set[str] = set()
    for name in MACHINES:
        for number, history in enumerate(tapes.histories(name)):
            shown |= what_is_shown(history)
            if number < WALKS_PLAYED:
                compare_recorded(history, simulator("oracle"))
    assert claimed(request) <= shown


def what_is_shown(history: History) -> set[str]:
    """The codes that Azurite answered, and the operations that it took."""
    taken = {number_of(step) for step, seen in history if seen.succeeded}
    return {seen.code for _, seen in history if seen.code} | taken


def claimed(request: pytest.FixtureRequest) -> set[str]:
    marks = [mark.kwargs for mark in request.node.iter_markers("evidence")]
    return {mark.get("error") or mark["operation"] for mark in marks}


NUMBERS = {
    s.ListShares: "V1", s.SetPolicies: "H8", s.ShowPolicies: "H7", s.Read: "F2", s.ListRanges: "F11", s.Write: "F8",
    s.Clear: "F9", s.Resize: "F5", s.SetHeaders: "F5",
}  # fmt: skip
NUMBERS_ON = {
    s.SHARE: {s.Create: "H1", s.Show: "H2", s.Delete: "H3", s.SetMetadata: "H5", s.ShowMetadata: "H6"},
    s.FILE: {s.Create: "F1", s.Show: "F3", s.Delete: "F4", s.SetMetadata: "F6", s.ShowMetadata: "F7"},
}
LEASES = {
    s.SHARE: {"acquire": "H14", "renew": "H15", "change": "H16", "release": "H17", "break": "H18"},
    s.FILE: {"acquire": "F17", "change": "F18", "release": "F19", "break": "F20"},
}


def number_of(step: s.Step) -> str:
    """The number of the operation that a step is."""
    match step:
        case s.Signed():
            return number_of(step.step)
        case s.Lease():
            return LEASES[step.on][step.action]
        case s.Wait() | s.Anew() | s.Ask():
            return ""
        case _:
            return NUMBERS.get(type(step)) or NUMBERS_ON[getattr(step, "on", "")][type(step)]


@pytest.mark.parametrize("name", tapes.NAMES)
def test_tapes_are_of_the_version_that_is_installed(name: str) -> None:
    assert json.loads(tapes.path_of(name).read_text(encoding="utf-8"))["azurite"] == VERSION


@pytest.mark.parametrize("name", tapes.NAMES)
def test_azurite_answers_as_on_tape(bench: Bench, name: str) -> None:
    """The cells all; of the walks of the machines an ordinary run the first."""
    whole = name == tapes.CELLS or COUNTS is not None
    for history in islice(tapes.histories(name), None if whole else WALKS_PLAYED):
        assert tapes.play(name, history, bench) == history
