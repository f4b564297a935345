"""The verdict on a history: file by file, share lease by share lease, counter by counter, lock by lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from azfiles_sim.explore.checker import counters, files, locks, share_leases, share_locks, swaps
from azfiles_sim.explore.checker.counters import Counter
from azfiles_sim.explore.checker.exclusion import find_breach
from azfiles_sim.explore.checker.files import File, State
from azfiles_sim.explore.checker.history import (
    AcquireShare,
    BreakShare,
    ChangeShare,
    Copy,
    CreateNew,
    Done,
    Entry,
    History,
    Increment,
    ListFiles,
    Read,
    ReadShare,
    ReadWhole,
    ReleaseShare,
    Rename,
    RenewShare,
    TakeSnapshot,
    Told,
    Update,
    WriteIf,
)
from azfiles_sim.explore.checker.lock_actions import (
    BreakShareLock,
    CheckLock,
    CheckShareLock,
    Count,
    DropCompanion,
    KeepLock,
    KeepShareLock,
    LateBreak,
    ReadCount,
    TakeLock,
    TakeShareLock,
)
from azfiles_sim.explore.checker.search import DEFAULT_BUDGET, Dead, Fit, S, find_order
from azfiles_sim.explore.checker.share_leases import ShareLease

NUMBER_BYTES: Final = 8
"""How long the number is that increments count in, big-endian, at the beginning of its file."""

_ShareAction = (AcquireShare, RenewShare, ChangeShare, ReleaseShare, BreakShare, ReadShare)
_SwapAction = (Update, WriteIf, CreateNew, ReadWhole)
_ShareLockAction = (TakeShareLock, KeepShareLock, CheckShareLock, BreakShareLock)
_LockAction = (TakeLock, KeepLock, CheckLock, Count, ReadCount, LateBreak, DropCompanion, *_ShareLockAction)
_NotOfFiles = (*_ShareAction, *_SwapAction, *_LockAction, Increment)
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Violation:
    """What no correct service and client could have done. ``kind`` is one word, ``where`` the files or share."""

    kind: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind} of {self.where}: {self.text}"


def check(history: History, initial: Mapping[str, bytes], *, budget: int = DEFAULT_BUDGET) -> Violation | None:
    """The first violation in a history that began with the ``initial`` files, or None.

    Raises ``search.Undecided`` where that could not be found out by trying ``budget`` orders of one part of it.
    """
    breach = find_breach(history)
    if breach is not None:
        return Violation("exclusion", breach.holding.thing, str(breach))
    return (
        _check_files(history, initial, budget)
        or _check_shares(history, budget)
        or _check_counters(history, initial, budget)
        or _check_swaps(history, initial, budget)
        or _check_locks(history, budget)
    )


def _check_files(history: History, initial: Mapping[str, bytes], budget: int) -> Violation | None:
    versions = count(-1, -1)
    there = {name: File(data, next(versions)) for name, data in initial.items()}
    entries = [entry for entry in history if not isinstance(entry.action, _NotOfFiles)]
    for names, part in _apart(entries, there):
        start = State({name: there[name] for name in names if name in there})
        violation = _search("order", ", ".join(names), part, start, files.fit, budget)
        if violation is not None:
            return violation
    return None


def _check_shares(history: History, budget: int) -> Violation | None:
    shares: dict[str, list[Entry]] = {}
    for entry in history:
        if isinstance(entry.action, _ShareAction):
            shares.setdefault(entry.action.share, []).append(entry)
    for share, entries in shares.items():
        violation = _search("order", f"the lease of {share}", entries, ShareLease(), share_leases.fit, budget)
        if violation is not None:
            return violation
    return None


def _check_counters(history: History, initial: Mapping[str, bytes], budget: int) -> Violation | None:
    names = {entry.action.file: None for entry in history if isinstance(entry.action, Increment)}
    for name in names:
        start = Counter(_number(initial[name]))
        entries = list(_counting(history, name))
        violation = _search("increments", name, entries, start, counters.fit, budget)
        if violation is not None:
            return violation
    return None


def _check_swaps(history: History, initial: Mapping[str, bytes], budget: int) -> Violation | None:
    swapped: dict[str, list[Entry]] = {}
    for entry in history:
        if isinstance(entry.action, _SwapAction):
            swapped.setdefault(entry.action.file, []).append(entry)
    for name, entries in swapped.items():
        violation = _search("swaps", name, entries, swaps.Register(initial.get(name)), swaps.fit, budget)
        if violation is not None:
            return violation
    return None


def _check_locks(history: History, budget: int) -> Violation | None:
    fault = locks.find_fault(history) or share_locks.find_fault(history)
    if fault is not None:
        return Violation("locks", fault.file, str(fault))
    counted: dict[str, list[Entry]] = {}
    for entry in history:
        if isinstance(entry.action, (Count, ReadCount)):
            counted.setdefault(entry.action.thing, []).append(entry)
    for thing, entries in counted.items():
        violation = _search("counts", thing, entries, locks.Number(0), locks.fit, budget)
        if violation is not None:
            return violation
    return None


def _counting(history: History, name: str) -> Iterable[Entry]:
    """The increments of a file, and what was read of its number."""
    for entry in history:
        if isinstance(entry.action, Increment) and entry.action.file == name:
            yield entry
        elif isinstance(entry.action, Read) and entry.action.file == name and entry.action.snapshot is None:
            data = entry.outcome.told.data if isinstance(entry.outcome, Done) else None
            if data is not None and len(data) >= NUMBER_BYTES and not entry.action.offset:
                yield replace(entry, outcome=Done(Told(value=_number(data))))


def _number(data: bytes) -> int:
    return int.from_bytes(data[:NUMBER_BYTES], "big")


def _search(kind: str, where: str, entries: list[Entry], start: S, fit: Fit[S], budget: int) -> Violation | None:
    found = find_order(entries, start, fit, budget=budget)
    return Violation(kind, where, _explain(found)) if isinstance(found, Dead) else None


def _explain(dead: Dead) -> str:
    placed = [f"  {entry}" for entry in dead.placed[-_SHOWN:]]
    if len(dead.placed) > _SHOWN:
        placed.insert(0, f"  ... {len(dead.placed) - _SHOWN} entries before")
    following = [f"  {entry}\n    {reason}" for entry, reason in dead.misfits]
    return "\n".join(
        [
            "no order of what was done gives these answers. In the longest that does, come",
            *placed,
            "and then one of",
            *following,
        ]
    )


def _apart(entries: list[Entry], there: Iterable[str]) -> list[tuple[list[str], list[Entry]]]:
    """The entries in groups of files that nothing joins, with their names: a rename or copy joins two, listing a share
    or reading from a snapshot of it all its files. ``there`` are the files that there were before.
    """
    leaders: dict[str, str] = {}

    def leader(name: str) -> str:
        first = leaders.setdefault(name, name)
        if first != name:
            first = leaders[name] = leader(first)
        return first

    def join(one: str, other: str) -> None:
        leaders[leader(other)] = leader(one)

    whole = {_share(_names(entry)[0]) for entry in entries if _shows_whole_share(entry)}
    for names in (*map(_names, entries), *((name,) for name in there)):
        for name in names:
            join(names[0], name)
            if _share(name) in whole:
                join(_share(name), name)
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(leader(_names(entry)[0]), []).append(entry)
    files_of = {first: [name for name in leaders if leader(name) == first and "/" in name] for first in groups}
    return [(sorted(files_of[first]), group) for first, group in groups.items()]


def _names(entry: Entry) -> tuple[str, ...]:
    action = entry.action
    if isinstance(action, (TakeSnapshot, ListFiles)):
        return (action.share,)
    if isinstance(action, Rename):
        return action.file, action.to
    if isinstance(action, Copy):
        return action.file, action.source
    if isinstance(action, _NotOfFiles):
        raise TypeError(f"not an action on files: {action}")
    return (action.file,)


def _shows_whole_share(entry: Entry) -> bool:
    action = entry.action
    return isinstance(action, ListFiles) or (isinstance(action, Read) and action.snapshot is not None)


def _share(name: str) -> str:
    return name.partition("/")[0]


__all__ = ["NUMBER_BYTES", "Violation", "check"]
