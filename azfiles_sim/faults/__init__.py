"""Mishaps on the way to a service and back, and inside it: decided by a plan, carried out, and written in a diary.

``docs/faults.md`` tells how to use it.
"""

from __future__ import annotations

from azfiles_sim.faults.backstage import FaultImpossible
from azfiles_sim.faults.diary import DiaryEntry
from azfiles_sim.faults.encounter import Handle
from azfiles_sim.faults.faulty import AnyPlan, Faulty
from azfiles_sim.faults.outcomes import (
    CutBody,
    DelayReply,
    DelayRequest,
    Drip,
    FlipReplyBit,
    FlipRequestBit,
    LoseLease,
    LoseReply,
    LoseRequest,
    Outcome,
    Refuse,
    Reset,
    Restart,
    SkewClock,
    WrongLength,
)
from azfiles_sim.faults.plan import Call, FixedPlan, Plan, SeededPlan
from azfiles_sim.faults.reading import PlanError, document_of, read_plan, script_of
from azfiles_sim.faults.script import Rule, Script

__all__ = [
    "AnyPlan",
    "Call",
    "CutBody",
    "DelayReply",
    "DelayRequest",
    "DiaryEntry",
    "Drip",
    "FaultImpossible",
    "Faulty",
    "FixedPlan",
    "FlipReplyBit",
    "FlipRequestBit",
    "Handle",
    "LoseLease",
    "LoseReply",
    "LoseRequest",
    "Outcome",
    "Plan",
    "PlanError",
    "Refuse",
    "Reset",
    "Restart",
    "Rule",
    "Script",
    "SeededPlan",
    "SkewClock",
    "WrongLength",
    "document_of",
    "read_plan",
    "script_of",
]
