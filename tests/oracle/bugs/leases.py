"""Mistakes about leases: deadlines, ids, guards, and what outlives a share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from azfiles_sim.model import commands as c
from azfiles_sim.model import files, lease, ranges, shares
from azfiles_sim.model.commands import LeaseAction
from azfiles_sim.model.entities import (
    TICKS_PER_SECOND,
    Available,
    Breaking,
    Broken,
    Expired,
    Leased,
)
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.lease import Row, Step
from tests.oracle.bugs.placing import Placing, all_of, bug, put_file, put_share, row, rule
from tests.oracle.tapes import CELLS


@bug(CELLS)
def renew_keeps_the_old_deadline() -> Placing:
    real = lease._apply

    def wrong(step, before, *rest):
        return before if step is Step.RESTART and isinstance(before, Leased) else real(step, before, *rest)

    return patch.object(lease, "_apply", wrong)


@bug(CELLS)
def a_lease_ends_a_moment_late() -> Placing:
    """``until < now`` for ``until <= now``."""
    real = lease.age_lease

    def wrong(held, now):
        return real(held, now - 1)

    return all_of(patch.object(lease, "age_lease", wrong), patch.object(shares, "age_lease", wrong))


@bug(CELLS)
def a_break_takes_its_period_whatever_is_left() -> Placing:
    real = lease._broken

    def wrong(held, command, now):
        period_s = getattr(command, "break_period_s", None)
        if period_s is None:
            return real(held, command, now)
        until = now + period_s * TICKS_PER_SECOND
        return Breaking(held.lease_id, until) if until > now else Broken(held.lease_id)

    return patch.object(lease, "_broken", wrong)


@bug(CELLS)
def a_break_ignores_its_period() -> Placing:
    real = lease._broken

    def wrong(held, command, now):
        shortened = getattr(command, "break_period_s", None) is not None
        return real(held, replace(command, break_period_s=None) if shortened else command, now)

    return patch.object(lease, "_broken", wrong)


@bug(CELLS)
def breaking_an_infinite_lease_takes_a_minute() -> Placing:
    real = lease._broken

    def wrong(held, command, now):
        infinite = isinstance(held, Leased) and held.until is None
        unasked = infinite and getattr(command, "break_period_s", None) is None
        return Breaking(held.lease_id, now + 60 * TICKS_PER_SECOND) if unasked else real(held, command, now)

    return patch.object(lease, "_broken", wrong)


@bug(CELLS)
def a_change_is_not_repeatable() -> Placing:
    real = lease._step

    def wrong(table, held, command, variant):
        if command.action is LeaseAction.CHANGE and isinstance(held, Leased) and command.lease_id != held.lease_id:
            raise ServiceError(Code.LEASE_ID_MISMATCH_WITH_LEASE_OPERATION, variant=variant)
        return real(table, held, command, variant)

    return patch.object(lease, "_step", wrong)


@bug(CELLS)
def release_ignores_the_id() -> Placing:
    return row(lease.SHARE_LEASES, (Leased, LeaseAction.RELEASE), Row(Step.FREE, Step.FREE))


@bug("FileLease")
def release_ignores_the_id_of_a_broken_file_lease() -> Placing:
    return row(lease.FILE_LEASES, (Broken, LeaseAction.RELEASE), Row(Step.FREE, Step.FREE))


@bug(CELLS)
def release_leaves_a_broken_lease() -> Placing:
    real = lease._apply

    def wrong(step, before, *rest):
        return Broken(before.lease_id) if step is Step.FREE else real(step, before, *rest)

    return patch.object(lease, "_apply", wrong)


@bug(CELLS)
def the_own_id_does_not_replace_the_duration() -> Placing:
    real = lease._apply

    def wrong(step, before, command, *rest):
        again = step is Step.TAKE and isinstance(before, Leased)
        return before if again else real(step, before, command, *rest)

    return patch.object(lease, "_apply", wrong)


@bug("ShareLease")
def an_expired_lease_is_not_renewed() -> Placing:
    mismatch = Code.LEASE_ID_MISMATCH_WITH_LEASE_OPERATION
    return row(lease.SHARE_LEASES, (Expired, LeaseAction.RENEW), Row(mismatch, mismatch))


@bug("ShareLease")
def acquiring_moves_the_etag() -> Placing:
    def wrong(context, command, real):
        return put_share(real(context, command), lambda share: replace(share, stamp=share.stamp + 1))

    return rule(c.LeaseShare, wrong)


@bug("FileLease")
def a_write_leaves_a_lease_broken() -> Placing:
    return all_of(*(patch.object(module, "lease_after_write", lambda held: held) for module in (files, ranges)))


@bug("ShareLease")
def a_leased_share_is_deleted_without_its_id() -> Placing:
    def wrong(held, lease_id, now, *, deleting=False):
        lease.guard_share(held, lease_id, now)

    return patch.object(shares, "guard_share", wrong)


@bug("FileLease")
def reading_does_not_look_at_the_id() -> Placing:
    def wrong(held, lease_id, *, writing):
        lease.guard_file(held, lease_id if writing else None, writing=writing)

    return all_of(*(patch.object(module, "guard_file", wrong) for module in (files, ranges)))


@bug("FileLease")
def reading_needs_the_id() -> Placing:
    def wrong(held, lease_id, *, writing):
        lease.guard_file(held, lease_id, writing=True)

    return all_of(*(patch.object(module, "guard_file", wrong) for module in (files, ranges)))


@bug("FileLease")
def an_overwritten_file_loses_its_lease() -> Placing:
    def wrong(context, command, real):
        return put_file(real(context, command), lambda file: replace(file, lease=Available()))

    return rule(c.CreateFile, wrong)


@contextmanager
def remembering(field: str) -> Iterator[None]:
    """A share that is created again has a value that the one before it had."""
    gone: dict[str, Any] = {}

    def delete(context, command, real):
        decision = real(context, command)
        gone[command.share] = getattr(context.view.share(command.account, command.share), field)
        return decision

    def create(context, command, real):
        if not context.view.account(command.account).shares_made:
            gone.clear()  # another simulator
        kept = {field: gone[command.share]} if command.share in gone else {}
        return put_share(real(context, command), lambda share: replace(share, **kept))

    with rule(c.DeleteShare, delete), rule(c.CreateShare, create):
        yield


@bug("ShareLease")
def a_share_created_again_has_its_old_lease() -> Placing:
    return remembering("lease")


@bug("ShareLease")
def a_share_created_again_has_its_old_metadata() -> Placing:
    return remembering("metadata")
