"""Decides whether a history could have come from a service that does one thing at a time. Imports nothing of the
project: it is the judge of client and simulator alike.
"""

from __future__ import annotations

from azfiles_sim.explore.checker.checking import NUMBER_BYTES, Violation, check
from azfiles_sim.explore.checker.search import Undecided

__all__ = ["NUMBER_BYTES", "Undecided", "Violation", "check"]
