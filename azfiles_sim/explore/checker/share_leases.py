"""A naive service of one share's lease, which has an end: the service's own time of each action decides."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Final

from azfiles_sim.explore.checker.history import (
    AcquireShare,
    Action,
    BreakShare,
    ChangeShare,
    Entry,
    ReadShare,
    ReleaseShare,
    RenewShare,
    Told,
)
from azfiles_sim.explore.checker.telling import Misfit, Refusal, compare, refused

TICKS_PER_SECOND: Final = 10_000_000

LEASED_ALREADY: Final = refused("LeaseAlreadyPresent")
NOT_YOURS: Final = refused("LeaseNotPresentWithLeaseOperation", "LeaseIdMismatchWithLeaseOperation")
IS_BREAKING: Final = refused("LeaseIsBreakingAndCannotBeAcquired", "LeaseAlreadyPresent")
IS_BREAKING_CHANGE: Final = refused("LeaseIsBreakingAndCannotBeChanged")
IS_BROKEN: Final = refused("LeaseIsBrokenAndCannotBeRenewed")
OTHER_ID: Final = refused("LeaseIdMismatchWithContainerOperation")
NO_LEASE: Final = refused("LeaseNotPresentWithContainerOperation")
LOST: Final = refused("LeaseLost")


@dataclass(frozen=True, slots=True)
class ShareLease:
    """``state`` is available, leased or breaking as it was left; ``until`` is its end in ticks, None for never."""

    state: str = "available"
    id: str = ""
    until: int | None = None
    duration_s: int | None = None

    def key(self) -> Hashable:
        return self

    def at(self, now: int) -> str:
        """What it is by now: beside those also expired and broken."""
        if self.until is not None and now >= self.until:
            return {"leased": "expired", "breaking": "broken"}.get(self.state, self.state)
        return self.state


def fit(lease: ShareLease, number: int, entry: Entry) -> ShareLease | Misfit:  # noqa: ARG001 - as all of its kind
    """The lease after an entry, if the service could have answered it so."""
    expected = expect(lease, entry.action, entry.at)
    if isinstance(expected, frozenset):
        return compare(expected, None, entry.outcome) or lease
    after, told = expected
    return compare(None, told, entry.outcome) or after


def expect(lease: ShareLease, action: Action, now: int) -> tuple[ShareLease, Told] | Refusal:
    """What the service does with an action at an instant, or the codes that it may refuse it with."""
    state = lease.at(now)
    match action:
        case ReadShare(lease=given):
            return _guard(lease, state, given) or (lease, Told(lease_state=state))
        case AcquireShare(id=wanted, duration_s=duration_s):
            if state == "breaking":
                return IS_BREAKING
            if state == "leased" and lease.id != wanted:
                return LEASED_ALREADY
            return _held(ShareLease("leased", wanted, _end(now, duration_s), duration_s))
        case RenewShare(lease=given):
            if state == "available" or given != lease.id:
                return NOT_YOURS
            if state in {"breaking", "broken"}:
                return IS_BROKEN
            return _held(replace(lease, until=_end(now, lease.duration_s)))
        case ChangeShare(lease=given, id=wanted):
            if state in {"available", "broken", "expired"} or lease.id not in {given, wanted}:
                return NOT_YOURS
            return IS_BREAKING_CHANGE if state == "breaking" else _held(replace(lease, id=wanted))
        case ReleaseShare(lease=given):
            return NOT_YOURS if state == "available" or given != lease.id else (ShareLease(), Told())
        case BreakShare(period_s=period_s):
            return NOT_YOURS if state == "available" else _broken(lease, state, period_s, now)
        case _:
            raise TypeError(f"no action on a share's lease: {action}")


def _held(lease: ShareLease) -> tuple[ShareLease, Told]:
    return lease, Told(lease_id=lease.id)


def _broken(lease: ShareLease, state: str, period_s: int | None, now: int) -> tuple[ShareLease, Told]:
    """A break waits for the period asked for or for what is left of the lease, whichever ends first."""
    ends: list[int | None] = [lease.until] if state in {"leased", "breaking"} else [now]
    if period_s is not None:
        ends.append(_end(now, period_s))
    end = min((one for one in ends if one is not None), default=now)
    left = max(0, end - now)
    return ShareLease("breaking", lease.id, max(end, now)), Told(lease_time_s=-(-left // TICKS_PER_SECOND))


def _end(now: int, seconds: int | None) -> int | None:
    return None if seconds is None else now + seconds * TICKS_PER_SECOND


def _guard(lease: ShareLease, state: str, given: str | None) -> Refusal | None:
    """The code that reading a share with a lease id meets."""
    if given is None:
        return None
    if state == "available":
        return NO_LEASE
    if state in {"broken", "expired"}:
        return LOST
    return None if given == lease.id else OTHER_ID


__all__ = ["ShareLease", "expect", "fit"]
