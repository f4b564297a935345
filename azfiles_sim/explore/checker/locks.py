"""Whether locks excluded each other, whether their tokens rise, and whether nothing was lost under them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from azfiles_sim.explore.checker.history import Done, Entry, History, Refused, Told
from azfiles_sim.explore.checker.lock_actions import (
    CheckLock,
    Count,
    DropCompanion,
    KeepLock,
    LateBreak,
    ReadCount,
    TakeLock,
)
from azfiles_sim.explore.checker.telling import Misfit, compare

A = TypeVar("A", TakeLock, KeepLock, CheckLock, Count, LateBreak, DropCompanion)


@dataclass(frozen=True, slots=True)
class Fault:
    """What a lock let happen, with the entries that show it."""

    file: str
    reason: str
    entries: tuple[Entry, ...]

    def __str__(self) -> str:
        return "\n  ".join((self.reason, *map(str, self.entries)))


def find_fault(history: History) -> Fault | None:
    """The first of the faults of all locks in a history."""
    files = {entry.action.file: None for entry in history if isinstance(entry.action, TakeLock)}
    for file in files:
        for look in (_tokens, _two_at_once, _checked_too_late, _written_too_late, _lost, _unusable):
            fault = next(look(history, file), None)
            if fault is not None:
                return fault
    return None


def _tokens(history: History, file: str) -> Iterator[Fault]:
    """Whoever got the lock later has a greater token, and no two have the same. A client that was held up may have got
    it long before it knows that it has.
    """
    steady = {kept.token for kept, _ in _all(history, file, KeepLock) if kept.steady}
    for token, one in _taken(history, file):
        for following, other in _taken(history, file):
            later = _end(one) < other.invoked or (following in steady and _end(one) < _end(other))
            if one is not other and (following == token or (later and following < token)):
                yield Fault(file, "a later holder's token is not greater", (one, other))


def _two_at_once(history: History, file: str) -> Iterator[Fault]:
    """While a client has the lock that was never held up nobody else gets it, unless it left no trace."""
    for kept, entry in _all(history, file, KeepLock):
        for token, other in _taken(history, file):
            overlap = kept.steady and token > kept.token and entry.invoked < _end(other) < _end(entry)
            if overlap and not _traceless(history, file, kept.token, _end(other)):
                yield Fault(file, "two had the lock at once", (entry, other))


def _checked_too_late(history: History, file: str) -> Iterator[Fault]:
    """Who was told to have the lock still had it: nobody with a greater token had got it before, unless it left no trace."""
    for check, entry in _all(history, file, CheckLock):
        for token, other in _taken(history, file):
            late = isinstance(entry.outcome, Done) and token > check.token and _end(other) < entry.invoked
            if late and not _traceless(history, file, check.token, _end(other)):
                yield Fault(file, "a client was told to have the lock that another one had got", (other, entry))


def _written_too_late(history: History, file: str) -> Iterator[Fault]:
    """Once a successor has written, the displaced holder's writes are refused."""
    done = [(count, entry) for count, entry in _all(history, file, Count) if isinstance(entry.outcome, Done)]
    for count, entry in done:
        for late, other in done:
            if count.thing == late.thing and late.token < count.token and _end(entry) < other.invoked:
                yield Fault(file, "a displaced holder wrote after its successor had", (entry, other))


def _lost(history: History, file: str) -> Iterator[Fault]:
    """Who was never held up keeps the lock until it is given back, unless a late break ended its lease meanwhile."""
    for kept, entry in _all(history, file, KeepLock):
        if kept.steady and kept.lost and not _broken_late(history, file, kept.token, _end(entry)):
            yield Fault(file, "a client lost the lock that was never held up", (entry,))


def _broken_late(history: History, file: str, token: int, until: int) -> bool:
    """Whether the lease of the holder with this token may have been ended by a late break until then."""
    began = _began(history, file, token)
    return any(began < _end(entry) < until for _, entry in _all(history, file, LateBreak))


def _traceless(history: History, file: str, token: int, until: int) -> bool:
    """Whether until then the holder with this token may have lost both its lease, by a late break, and its companion,
    which somebody deleted: nothing was left at the service that could tell of it.
    """
    began = _began(history, file, token)
    return _broken_late(history, file, token, until) and any(
        entry.invoked < until and (entry.completed is None or began < entry.completed)
        for _, entry in _all(history, file, DropCompanion)
    )


def _began(history: History, file: str, token: int) -> int:
    """When the holder with this token began to ask for the lock."""
    return next(entry.invoked for given, entry in _taken(history, file) if given == token)


def _unusable(history: History, file: str) -> Iterator[Fault]:
    """When all is over, client 0 gets the lock."""
    for _, entry in _all(history, file, TakeLock):
        if entry.client == 0 and not isinstance(entry.outcome, Done):
            yield Fault(file, "nobody gets the lock any more", (entry,))


def _all(history: History, file: str, kind: type[A]) -> Iterator[tuple[A, Entry]]:
    for entry in history:
        action = entry.action
        if isinstance(action, kind) and action.file == file:
            yield action, entry


def _taken(history: History, file: str) -> Iterator[tuple[int, Entry]]:
    """The tokens that were given out, and to whom."""
    for _, entry in _all(history, file, TakeLock):
        if isinstance(entry.outcome, Done) and entry.outcome.told.value is not None:
            yield entry.outcome.told.value, entry


def _end(entry: Entry) -> int:
    return entry.invoked if entry.completed is None else entry.completed


@dataclass(frozen=True, slots=True)
class Number:
    """The naive thing that is counted in under a lock: a number, and adding one to it is one step."""

    value: int

    def key(self) -> Hashable:
        return self


def fit(number: Number, index: int, entry: Entry) -> Number | Misfit:  # noqa: ARG001 - as all of its kind
    """The number after an entry."""
    match entry.action:
        case ReadCount():
            return compare(None, Told(value=number.value), entry.outcome) or number
        case Count():
            if isinstance(entry.outcome, Refused):
                return number
            after = Number(number.value + 1)
            return compare(None, Told(value=after.value), entry.outcome) or after
        case _:
            raise TypeError(f"nothing that is done to a number: {entry.action}")


__all__ = ["Fault", "Number", "find_fault", "fit"]
