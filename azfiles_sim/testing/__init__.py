"""What people test their own code with.

- ``strategies``: hypothesis strategies for names, ranges and properties that hurt
- ``FilesMachine``: a rule-based machine that compares any endpoint with a small model; subclass it
- ``conformance``: what is claimed of the service, for pytest to hold any endpoint to
- ``targets``: what those are pointed at
- ``cassettes``: recordings held to the simulator, gone on from, and made

Cassettes need the extra ``recording``, the rest the extra ``testing``. Client and simulator meet here.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azfiles_sim.testing import strategies
    from azfiles_sim.testing.cassettes.rebuilding import from_cassette
    from azfiles_sim.testing.cassettes.scripting import record_script, replay_script
    from azfiles_sim.testing.cassettes.verifying import verify_cassette
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

# Imported when first used: who plays cassettes has no need of hypothesis.
_LATER = {
    "Capability": "targets",
    "Difference": "steps",
    "EndpointTarget": "targets",
    "FilesMachine": "machine",
    "LeftBehind": "targets",
    "MakeTarget": "targets",
    "Missing": "targets",
    "Model": "model",
    "SimulatorTarget": "targets",
    "Target": "targets",
    "find_difference": "running",
    "from_cassette": "cassettes.rebuilding",
    "make_simulator": "targets",
    "record_script": "cassettes.scripting",
    "replay_script": "cassettes.scripting",
    "run_machine": "running",
    "strategies": "strategies",
    "target_maker": "environment",
    "verify_cassette": "cassettes.verifying",
}


def __getattr__(name: str) -> Any:
    module = _LATER.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = importlib.import_module(f"{__name__}.{module}")
    value = found if name == module else getattr(found, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_LATER])


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
    "from_cassette",
    "make_simulator",
    "record_script",
    "replay_script",
    "run_machine",
    "strategies",
    "target_maker",
    "verify_cassette",
]
