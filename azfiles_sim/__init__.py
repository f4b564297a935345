"""A simulator of the Azure Files REST service: stateful, deterministic, in process or served.

``Simulator().handle`` is a plain function from a request to a reply. It shares no code with the ``azfiles`` client,
so that each can be the other's oracle.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azfiles_sim.accounts import AccountsError, AccountSpec
    from azfiles_sim.clock import Clock, ManualClock, OffsetClock, SystemClock
    from azfiles_sim.journal import Entry, Journal
    from azfiles_sim.messages import IN_PROCESS, Connection, Dropped, Reply, Request
    from azfiles_sim.model.quirks import RECORDED_2019, TODAY, Quirks
    from azfiles_sim.simulator import Simulator

# Imported when first used: pytest imports this package at each start, for its plugin, whoever needs a simulator then.
_LATER = {
    "IN_PROCESS": "azfiles_sim.messages",
    "RECORDED_2019": "azfiles_sim.model.quirks",
    "TODAY": "azfiles_sim.model.quirks",
    "AccountSpec": "azfiles_sim.accounts",
    "AccountsError": "azfiles_sim.accounts",
    "Clock": "azfiles_sim.clock",
    "Connection": "azfiles_sim.messages",
    "Dropped": "azfiles_sim.messages",
    "Entry": "azfiles_sim.journal",
    "Journal": "azfiles_sim.journal",
    "ManualClock": "azfiles_sim.clock",
    "OffsetClock": "azfiles_sim.clock",
    "Quirks": "azfiles_sim.model.quirks",
    "Reply": "azfiles_sim.messages",
    "Request": "azfiles_sim.messages",
    "Simulator": "azfiles_sim.simulator",
    "SystemClock": "azfiles_sim.clock",
}


def __getattr__(name: str) -> Any:
    module = _LATER.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_LATER])


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
