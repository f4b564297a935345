"""A simulator of the Azure Files REST service: stateful, deterministic, in process or served.

``Simulator().handle`` is a plain function from a request to a reply. It shares no code with the ``azfiles`` client,
so that each can be the other's oracle.
"""

from __future__ import annotations

from azfiles_sim.accounts import AccountsError, AccountSpec
from azfiles_sim.clock import Clock, ManualClock, OffsetClock, SystemClock
from azfiles_sim.journal import Entry, Journal
from azfiles_sim.messages import IN_PROCESS, Connection, Dropped, Reply, Request
from azfiles_sim.model.quirks import RECORDED_2019, TODAY, Quirks
from azfiles_sim.simulator import Simulator

__all__ = [
    "IN_PROCESS",
    "RECORDED_2019",
    "TODAY",
    "AccountSpec",
    "AccountsError",
    "Clock",
    "Connection",
    "Dropped",
    "Entry",
    "Journal",
    "ManualClock",
    "OffsetClock",
    "Quirks",
    "Reply",
    "Request",
    "Simulator",
    "SystemClock",
]
