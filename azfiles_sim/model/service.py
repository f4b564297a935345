"""List Shares."""

from __future__ import annotations

from azfiles_sim.model.commands import ListShares
from azfiles_sim.model.deciding import Context, Decision, find_account
from azfiles_sim.model.entities import Share, Snapshot
from azfiles_sim.model.limits import page_size
from azfiles_sim.model.results import SharesPage
from azfiles_sim.model.shares import with_aged_lease


def list_shares(context: Context, command: ListShares) -> Decision:
    """List Shares by name, with ``snapshots`` each share's snapshots, oldest first, before it.

    Shares and snapshots count alike, but a share is not parted from its snapshots, because the marker of the next page
    is a share's name; so a page exceeds ``max_results`` where its one share has that many snapshots (unverified).
    """
    limit = page_size(command.max_results)
    find_account(context.view, command)
    items: list[Share | Snapshot] = []
    for share in context.view.shares(command.account, max(command.prefix, command.marker or "")):
        if not share.name.startswith(command.prefix):
            break
        group: list[Share | Snapshot] = []
        if command.snapshots:
            group.extend(context.view.snapshots(share.account, share.name))
        group.append(share)
        if items and len(items) + len(group) > limit:
            return Decision(SharesPage(tuple(items), share.name))
        items.extend(with_aged_lease(one, context.now) for one in group)
    return Decision(SharesPage(tuple(items), None))


__all__ = ["list_shares"]
