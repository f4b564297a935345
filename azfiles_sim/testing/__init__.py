"""What people test their own code with.

- ``strategies``: hypothesis strategies for names, ranges and properties that hurt
- ``FilesMachine``: a rule-based machine that compares any endpoint with a small model; subclass it
- ``conformance``: what is claimed of the service, for pytest to hold any endpoint to
- ``targets``: what those are pointed at

It needs the extra ``testing``, and is the one place where client and simulator meet.
"""

from __future__ import annotations

from azfiles_sim.testing import strategies
from azfiles_sim.testing.environment import target_maker
from azfiles_sim.testing.machine import FilesMachine
from azfiles_sim.testing.model import Model
from azfiles_sim.testing.running import find_difference, run_machine
from azfiles_sim.testing.steps import Difference
from azfiles_sim.testing.targets import (
    Capability,
    EndpointTarget,
    LeftBehind,
    MakeTarget,
    Missing,
    SimulatorTarget,
    Target,
    make_simulator,
)

__all__ = [
    "Capability",
    "Difference",
    "EndpointTarget",
    "FilesMachine",
    "LeftBehind",
    "MakeTarget",
    "Missing",
    "Model",
    "SimulatorTarget",
    "Target",
    "find_difference",
    "make_simulator",
    "run_machine",
    "strategies",
    "target_maker",
]
