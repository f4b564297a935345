"""Which request meets which fault: a plan is a function from a call to an outcome, or to None where nothing happens.

Plans that count, such as "the third Put Range", are scripts (``script``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, TypeAlias

from azfiles_sim.faults.outcomes import LoseReply, LoseRequest, Outcome
from azfiles_sim.messages import RequestLike

_WHOLE: Final = 2**64


@dataclass(frozen=True, slots=True)
class Call:
    """One request as a plan sees it.

    ``number`` counts from 1 in the order of arrival; ``name`` is the client request id, empty where the client sent
    none. ``operation`` is what it asks for, by its number in ``docs/coverage.md`` (``F8``), ``title`` the operation's
    name there; ``path`` is ``share/directory/file`` in ``account``. All four are empty where the request does not tell.
    ``at_s`` is how many seconds ago, by the service's clock, the plan began.
    """

    number: int
    name: str
    request: RequestLike
    operation: str = ""
    title: str = ""
    account: str = ""
    path: str = ""
    at_s: float = 0.0


Plan: TypeAlias = Callable[[Call], Outcome | None]


@dataclass(frozen=True, slots=True)
class SeededPlan:
    """Loses requests and replies at the given rates (0 to 1, together at most 1), by nothing but the seed and the call.

    With ``by_name`` it is the call's name that decides, so that a request keeps its fate whatever else is asked before
    it; else its number.
    """

    seed: int
    lost_requests: float = 0.05
    lost_replies: float = 0.05
    by_name: bool = False

    def __post_init__(self) -> None:
        if not (min(self.lost_requests, self.lost_replies) >= 0 and self.lost_requests + self.lost_replies <= 1):
            raise ValueError("rates are from 0 to 1, together at most 1")

    def __call__(self, call: Call) -> Outcome | None:
        share = draw(self.seed, call.name if self.by_name else str(call.number))
        if share < self.lost_requests:
            return LoseRequest()
        return LoseReply() if share < self.lost_requests + self.lost_replies else None


@dataclass(frozen=True, slots=True)
class FixedPlan:
    """Exactly these outcomes, by the calls' names."""

    outcomes: Mapping[str, Outcome]

    def __call__(self, call: Call) -> Outcome | None:
        return self.outcomes.get(call.name)


def draw(seed: int, word: str) -> float:
    """A number from 0 up to 1 that ``seed`` and ``word`` decide."""
    drawn = blake2b(f"{seed} {word}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") / _WHOLE


__all__ = ["Call", "FixedPlan", "Plan", "SeededPlan", "draw"]
