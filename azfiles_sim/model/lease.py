"""Leases: two tables of state and action, the ageing of states, and the guards that other operations pass.

States are aged by the request's time, never by a timer. Ids arrive as GUIDs in lower case, so they compare as text.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto
from typing import Final, NamedTuple, TypeAlias

from azfiles_sim.model.changes import PutShare, PutSnapshot
from azfiles_sim.model.commands import LeaseAction, LeaseFile, LeaseShare
from azfiles_sim.model.deciding import (
    Context,
    Decision,
    file_to_change,
    find_place,
    find_share_or_snapshot,
)
from azfiles_sim.model.entities import (
    AVAILABLE,
    TICKS_PER_SECOND,
    Available,
    Breaking,
    Broken,
    Expired,
    Lease,
    Leased,
    Snapshot,
    Ticks,
)
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.nfs import put_file
from azfiles_sim.model.results import LeaseResult
from azfiles_sim.model.stamps import seconds_until

FILE: Final = "file"
SHARE: Final = "share"


class Step(Enum):
    """What an accepted action does to a lease."""

    TAKE = auto()
    RESTART = auto()
    CHANGE = auto()
    FREE = auto()
    BREAK = auto()


class Row(NamedTuple):
    """The outcome where the id in the request is the lease's, and where it is another one or none.

    For acquire that is the proposed id, for a break it makes no difference.
    """

    same: Step | Code
    other: Step | Code


# What every lease request compares with: finding the member of an enum by its name is a call each time.
_ACQUIRE: Final = LeaseAction.ACQUIRE
_CHANGE: Final = LeaseAction.CHANGE
_RENEW: Final = LeaseAction.RENEW
_RELEASE: Final = LeaseAction.RELEASE
_TAKING: Final = Step.TAKE

Table: TypeAlias = dict[tuple[type[Lease], LeaseAction], Row]

_TAKE: Final = Row(Step.TAKE, Step.TAKE)
_BREAK: Final = Row(Step.BREAK, Step.BREAK)
_PRESENT: Final = Code.LEASE_ALREADY_PRESENT
_MISMATCH: Final = Code.LEASE_ID_MISMATCH_WITH_LEASE_OPERATION
_NONE_PRESENT: Final = Row(Code.LEASE_NOT_PRESENT_WITH_LEASE_OPERATION, Code.LEASE_NOT_PRESENT_WITH_LEASE_OPERATION)
_BREAKING: Final = Code.LEASE_IS_BREAKING_AND_CANNOT_BE_ACQUIRED
_BREAKING_CHANGE: Final = Code.LEASE_IS_BREAKING_AND_CANNOT_BE_CHANGED
_BROKEN: Final = Code.LEASE_IS_BROKEN_AND_CANNOT_BE_RENEWED

SHARE_LEASES: Final[Table] = {
    (Available, LeaseAction.ACQUIRE): _TAKE,
    (Leased, LeaseAction.ACQUIRE): Row(Step.TAKE, _PRESENT),
    (Breaking, LeaseAction.ACQUIRE): Row(_BREAKING, _PRESENT),  # unverified
    (Broken, LeaseAction.ACQUIRE): _TAKE,
    (Expired, LeaseAction.ACQUIRE): _TAKE,
    (Available, LeaseAction.RENEW): Row(_MISMATCH, _MISMATCH),  # unverified
    (Leased, LeaseAction.RENEW): Row(Step.RESTART, _MISMATCH),
    (Breaking, LeaseAction.RENEW): Row(_BROKEN, _MISMATCH),  # unverified
    (Broken, LeaseAction.RENEW): Row(_BROKEN, _MISMATCH),  # unverified
    (Expired, LeaseAction.RENEW): Row(Step.RESTART, _MISMATCH),
    (Available, LeaseAction.CHANGE): _NONE_PRESENT,
    (Leased, LeaseAction.CHANGE): Row(Step.CHANGE, _MISMATCH),
    (Breaking, LeaseAction.CHANGE): Row(_BREAKING_CHANGE, _MISMATCH),  # unverified
    (Broken, LeaseAction.CHANGE): _NONE_PRESENT,  # unverified
    (Expired, LeaseAction.CHANGE): _NONE_PRESENT,  # unverified
    (Available, LeaseAction.RELEASE): Row(_MISMATCH, _MISMATCH),  # unverified
    (Leased, LeaseAction.RELEASE): Row(Step.FREE, _MISMATCH),
    (Breaking, LeaseAction.RELEASE): Row(Step.FREE, _MISMATCH),
    (Broken, LeaseAction.RELEASE): Row(Step.FREE, _MISMATCH),
    (Expired, LeaseAction.RELEASE): Row(Step.FREE, _MISMATCH),
    (Available, LeaseAction.BREAK): _NONE_PRESENT,
    (Leased, LeaseAction.BREAK): _BREAK,
    (Breaking, LeaseAction.BREAK): _BREAK,
    (Broken, LeaseAction.BREAK): _BREAK,
    (Expired, LeaseAction.BREAK): _BREAK,
}
"""Share leases. The error codes of unverified rows are those of blobs, which azure-storage-net asserts of the service
(Test/ClassLibraryCommon/Blob/LeaseTests.cs) and Azurite has.
"""

FILE_LEASES: Final[Table] = {
    (Available, LeaseAction.ACQUIRE): _TAKE,
    (Leased, LeaseAction.ACQUIRE): Row(Step.TAKE, _PRESENT),
    (Broken, LeaseAction.ACQUIRE): _TAKE,
    (Available, LeaseAction.CHANGE): _NONE_PRESENT,
    (Leased, LeaseAction.CHANGE): Row(Step.CHANGE, _MISMATCH),  # the mismatch is unverified
    (Broken, LeaseAction.CHANGE): _NONE_PRESENT,  # unverified
    (Available, LeaseAction.RELEASE): Row(_MISMATCH, _MISMATCH),  # unverified
    (Leased, LeaseAction.RELEASE): Row(Step.FREE, _MISMATCH),  # the mismatch is unverified
    (Broken, LeaseAction.RELEASE): Row(Step.FREE, _MISMATCH),  # the mismatch is unverified
    (Available, LeaseAction.BREAK): _NONE_PRESENT,  # unverified
    (Leased, LeaseAction.BREAK): _BREAK,
    (Broken, LeaseAction.BREAK): _BREAK,
}
"""File leases: infinite, so they never expire, and a break takes effect at once. They cannot be renewed. Unverified rows
are those of blobs, as above.
"""


class Guard(NamedTuple):
    """What an operation is refused with: without an id, with the lease's id, with another one; None lets it pass."""

    without: Code | None
    same: Code | None
    other: Code | None


_NO_FILE_LEASE: Final = Guard(
    None, Code.LEASE_NOT_PRESENT_WITH_FILE_OPERATION, Code.LEASE_NOT_PRESENT_WITH_FILE_OPERATION
)
FILE_GUARDS: Final[dict[type[Lease], Guard]] = {
    Available: _NO_FILE_LEASE,
    Leased: Guard(Code.LEASE_ID_MISSING, None, Code.LEASE_ID_MISMATCH_WITH_FILE_OPERATION),
    Broken: _NO_FILE_LEASE,
}
_SHARE_HELD: Final = Guard(Code.LEASE_ID_MISSING, None, Code.LEASE_ID_MISMATCH_WITH_CONTAINER_OPERATION)
_SHARE_LOST: Final = Guard(None, Code.LEASE_LOST, Code.LEASE_LOST)
SHARE_GUARDS: Final[dict[type[Lease], Guard]] = {
    Available: Guard(
        None, Code.LEASE_NOT_PRESENT_WITH_CONTAINER_OPERATION, Code.LEASE_NOT_PRESENT_WITH_CONTAINER_OPERATION
    ),
    Leased: _SHARE_HELD,
    Breaking: _SHARE_HELD,
    Broken: _SHARE_LOST,  # with another id: unverified
    Expired: _SHARE_LOST,  # with another id: unverified
}


def age_lease(lease: Lease, now: Ticks) -> Lease:
    """The lease as it is at ``now``: one that ran out is expired, a break that came to its end is broken."""
    if isinstance(lease, Leased):
        if lease.until is not None and lease.until <= now:
            return Expired(lease.lease_id, lease.duration_s or 0)
    elif isinstance(lease, Breaking) and lease.until <= now:
        return Broken(lease.lease_id)
    return lease


def guard_file(lease: Lease, lease_id: str | None, *, writing: bool) -> None:
    """Raise the 412 that a file operation meets; reading needs no id, but a wrong one is refused."""
    if lease is AVAILABLE and lease_id is None:
        return  # nearly always; what it would find below
    _guard(FILE_GUARDS[type(lease)], lease, lease_id, id_needed=writing, variant=FILE)


def guard_share(lease: Lease, lease_id: str | None, now: Ticks, *, deleting: bool = False) -> None:
    """Raise the 412 that a share operation meets; only deleting needs the id, but a wrong one is always refused."""
    aged = age_lease(lease, now)
    _guard(SHARE_GUARDS[type(aged)], aged, lease_id, id_needed=deleting, variant=SHARE)


def lease_after_write(lease: Lease) -> Lease:
    """The lease after a write that was let pass: a broken one is available again (recorded)."""
    return AVAILABLE if isinstance(lease, Broken) else lease


def lease_share(context: Context, command: LeaseShare) -> Decision:
    """Lease Share, on the share or on one of its snapshots; neither's ETag moves."""
    target = find_share_or_snapshot(context.view, command)
    current = age_lease(target.lease, context.now)
    step = _step(SHARE_LEASES, current, command, SHARE)
    lease = _apply(step, current, command, context, command.duration_s)
    result = _result(target.stamp, lease, context.now)
    changed = replace(target, lease=lease)
    if isinstance(changed, Snapshot):
        return Decision(result, (PutSnapshot(command.account, changed),))
    return Decision(result, (PutShare(changed),))


def lease_file(context: Context, command: LeaseFile) -> Decision:
    """Lease File: infinite only; the file's ETag does not move."""
    if command.action is _RENEW:
        raise ServiceError(Code.INVALID_HEADER_VALUE, field="action")
    place = find_place(context.view, command)
    file = file_to_change(place)
    step = _step(FILE_LEASES, file.lease, command, FILE)
    lease = _apply(step, file.lease, command, context, None)
    result = _result(file.stamp, lease, context.now)
    if command.action is _RELEASE:
        result = replace(result, lease_time_s=None)  # recorded; the release of a share's lease does tell a time
    return Decision(result, put_file(place.tree, file.evolved(lease=lease)))


def _guard(guard: Guard, lease: Lease, lease_id: str | None, *, id_needed: bool, variant: str) -> None:
    if lease_id is None:
        refusal = guard.without if id_needed else None
    else:
        refusal = guard.same if lease_id == _holder(lease) else guard.other
    if refusal is not None:
        raise ServiceError(refusal, variant=variant)


def _holder(lease: Lease) -> str | None:
    return None if isinstance(lease, Available) else lease.lease_id


def _step(table: Table, lease: Lease, command: LeaseShare | LeaseFile, variant: str) -> Step:
    acquiring = command.action is _ACQUIRE
    given = command.proposed_id if acquiring else command.lease_id
    same = given is not None and given == _holder(lease)
    if command.action is _CHANGE and isinstance(lease, Leased):
        same = same or command.proposed_id == lease.lease_id  # a change that is repeated after it took effect
    row = table[type(lease), command.action]
    outcome = row.same if same else row.other
    if isinstance(outcome, Code):
        raise ServiceError(outcome, variant=variant)
    return outcome


def _apply(
    step: Step, lease: Lease, command: LeaseShare | LeaseFile, context: Context, duration_s: int | None
) -> Lease:
    now = context.now
    if step is _TAKING:
        return _leased(command.proposed_id or context.ids.guid(), duration_s, now)
    if step is Step.FREE or isinstance(lease, Available):
        return AVAILABLE
    if step is Step.CHANGE and isinstance(lease, Leased):
        return replace(lease, lease_id=command.proposed_id or lease.lease_id)
    if step is Step.RESTART and isinstance(lease, (Leased, Expired)):
        return _leased(lease.lease_id, lease.duration_s, now)
    return _broken(lease, command, now)


def _leased(lease_id: str, duration_s: int | None, now: Ticks) -> Leased:
    if duration_s is None:
        return Leased(lease_id)
    return Leased(lease_id, now + duration_s * TICKS_PER_SECOND, duration_s)


def _broken(lease: Leased | Breaking | Broken | Expired, command: LeaseShare | LeaseFile, now: Ticks) -> Lease:
    """A break waits for what is left of the lease, for the period asked for, or for the shorter of the two."""
    left = lease.until if isinstance(lease, (Leased, Breaking)) else now
    period_s = command.break_period_s if isinstance(command, LeaseShare) else None
    asked = None if period_s is None else now + period_s * TICKS_PER_SECOND
    ends = [end for end in (left, asked) if end is not None]
    until = min(ends, default=now)
    return Breaking(lease.lease_id, until) if until > now else Broken(lease.lease_id)


def _result(stamp: Ticks, after: Lease, now: Ticks) -> LeaseResult:
    if isinstance(after, Leased):
        return LeaseResult(stamp, after, lease_id=after.lease_id)
    left_s = seconds_until(after.until, now) if isinstance(after, Breaking) else 0
    return LeaseResult(stamp, after, lease_time_s=left_s)


__all__ = [
    "FILE",
    "FILE_GUARDS",
    "FILE_LEASES",
    "SHARE",
    "SHARE_GUARDS",
    "SHARE_LEASES",
    "Guard",
    "Row",
    "Step",
    "age_lease",
    "guard_file",
    "guard_share",
    "lease_after_write",
    "lease_file",
    "lease_share",
]
