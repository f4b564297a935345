"""Soft delete of shares: a deleted share waits in its account, its trees in the store, until its retention ends.

What has waited long enough is as good as gone at once; it is dropped from the store by the next command that creates,
deletes or restores a share of the account.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from azfiles_sim.model.changes import (
    Change,
    DropPermissions,
    DropShare,
    DropSnapshot,
    DropTree,
    PutAccount,
    PutShare,
    PutSnapshot,
)
from azfiles_sim.model.commands import UndeleteShare
from azfiles_sim.model.deciding import Context, Decision, find_account, take_stamp
from azfiles_sim.model.entities import AVAILABLE, TICKS_PER_SECOND, Account, DeletedShare, Share, Snapshot, Ticks
from azfiles_sim.model.errors import Code, ServiceError
from azfiles_sim.model.names import check_share_name
from azfiles_sim.model.results import ShareResult

TICKS_PER_DAY: Final = 86_400 * TICKS_PER_SECOND


class Swept(NamedTuple):
    """An account without the deleted shares whose retention is over, and what drops their content."""

    account: Account
    changes: tuple[Change, ...]


def sweep(account: Account, now: Ticks) -> Swept:
    """Give up the deleted shares that can no longer be restored."""
    waiting = waiting_shares(account, now)
    if len(waiting) == len(account.deleted_shares):
        return Swept(account, ())
    changes: list[Change] = []
    for one in account.deleted_shares:
        if one not in waiting:
            changes += [DropTree(snapshot.tree) for snapshot in one.snapshots]
            changes += [DropTree(one.share.tree), DropPermissions(one.share.tree)]
    return Swept(replace(account, deleted_shares=waiting), tuple(changes))


def waiting_shares(account: Account, now: Ticks) -> tuple[DeletedShare, ...]:
    """The deleted shares that can still be restored, the one deleted first at the front."""
    return tuple(one for one in account.deleted_shares if one.gone > now)


def delete_softly(account: Account, share: Share, snapshots: tuple[Snapshot, ...], now: Ticks) -> tuple[Change, ...]:
    """Take a share with its snapshots out of sight, and keep them until the account's retention ends."""
    account, changes = sweep(account, now)
    waiting = account.deleted_shares
    deleted = max(now, waiting[-1].deleted + 1) if waiting else now  # it is the version, by which it is found again
    days = account.settings.soft_delete_days or 0
    kept = DeletedShare(
        replace(share, lease=AVAILABLE),
        tuple(replace(snapshot, lease=AVAILABLE) for snapshot in snapshots),
        deleted,
        now + days * TICKS_PER_DAY,
    )
    return (
        *changes,
        PutAccount(replace(account, deleted_shares=(*waiting, kept))),
        *(DropSnapshot(share.account, share.name, snapshot.snapshot) for snapshot in snapshots),
        DropShare(share.account, share.name),
    )


def undelete_share(context: Context, command: UndeleteShare) -> Decision:
    """Restore Share: content, snapshots, metadata and policies are back under a new ETag, without any lease.

    A live share of that name: ShareAlreadyExists. (u) no deleted share of that name and version: ShareNotFound.
    """
    check_share_name(command.share)
    account = find_account(context.view, command)
    if context.view.share(command.account, command.share) is not None:
        raise ServiceError(Code.SHARE_ALREADY_EXISTS)
    if context.view.name_held_until(command.account, command.share) > context.now:
        raise ServiceError(Code.SHARE_BEING_DELETED)
    account, changes = sweep(account, context.now)
    for kept in account.deleted_shares:
        if (kept.share.name, kept.deleted) == (command.share, command.deleted):
            break
    else:
        raise ServiceError(Code.SHARE_NOT_FOUND)
    waiting = tuple(one for one in account.deleted_shares if one is not kept)
    account = take_stamp(replace(account, deleted_shares=waiting), context.now)
    share = replace(kept.share, stamp=account.last_stamp)
    restored = (PutSnapshot(share.account, snapshot) for snapshot in kept.snapshots)
    return Decision(ShareResult(share, account.kind), (*changes, PutAccount(account), PutShare(share), *restored))


__all__ = ["TICKS_PER_DAY", "delete_softly", "sweep", "undelete_share", "waiting_shares"]
