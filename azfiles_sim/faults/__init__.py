"""Mishaps on the way to a service and back, decided by a plan that a number makes and written down in a diary."""

from __future__ import annotations

from azfiles_sim.faults.faulty import DiaryEntry, Faulty, Handle
from azfiles_sim.faults.outcomes import LoseReply, LoseRequest, Outcome
from azfiles_sim.faults.plan import Call, FixedPlan, Plan, SeededPlan

__all__ = [
    "Call",
    "DiaryEntry",
    "Faulty",
    "FixedPlan",
    "Handle",
    "LoseReply",
    "LoseRequest",
    "Outcome",
    "Plan",
    "SeededPlan",
]
