"""A page to look at a served simulator: trees, ranges, leases, requests, time, faults, cassettes (``docs/inspector.md``).

It stands above ``server``, which is handed an ``Inspection`` by the command line and knows nothing else of it.
"""

from __future__ import annotations

from azfiles_sim.inspector.inspection import Inspection
from azfiles_sim.inspector.inspector import Inspector
from azfiles_sim.inspector.watching import InspectedSimulator

__all__ = ["InspectedSimulator", "Inspection", "Inspector"]
