"""What a lease promises, read off a history directly: no order is searched for, only what was certain at all times.

A lease is certainly held from the moment that its holder was told so until somebody begins what may end it. Meanwhile
nobody else is given it, and nobody changes the file without its id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from azfiles_sim.explore.checker.history import (
    Acquire,
    AcquireShare,
    Break,
    BreakShare,
    Change,
    ChangeShare,
    Clear,
    Copy,
    Create,
    Delete,
    Done,
    Entry,
    History,
    Put,
    Refused,
    Release,
    ReleaseShare,
    Rename,
    RenewShare,
    Resize,
    SetMetadata,
)

_ALWAYS: Final = 2**63
_WRITES: Final = (Copy, Create, Delete, Put, Clear, Resize, SetMetadata, Rename)


@dataclass(frozen=True, slots=True)
class Holding:
    """A lease of one file or share that was certainly held from ``since`` until ``until``, both in the history's time."""

    thing: str
    id: str
    since: int
    until: int
    by: Entry

    def covers(self, entry: Entry) -> bool:
        """Whether the lease was held all the time that the entry took."""
        return self.since <= entry.invoked and entry.completed is not None and entry.completed <= self.until


@dataclass(frozen=True, slots=True)
class Breach:
    """What was done while a lease was held that forbids it."""

    holding: Holding
    entry: Entry

    def __str__(self) -> str:
        return (
            f"while {self.holding.id} held {self.holding.thing} by {self.holding.by}, this was done without it: "
            f"{self.entry}"
        )


def find_breach(history: History) -> Breach | None:
    """The first thing done under somebody else's lease."""
    holdings = list(_holdings(history))
    for entry in sorted(history, key=lambda one: one.invoked):
        if isinstance(entry.outcome, Done):
            for holding in holdings:
                if holding.covers(entry) and _breaks(entry, holding):
                    return Breach(holding, entry)
    return None


def _holdings(history: History) -> Iterator[Holding]:
    for entry in history:
        taken = _taken(entry)
        if taken is None or not isinstance(entry.outcome, Done) or entry.completed is None:
            continue
        thing, lease_id = taken
        ends = [other.invoked for other in history if other is not entry and _may_end(other, thing, lease_id, entry)]
        yield Holding(thing, lease_id, entry.completed, min(ends, default=_ALWAYS), entry)


def _taken(entry: Entry) -> tuple[str, str] | None:
    """The thing and the id by which a success of this entry leaves it held without end."""
    match entry.action:
        case Acquire(file=thing, id=lease_id) | Change(file=thing, id=lease_id):
            return thing, lease_id
        case AcquireShare(share=thing, id=lease_id, duration_s=None):
            return thing, lease_id
        case _:
            return None


def _may_end(entry: Entry, thing: str, lease_id: str, taking: Entry) -> bool:
    """Whether the entry, if it was done after the lease was taken, might have ended it."""
    if isinstance(entry.outcome, Refused) or (entry.completed is not None and taking.invoked >= entry.completed):
        return False
    match entry.action:
        case Release(lease=given) | ReleaseShare(lease=given) | Change(lease=given) | ChangeShare(lease=given):
            return given == lease_id
        case Break(file=name) | BreakShare(share=name):
            return name == thing
        case Delete(lease=given):
            return given == lease_id
        case Rename(lease=given, lease_there=given_there):
            return lease_id in {given, given_there}
        case AcquireShare(share=name, id=other, duration_s=seconds):
            return name == thing and other == lease_id and seconds is not None
        case _:
            return False


def _breaks(entry: Entry, holding: Holding) -> bool:
    action = entry.action
    match action:
        case Acquire(file=thing, id=lease_id) | AcquireShare(share=thing, id=lease_id):
            return thing == holding.thing and lease_id != holding.id
        case Change(file=thing, lease=given, id=wanted) | ChangeShare(share=thing, lease=given, id=wanted):
            return thing == holding.thing and holding.id not in {given, wanted}
        case (
            Release(file=thing, lease=given)
            | RenewShare(share=thing, lease=given)
            | ReleaseShare(share=thing, lease=given)
        ):
            return thing == holding.thing and given != holding.id
        case Rename(to=target, lease_there=given) if target == holding.thing:
            return given != holding.id
        case _:
            return isinstance(action, _WRITES) and action.file == holding.thing and action.lease != holding.id


__all__ = ["Breach", "Holding", "find_breach"]
