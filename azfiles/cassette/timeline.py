"""When things happened in a recording, and a clock that follows it while it is replayed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from azfiles.cassette.interactions import Interaction, RecordedResponse

_UNKNOWN_START = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


class RecordedClock:
    """Virtual time for a client whose answers come from a cassette: ``connect(..., clock=replayer.clock)``.

    It stands still until a request is answered, which moves it on to when that was answered in the recording, or until
    the client waits. It never goes back. Safe to use from several threads.
    """

    def __init__(self, start_s: float) -> None:
        self._now_s = start_s
        self._lock = threading.Lock()

    def time(self) -> float:
        """Seconds since 1970 UTC."""
        return self._now_s

    def advance(self, seconds: float, /) -> None:
        """Move on by ``seconds``."""
        with self._lock:
            self._now_s += max(seconds, 0.0)

    def reach(self, instant_s: float | None) -> None:
        """Move on to an instant, if it lies ahead."""
        if instant_s is not None:
            with self._lock:
                self._now_s = max(self._now_s, instant_s)

    def __repr__(self) -> str:
        return f"<RecordedClock at {datetime.fromtimestamp(self._now_s, UTC):%Y-%m-%d %H:%M:%S}>"


def start_of(interactions: Sequence[Interaction], *, unknown: float = _UNKNOWN_START) -> float:
    """When the recording began, in seconds since 1970: by its first date, ``unknown`` where it has none."""
    for one in interactions:
        sent_s = _date(one.request.headers, "x-ms-date")
        if sent_s is not None:
            return sent_s - (one.timing.sent_s if one.timing else 0.0)
        answered_s = _answer_date(one)
        if answered_s is not None:
            return answered_s - (one.timing.answered_s if one.timing else 0.0)
    return unknown


def answered_at(one: Interaction, start_s: float) -> float | None:
    """When a request was answered or given up: to the millisecond where we recorded it, else by the service's Date."""
    return start_s + one.timing.answered_s if one.timing is not None else _answer_date(one)


def _answer_date(one: Interaction) -> float | None:
    return _date(one.response.headers, "date") if isinstance(one.response, RecordedResponse) else None


def _date(headers: Sequence[tuple[str, str]], name: str) -> float | None:
    text = next((value for found, value in headers if found.lower() == name), None)
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except ValueError:
        return None


__all__ = ["RecordedClock", "answered_at", "start_of"]
