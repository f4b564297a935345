"""Whether the locks of shares excluded each other. They have no tokens, so who came first is told by when each was certain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from azfiles_sim.explore.checker.history import Done, Entry, History
from azfiles_sim.explore.checker.lock_actions import BreakShareLock, CheckShareLock, KeepShareLock, TakeShareLock
from azfiles_sim.explore.checker.locks import Fault


@dataclass(frozen=True, slots=True)
class Sure:
    """A hold of a share's lock that was certain at ``by``, and all the time between two of them."""

    hold: str
    at: int
    by: Entry


def find_fault(history: History) -> Fault | None:
    """The first of the faults of all locks of shares in a history."""
    shares = {entry.action.share: None for entry in history if isinstance(entry.action, TakeShareLock)}
    for share in shares:
        for look in (_two_at_once, _lost, _unusable):
            fault = next(look(history, share), None)
            if fault is not None:
                return fault
    return None


def _two_at_once(history: History, share: str) -> Iterator[Fault]:
    """Who is sure of the lock twice had it between, for what is lost once is never sure again."""
    certain = (one for one in _sure(history, share) if not _broken(history, share, one.hold, one.at, at_once=True))
    sure = sorted(certain, key=lambda one: one.at)
    for place, one in enumerate(sure):
        others = [other for other in sure[:place] if other.hold != one.hold]
        if others and any(before.hold == one.hold and before.at < others[-1].at for before in sure[:place]):
            yield Fault(share, "two were sure to have the lock of a share", (others[-1].by, one.by))


def _sure(history: History, share: str) -> Iterator[Sure]:
    """When somebody was sure. A client that was never held up is from the beginning to the end."""
    for entry in history:
        match entry.action:
            case CheckShareLock(share=named, hold=hold) if named == share and isinstance(entry.outcome, Done):
                yield Sure(hold, entry.invoked, entry)
            case KeepShareLock(share=named, hold=hold, steady=True) if named == share:
                yield Sure(hold, entry.invoked, entry)
                yield Sure(hold, entry.invoked if entry.completed is None else entry.completed, entry)
            case _:
                continue


def _lost(history: History, share: str) -> Iterator[Fault]:
    """Who was never held up keeps the lock until it is given back, unless somebody broke its lease meanwhile."""
    for entry in history:
        action = entry.action
        if isinstance(action, KeepShareLock) and action.share == share and action.steady and action.lost:
            ended = entry.invoked if entry.completed is None else entry.completed
            if not _broken(history, share, action.hold, ended):
                yield Fault(share, "a client lost the lock of a share that was never held up", (entry,))


def _broken(history: History, share: str, hold: str, until: int, *, at_once: bool = False) -> bool:
    """Whether this hold's lease may have been broken until then, or (``at_once``) even ended before its time: its holder
    learns of that with its next sign of life, and believes until then that it is sure.
    """
    began = next(entry.invoked for entry in history if entry.action == TakeShareLock(share, hold))
    return any(
        entry.invoked < until and (entry.completed is None or began < entry.completed)
        for entry in history
        if isinstance(entry.action, BreakShareLock)
        and entry.action.share == share
        and (entry.action.at_once or not at_once)
    )


def _unusable(history: History, share: str) -> Iterator[Fault]:
    """When all is over, client 0 gets the lock."""
    for entry in history:
        action = entry.action
        of_share = isinstance(action, TakeShareLock) and action.share == share
        if of_share and entry.client == 0 and not isinstance(entry.outcome, Done):
            yield Fault(share, "nobody gets the lock of a share any more", (entry,))


__all__ = ["find_fault"]
