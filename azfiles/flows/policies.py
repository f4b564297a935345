"""How hard a client tries, and when it stops bothering an endpoint that fails: values that people choose."""

from __future__ import annotations

import math

from azfiles.core.arguments import check_whole
from azfiles.errors import InvalidArgument
from azfiles.records import dataclass

MAX_ATTEMPTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often one call is tried, and how long it waits in between.

    Before try *n* + 1 a call waits a random time between 0 and ``base_s`` * 2 ** (*n* - 1) seconds, at most ``cap_s``
    (exponential backoff with full jitter), or as long as the service asked for in ``Retry-After``, where that is longer.
    ``deadline_s`` is for all tries of one call with the waits between them; a try gets what is left of it where its
    timeout would be longer.

    ``budget`` is how many retries all calls of a client may use up in a row; each call that succeeds gives
    ``refund`` of one back. So an outage costs few requests more than there were calls.
    """

    attempts: int = 5
    base_s: float = 0.25
    cap_s: float = 20.0
    deadline_s: float = 300.0
    budget: float = 100.0
    refund: float = 0.1

    def __post_init__(self) -> None:
        check_whole("attempts", self.attempts, 1, MAX_ATTEMPTS)
        _check_more_than_zero(deadline_s=self.deadline_s)
        _check_not_negative(base_s=self.base_s, cap_s=self.cap_s, budget=self.budget, refund=self.refund)


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitPolicy:
    """When a client's circuit opens, so that requests to a failing endpoint are refused at once instead of waiting for it.

    It opens where, of at least ``least_calls`` tries within ``window_s`` seconds, the share ``failure_rate`` failed:
    no complete response came, or a 5xx other than 503 ServerBusy. After ``open_s`` seconds one try is let through (the circuit is half open): if
    it succeeds the circuit closes, if not it stays open as long again.
    """

    failure_rate: float = 0.5
    least_calls: int = 20
    window_s: float = 30.0
    open_s: float = 15.0

    def __post_init__(self) -> None:
        if not 0 < self.failure_rate <= 1:
            raise InvalidArgument(f"failure_rate is {self.failure_rate}: more than 0, and 1 at most, is expected")
        check_whole("least_calls", self.least_calls, 1, 1_000_000)
        _check_more_than_zero(window_s=self.window_s, open_s=self.open_s)


def _check_more_than_zero(**seconds: float) -> None:
    for name, value in seconds.items():
        if not (value > 0 and math.isfinite(value)):
            raise InvalidArgument(f"{name} is {value}: more than 0 seconds, and not endless, are expected")


def _check_not_negative(**values: float) -> None:
    for name, value in values.items():
        if not (value >= 0 and math.isfinite(value)):
            raise InvalidArgument(f"{name} is {value}: 0 or more, and not endless, is expected")


__all__ = ["CircuitPolicy", "RetryPolicy"]
