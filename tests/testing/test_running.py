"""A machine run from a seed tells how a service differs from the model, in the shortest operations that show it."""

from __future__ import annotations

import pytest

from azfiles_sim.testing import Difference, FilesMachine, SimulatorTarget, find_difference
from azfiles_sim.testing.running import shorten

from .mistakes import forgetting_metadata

MOST = 8
"""A share, perhaps a directory, a file, perhaps a lease, the metadata, and a look: of some hundred that were drawn."""


def test_a_service_with_a_mistake_is_found_and_the_way_to_it_is_short() -> None:
    with forgetting_metadata():
        found = find_difference(SimulatorTarget, 20, 12, 1)
    assert found is not None
    assert "metadata: expected {'a': '" in found
    assert "seed 1" in found
    told = found.rpartition("the shortest operations that show it:")[2].splitlines()
    operations = [line.split("(")[0].strip() for line in told if "(" in line and ":" not in line.split("(")[0]]
    assert operations[-2:] == ["set_file_metadata", "get_file"]
    assert len(operations) <= MOST


def test_operations_that_do_not_fail_again_are_left_as_they_are() -> None:
    asked = [("create_share", {"share": "data", "metadata": {}})]
    assert shorten(FilesMachine, asked) == (asked, "")


def test_a_subclass_checks_operations_of_its_own_choice() -> None:
    """And what the model was not told is found in the end."""
    machine = FilesMachine()
    assert machine.check("create_share", share="data", metadata={}) is True
    assert machine.check("create_share", share="data", metadata={}) is False
    assert machine.check("rename_file", share="data", path="a", new_path="A", replace=False) is False
    machine.driver.share("data").file("behind its back").create(0)
    with pytest.raises(Difference, match="list_directory"):
        machine.teardown()
