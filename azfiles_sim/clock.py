"""Where the simulator's time comes from. It is read once for each request and handed down as ``now``."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Final, Protocol

from azfiles_sim.model.entities import TICKS_PER_SECOND, Ticks
from azfiles_sim.model.stamps import UNIX_EPOCH_TICKS, ticks_from_datetime, ticks_from_unix_ns

DEFAULT_START: Final = datetime(2026, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Anything that tells the instant."""

    def now(self) -> Ticks:
        """The instant in ticks."""
        ...


class SystemClock:
    """The machine's clock. ``time`` is looked up at each call, so that freezegun and its like can replace it."""

    def now(self) -> Ticks:
        return ticks_from_unix_ns(time.time_ns())

    def time(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def __repr__(self) -> str:
        return "SystemClock()"


class OffsetClock(SystemClock):
    """The machine's clock until it is told otherwise: then it runs on from the instant that it was set to, or stands
    still where it is frozen. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset: Ticks = 0
        self._frozen: Ticks | None = None

    def now(self) -> Ticks:
        frozen = self._frozen
        return ticks_from_unix_ns(time.time_ns()) + self._offset if frozen is None else frozen

    def time(self) -> float:
        """Seconds since 1970."""
        return (self.now() - UNIX_EPOCH_TICKS) / TICKS_PER_SECOND

    @property
    def frozen(self) -> bool:
        return self._frozen is not None

    def advance(self, seconds: float) -> None:
        """Move on by ``seconds``. Raises ValueError if they are negative: use ``set`` to go back."""
        ticks = _as_step(seconds)
        with self._lock:
            if self._frozen is None:
                self._offset += ticks
            else:
                self._frozen += ticks

    def set(self, instant: datetime | Ticks) -> None:
        """Move to ``instant``, a datetime (UTC where it has no zone) or ticks; it may lie in the past."""
        with self._lock:
            if self._frozen is None:
                self._offset = _as_ticks(instant) - ticks_from_unix_ns(time.time_ns())
            else:
                self._frozen = _as_ticks(instant)

    def freeze(self) -> None:
        """Stand still. Doing it twice does no harm."""
        with self._lock:
            self._frozen = self.now()

    def run(self) -> None:
        """Run on from where it stands. Doing it twice does no harm."""
        with self._lock:
            if self._frozen is not None:
                self._offset = self._frozen - ticks_from_unix_ns(time.time_ns())
                self._frozen = None

    def follow(self) -> None:
        """Be the machine's clock again, neither moved nor frozen."""
        with self._lock:
            self._offset, self._frozen = 0, None

    def copy(self) -> OffsetClock:
        """Another clock that tells the same time and is told otherwise apart."""
        other = OffsetClock()
        with self._lock:
            other._offset, other._frozen = self._offset, self._frozen
        return other

    def __repr__(self) -> str:
        return f"OffsetClock(offset={self._offset}, frozen={self._frozen})"


class ManualClock:
    """A clock that stands still until it is told otherwise; safe to use from several threads."""

    def __init__(self, start: datetime | Ticks = DEFAULT_START) -> None:
        self._lock = threading.Lock()
        self._now = _as_ticks(start)

    def now(self) -> Ticks:
        return self._now

    def time(self) -> float:
        """Seconds since 1970."""
        return (self._now - UNIX_EPOCH_TICKS) / TICKS_PER_SECOND

    def advance(self, seconds: float) -> None:
        """Move on by ``seconds``. Raises ValueError if they are negative: use ``set`` to go back."""
        ticks = _as_step(seconds)
        with self._lock:
            self._now += ticks

    def set(self, instant: datetime | Ticks) -> None:
        """Move to ``instant``, a datetime (UTC where it has no zone) or ticks; it may lie in the past."""
        with self._lock:
            self._now = _as_ticks(instant)

    def __repr__(self) -> str:
        return f"ManualClock({self._now})"


def _as_step(seconds: float) -> Ticks:
    if seconds < 0:
        raise ValueError("a clock is advanced by 0 seconds or more")
    return round(seconds * TICKS_PER_SECOND)


def _as_ticks(instant: datetime | Ticks) -> Ticks:
    return ticks_from_datetime(instant) if isinstance(instant, datetime) else instant


__all__ = ["DEFAULT_START", "Clock", "ManualClock", "OffsetClock", "SystemClock"]
