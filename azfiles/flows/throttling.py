"""How many requests of transfers may be under way at once, as a pure value: additive increase, multiplicative decrease.

Nothing is limited until the service first says that it is busy. Then the limit is half of what was under way; each
request that is answered well adds its share of one more, each further 503 ServerBusy halves it again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from azfiles.records import dataclass

UNLIMITED: Final = 1024.0
"""As many as any transfer may have at once."""
PAUSE_S: Final = 0.1
"""How long, at most, a request that found no room waits before it asks again."""


@dataclass(frozen=True, slots=True)
class Congestion:
    """``limit`` is how many may be under way; ``halved_at_s`` when it was last halved."""

    limit: float = UNLIMITED
    halved_at_s: float = float("-inf")


def has_room(congestion: Congestion, under_way: int) -> bool:
    """Whether one more may go where so many are under way; one always may."""
    return under_way < max(1, int(congestion.limit))


def answered(congestion: Congestion) -> Congestion:
    """After an answer that was no sign of load: a whole round of them adds one to the limit."""
    if congestion.limit >= UNLIMITED:
        return congestion
    return replace(congestion, limit=min(UNLIMITED, congestion.limit + 1 / congestion.limit))


def throttled(congestion: Congestion, under_way: int, *, sent_at_s: float, now_s: float) -> Congestion:
    """After a 503 ServerBusy to one of those under way. Those that were sent before the limit was last halved tell of the
    load of then, so a burst of refusals halves it once.
    """
    if sent_at_s < congestion.halved_at_s:
        return congestion
    load = min(congestion.limit, max(under_way, 1))
    return Congestion(max(1.0, load / 2), now_s)


__all__ = ["PAUSE_S", "UNLIMITED", "Congestion", "answered", "has_room", "throttled"]
