"""Instants as counts of ticks (100 ns since 0001-01-01 UTC), and the order in which ETags are given out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from azfiles_sim.model.entities import TICKS_PER_SECOND, Account, Ticks

UNIX_EPOCH_TICKS: Final = 621_355_968_000_000_000
_TICKS_PER_MICROSECOND: Final = 10
_FIRST_INSTANT: Final = datetime(1, 1, 1, tzinfo=UTC)


def next_stamp(account: Account, now: Ticks) -> Ticks:
    """The instant of the account's next ETag: now, but always after every earlier one, also under a frozen clock."""
    following = account.last_stamp + 1
    return now if now > following else following  # noqa: FURB136 - max() is a call, and every write asks for this


def ticks_from_datetime(instant: datetime) -> Ticks:
    """Ticks of an instant; one without a time zone is taken as UTC."""
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
    since = aware - _FIRST_INSTANT
    return (since.days * 86_400 + since.seconds) * TICKS_PER_SECOND + since.microseconds * _TICKS_PER_MICROSECOND


def ticks_from_unix_ns(unix_ns: int) -> Ticks:
    """Ticks of a count of nanoseconds since 1970, cut down to 100 ns."""
    return UNIX_EPOCH_TICKS + unix_ns // 100


def floor_to_second(ticks: Ticks) -> Ticks:
    """The instant cut down to whole seconds."""
    return ticks - ticks % TICKS_PER_SECOND


def seconds_until(later: Ticks, now: Ticks) -> int:
    """Whole seconds from now to ``later``, a started second counted as one; 0 if it has passed."""
    return max(0, -(-(later - now) // TICKS_PER_SECOND))


__all__ = [
    "UNIX_EPOCH_TICKS",
    "floor_to_second",
    "next_stamp",
    "seconds_until",
    "ticks_from_datetime",
    "ticks_from_unix_ns",
]
