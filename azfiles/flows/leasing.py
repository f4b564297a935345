"""A lease held by its id: of a share where there is no path, else of a file, which knows less of leases."""

from __future__ import annotations

from azfiles.core import leases
from azfiles.errors import InvalidArgument
from azfiles.flows.call import call
from azfiles.flows.effects import Flow
from azfiles.flows.targets import HeldLease
from azfiles.models import LeaseBroken, LeaseHeld, LeaseReleased


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


__all__ = ["break_", "change", "release", "renew"]
