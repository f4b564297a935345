"""Which leases one client holds, read off its own operations: what is acquired counts until it is released or lost.

Lease ids stay in here. A lease that another client acquired is not this one's to count, whoever renews or releases it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, Protocol

from azfiles.core.arguments import INFINITE_LEASE
from azfiles.core.operation import Kind, Operation
from azfiles.errors import LeaseConflict, NotFound, ServiceError
from azfiles.flows.events import LeaseChange

_HELD_BY: Final = ("x-ms-lease-id", "x-ms-source-lease-id", "x-ms-destination-lease-id")
_LOST: Final = frozenset({"LeaseLost", "LeaseIsBrokenAndCannotBeRenewed"})
_LOST_FAMILIES: Final = ("LeaseIdMismatchWith", "LeaseNotPresentWith")
_ENDING: Final = frozenset(
    {"Lease Share (release)", "Lease File (release)", "Delete Share", "Delete File"}  # who deletes what is leased
)
_RENAMING: Final = frozenset({"Rename File", "Rename Directory"})

Place = tuple[str, ...]


class Tell(Protocol):
    """Told of each change."""

    def __call__(
        self, of: Literal["share", "file"], change: LeaseChange, /, duration_s: int | None = None, why: str = ""
    ) -> object: ...


class Holdings:
    """The leases of a client, by what they are of and their id. Its only changes are single steps of a dictionary, so
    threads need no lock.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._until_s: dict[tuple[Place, str], tuple[float, int | None]] = {}

    def __len__(self) -> int:
        return len(self._until_s)

    def __repr__(self) -> str:
        return f"<Holdings: {len(self)} leases>"

    def follow(self, operation: Operation[Any], error: BaseException | None, now_s: float) -> None:
        """After an operation: what it means for the leases held. ``now_s`` is on the clock of flows."""
        if operation.kind is Kind.LEASE and error is None:
            self._follow_lease(operation, now_s)
        elif self._until_s:
            self._follow_other(operation, error)
        if self._until_s:
            self._expire(now_s)

    def lose(self, place: Place, lease_id: str, why: str) -> bool:
        """Say that a lease is lost; false where it was not held."""
        return self._end(place, lease_id, "lost", why)

    def _follow_lease(self, operation: Operation[Any], now_s: float) -> None:
        headers = dict(operation.headers)
        place, action = operation.path, headers.get("x-ms-lease-action", "")
        lease_id, proposed = headers.get("x-ms-lease-id", ""), headers.get("x-ms-proposed-lease-id", "")
        match action:
            case "acquire" if proposed:
                seconds = int(headers["x-ms-lease-duration"])
                duration_s = None if seconds == INFINITE_LEASE else seconds
                mine = (float("inf") if duration_s is None else now_s + duration_s, duration_s)
                if self._until_s.setdefault((place, proposed.lower()), mine) is mine:
                    self._tell(_of(place), "acquired", duration_s)
                else:  # acquired again with the same id, which renews it
                    self._until_s[place, proposed.lower()] = mine
            case "renew":
                self._move(place, lease_id, lease_id, now_s)
            case "change":
                self._move(place, lease_id, proposed, now_s)
            case "release":
                self._end(place, lease_id, "released")
            case "break":
                for held_at, held_id in [key for key in self._until_s if key[0] == place]:
                    self._end(held_at, held_id, "lost", "broken")
            case _:
                pass

    def _follow_other(self, operation: Operation[Any], error: BaseException | None) -> None:
        """A refusal may tell that a lease is not ours any more; deleting what is leased ends its lease."""
        if error is None:
            if operation.name in _ENDING:
                self._each_named(operation, lambda place, lease_id: self._end(place, lease_id, "released"))
            elif operation.name in _RENAMING and operation.source is not None:
                source = operation.source.address
                self._rename((source.share, *source.path), operation.path)
        elif isinstance(error, ServiceError) and _tells_of_loss(operation, error):
            self._each_named(operation, lambda place, lease_id: self._end(place, lease_id, "lost", error.code))

    def _each_named(self, operation: Operation[Any], do: Callable[[Place, str], object]) -> None:
        for name, value in operation.headers:
            if name.lower() in _HELD_BY:
                do(operation.path, value)

    def _key(self, place: Place, lease_id: str) -> tuple[Place, str]:
        """Where a lease is kept. What another client renamed while it was leased is found by the id alone."""
        key = (place, lease_id.lower())
        if key in self._until_s:
            return key
        same = [each for each in list(self._until_s) if each[1] == key[1]]
        return same[0] if len(same) == 1 else key

    def _move(self, place: Place, old_id: str, new_id: str, now_s: float) -> None:
        """A renewed or changed lease: its time begins anew where it is renewed."""
        held = self._until_s.pop(self._key(place, old_id), None)
        if held is not None:
            until_s, duration_s = held
            if old_id == new_id and duration_s is not None:
                until_s = now_s + duration_s
            self._until_s[place, new_id.lower()] = (until_s, duration_s)

    def _rename(self, old: Place, new: Place) -> None:
        """A lease goes with what it is of; one of what was replaced is gone with that."""
        for held_at, lease_id in [key for key in self._until_s if key[0] == new]:
            self._end(held_at, lease_id, "released")
        for key in [key for key in self._until_s if key[0][: len(old)] == old]:
            held = self._until_s.pop(key, None)
            if held is not None:
                self._until_s[(*new, *key[0][len(old) :]), key[1]] = held

    def _end(self, place: Place, lease_id: str, change: LeaseChange, why: str = "") -> bool:
        key = self._key(place, lease_id)
        if self._until_s.pop(key, None) is None:
            return False
        self._tell(_of(key[0]), change, why=why)
        return True

    def _expire(self, now_s: float) -> None:
        for (place, lease_id), (until_s, _) in list(self._until_s.items()):
            if until_s < now_s:
                self._end(place, lease_id, "lost", "expired")


def _of(place: Place) -> Literal["share", "file"]:
    return "file" if len(place) > 1 else "share"


def _tells_of_loss(operation: Operation[Any], error: ServiceError) -> bool:
    if isinstance(error, LeaseConflict):
        return error.code in _LOST or error.code.startswith(_LOST_FAMILIES)
    return operation.kind is Kind.LEASE and isinstance(error, NotFound)


__all__ = ["Holdings", "Place", "Tell"]
