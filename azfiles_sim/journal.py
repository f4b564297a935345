"""What a simulator was asked and what it answered: the last so many requests, without credentials or bodies."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

from azfiles_sim.model.entities import Ticks

DEFAULT_LIMIT: Final = 1000


class Entry(NamedTuple):
    """One request. ``target`` has no signature; ``operation`` is empty where none was recognised; ``error_code`` is
    empty for a success; ``notes`` tell what was ignored or taken for something else.
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


class Journal:
    """The newest entries, oldest first; when the limit is reached, the oldest is forgotten.

    Safe to use from several threads: appending to a bounded deque is one step.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)

    def append(self, entry: Entry) -> None:
        self._entries.append(entry)

    def entries(self) -> tuple[Entry, ...]:
        """All entries at this moment."""
        return tuple(self._entries.copy())

    def clear(self) -> None:
        self._entries.clear()

    def copy(self) -> Journal:
        other = Journal(self._entries.maxlen or DEFAULT_LIMIT)
        other._entries.extend(self._entries.copy())
        return other

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def __len__(self) -> int:
        return len(self._entries)


__all__ = ["DEFAULT_LIMIT", "Entry", "Journal"]
