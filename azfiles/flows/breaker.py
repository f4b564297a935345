"""The circuit of an endpoint as a pure state machine: closed, open, half open. Nothing here reads a clock or waits.

    closed --(too many of the recent tries failed)--> open --(open_s have passed)--> half open
    half open --(the probe succeeded)--> closed        half open --(it failed)--> open

Before each try ``ask`` for a permit, after it ``tell`` what came of it. A permit belongs to the circuit's era: what a
try that began in an earlier one brings is no news and is not counted. In a half open circuit one permit is out at a
time; a probe that is abandoned gives it back without having told anything.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, TypeAlias

from azfiles.flows.policies import CircuitPolicy
from azfiles.records import dataclass

SLOTS: Final = 10
"""In so many parts the window rolls on: what is counted is at most one part older than the window is long."""


class Outcome(Enum):
    """What came of a try. A refusal is a success here: the endpoint answered."""

    SUCCESS = "success"
    FAILURE = "failure"
    ABANDONED = "abandoned"


# An enumeration is slow to look into, and each request asks.
_SUCCESS: Final = Outcome.SUCCESS


@dataclass(frozen=True, slots=True)
class Slot:
    """The tries that ended in one part of the window; ``number`` counts the parts since the clock's beginning."""

    number: int
    calls: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Closed:
    """Requests pass, and are counted."""

    era: int = 0
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """No request passes until the clock says ``until_s``."""

    era: int
    until_s: float


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """One request at a time passes; ``probing`` while it is under way."""

    era: int
    probing: bool = True


Circuit: TypeAlias = Closed | Open | HalfOpen


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to send one request."""

    era: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """No leave; asking again makes sense after ``retry_after_s``."""

    retry_after_s: float


def ask(circuit: Circuit, policy: CircuitPolicy, now_s: float) -> tuple[Circuit, Permit | Refusal]:
    """A permit to send one request now, or when to ask again."""
    match circuit:
        case Closed(era):
            return circuit, Permit(era)
        case Open(era, until_s):
            if now_s < until_s:
                return circuit, Refusal(until_s - now_s)
            return HalfOpen(era + 1), Permit(era + 1)
        case HalfOpen(era, probing):
            if probing:
                return circuit, Refusal(policy.open_s)
            return HalfOpen(era), Permit(era)


def tell(circuit: Circuit, policy: CircuitPolicy, permit: Permit, outcome: Outcome, now_s: float) -> Circuit:
    """The circuit after a try ended. ``now_s`` means nothing for one that was abandoned."""
    if permit.era != circuit.era:
        return circuit
    if outcome is _SUCCESS and isinstance(circuit, Closed):  # nearly always
        return Closed(circuit.era, _counted(circuit.slots, policy, failed=False, now_s=now_s))
    match circuit:
        case Open():
            return circuit
        case HalfOpen(era):
            match outcome:
                case Outcome.SUCCESS:
                    return Closed(era + 1)
                case Outcome.FAILURE:
                    return Open(era + 1, now_s + policy.open_s)
                case Outcome.ABANDONED:
                    return HalfOpen(era, probing=False)
        case Closed(era):
            if outcome is Outcome.ABANDONED:
                return circuit
            slots = _counted(circuit.slots, policy, failed=True, now_s=now_s)
            calls, failures = sum(slot.calls for slot in slots), sum(slot.failures for slot in slots)
            if calls >= policy.least_calls and failures >= policy.failure_rate * calls:
                return Open(era + 1, now_s + policy.open_s)
            return Closed(era, slots)


def _counted(slots: tuple[Slot, ...], policy: CircuitPolicy, *, failed: bool, now_s: float) -> tuple[Slot, ...]:
    """The window with one more try, without what is too old."""
    number = int(now_s * SLOTS / policy.window_s)
    if slots and slots[-1].number >= number:  # what is too old went when this slot began
        last = slots[-1]
        return (*slots[:-1], Slot(last.number, last.calls + 1, last.failures + failed))
    return (*(slot for slot in slots if slot.number > number - SLOTS), Slot(number, 1, int(failed)))


__all__ = ["Circuit", "Closed", "HalfOpen", "Open", "Outcome", "Permit", "Refusal", "Slot", "ask", "tell"]
