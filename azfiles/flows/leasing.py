"""Leases: taken, and held by their id: of a share where there is no path, else of a file, which knows less of leases."""

from __future__ import annotations

from azfiles.core import leases
from azfiles.core.arguments import INFINITE_LEASE
from azfiles.errors import InvalidArgument
from azfiles.flows.call import call, refuse_snapshot
from azfiles.flows.effects import Flow, new_id
from azfiles.flows.targets import HeldLease, Target
from azfiles.models import LeaseBroken, LeaseHeld, LeaseReleased


def acquire_share_lease(
    target: Target,
    duration_s: int = INFINITE_LEASE,
    *,
    proposed_id: str | None = None,
    snapshot: str | None = None,
) -> Flow[LeaseHeld]:
    """Lease a share, so that only the holder can delete it (Lease Share, acquire).

    ``duration_s``: 15 to 60 seconds, or -1 for a lease that lasts until it is released or broken. Where no
    ``proposed_id`` (a GUID) is given the client proposes one: by it the service knows a repeated request again.
    """
    proposed = proposed_id or (yield from new_id())
    operation = leases.acquire_share_lease(
        target.share, duration_s, proposed_id=proposed, snapshot=snapshot or target.snapshot
    )
    return (yield from call(target.session, operation))


def acquire_file_lease(target: Target, *, proposed_id: str | None = None) -> Flow[LeaseHeld]:
    """Lease a file until it is released or broken: only the holder can write or delete it (Lease File, acquire).

    ``proposed_id`` as for a share's lease.
    """
    refuse_snapshot(target)
    proposed = proposed_id or (yield from new_id())
    operation = leases.acquire_file_lease(target.share, target.path, proposed_id=proposed)
    return (yield from call(target.session, operation))


def renew(lease: HeldLease) -> Flow[LeaseHeld]:
    """Start the lease's time anew (Lease Share, renew). A file's lease has no end, so there is nothing to renew."""
    target = lease.target
    if target.path:
        raise InvalidArgument("a file's lease has no end and cannot be renewed")
    operation = leases.renew_share_lease(target.share, lease.id, snapshot=target.snapshot)
    return (yield from call(target.session, operation))


def change(lease: HeldLease, proposed_id: str) -> Flow[LeaseHeld]:
    """Give the lease another id (Lease Share or Lease File, change). This object keeps the old one: go on with
    ``lease(result.id)`` of the share or file.
    """
    target = lease.target
    if target.path:
        operation = leases.change_file_lease(target.share, target.path, lease.id, proposed_id)
    else:
        operation = leases.change_share_lease(target.share, lease.id, proposed_id, snapshot=target.snapshot)
    return (yield from call(target.session, operation))


def release(lease: HeldLease) -> Flow[LeaseReleased]:
    """Give the lease back at once (Lease Share or Lease File, release)."""
    target = lease.target
    if target.path:
        operation = leases.release_file_lease(target.share, target.path, lease.id)
    else:
        operation = leases.release_share_lease(target.share, lease.id, snapshot=target.snapshot)
    return (yield from call(target.session, operation))


def break_(lease: HeldLease, period_s: int | None = None) -> Flow[LeaseBroken]:
    """End the lease (Lease Share or Lease File, break): a share's after ``period_s`` seconds, a file's at once."""
    target = lease.target
    if not target.path:
        operation = leases.break_share_lease(
            target.share, lease_id=lease.id, period_s=period_s, snapshot=target.snapshot
        )
        return (yield from call(target.session, operation))
    if period_s is not None:
        raise InvalidArgument("period_s: a file's lease is broken at once; leave the period out")
    return (yield from call(target.session, leases.break_file_lease(target.share, target.path, lease_id=lease.id)))


__all__ = ["acquire_file_lease", "acquire_share_lease", "break_", "change", "release", "renew"]
