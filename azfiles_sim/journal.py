"""What a simulator was asked and what it answered: the last so many requests, without credentials or bodies."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

from azfiles_sim.model.entities import Ticks
from azfiles_sim.wire.redaction import LONGEST_TOLD, tell_target

DEFAULT_LIMIT: Final = 1000


class Entry(NamedTuple):
    """One request. ``target`` shows no secret and is cut where it is long; ``operation`` is empty where none was
    recognised; ``error_code`` is empty for a success; ``notes`` tell what was ignored or taken for something else.
    """

    request_id: str
    at: Ticks
    method: str
    target: str
    account: str
    operation: str
    version: str
    status: int
    error_code: str = ""
    notes: tuple[str, ...] = ()


Noted: TypeAlias = tuple[str, Ticks, str, str, str, str, str, int, str, tuple[str, ...]]
"""The fields of an entry whose target is not told yet: that costs more than all else of it, and few are ever read."""


class Journal:
    """The newest entries, oldest first; older ones than the limit are forgotten.

    Entries are numbered from 1 on in the order in which they came, and a number is not used again after ``clear``: so
    a reader can ask for what came since. Safe to use from several threads. Appending, which every request does, takes
    no lock: a deque appends in one step, and a number is counted from its place when somebody asks.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self._limit = limit
        self._most = 2 * limit  # so that forgetting is done for many at once
        self._entries: deque[Entry | Noted] = deque()
        self._forgotten = 0
        self._lock = threading.Lock()  # of whoever reads numbers or forgets

    def append(self, entry: Entry | Noted) -> None:
        """Append an entry, or what one is made of: a target in that may show secrets, which is told when somebody reads it."""
        entries = self._entries
        entries.append(entry if len(entry[3]) <= LONGEST_TOLD else _told(entry))
        if len(entries) > self._most:
            self._forget(self._limit)

    def entries(self) -> tuple[Entry, ...]:
        """All entries at this moment."""
        return tuple(entry for _, entry in self.numbered())

    def numbered(self, since: int = 0) -> tuple[tuple[int, Entry], ...]:
        """The entries that came after number ``since``, each with its number."""
        with self._lock:
            entries, first = tuple(self._entries.copy()), self._forgotten + 1
        skipped = max(0, len(entries) - self._limit, since + 1 - first)
        return tuple(enumerate(map(_told, entries[skipped:]), start=first + skipped))

    @property
    def last_number(self) -> int:
        """The number of the newest entry; 0 if there never was one."""
        with self._lock:
            return self._forgotten + len(self._entries)

    def clear(self) -> None:
        self._forget(0)

    def copy(self) -> Journal:
        other = Journal(self._limit)
        with self._lock:
            other._entries.extend(self._entries.copy())
            other._forgotten = self._forgotten
        return other

    def _forget(self, kept: int) -> None:
        with self._lock:
            while len(self._entries) > kept:
                self._entries.popleft()
                self._forgotten += 1

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def __len__(self) -> int:
        return min(self._limit, len(self._entries))


def _told(entry: Entry | Noted) -> Entry:
    if isinstance(entry, Entry):
        return entry
    noted = Entry._make(entry)
    return noted._replace(target=tell_target(noted.target))


__all__ = ["DEFAULT_LIMIT", "Entry", "Journal", "Noted"]
